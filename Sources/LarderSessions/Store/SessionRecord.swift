// SPDX-License-Identifier: Apache-2.0

public import Larder
public import NIOCore

/// A session as it stands in a store.
public struct SessionRecord: Sendable, Hashable {
    /// What the store itself knows of a session. All times are the store's.
    public struct Head: Sendable, Hashable {
        /// One at first, and one more with each change of the data.
        public var version: UInt64
        /// When it began.
        public var created: StoreTime
        /// When it was used last, as far as that was written down.
        public var used: StoreTime
        /// When its user proved who they are; nil when nobody has.
        public var authenticated: StoreTime?
        /// When it ends, however much it is used.
        public var end: StoreTime

        /// Makes a head.
        public init(
            version: UInt64, created: StoreTime, used: StoreTime, authenticated: StoreTime?, end: StoreTime
        ) {
            self.version = version
            self.created = created
            self.used = used
            self.authenticated = authenticated
            self.end = end
        }
    }

    /// What the store knows of it.
    public var head: Head
    /// What only who has the keys can read.
    public var payload: ByteBuffer

    /// Makes a record.
    public init(head: Head, payload: ByteBuffer) {
        self.head = head
        self.payload = payload
    }
}

extension SessionRecord.Head {
    /// Holds the times against a clock that was set back: no session outlives its time by that.
    mutating func hold(to now: StoreTime, _ terms: SessionTerms) {
        self.created = min(self.created, now)
        self.used = min(self.used, now)
        self.authenticated = self.authenticated.map { min($0, now) }
        self.end = min(self.end, now.advanced(by: terms.absoluteTimeout))
    }

    /// When it ends unless it is used.
    package func deadline(_ terms: SessionTerms) -> StoreTime {
        min(self.end, self.used.advanced(by: terms.idleTimeout))
    }
}
