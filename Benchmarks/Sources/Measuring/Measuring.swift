// SPDX-License-Identifier: Apache-2.0

import Foundation
public import RedisDriver

/// Does something for each of many numbers, 200 at a time.
public func forEach(
    _ count: Int, _ body: @escaping @Sendable @concurrent (Int) async throws -> Void
) async throws {
    let workers = 200
    try await withThrowingTaskGroup(of: Void.self) { group in
        for worker in 0..<workers {
            group.addTask {
                for number in stride(from: worker, to: count, by: workers) { try await body(number) }
            }
        }
        try await group.waitForAll()
    }
}

extension RedisClient {
    /// How often the server has run each command, those of scripts included.
    public func calls() async throws -> [String: Int] {
        let fields = try await self.execute(INFO("commandstats"))
        return Dictionary(
            fields.map { name, text in
                let calls = text.dropFirst("calls=".count).prefix { $0.isNumber }
                return (name.replacing("cmdstat_", with: ""), Int(calls) ?? 0)
            }, uniquingKeysWith: max)
    }
}

extension Duration {
    /// In seconds and milliseconds.
    public var text: String {
        self.formatted(.units(allowed: [.seconds, .milliseconds], width: .narrow, fractionalPart: .show(length: 2)))
    }
}
