// SPDX-License-Identifier: Apache-2.0

/// Why something could not be done with a session.
public struct SessionError: Error, Sendable, CustomStringConvertible {
    /// What kind of error it is; more may come.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Kind: String {
            case invalidConfiguration, ended, conflict, tooLarge, notEncodable, tooManySessions, unavailable
        }
        private let kind: Kind

        /// A secret that is too short, or a setting that cannot be.
        public static let invalidConfiguration = Code(kind: .invalidConfiguration)
        /// The session was ended, or has expired, before the change: nothing was stored.
        public static let ended = Code(kind: .ended)
        /// So many others changed the session that the change did not get its turn; nothing of it was stored.
        public static let conflict = Code(kind: .conflict)
        /// The data takes more bytes than a session may hold; it stays as it was.
        public static let tooLarge = Code(kind: .tooLarge)
        /// The data cannot be encoded; it stays as it was.
        public static let notEncodable = Code(kind: .notEncodable)
        /// The user has as many sessions as may be, and the configuration refuses more.
        public static let tooManySessions = Code(kind: .tooManySessions)
        /// The store cannot be asked: whether there is a session is unknown.
        public static let unavailable = Code(kind: .unavailable)

        public var description: String { self.kind.rawValue }
    }

    /// What kind of error it is.
    public var code: Code
    /// What happened, in words; no ids and no data.
    public var message: String
    /// The error beneath.
    public var cause: (any Error)?

    /// Makes an error.
    public init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }

    public var description: String {
        "\(self.code): \(self.message)" + (self.cause.map { " (\($0))" } ?? "")
    }
}
