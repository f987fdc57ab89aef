// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Larder

@Suite struct WaitGraphTests {
    private func expect(_ graph: inout WaitGraph, _ load: UInt64, waitsFor other: UInt64, _ mayWait: Bool) {
        let answer = graph.wait(load, for: other)
        #expect(answer == mayWait, "\(load) for \(other)")
    }

    @Test func aCircleIsRefused() {
        var graph = WaitGraph()
        self.expect(&graph, 1, waitsFor: 1, false)
        self.expect(&graph, 1, waitsFor: 2, true)
        self.expect(&graph, 2, waitsFor: 3, true)
        self.expect(&graph, 2, waitsFor: 1, false)
        self.expect(&graph, 3, waitsFor: 1, false)
        self.expect(&graph, 4, waitsFor: 1, true)
        graph.end(1, for: 2)
        self.expect(&graph, 3, waitsFor: 1, true)
    }

    @Test func aLoadMayWaitForSeveralAndForOneTwice() {
        var graph = WaitGraph()
        self.expect(&graph, 1, waitsFor: 2, true)
        self.expect(&graph, 1, waitsFor: 2, true)
        self.expect(&graph, 1, waitsFor: 3, true)
        graph.end(1, for: 2)
        self.expect(&graph, 2, waitsFor: 1, false)
        graph.end(1, for: 2)
        self.expect(&graph, 2, waitsFor: 1, true)
        self.expect(&graph, 3, waitsFor: 2, false)
        for (load, other) in [(1, 3), (2, 1), (2, 1), (9, 9)] as [(UInt64, UInt64)] { graph.end(load, for: other) }
        #expect(graph.isEmpty)
    }
}
