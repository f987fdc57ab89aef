// SPDX-License-Identifier: Apache-2.0

import NIOConcurrencyHelpers

/// What is done again and again.
public typealias Load = @Sendable () async throws -> Void

/// Does something while a load goes on: each of the loads is repeated until the body has ended, by whatever end.
///
/// A load that fails ends the body and the others with it, so that nobody waits for what can no longer come.
public func underLoad(
    _ loads: [Load], _ body: @escaping @Sendable () async throws -> Void
) async throws {
    let isOver = NIOLockedValueBox(false)
    try await withThrowingTaskGroup(of: Void.self) { group in
        for load in loads {
            group.addTask {
                while !isOver.withLockedValue({ $0 }), !Task.isCancelled { try await load() }
            }
        }
        group.addTask {
            defer { isOver.withLockedValue { $0 = true } }
            try await body()
        }
        // Not `waitForAll`, which waits for the others before it throws.
        while try await group.next() != nil {}
    }
}
