// SPDX-License-Identifier: Apache-2.0

import Larder

/// What is kept of a user who is remembered, and what a token is worth by it.
///
/// Each login replaces the token (after Barry Jaspan, "Improved Persistent Login Cookie Best Practice"). The client shows by using the new one
/// that it has it; until then the one before is good too, since an answer can be lost. Of two who hold the same token, a user and a
/// thief, one comes with what the other has made void, and with that shows the theft.
struct Remembrance: Codable, Equatable {
    private var user: String?
    private var tenant: String?
    /// The proof of the token that was given out last.
    private var current: String
    /// The proof of the one before, which is good as long as that has not been shown.
    private var former: String?
    /// How the last follows from the one before.
    private var step: [UInt8] = []
    /// When it did, in milliseconds of the store's time.
    private var changed: UInt64 = 0
    /// What was good before these, as long as requests with it may be on their way.
    private var past: [Past] = []

    private struct Past: Codable, Equatable {
        var proof: String
        var ended: UInt64
    }

    /// What a token is worth.
    enum Worth: Equatable {
        /// It logs in, and is replaced.
        case good
        /// It has just been replaced, for another request of the same client: by this step.
        case replaced([UInt8])
        /// It was good a moment ago: its client has another by now.
        case late
        /// It was good before, or never: somebody else has it too.
        case reused
    }

    init(_ principal: Principal, _ token: RememberToken) {
        self.user = principal.user
        self.tenant = principal.tenant
        self.current = token.proof
    }

    var principal: Principal { Principal(user: self.user, tenant: self.tenant) }

    /// - Parameter grace: How long requests are on their way.
    func worth(of token: RememberToken, at now: StoreTime, grace: Duration) -> Worth {
        // By a clock that was set back all of it has just been.
        func isRecent(_ time: UInt64) -> Bool { StoreTime(milliseconds: time).duration(to: now) < grace }
        let proof = token.proof
        if Self.areEqual(proof, self.current) { return .good }
        if let former, Self.areEqual(proof, former) { return isRecent(self.changed) ? .replaced(self.step) : .good }
        return self.past.contains { Self.areEqual(proof, $0.proof) && isRecent($0.ended) } ? .late : .reused
    }

    /// With another token in the place of one that is good.
    func replacing(_ token: RememberToken, with next: RememberToken, by step: [UInt8], at now: StoreTime) -> Remembrance
    {
        var remembrance = self
        if Self.areEqual(token.proof, self.current) {
            if let former {
                remembrance.past.insert(Past(proof: former, ended: now.milliseconds), at: 0)
                remembrance.past = Array(remembrance.past.prefix(Self.maximumPast))
            }
            remembrance.former = self.current
        }
        remembrance.current = next.proof
        remembrance.step = step
        remembrance.changed = now.milliseconds
        return remembrance
    }

    private static let maximumPast = 4

    /// How long it takes does not tell how much of them is equal.
    private static func areEqual(_ one: String, _ other: String) -> Bool {
        one.utf8.count == other.utf8.count && zip(one.utf8, other.utf8).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
