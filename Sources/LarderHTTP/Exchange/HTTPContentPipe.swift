// SPDX-License-Identifier: Apache-2.0

import AsyncAlgorithms
public import NIOCore

/// A body that one task writes and another reads, piece by piece, no faster than it is read.
///
/// Whoever writes is not told that the reader has gone, and has to be cancelled then: ``HTTPWrittenContent`` does that.
public final class HTTPContentPipe: HTTPContentReader {
    private let pieces = AsyncThrowingChannel<ByteBuffer, any Error>()
    public let length: Int?

    /// Makes a pipe.
    ///
    /// - Parameter length: How many bytes will be written in all, where that is known.
    public init(length: Int? = nil) {
        self.length = length
    }

    /// Hands on a piece, as soon as the one before was read. What is sent after the end is dropped.
    public func send(_ piece: ByteBuffer) async { await self.pieces.send(piece) }

    /// There is no more.
    public func finish() { self.pieces.finish() }

    /// The rest will not come.
    public func fail(_ error: any Error) { self.pieces.fail(error) }

    public func next() async throws -> ByteBuffer? {
        var iterator = self.pieces.makeAsyncIterator()
        if let piece = try await iterator.next() { return piece }
        // A reader that was cancelled is told of an end that there is not.
        try Task.checkCancellation()
        return nil
    }
}
