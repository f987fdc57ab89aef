// SPDX-License-Identifier: Apache-2.0

/// Why something was not done under a lock, or not to its end.
public struct RedisLockError: Error, Sendable, CustomStringConvertible {
    /// What kind of error it is; more may come.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Kind: String {
            case held, lost, unavailable
        }
        private let kind: Kind

        /// Others held the lock for as long as the caller would wait: nothing was done.
        public static let held = Code(kind: .held)
        /// The lease ended before what was done under it, since it could not be renewed: others may have held the lock meanwhile.
        public static let lost = Code(kind: .lost)
        /// The server could not be asked: nothing was done.
        public static let unavailable = Code(kind: .unavailable)

        public var description: String { self.kind.rawValue }
    }

    /// What kind of error it is.
    public let code: Code
    /// What happened, in words.
    public let message: String
    /// The error beneath.
    public let cause: (any Error)?

    init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }

    public var description: String {
        "\(self.code): \(self.message)" + (self.cause.map { " (\($0))" } ?? "")
    }
}
