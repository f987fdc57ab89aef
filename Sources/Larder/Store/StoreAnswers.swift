// SPDX-License-Identifier: Apache-2.0

/// What one read found.
public struct StoreReading: Sendable, Hashable {
    /// What stands under the key.
    public var record: StoredRecord
    /// What happened in the log.
    public var log: LogAnswer
    /// The store's time.
    public var now: StoreTime
    /// Whether an invalidation that has not reached the store ends the entry.
    var isOverruled = false
    /// Whether it comes from the copy of a ``NearStore``: the log was not asked, and the entry was found fresh and valid.
    var isNear = false
    /// Whether a ``NearStore`` has seen with it that its server takes writes.
    package var isProof = false

    /// Makes a reading.
    public init(record: StoredRecord, log: LogAnswer, now: StoreTime) {
        self.record = record
        self.log = log
        self.now = now
    }
}

/// What became of the wish to fill an entry.
public enum LeaseAnswer: Sendable, Hashable {
    /// The caller may load and fill.
    case granted
    /// The entry is not what the caller saw: this is what stands there now.
    case changed(StoredRecord)
    /// Somebody else holds the lease for so long, unless renewed.
    case held(Duration)
    /// The entry was invalidated with a hold-off: for so long, load but do not fill.
    case heldOff(Duration)
}

/// What became of a fill.
public struct FillAnswer: Sendable, Hashable {
    /// Whether the entry was stored; false when the lease was gone.
    public var isStored: Bool
    /// What happened in the log, asked together with the fill.
    public var log: LogAnswer

    /// Makes an answer.
    public init(isStored: Bool, log: LogAnswer) {
        self.isStored = isStored
        self.log = log
    }
}

/// How long an entry lives.
public struct EntryLifetime: Sendable, Hashable {
    /// How long it may be served as it is.
    public var fresh: Duration
    /// How long the store keeps it; not less than `fresh`.
    public var kept: Duration

    /// Makes a lifetime; an entry is kept as long as it is fresh unless told otherwise.
    public init(fresh: Duration, kept: Duration? = nil) {
        self.fresh = fresh
        self.kept = max(fresh, kept ?? fresh)
    }
}

/// Why a lease is given back.
public enum LeaseRelease: Sendable, Hashable {
    /// Nothing was loaded. What stands there stays, and whoever can do with it should not try again for a while, at most
    /// ``Entry/longestLease``.
    case unloaded(pause: Duration = .zero)
    /// What was loaded is not to be stored. What stands there is older, and goes.
    case unstored
}

/// How an entry is ended.
public enum InvalidationMethod: Sendable, Hashable {
    /// Removes it.
    case remove
    /// Keeps its value for the case that its source fails, but serves it no more.
    case expire
    /// Removes it and forbids filling it for a while: for loads that read a lagging replica of a database. Holds
    /// unless the store evicts the mark, or the entry is removed by another method.
    case holdOff(Duration)

    /// This one or another: whichever ends more.
    func stronger(_ other: InvalidationMethod) -> InvalidationMethod {
        switch (self, other) {
        case (.holdOff(let first), .holdOff(let second)): .holdOff(max(first, second))
        case (.holdOff, _): self
        case (_, .holdOff): other
        case (.remove, _), (_, .remove): .remove
        case (.expire, .expire): .expire
        }
    }
}

/// The store was closed, and will not answer any more.
public struct StoreClosed: Error, Sendable {
    /// Makes the error.
    public init() {}
}

/// The store answered, and said that it cannot do what was asked: it is full, read-only, or still loading.
public struct StoreRefusal: Error, Sendable, CustomStringConvertible {
    /// What it said.
    public let description: String

    /// Makes a refusal.
    public init(_ description: String) {
        self.description = description
    }
}
