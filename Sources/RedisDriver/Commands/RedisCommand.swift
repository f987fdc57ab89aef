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

    /// By what name metrics and spans know it: that of the type, unless it says otherwise.
    var name: String { get }
    /// The keys it touches, by which a cluster finds its node.
    var keys: [RedisKey] { get }
    /// Whether it changes nothing, so that it may be sent twice.
    var isReadOnly: Bool { get }
    /// For how long the server may hold the reply back; nil for a command that it carries out at once. One that blocks is
    /// sent on a connection of its own, and is given so much more time.
    var blockingTime: Duration? { get }
    /// Whether the reply is expected to be large, so that it should not keep small ones waiting.
    var isBulky: Bool { get }

    /// Writes exactly one command.
    func encode(into encoder: inout RedisCommandEncoder)

    /// Reads the reply.
    ///
    /// - Throws: ``RedisError/unexpectedReply(to:)`` when it is nothing that the command gives.
    static func response(from value: RedisValue) throws(RedisError) -> Response
}

extension RedisCommand {
    public var name: String { "\(Self.self)" }
    public var keys: [RedisKey] { [] }
    public var isReadOnly: Bool { false }
    public var blockingTime: Duration? { nil }
    public var isBulky: Bool { false }

    /// Checks a reply that says only that all is well.
    static func checkOK(_ value: RedisValue) throws(RedisError) {
        guard value.text == "OK" else { throw .unexpectedReply(to: "\(Self.self)") }
    }

    /// What a reply means.
    @inlinable
    static func decode(_ reply: RedisReply?) throws(RedisError) -> Response {
        guard let reply else { throw .unexpectedReply(to: "\(Self.self)") }
        return try Self.response(from: try reply.value())
    }

    /// What a reply means, or the error that the server answered with.
    @inlinable
    static func result(of reply: RedisReply?) -> Result<Response, RedisError> {
        do {
            return .success(try Self.decode(reply))
        } catch {
            return .failure(error)
        }
    }
}

extension RedisCommand where Response: RedisDecodable {
    @inlinable
    public static func response(from value: RedisValue) throws(RedisError) -> Response {
        guard let response = Response(redisValue: value) else { throw .unexpectedReply(to: "\(Self.self)") }
        return response
    }
}
