// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOConcurrencyHelpers
import ServerFixtures
import Testing

@testable import RedisDriver

/// Servers that answer with anything: the process lives, memory is bounded, and the client goes on.
@Suite(.timeLimit(.minutes(1))) struct HostileServerTests {
    static let replies: [String: [UInt8]] = [
        "a huge length": Array("$9223372036854775807\r\n".utf8),
        "a length out of range": Array("$99999999999999999999999\r\n".utf8),
        "a negative length": Array("$-2\r\n".utf8),
        "a negative verbatim length": Array("=-1\r\n".utf8),
        "a negative error length": Array("!-1\r\n".utf8),
        "a huge array": Array("*1000000000000\r\n".utf8),
        "a huge map": Array("%9223372036854775807\r\n".utf8),
        "a negative array": Array("*-7\r\n".utf8),
        "deep nesting": Array(String(repeating: "*1\r\n", count: 200_000).utf8),
        "an endless line": Array(repeating: UInt8(ascii: "+"), count: 1 << 20),
        "no protocol": Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8),
        "zero bytes": Array(repeating: 0, count: 1_000),
        "a wrong type": Array("*2\r\n:1\r\n:2\r\n".utf8),
        "a map for a string": Array("%1\r\n+a\r\n+b\r\n".utf8),
        "replies nobody asked for": Array("+A\r\n+B\r\n+C\r\n+D\r\n".utf8),
        "a null push": Array(">2\r\n$10\r\ninvalidate\r\n_\r\n+PONG\r\n".utf8),
        "an empty push": Array(">0\r\n+PONG\r\n".utf8),
        "an attribute without end": Array("|1\r\n+a\r\n".utf8),
        "a streamed string": Array("$?\r\n;4\r\nPONG\r\n;0\r\n".utf8),
        "half a reply": Array("$100\r\nabc".utf8),
        "silence": [],
        "a bare carriage return": Array("+PONG\rX".utf8),
    ]

    @Test(arguments: replies.keys.sorted()) func aHostileReplyIsSurvived(name: String) async throws {
        let bytes = try #require(Self.replies[name])
        let isHostile = NIOLockedValueBox(true)
        let server = try await ScriptedServer { request in
            if request.contains("HELLO") { return ScriptedServer.greeting }
            return isHostile.withLockedValue { $0 } ? bytes : Array("+PONG\r\n".utf8)
        }
        let client = try RedisClient(
            RedisClientConfiguration(
                port: server.port, stallTimeout: .milliseconds(100), reconnectPause: .milliseconds(5)))
        for _ in 0..<3 {
            do {
                try await client.execute(PING(), timeout: .milliseconds(50))
            } catch {
                #expect(!error.message.isEmpty)
            }
        }
        isHostile.withLockedValue { $0 = false }
        // What is under way may end the connection once more.
        while (try? await client.execute(PING(), timeout: .milliseconds(200))) == nil {
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    @Test func aReplyThatNobodyAskedForEndsTheConnection() async throws {
        let server = try await ScriptedServer { request in
            request.contains("HELLO") ? ScriptedServer.greeting : Array("+PONG\r\n+MORE\r\n".utf8)
        }
        let proxy = try await FaultProxy(to: server.port)
        let client = try RedisClient(RedisClientConfiguration(port: proxy.port, reconnectPause: .milliseconds(5)))
        try await client.execute(PING())
        while proxy.connections < 2 { try? await client.execute(PING(), timeout: .milliseconds(50)) }
    }

    @Test(arguments: replies.keys.sorted()) func aHostileGreetingIsSurvived(name: String) async throws {
        let bytes = try #require(Self.replies[name])
        let isHostile = NIOLockedValueBox(true)
        let server = try await ScriptedServer { request in
            if request.contains("HELLO") {
                return isHostile.withLockedValue { $0 } ? bytes : ScriptedServer.greeting
            }
            return Array("+PONG\r\n".utf8)
        }
        let client = try RedisClient(
            RedisClientConfiguration(
                port: server.port, connectTimeout: .milliseconds(50), reconnectPause: .milliseconds(5)))
        for _ in 0..<3 {
            await #expect(throws: RedisError.self) { try await client.execute(PING(), timeout: .milliseconds(50)) }
        }
        isHostile.withLockedValue { $0 = false }
        while (try? await client.execute(PING(), timeout: .milliseconds(200))) == nil {
            try await Task.sleep(for: .milliseconds(5))
        }
    }
}
