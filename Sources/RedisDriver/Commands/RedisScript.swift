// SPDX-License-Identifier: Apache-2.0

import Crypto

/// A Lua script that the server runs as one step.
///
/// It is sent by its digest, and in full when the server does not have it: after a restart, or `SCRIPT FLUSH`.
public struct RedisScript: Sendable, Hashable {
    /// The source.
    public let source: String
    /// The SHA-1 of the source in hexadecimal digits, by which servers know scripts.
    public let digest: String

    /// Makes a script.
    ///
    /// - Parameters:
    ///   - source: Lua. All keys it touches must come as `KEYS`.
    ///   - allowsOutOfMemory: Whether it runs also when the server is out of memory: for scripts that set something
    ///     right which must not wait. Needs a server of version 7.
    public init(_ source: String, allowsOutOfMemory: Bool = false) {
        let source = allowsOutOfMemory ? "#!lua flags=allow-oom\n" + source : source
        self.source = source
        self.digest = Insecure.SHA1.hash(data: Array(source.utf8)).reduce(into: "") { text, byte in
            text += (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }
    }
}

/// Runs a script that is sent in full, so that it needs no second round trip where there can be none: in a pipeline, or
/// in a transaction. Elsewhere ``RedisClient/evaluate(_:keys:arguments:timeout:)`` sends less.
/// <https://redis.io/commands/eval>
public struct EVAL: RedisCommand {
    public typealias Response = RedisValue

    public let keys: [RedisKey]
    private let call: ScriptCall

    /// Makes the command.
    ///
    /// - Parameters:
    ///   - script: The script.
    ///   - keys: The keys it touches.
    ///   - arguments: Its other arguments.
    public init(_ script: RedisScript, keys: [any RedisKeyConvertible], arguments: [any RedisArgument]) {
        self.keys = keys.map(\.redisKey)
        self.call = ScriptCall(script: script, keys: self.keys, arguments: arguments, bySource: true)
    }

    public func encode(into encoder: inout RedisCommandEncoder) {
        self.call.encode(into: &encoder)
    }
}

/// Runs a script; see ``RedisClient/evaluate(_:keys:arguments:timeout:)`` for the way that falls back to the source.
struct ScriptCall: RedisCommand {
    typealias Response = RedisValue

    let script: RedisScript
    let keys: [RedisKey]
    let arguments: [any RedisArgument]
    var bySource = false

    var name: String { self.bySource ? "EVAL" : "EVALSHA" }

    func encode(into encoder: inout RedisCommandEncoder) {
        encoder.beginCommand(
            self.bySource ? "EVAL" : "EVALSHA", argumentCount: 2 + self.keys.count + self.arguments.count)
        encoder.write(self.bySource ? self.script.source : self.script.digest)
        encoder.write(String(self.keys.count))
        for key in self.keys { key.encode(into: &encoder) }
        for argument in self.arguments { argument.encode(into: &encoder) }
    }
}
