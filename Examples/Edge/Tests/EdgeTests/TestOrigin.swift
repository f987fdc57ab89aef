// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import NIOPosix

/// An origin that answers each step of a case as that says, and remembers what it was asked.
final class TestOrigin: Sendable {
    /// A request that came.
    struct Asked: Sendable {
        var headers: HTTPHeaders
        var method: String
        var uri: String
        var body: String
    }

    private struct State {
        var steps: [String: [Step]] = [:]
        var asked: [String: [Asked]] = [:]
    }

    let port: Int
    private let channel: any Channel
    private let state: NIOLockedValueBox<State>

    init() async throws {
        let state = NIOLockedValueBox(State())
        self.state = state
        self.channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.backlog, value: 1_024)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let handlers = channel.pipeline.syncOperations
                    try handlers.addHandler(ByteToMessageHandler(HTTPRequestDecoder()))
                    try handlers.addHandler(Answerer(state))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        self.port = self.channel.localAddress?.port ?? 0
    }

    func close() async throws { try await self.channel.close() }

    func expect(_ steps: [Step], of id: String) { self.state.withLockedValue { $0.steps[id] = steps } }

    /// What it was asked in a step, counted from 1.
    func asked(_ id: String, _ step: Int) -> [Asked] {
        self.state.withLockedValue { $0.asked["\(id) \(step)"] ?? [] }
    }

    private final class Answerer: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart

        private let state: NIOLockedValueBox<State>
        private var head: HTTPRequestHead?
        private var body = ""

        init(_ state: NIOLockedValueBox<State>) { self.state = state }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch self.unwrapInboundIn(data) {
            case .head(let head): self.head = head
            case .body(let bytes): self.body += String(buffer: bytes)
            case .end: self.answer(context)
            }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

        private func answer(_ context: ChannelHandlerContext) {
            guard let head, let id = head.headers.first(name: "X-Case"),
                let number = head.headers.first(name: "X-Step").flatMap({ Int($0) })
            else { return context.close(promise: nil) }
            let asked = Asked(headers: head.headers, method: head.method.rawValue, uri: head.uri, body: self.body)
            let step = self.state.withLockedValue { state -> Step? in
                state.asked["\(id) \(number)", default: []].append(asked)
                return state.steps[id].flatMap { $0.indices.contains(number - 1) ? $0[number - 1] : nil }
            }
            guard let origin = step?.origin else { return context.close(promise: nil) }
            if case .cutBeforeAnswer = origin.harm { return context.close(promise: nil) }
            let path = Placeholders(id: id)
            let body = origin.body ?? "body \(number)"
            var text = "HTTP/1.1 \(origin.status) Because\r\n"
            var names: Set<String> = []
            for field in origin.fields {
                names.insert(field.name.lowercased())
                text += "\(field.name): \(path.replaced(in: field.value))\r\n"
            }
            if !names.contains("date") { text += "Date: \(Placeholders.date(0))\r\n" }
            let hasBody = head.method != .HEAD && origin.status != 304 && origin.status != 204
            var content = Array(body.utf8)
            switch origin.harm {
            case .chunked:
                text += "Transfer-Encoding: chunked\r\n"
                let middle = content.count / 2
                func chunk(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
                    bytes.isEmpty
                        ? [] : Array((String(bytes.count, radix: 16) + "\r\n").utf8) + bytes + Array("\r\n".utf8)
                }
                content = chunk(content[..<middle]) + chunk(content[middle...]) + Array("0\r\n\r\n".utf8)
            case .cutInBody:
                text += "Content-Length: \(content.count + 100)\r\n"
            default:
                if !names.contains("content-length"), !names.contains("transfer-encoding"),
                    hasBody || head.method == .HEAD
                {
                    text += "Content-Length: \(content.count)\r\n"
                }
            }
            text += "Connection: close\r\n\r\n"
            var bytes = ByteBuffer(string: text)
            if hasBody { bytes.writeBytes(content) }
            let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
            context.writeAndFlush(NIOAny(bytes)).whenComplete { _ in bound.value.close(promise: nil) }
        }
    }
}

/// What stands for other things in values of fields.
struct Placeholders {
    let id: String

    func replaced(in value: String) -> String {
        guard value.contains("{") else { return value }
        var value = value.replacingOccurrences(of: "{url}", with: "http://example.com/\(self.id)")
            .replacingOccurrences(of: "{path}", with: "/\(self.id)").replacingOccurrences(of: "{id}", with: self.id)
        while let start = value.range(of: "{now"), let end = value[start.upperBound...].firstIndex(of: "}") {
            let offset = Int(value[start.upperBound..<end].replacingOccurrences(of: "+", with: "")) ?? 0
            value.replaceSubrange(start.lowerBound...end, with: Self.date(offset))
        }
        return value
    }

    static func date(_ offset: Int) -> String {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(identifier: "GMT")
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        return formatter.string(from: Date(timeIntervalSinceNow: Double(offset)))
    }
}
