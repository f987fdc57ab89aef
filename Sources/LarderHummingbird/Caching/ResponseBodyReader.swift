// SPDX-License-Identifier: Apache-2.0

#if Hummingbird
import AsyncAlgorithms
import HTTPTypes
import Hummingbird
import LarderHTTP
import NIOConcurrencyHelpers
import NIOCore

/// Reads a body that would be written: piece by piece, as fast as it is read.
final class ResponseBodyReader: HTTPContentReader {
    let body: ResponseBody
    private let reading = NIOLockedValueBox<Reading?>(nil)

    var length: Int? { self.body.contentLength }

    private struct Reading: Sendable {
        var channel: AsyncThrowingChannel<ByteBuffer, any Error>
        var task: Task<Void, Never>
    }

    init(_ body: ResponseBody) {
        self.body = body
    }

    deinit {
        self.reading.withLockedValue { $0 }?.task.cancel()
    }

    func next() async throws -> ByteBuffer? {
        // One task reads, which takes up where the last piece was left.
        var iterator = self.begun.channel.makeAsyncIterator()
        if let piece = try await iterator.next() { return piece }
        // A reader that was cancelled is told of an end that there is not.
        try Task.checkCancellation()
        return nil
    }

    private var begun: Reading {
        self.reading.withLockedValue { reading in
            if let reading { return reading }
            let channel = AsyncThrowingChannel<ByteBuffer, any Error>()
            let task = Task { [body] in
                do {
                    try await body.write(ChannelWriter(channel: channel))
                    channel.finish()
                } catch {
                    channel.fail(error)
                }
            }
            let begun = Reading(channel: channel, task: task)
            reading = begun
            return begun
        }
    }

    private struct ChannelWriter: ResponseBodyWriter {
        let channel: AsyncThrowingChannel<ByteBuffer, any Error>

        mutating func write(_ buffer: ByteBuffer) async throws {
            try Task.checkCancellation()
            await self.channel.send(buffer)
        }

        consuming func finish(_ trailingHeaders: HTTPFields?) async throws {}
    }
}

/// Takes a body as a whole.
final class BodyCollector: ResponseBodyWriter, Sendable {
    private let box = NIOLockedValueBox(ByteBuffer())

    var bytes: ByteBuffer { self.box.withLockedValue { $0 } }

    func write(_ buffer: ByteBuffer) async throws {
        self.box.withLockedValue { bytes in
            // The only piece is taken as it is.
            if bytes.readableBytes == 0 { bytes = buffer } else { bytes.writeImmutableBuffer(buffer) }
        }
    }

    func finish(_ trailingHeaders: HTTPFields?) async throws {}
}
#endif
