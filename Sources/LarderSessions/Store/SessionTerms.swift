// SPDX-License-Identifier: Apache-2.0

/// How long sessions last, as a store counts it: in milliseconds.
public struct SessionTerms: Sendable, Hashable {
    /// How long without use.
    public var idleTimeout: Duration
    /// How long at all.
    public var absoluteTimeout: Duration
    /// After how long a use is written down.
    public var touchInterval: Duration
    /// How many sessions stand together.
    public var maximumPerOwner: Int
    /// Whether one more is refused, instead of ending the oldest.
    public var refusesExcess: Bool

    /// Makes terms.
    public init(
        idleTimeout: Duration, absoluteTimeout: Duration, touchInterval: Duration, maximumPerOwner: Int,
        refusesExcess: Bool
    ) {
        self.idleTimeout = idleTimeout
        self.absoluteTimeout = absoluteTimeout
        self.touchInterval = touchInterval
        self.maximumPerOwner = maximumPerOwner
        self.refusesExcess = refusesExcess
    }
}
