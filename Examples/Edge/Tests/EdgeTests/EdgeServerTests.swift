// SPDX-License-Identifier: Apache-2.0

import Larder
import LarderHTTP
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import Testing

@testable import Edge

@Suite(.timeLimit(.minutes(1))) struct EdgeServerTests {
    private static func edge(originPort: Int, idleLimit: Duration = .seconds(60)) async throws -> EdgeServer {
        try await EdgeServer(
            HTTPCache(Cache("edge", store: .embedded), configuration: HTTPCacheConfiguration(.sharedCache)),
            origin: OriginConnector(host: "127.0.0.1", port: originPort, idleLimit: idleLimit),
            listeningOn: HostPort(host: "127.0.0.1", port: 0))
    }

    /// An origin that says the same to everybody, byte for byte, after a while.
    private static func origin(
        saying text: String, after pause: Duration = .zero, isKept: Bool = false,
        gone: NIOLockedValueBox<Int> = .init(0), heard: NIOLockedValueBox<String> = .init("")
    ) async throws -> any Channel {
        try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        Sayer(text: text, pause: pause, isKept: isKept, gone: gone, heard: heard))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
    }

    private final class Sayer: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let text: String
        private let pause: Duration
        private let isKept: Bool
        private let gone: NIOLockedValueBox<Int>
        private let heard: NIOLockedValueBox<String>
        private var hasSaid = false

        init(
            text: String, pause: Duration, isKept: Bool, gone: NIOLockedValueBox<Int>, heard: NIOLockedValueBox<String>
        ) {
            (self.text, self.pause, self.isKept, self.gone, self.heard) = (text, pause, isKept, gone, heard)
        }

        func channelInactive(context: ChannelHandlerContext) {
            self.gone.withLockedValue { $0 += 1 }
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let request = self.unwrapInboundIn(data)
            self.heard.withLockedValue { $0 += String(buffer: request) }
            guard !self.hasSaid else { return }
            self.hasSaid = true
            let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
            let bytes = ByteBuffer(string: self.text)
            context.eventLoop.scheduleTask(in: TimeAmount(self.pause)) { [isKept] in
                bound.value.writeAndFlush(NIOAny(bytes)).whenComplete { _ in
                    if !isKept { bound.value.close(promise: nil) }
                }
            }
        }
    }

    private static func get(_ target: String = "/", _ fields: String = "", method: String = "GET") -> String {
        "\(method) \(target) HTTP/1.1\r\nHost: example.com\r\n\(fields)Connection: close\r\n\r\n"
    }

    @Test func anOriginThatIsNotThereIsABadGateway() async throws {
        // Nobody listens there any more.
        let gone = try await Self.origin(saying: "")
        let port = gone.localAddress?.port ?? 0
        try await gone.close()
        let edge = try await Self.edge(originPort: port)
        #expect(try await TestClient.send(Self.get(), to: edge.port)?.status == 502)
        await edge.stop(within: .seconds(1))
    }

    @Test func answersBeforeTheAnswerArePassedOn() async throws {
        let origin = try await Self.origin(
            saying: "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        let edge = try await Self.edge(originPort: origin.localAddress?.port ?? 0)
        let answer = try await TestClient.exchange(Array(Self.get().utf8), with: edge.port)
        let text = String(decoding: answer, as: UTF8.self)
        // The phrase is nothing that anybody reads.
        #expect(text.hasPrefix("HTTP/1.1 103 "))
        #expect(text.contains("\r\nLink: </a.css>\r\n\r\nHTTP/1.1 200 OK\r\n"))
        #expect(text.hasSuffix("ok"))
        await edge.stop(within: .seconds(1))
    }

    @Test func requestsUnderWayAreAnsweredWhenItStops() async throws {
        let origin = try await Self.origin(
            saying: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", after: .milliseconds(500))
        let edge = try await Self.edge(originPort: origin.localAddress?.port ?? 0)
        async let answer = TestClient.send(Self.get(), to: edge.port)
        try await Task.sleep(for: .milliseconds(200))
        await edge.stop(within: .seconds(5))
        #expect(try await answer?.body == "ok")
        await #expect(throws: (any Error).self) { try await TestClient.send(Self.get(), to: edge.port) }
    }

    @Test func anOriginThatFallsSilentIsGivenUp() async throws {
        let silent = try await Self.origin(saying: "", isKept: true)
        let edge = try await Self.edge(originPort: silent.localAddress?.port ?? 0, idleLimit: .milliseconds(300))
        #expect(try await TestClient.send(Self.get(), to: edge.port)?.status == 504)
        await edge.stop(within: .seconds(1))

        let stalled = try await Self.origin(
            saying: "HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: 5\r\n\r\nhal", isKept: true)
        let other = try await Self.edge(originPort: stalled.localAddress?.port ?? 0, idleLimit: .milliseconds(300))
        let answer = try await TestClient.exchange(Array(Self.get().utf8), with: other.port)
        #expect(String(decoding: answer, as: UTF8.self).hasSuffix("hal"), "it is cut, and seen to be")
        await other.stop(within: .seconds(1))
    }

    @Test func anUploadThatBreaksOffIsNotMadeWhole() async throws {
        let heard = NIOLockedValueBox("")
        let origin = try await Self.origin(saying: "", isKept: true, heard: heard)
        let edge = try await Self.edge(originPort: origin.localAddress?.port ?? 0)
        let request = Self.get("/", "Transfer-Encoding: chunked\r\n", method: "PUT") + "5\r\nhello\r\nZZ\r\n"
        #expect(try await TestClient.send(request, to: edge.port)?.status == 400)
        let text = heard.withLockedValue { $0 }
        #expect(!text.contains("\r\n0\r\n"))
        await edge.stop(within: .seconds(1))
    }

    @Test func whatIsNoRequestIsAnsweredInItsTurn() async throws {
        let origin = try await Self.origin(
            saying: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", after: .milliseconds(200))
        let edge = try await Self.edge(originPort: origin.localAddress?.port ?? 0)
        let requests = "GET /slow HTTP/1.1\r\nHost: a\r\n\r\nNONSENSE\r\n\r\n"
        let text = String(decoding: try await TestClient.exchange(Array(requests.utf8), with: edge.port), as: UTF8.self)
        #expect(text.hasPrefix("HTTP/1.1 200 ") && text.contains("okHTTP/1.1 400 "))
        await edge.stop(within: .seconds(1))
    }

    @Test func aConnectionOnWhichAnotherProtocolWasWantedIsNotKept() async throws {
        let origin = try await Self.origin(saying: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        let edge = try await Self.edge(originPort: origin.localAddress?.port ?? 0)
        let request = "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"
        #expect(try await TestClient.send(request, to: edge.port)?.values("Connection") == ["close"])
        let tunnel = "CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n"
        #expect(try await TestClient.send(tunnel, to: edge.port)?.status == 501)
        await edge.stop(within: .seconds(1))
    }

    @Test func aClientThatLeavesTakesItsRequestWithIt() async throws {
        let gone = NIOLockedValueBox(0)
        let origin = try await Self.origin(saying: "", isKept: true, gone: gone)
        let edge = try await Self.edge(originPort: origin.localAddress?.port ?? 0)
        let client = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connect(host: "127.0.0.1", port: edge.port).get()
        try await client.writeAndFlush(ByteBuffer(string: Self.get(method: "DELETE")))
        try await Task.sleep(for: .milliseconds(200))
        #expect(gone.withLockedValue { $0 } == 0)
        try await client.close()
        for _ in 0..<100 where gone.withLockedValue({ $0 }) == 0 { try await Task.sleep(for: .milliseconds(20)) }
        #expect(gone.withLockedValue { $0 } == 1)
        await edge.stop(within: .seconds(1))
    }

    @Test func anAnswerDoesNotWaitForABodyThatNobodyWants() async throws {
        let origin = try await Self.origin(saying: "HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno")
        let edge = try await Self.edge(originPort: origin.localAddress?.port ?? 0)
        // The client waits to be told to go on.
        let request = Self.get("/", "Expect: 100-continue\r\nContent-Length: 100000\r\n", method: "PUT")
        let answer = try await TestClient.send(request, to: edge.port)
        #expect(answer?.status == 413 && answer?.body == "no")
        #expect(answer?.values("Connection") == ["close"])
        await edge.stop(within: .seconds(1))
    }

    @Test(arguments: [
        "GET / HTTP/1.1\r\nConnection: close\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n",
        "GET\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\nConnection: close\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\nConnection: close\r\n\r\n",
        "GET / HTTP/1.1\r\nHost : a\r\nConnection: close\r\n\r\n",
    ])
    func whatIsNoRequestIsABadOne(request: String) async throws {
        let edge = try await Self.edge(originPort: 1)
        let status = try await TestClient.send(request, to: edge.port)?.status
        #expect(status == 400 || status == nil)
        await edge.stop(within: .seconds(1))
    }

    @Test func aTargetWithAHostOfItsOwnIsForThat() async throws {
        let origin = try await Self.origin(
            saying: "HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: 2\r\n\r\nok")
        let edge = try await Self.edge(originPort: origin.localAddress?.port ?? 0)
        _ = try await TestClient.send(Self.get("http://other.example/a"), to: edge.port)
        try await Task.sleep(for: .milliseconds(100))
        let same = "GET /a HTTP/1.1\r\nHost: other.example\r\nConnection: close\r\n\r\n"
        let hit = try await TestClient.send(same, to: edge.port)
        #expect(hit?.values("Cache-Status").first?.contains("hit") == true)
        let miss = try await TestClient.send(Self.get("/a"), to: edge.port)
        #expect(miss?.values("Cache-Status").first?.contains("uri-miss") == true)
        await edge.stop(within: .seconds(1))
    }
}
