// SPDX-License-Identifier: Apache-2.0

import Larder
import NIOConcurrencyHelpers
public import NIOCore

/// A body that is there when it is written: that begins with the first piece that is wanted, and ends when nobody wants more.
public final class HTTPWrittenContent: HTTPContentReader {
    private let pipe: HTTPContentPipe
    private let write: @Sendable (HTTPContentPipe) async throws -> Void
    /// Whoever it was made for, whoever reads it.
    private let identity = Identity.current
    private let task = NIOLockedValueBox<Task<Void, Never>?>(nil)

    public var length: Int? { self.pipe.length }

    /// Makes a body.
    ///
    /// - Parameters:
    ///   - length: How many bytes it has, where that is known.
    ///   - write: Writes it, in a task that is cancelled when nobody wants more; the body ends with it.
    public init(length: Int? = nil, write: @escaping @Sendable (HTTPContentPipe) async throws -> Void) {
        self.pipe = HTTPContentPipe(length: length)
        self.write = write
    }

    deinit {
        self.task.withLockedValue { $0 }?.cancel()
    }

    public func next() async throws -> ByteBuffer? {
        self.task.withLockedValue { task in
            if task == nil { task = self.begin() }
        }
        return try await self.pipe.next()
    }

    private func begin() -> Task<Void, Never> {
        Task { [pipe, write, identity] in
            do {
                try await Identity.$current.withValue(identity) { try await write(pipe) }
                pipe.finish()
            } catch {
                pipe.fail(error)
            }
        }
    }
}
