// SPDX-License-Identifier: Apache-2.0

import NIOConcurrencyHelpers
package import NIOCore

/// A body that is there when it is written: that begins with the first piece that is wanted, and ends when nobody wants more.
package final class WrittenContent: HTTPContentReader {
    private let pipe: HTTPContentPipe
    private let write: @Sendable (HTTPContentPipe) async throws -> Void
    private let task = NIOLockedValueBox<Task<Void, Never>?>(nil)

    package var length: Int? { self.pipe.length }

    package init(length: Int?, write: @escaping @Sendable (HTTPContentPipe) async throws -> Void) {
        self.pipe = HTTPContentPipe(length: length)
        self.write = write
    }

    deinit {
        self.task.withLockedValue { $0 }?.cancel()
    }

    package func next() async throws -> ByteBuffer? {
        self.task.withLockedValue { task in
            if task == nil { task = self.begin() }
        }
        return try await self.pipe.next()
    }

    private func begin() -> Task<Void, Never> {
        Task { [pipe, write] in
            do {
                try await write(pipe)
                pipe.finish()
            } catch {
                pipe.fail(error)
            }
        }
    }
}
