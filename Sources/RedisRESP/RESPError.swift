// SPDX-License-Identifier: Apache-2.0

/// Why bytes are not RESP, or more of it than is taken. What follows on the connection means nothing any more.
public struct RESPError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of error it is; more may come.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Kind: String {
            case unknownType, malformedNumber, malformedValue, missingTerminator, unsupported, limitExceeded
        }
        private let kind: Kind

        /// A value begins with a byte that names no type.
        public static let unknownType = Code(kind: .unknownType)
        /// A number or length is none, or is out of range.
        public static let malformedNumber = Code(kind: .malformedNumber)
        /// A Boolean, null, double or verbatim string is not written as it must be.
        public static let malformedValue = Code(kind: .malformedValue)
        /// A value does not end with CR LF where it must.
        public static let missingTerminator = Code(kind: .missingTerminator)
        /// Streamed strings and aggregates, which no server sends.
        public static let unsupported = Code(kind: .unsupported)
        /// One of the ``RESPLimits`` was exceeded.
        public static let limitExceeded = Code(kind: .limitExceeded)

        public var description: String { self.kind.rawValue }
    }

    /// What kind of error it is.
    public let code: Code
    /// What was found, in words. Never contains bytes of the reply.
    public let message: String

    public var description: String { "\(self.code): \(self.message)" }

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}
