// SPDX-License-Identifier: Apache-2.0

/// What can go wrong with a request to a cache that is the caller's to know.
///
/// Reads of values throw nothing of the cache's own, unless a policy says so: they throw what the loader threw, or
/// `CancellationError`.
public struct CacheError: Error, Sendable, CustomStringConvertible {
    /// What kind of error it is; more may come.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Kind: String {
            case invalidTag
            case notEncodable
            case invalidSealingKey
            case loadTimeout
            case storeUnavailable
            case denied
        }
        private let kind: Kind

        /// A tag that is empty or too long, or more tags than an entry may carry.
        public static let invalidTag = Code(kind: .invalidTag)
        /// A value that its codec cannot write, where its bytes were asked for.
        public static let notEncodable = Code(kind: .notEncodable)
        /// A secret that is too short, or two with one number.
        public static let invalidSealingKey = Code(kind: .invalidSealingKey)
        /// A load that took longer than ``CachePolicy/loadTimeout(soft:hard:)`` allows.
        public static let loadTimeout = Code(kind: .loadTimeout)
        /// A store that cannot be asked, where ``CachePolicy/onStoreFailure(_:)`` says to throw.
        public static let storeUnavailable = Code(kind: .storeUnavailable)
        /// What the ``AccessPolicy`` of the cache does not allow whoever asks.
        public static let denied = Code(kind: .denied)

        public var description: String { self.kind.rawValue }
    }

    /// What kind of error it is.
    public var code: Code
    /// What happened, in words.
    public var message: String
    /// The error beneath.
    public var cause: (any Error)?
    /// Where it was made: module and file.
    public var file: String
    /// Where it was made: the line.
    public var line: Int

    /// Makes an error.
    public init(
        _ code: Code, _ message: String, cause: (any Error)? = nil, file: String = #fileID, line: Int = #line
    ) {
        self.code = code
        self.message = message
        self.cause = cause
        self.file = file
        self.line = line
    }

    static func storeUnavailable(_ cause: any Error) -> CacheError {
        CacheError(.storeUnavailable, "the store cannot be asked", cause: cause)
    }

    public var description: String {
        "\(self.code): \(self.message)" + (self.cause.map { " (\($0))" } ?? "")
    }
}
