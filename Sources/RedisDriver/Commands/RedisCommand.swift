// SPDX-License-Identifier: Apache-2.0

/// A command: what is written, and what its reply means.
///
/// ```swift
/// /// Whether a member is in a Bloom filter.
/// struct BFEXISTS: RedisKeyCommand {
///     typealias Response = Bool
///
///     var key: RedisKey
///     var member: String
///
///     var isReadOnly: Bool { true }
///
///     func encode(into encoder: inout RedisCommandEncoder) {
///         encoder.command("BF.EXISTS", self.key, self.member)
///     }
/// }
/// ```
public protocol RedisCommand<Response>: Sendable {
    /// What the reply is read as. A ``RedisDecodable`` type reads it itself.
    associatedtype Response: Sendable

    /// The keys it touches, by which a cluster finds its node.
    var keys: [RedisKey] { get }
    /// Whether it changes nothing, so that it may be sent twice.
    var isReadOnly: Bool { get }
    /// Whether the server may hold the reply back for as long as it likes.
    var isBlocking: Bool { get }

    /// Writes exactly one command.
    func encode(into encoder: inout RedisCommandEncoder)

    /// Reads the reply.
    ///
    /// - Throws: ``RedisError/unexpectedReply(to:)`` when it is nothing that the command gives.
    static func response(from value: RedisValue) throws(RedisError) -> Response
}

extension RedisCommand {
    public var keys: [RedisKey] { [] }
    public var isReadOnly: Bool { false }
    public var isBlocking: Bool { false }

    /// Checks a reply that says only that all is well.
    static func checkOK(_ value: RedisValue) throws(RedisError) {
        guard value.text == "OK" else { throw .unexpectedReply(to: "\(Self.self)") }
    }

    /// What a reply means.
    static func decode(_ reply: RedisReply?) throws(RedisError) -> Response {
        guard let reply else { throw .unexpectedReply(to: "\(Self.self)") }
        return try Self.response(from: try reply.value())
    }
}

extension RedisCommand where Response: RedisDecodable {
    public static func response(from value: RedisValue) throws(RedisError) -> Response {
        guard let response = Response(redisValue: value) else { throw .unexpectedReply(to: "\(Self.self)") }
        return response
    }
}
