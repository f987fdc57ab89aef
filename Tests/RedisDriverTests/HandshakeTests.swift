// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RedisRESP
import Testing

@testable import RedisDriver

@Suite struct HandshakeTests {
    private static func replies(_ wire: String) throws -> [RedisReply] {
        var stream = ReplyStream(limits: RESPLimits())
        var elements: [ReplyStream.Element] = []
        try stream.receive(ByteBuffer(string: wire)) {
            elements.append($0)
            return true
        }
        return elements.compactMap { if case .reply(let reply) = $0 { reply } else { nil } }
    }

    private static func outcome(_ wire: String, _ configuration: RedisClientConfiguration, mustBePrimary: Bool = false)
        throws
        -> String
    {
        let credentials = configuration.password.map { RedisCredentials(password: $0) }
        var handshake = Handshake(configuration, credentials, mustBePrimary: mustBePrimary)
        for reply in try Self.replies(wire) {
            switch handshake.receive(reply) {
            case .more: continue
            case .done(let info): return "\(info.name) \(info.version) \(info.role)"
            case .failed(let error): return "\(error)"
            }
        }
        return "more"
    }

    private static let hello = "%4\r\n+server\r\n+valkey\r\n+version\r\n+9.1\r\n+proto\r\n:3\r\n+role\r\n+master\r\n"

    @Test func allOfItGoesOutInOneWrite() {
        var configuration = RedisClientConfiguration()
        configuration.database = 7
        configuration.clientName = "n"
        #expect(
            String(buffer: Handshake(configuration, RedisCredentials(username: "u", password: "p")).bytes)
                == "*5\r\n$5\r\nHELLO\r\n$1\r\n3\r\n$4\r\nAUTH\r\n$1\r\nu\r\n$1\r\np\r\n"
                + "*3\r\n$6\r\nCLIENT\r\n$7\r\nSETNAME\r\n$1\r\nn\r\n*2\r\n$6\r\nSELECT\r\n$1\r\n7\r\n")
    }

    @Test func whatMustSucceedMustAndWhatMayFailMay() throws {
        var configuration = RedisClientConfiguration()
        configuration.clientName = "n"
        configuration.database = 7
        #expect(try Self.outcome(Self.hello, configuration) == "more")
        #expect(try Self.outcome(Self.hello + "-ERR no names\r\n+OK\r\n", configuration) == "valkey 9.1 master")
        #expect(
            try Self.outcome(Self.hello + "+OK\r\n-ERR DB index is out of range\r\n", configuration)
                .hasPrefix("connectionFailed: SELECT was refused"))
    }

    @Test func aReplicaIsRefusedWhereAPrimaryIsWanted() throws {
        let replica = Self.hello.replacing("+master", with: "+replica")
        #expect(try Self.outcome(replica, RedisClientConfiguration()) == "valkey 9.1 replica")
        #expect(
            try Self.outcome(replica, RedisClientConfiguration(), mustBePrimary: true).hasPrefix("connectionFailed"))
        #expect(
            try Self.outcome(Self.hello, RedisClientConfiguration(), mustBePrimary: true) == "valkey 9.1 master")
    }

    @Test(arguments: ["*0\r\n", "_\r\n", "+OK\r\n", "%1\r\n+proto\r\n:2\r\n", ":3\r\n"])
    func aStrangeGreetingIsNoRedis(wire: String) throws {
        #expect(try Self.outcome(wire, RedisClientConfiguration()).hasPrefix("unsupportedServer"))
    }

    @Test(arguments: [
        "-ERR unknown command 'HELLO', with args beginning with: '3' 'AUTH' 'default' 'hunter2' \r\n",
        "-WRONGPASS invalid username-password pair hunter2\r\n", "-ERR hunter2\r\n", "-NOPROTO hunter2\r\n",
    ])
    func aPasswordThatTheServerRepeatsIsNotPassedOn(wire: String) throws {
        var configuration = RedisClientConfiguration()
        configuration.password = "hunter2"
        #expect(!(try Self.outcome(wire, configuration).contains("hunter2")))
        #expect(!"\(configuration)".contains("hunter2"))
    }
}
