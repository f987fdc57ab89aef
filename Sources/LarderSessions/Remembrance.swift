// SPDX-License-Identifier: Apache-2.0

import Larder

/// What is kept of a user who is remembered, and what a token is worth by it.
///
/// Each use replaces the token (Barry Jaspan, "Improved Persistent Login Cookie Best Practice"): of two who hold the same, such as a user
/// and a thief, the second to come shows one that was replaced, and with that the theft.
struct Remembrance: Codable, Equatable {
    var user: String?
    var tenant: String?
    /// The proof of the token that is good.
    private var current: String
    /// The proof of the one that it took the place of.
    private var former: String?
    /// When it did, in milliseconds of the store's time.
    private var replaced: UInt64 = 0

    /// What a token is worth.
    enum Worth {
        /// It is good, once.
        case good
        /// It was replaced a moment ago: by another request of the same client, which the answer had not reached.
        case justReplaced
        /// It was replaced before: somebody else has it too.
        case reused
    }

    init(_ principal: Principal, _ token: RememberToken) {
        self.user = principal.user
        self.tenant = principal.tenant
        self.current = token.proof
    }

    var principal: Principal { Principal(user: self.user, tenant: self.tenant) }

    /// - Parameter grace: How long a token that was replaced is still taken.
    func worth(of token: RememberToken, at now: StoreTime, grace: Duration) -> Worth {
        let proof = token.proof
        if Self.areEqual(proof, self.current) { return .good }
        // By a clock that was set back it has just been.
        let isRecent = StoreTime(milliseconds: self.replaced).duration(to: now) < grace
        if let former, Self.areEqual(proof, former), isRecent { return .justReplaced }
        return .reused
    }

    /// With another token in the place of the one that is good.
    func replacing(with token: RememberToken, at now: StoreTime) -> Remembrance {
        var remembrance = self
        remembrance.former = self.current
        remembrance.current = token.proof
        remembrance.replaced = now.milliseconds
        return remembrance
    }

    /// How long it takes does not tell how much of them is equal.
    private static func areEqual(_ one: String, _ other: String) -> Bool {
        one.utf8.count == other.utf8.count && zip(one.utf8, other.utf8).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
