// SPDX-License-Identifier: Apache-2.0

/// How long sessions last, and how many and how large they may be. Times are whole milliseconds.
public struct SessionConfiguration: Sendable {
    /// What happens when a user who has as many sessions as may be logs in once more.
    public enum Excess: Sendable {
        /// The session that was created first ends.
        case endOldest
        /// The new one is refused: ``SessionError/Code/tooManySessions``.
        case refuse
    }

    /// How long a session lasts that nobody uses. A use counts from ``touchInterval`` after the last that counted, so that an unused
    /// session may end earlier by that.
    public var idleTimeout: Duration
    /// How long a session lasts at most, however much it is used: then its user logs in again.
    public var absoluteTimeout: Duration
    /// How often a use is written down; nil for a tenth of ``idleTimeout``, but at least once a minute. Not more than half of it.
    public var touchInterval: Duration?
    /// How many sessions a user may have at the same time; and how many tokens to be remembered by, of which the oldest ends beyond that.
    public var maximumPerUser: Int
    /// What happens beyond that.
    public var excess: Excess
    /// How many bytes the data of a session may take when it is encoded.
    public var maximumSize: Int
    /// How long a change tries to get its turn among others of the same session.
    public var updateTimeout: Duration

    /// How long a user is remembered from the login that asked for it, however often they come.
    public var rememberTimeout: Duration
    /// How long requests of one client may be on their way at the same time. Within it a token that was replaced gives what it gave before;
    /// beyond it, and once its successor was used, it is taken for stolen. At least 5 seconds.
    public var rememberGrace: Duration

    /// Makes a configuration. The times are what OWASP recommends for applications of low risk; the lower the better.
    public init(
        idleTimeout: Duration = .seconds(30 * 60), absoluteTimeout: Duration = .seconds(8 * 3_600),
        touchInterval: Duration? = nil, maximumPerUser: Int = 100, excess: Excess = .endOldest,
        maximumSize: Int = 64 << 10, updateTimeout: Duration = .seconds(5),
        rememberTimeout: Duration = .seconds(30 * 86_400), rememberGrace: Duration = .seconds(60)
    ) {
        self.idleTimeout = idleTimeout
        self.absoluteTimeout = absoluteTimeout
        self.touchInterval = touchInterval
        self.maximumPerUser = maximumPerUser
        self.excess = excess
        self.maximumSize = maximumSize
        self.updateTimeout = updateTimeout
        self.rememberTimeout = rememberTimeout
        self.rememberGrace = rememberGrace
    }

    /// What a store is told: times that can be, and a use that is written down before it would be too late.
    var terms: SessionTerms {
        let idle = max(self.idleTimeout, .milliseconds(1))
        return SessionTerms(
            idleTimeout: idle, absoluteTimeout: max(self.absoluteTimeout, .milliseconds(1)),
            touchInterval: min(self.touchInterval ?? min(idle / 10, .seconds(60)), idle / 2),
            maximumPerOwner: max(self.maximumPerUser, 1), refusesExcess: self.excess == .refuse)
    }

    /// Room for requests on their way.
    package var effectiveGrace: Duration { max(self.rememberGrace, .seconds(5)) }

    /// The same for the tokens of users who are remembered.
    var rememberTerms: SessionTerms {
        let timeout = max(self.rememberTimeout, .milliseconds(1))
        return SessionTerms(
            idleTimeout: timeout, absoluteTimeout: timeout, touchInterval: timeout,
            maximumPerOwner: max(self.maximumPerUser, 1), refusesExcess: false)
    }
}
