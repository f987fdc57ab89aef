// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// The first commands on a connection, sent in one write, and what the server makes of them.
struct Handshake: Sendable {
    enum Progress {
        case more
        case done(RedisServerInfo)
        case failed(RedisError)
    }

    private enum Step: Equatable, Sendable {
        case hello, optional, required(String)
    }

    let bytes: ByteBuffer
    private var steps: [Step]
    private var info: RedisServerInfo?
    private let mustBePrimary: Bool

    /// Makes the greeting of a connection.
    ///
    /// - Parameter mustBePrimary: Whether only a server that takes writes will do.
    init(_ configuration: RedisClientConfiguration, _ credentials: RedisCredentials?, mustBePrimary: Bool = false) {
        self.mustBePrimary = mustBePrimary
        var steps = [Step.hello]
        self.bytes =
            EncodedCommands { encoder in
                if let credentials {
                    encoder.command("HELLO", 3, "AUTH", credentials.username ?? "default", credentials.password)
                } else {
                    encoder.command("HELLO", 3)
                }
                if let name = configuration.clientName {
                    encoder.command("CLIENT", "SETNAME", name)
                    steps.append(.optional)
                }
                if configuration.database != 0 {
                    encoder.command("SELECT", configuration.database)
                    steps.append(.required("SELECT"))
                }
                for command in configuration.setup {
                    command.encode(into: &encoder)
                    steps.append(.required("a command of the setup"))
                }
            }.bytes
        self.steps = steps
    }

    mutating func receive(_ reply: RedisReply) -> Progress {
        guard let step = self.steps.first else { return .failed(RedisError(.protocolViolation, "an unasked reply")) }
        self.steps.removeFirst()
        do {
            let value = try reply.value()
            if step == .hello {
                guard let info = RedisServerInfo(hello: value) else {
                    return .failed(RedisError(.unsupportedServer, "HELLO was not answered as by a Redis server"))
                }
                guard info.role == "master" || !self.mustBePrimary else {
                    return .failed(RedisError(.connectionFailed, "the server is a replica"))
                }
                self.info = info
            }
        } catch {
            switch step {
            case .optional: break
            case .required(let name):
                return .failed(RedisError(.connectionFailed, "\(name) was refused", prefix: error.prefix, cause: error))
            case .hello: return .failed(Self.refusal(error))
            }
        }
        guard self.steps.isEmpty, let info = self.info else { return .more }
        return .done(info)
    }

    private static func refusal(_ error: RedisError) -> RedisError {
        // A server may repeat what it was sent, and that was the password.
        if error.message.lowercased().contains("unknown command") || error.prefix == "NOPROTO" {
            return RedisError(
                .unsupportedServer, "the server does not speak RESP3: Redis 6 or later, or Valkey, is needed",
                prefix: error.prefix)
        }
        return RedisError(
            .connectionFailed, "the server refused the greeting: \(error.prefix ?? "")", prefix: error.prefix)
    }
}

/// What a server says of itself.
struct RedisServerInfo: Sendable, Hashable {
    /// `redis`, `valkey`.
    var name: String
    /// The version, in the server's words.
    var version: String
    /// `master`, `replica`.
    var role: String

    init?(hello: RedisValue) {
        guard
            case .map(let pairs) = hello,
            pairs.contains(where: { $0.key.text == "proto" && $0.value.integer == 3 })
        else { return nil }
        func text(_ name: String) -> String { pairs.first { $0.key.text == name }?.value.text ?? "" }
        self.name = text("server")
        self.version = text("version")
        self.role = text("role")
    }
}
