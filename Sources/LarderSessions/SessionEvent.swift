// SPDX-License-Identifier: Apache-2.0

public import Larder

/// Something in the life of a session that belongs in an audit log. It names sessions by their digest alone.
public struct SessionEvent: Sendable, Hashable {
    /// What happened; more may come.
    public struct Kind: Sendable, Hashable, CustomStringConvertible {
        private enum Name: String {
            case created, rotated, revoked, expired, rejected, reused, deviceChanged
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
        /// An id or a token was presented that stands for nothing: forged, forgotten, or ended before.
        public static let rejected = Kind(name: .rejected)
        /// A ``RememberToken`` was presented that had been made void: two have it. All sessions and tokens of its user are ended.
        public static let reused = Kind(name: .reused)
        /// A session goes on at a device that it was not at before, as far as the client tells: a new version of the browser, or a thief.
        public static let deviceChanged = Kind(name: .deviceChanged)

        public var description: String { self.name.rawValue }
    }

    /// What happened.
    public var kind: Kind
    /// Which session; nil for an id that has not even the form of one, and where it is about a token.
    public var digest: SessionDigest?
    /// Which session it was before, when it was rotated.
    public var former: SessionDigest?
    /// Whose it is, where that is known.
    public var principal: Principal?
    /// Which token it is about, or by which a session began; see ``RememberToken/digest``.
    public var remembered: SessionDigest?
    /// What the client says it is, where it is another.
    public var device: String?
    /// What it said before.
    public var formerDevice: String?

    /// Makes an event.
    public init(
        _ kind: Kind, digest: SessionDigest? = nil, former: SessionDigest? = nil, principal: Principal? = nil,
        remembered: SessionDigest? = nil, device: String? = nil, formerDevice: String? = nil
    ) {
        self.kind = kind
        self.digest = digest
        self.former = former
        self.principal = principal
        self.remembered = remembered
        self.device = device
        self.formerDevice = formerDevice
    }
}
