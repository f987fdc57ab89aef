// SPDX-License-Identifier: Apache-2.0

/// Which loads wait for which: a load that asks a cache for another key waits for that key's load.
///
/// A wait that would close a circle is refused, for it would never end.
struct WaitGraph: Sendable {
    typealias LoadID = UInt64

    /// For each load that waits, the loads it waits for, as often as it does.
    private var awaited: [LoadID: [LoadID]] = [:]

    /// Whether nobody waits.
    var isEmpty: Bool { self.awaited.isEmpty }

    /// A load is about to wait for another; false when that one waits for it, over others or directly.
    mutating func wait(_ load: LoadID, for other: LoadID) -> Bool {
        var pending = [other]
        var seen: Set<LoadID> = []
        while let next = pending.popLast() {
            if next == load { return false }
            guard seen.insert(next).inserted else { continue }
            pending.append(contentsOf: self.awaited[next] ?? [])
        }
        self.awaited[load, default: []].append(other)
        return true
    }

    /// A load waits for another no longer.
    mutating func end(_ load: LoadID, for other: LoadID) {
        guard var others = self.awaited[load], let index = others.firstIndex(of: other) else { return }
        others.remove(at: index)
        self.awaited[load] = others.isEmpty ? nil : others
    }
}
