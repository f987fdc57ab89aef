// SPDX-License-Identifier: Apache-2.0

#if Hummingbird
import HTTPTypes
import Hummingbird
import LarderHTTP
import NIOConcurrencyHelpers
import NIOCore

/// Reads a body that would be written: piece by piece, as fast as it is read.
final class ResponseBodyReader: HTTPContentReader {
    let body: ResponseBody
    private let content: HTTPWrittenContent

    var length: Int? { self.body.contentLength }

    init(_ body: ResponseBody) {
        self.body = body
        self.content = HTTPWrittenContent(length: body.contentLength) { try await body.write(PipeWriter(pipe: $0)) }
    }

    func next() async throws -> ByteBuffer? { try await self.content.next() }

    private struct PipeWriter: ResponseBodyWriter {
        let pipe: HTTPContentPipe

        mutating func write(_ buffer: ByteBuffer) async throws {
            try Task.checkCancellation()
            await self.pipe.send(buffer)
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
