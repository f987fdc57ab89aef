// SPDX-License-Identifier: Apache-2.0

public import Larder

/// Something in the life of a session that belongs in an audit log. It names sessions by their digest alone.
public struct SessionEvent: Sendable, Hashable {
    /// What happened; more may come.
    public struct Kind: Sendable, Hashable, CustomStringConvertible {
        private enum Name: String {
            case created, rotated, revoked, expired, rejected
        }
        private let name: Name

        /// A session began.
        public static let created = Kind(name: .created)
        /// A session goes on under another id, and the one before it is dead.
        public static let rotated = Kind(name: .rotated)
        /// A session was ended: by a logout, by its user elsewhere, or by one session too many.
        public static let revoked = Kind(name: .revoked)
        /// A session was asked for after its time.
        public static let expired = Kind(name: .expired)
        /// An id was presented that stands for no session: forged, forgotten, or ended before.
        public static let rejected = Kind(name: .rejected)

        public var description: String { self.name.rawValue }
    }

    /// What happened.
    public var kind: Kind
    /// Which session; nil for an id that has not even the form of one.
    public var digest: SessionDigest?
    /// Which session it was before, when it was rotated.
    public var former: SessionDigest?
    /// Whose it is, where that is known.
    public var principal: Principal?

    /// Makes an event.
    public init(
        _ kind: Kind, digest: SessionDigest? = nil, former: SessionDigest? = nil, principal: Principal? = nil
    ) {
        self.kind = kind
        self.digest = digest
        self.former = former
        self.principal = principal
    }
}
