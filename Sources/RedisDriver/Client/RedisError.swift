// SPDX-License-Identifier: Apache-2.0

/// Why a command has no result.
public struct RedisError: Error, Sendable, CustomStringConvertible {
    /// What kind of error it is; more may come.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Kind: String {
            case invalidCommand, invalidConfiguration, connectionFailed, connectionClosed, clientClosed,
                unsupportedServer
            case timedOut, cancelled, overloaded, commandFailed, unexpectedReply, protocolViolation
            case transactionAborted, crossSlot
        }
        private let kind: Kind

        /// A URL or a setting that cannot be used.
        public static let invalidConfiguration = Code(kind: .invalidConfiguration)
        /// A command that does not write what it announces, or that cannot be sent on a shared connection.
        public static let invalidCommand = Code(kind: .invalidCommand)
        /// There is no connection: it could not be made, or the server refused to be spoken to.
        public static let connectionFailed = Code(kind: .connectionFailed)
        /// The connection ended before the reply came.
        public static let connectionClosed = Code(kind: .connectionClosed)
        /// The client was closed.
        public static let clientClosed = Code(kind: .clientClosed)
        /// The server is older than version 6, or something else altogether.
        public static let unsupportedServer = Code(kind: .unsupportedServer)
        /// No reply within the time given.
        public static let timedOut = Code(kind: .timedOut)
        /// The caller's task was cancelled.
        public static let cancelled = Code(kind: .cancelled)
        /// More commands or bytes wait on the connection than it may hold.
        public static let overloaded = Code(kind: .overloaded)
        /// The server answered with an error; see ``RedisError/prefix``.
        public static let commandFailed = Code(kind: .commandFailed)
        /// The server answered with something that the command does not give.
        public static let unexpectedReply = Code(kind: .unexpectedReply)
        /// A key that was watched has changed, so that nothing of the transaction was carried out.
        public static let transactionAborted = Code(kind: .transactionAborted)
        /// The keys of a command, or of a transaction, are on more than one node of a cluster. Keys with the same text in
        /// braces, such as `{cart:7}:items`, are always on the same.
        public static let crossSlot = Code(kind: .crossSlot)
        /// The server sent bytes that are not RESP, or a reply that nobody asked for.
        public static let protocolViolation = Code(kind: .protocolViolation)

        public var description: String { self.kind.rawValue }
    }

    /// What kind of error it is.
    public let code: Code
    /// What happened, in words. Holds no arguments of commands and no passwords.
    public let message: String
    /// The first word of the server's error: `WRONGTYPE`, `NOSCRIPT`, `READONLY`. Nil unless the server answered so.
    public let prefix: String?
    /// Whether the server may have carried out the command all the same. A command that it answered with an error may
    /// have done a part of its work when it is a script.
    public let mayHaveRun: Bool
    /// The error beneath.
    public let cause: (any Error)?

    package init(
        _ code: Code, _ message: String, prefix: String? = nil, mayHaveRun: Bool = false, cause: (any Error)? = nil
    ) {
        self.code = code
        self.message = message
        self.prefix = prefix
        self.mayHaveRun = mayHaveRun
        self.cause = cause
    }

    /// The error that a server answered with, in one line and without the arguments that servers repeat.
    init(answer: String) {
        let words = answer.firstRange(of: ", with args beginning with").map { answer[..<$0.lowerBound] } ?? answer[...]
        let line = String(words.prefix(Self.longestAnswer).map { $0.isNewline || $0 == "\0" ? " " : $0 })
        self.init(.commandFailed, line, prefix: String(line.prefix { $0 != " " }))
    }

    private static let longestAnswer = 300

    static let clientClosed = RedisError(.clientClosed, "the client was closed")

    /// The caller's task was cancelled.
    static let cancellation = RedisError(.cancelled, "the caller's task was cancelled")

    /// The server answered a command with something that the command does not give.
    public static func unexpectedReply(to command: String) -> RedisError {
        RedisError(
            .unexpectedReply, "\(command) was answered with something else than it gives", mayHaveRun: true)
    }

    /// Whether there was no connection to send the command on, so that it can be sent on another.
    var wasNotSent: Bool {
        !self.mayHaveRun && (self.code == .connectionFailed || self.code == .connectionClosed)
    }

    /// The same error for a connection that was never ready.
    var whileConnecting: RedisError {
        switch self.code {
        case .connectionFailed, .unsupportedServer, .clientClosed, .invalidConfiguration: self
        default: RedisError(.connectionFailed, self.message, prefix: self.prefix, cause: self.cause)
        }
    }

    /// The same error for a command that was on its way.
    func forCommand(sent: Bool) -> RedisError {
        RedisError(self.code, self.message, prefix: self.prefix, mayHaveRun: sent, cause: self.cause)
    }

    public var description: String {
        "\(self.code): \(self.message)" + (self.cause.map { " (\($0))" } ?? "")
    }
}
