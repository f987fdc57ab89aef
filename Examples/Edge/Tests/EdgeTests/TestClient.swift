// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix

/// A client that sends what it is told byte for byte, and reads what comes until the end of the connection.
enum TestClient {
    /// What came.
    struct Answer: Sendable {
        var status: Int
        var lines: [Field]
        var body: String
        /// Whether the body has the length that it was said to have.
        var isWhole: Bool

        /// The values of a field, line by line.
        func values(_ name: String) -> [String] {
            self.lines.filter { $0.name.lowercased() == name.lowercased() }.map(\.value)
        }
    }

    /// Sends a request; nil when nothing that is an answer came.
    static func send(_ text: String, to port: Int, isHead: Bool = false) async throws -> Answer? {
        let bytes = try await Self.exchange(Array(text.utf8), with: port)
        return Self.parse(bytes, isHead: isHead)
    }

    static func exchange(_ bytes: [UInt8], with port: Int) async throws -> [UInt8] {
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        let timer = Task {
            try await Task.sleep(for: .seconds(20))
            try await channel.channel.close()
        }
        defer { timer.cancel() }
        var answer: [UInt8] = []
        try await channel.executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(bytes: bytes))
            do {
                for try await piece in inbound { answer += piece.readableBytesView }
            } catch {
                // What came before counts.
            }
        }
        return answer
    }

    private static func parse(_ bytes: [UInt8], isHead: Bool) -> Answer? {
        var rest = bytes[...]
        while true {
            guard let end = rest.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
            let head = String(decoding: rest[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
            let words = head[0].split(separator: " ")
            guard words.count >= 2, let status = Int(words[1]) else { return nil }
            rest = rest[end.upperBound...]
            // Answers before the answer.
            if status < 200 { continue }
            let lines = head.dropFirst().map { line -> Field in
                let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
                return (String(parts[0]), parts.count > 1 ? parts[1].drop { $0 == " " }.description : "")
            }
            var answer = Answer(status: status, lines: lines, body: "", isWhole: true)
            if answer.values("Transfer-Encoding").contains("chunked") {
                (answer.body, answer.isWhole) = Self.unchunked(rest)
            } else {
                answer.body = String(decoding: rest, as: UTF8.self)
                if !isHead, status != 304, let length = answer.values("Content-Length").first {
                    answer.isWhole = Int(length) == rest.count
                }
            }
            return answer
        }
    }

    private static func unchunked(_ bytes: ArraySlice<UInt8>) -> (String, Bool) {
        var (rest, body) = (bytes, [UInt8]())
        while let end = rest.firstRange(of: Array("\r\n".utf8)) {
            guard let size = Int(String(decoding: rest[..<end.lowerBound], as: UTF8.self), radix: 16) else { break }
            rest = rest[end.upperBound...]
            if size == 0 { return (String(decoding: body, as: UTF8.self), true) }
            guard rest.count >= size + 2 else { break }
            body += rest.prefix(size)
            rest = rest.dropFirst(size + 2)
        }
        return (String(decoding: body, as: UTF8.self), false)
    }
}
