// SPDX-License-Identifier: Apache-2.0

/// A command: what is written, and what its reply means.
///
/// ```swift
/// struct STRLEN: RedisCommand {
///     var key: String
///
///     var keys: [String] { [self.key] }
///     var isReadOnly: Bool { true }
///
///     func encode(into encoder: inout RedisCommandEncoder) {
///         encoder.command("STRLEN", self.key)
///     }
///
///     static func response(from value: RedisValue) throws(RedisError) -> Int64 {
///         guard let length = value.integer else { throw .unexpectedReply(to: "STRLEN") }
///         return length
///     }
/// }
/// ```
public protocol RedisCommand<Response>: Sendable {
    /// What the reply is read as.
    associatedtype Response: Sendable

    /// The keys it touches, by which a cluster finds its node.
    var keys: [String] { get }
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
    public var keys: [String] { [] }
    public var isReadOnly: Bool { false }
    public var isBlocking: Bool { false }

    /// What a reply means.
    static func decode(_ reply: RedisReply?) throws(RedisError) -> Response {
        guard let reply else { throw .unexpectedReply(to: "\(Self.self)") }
        return try Self.response(from: try reply.value())
    }
}
