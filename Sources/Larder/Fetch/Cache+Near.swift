// SPDX-License-Identifier: Apache-2.0

import NIOConcurrencyHelpers

extension Cache {
    /// What a near-cache holds, if that is fresh and surely no older than `bound`. The proofs of that are asked for anew when half of
    /// the bound has passed, so that there are always some as long as somebody reads.
    func readingNear(of key: CacheKey, within bound: Duration) -> StoreReading? {
        // Before anything is judged by it: what it vouches for must have been taken in by then.
        guard let proof = self.mirror.proof else { return nil }
        let age = proof.duration(to: self.clock.now)
        guard age <= bound, let near = self.store.near(key, within: bound, log: proof) else { return nil }
        let oldest = max(age, near.age)
        if oldest + oldest > bound { self.prove(key) }
        var reading = StoreReading(record: .entry(near.entry), log: .quiet, now: near.now)
        guard self.mirror.use(of: reading)?.use == .fresh else { return nil }
        reading.isNear = true
        return reading
    }

    /// Asks for new proofs, one question after the other: whoever comes meanwhile may know of something that the last one was too early
    /// for, and has another asked a moment later.
    ///
    /// - Parameter key: What is read; nil when the log has changed.
    func prove(_ key: CacheKey?) {
        guard self.proving.withLockedValue({ $0.begin(isNews: key == nil) }) else { return }
        Task {
            while true {
                let (asked, sent) = (self.mirror.position, self.clock.now)
                if let answer = try? await self.store.prove(key, in: self.name, since: asked) {
                    _ = self.mirror.apply(answer, asked: asked, proof: sent)
                }
                guard self.proving.withLockedValue({ $0.end() }) else { return }
                try await self.clock.sleep(for: Proving.pause)
            }
        }
    }

    /// Whether new proofs of a near-cache are being asked for.
    struct Proving: Sendable {
        private var isUnderWay = false
        private var isAgain = false

        /// Between two questions, however much happens.
        static let pause = Duration.milliseconds(5)

        /// Whether to ask now.
        ///
        /// - Parameter isNews: Whether a question that is under way is not enough.
        mutating func begin(isNews: Bool) -> Bool {
            guard self.isUnderWay else {
                self.isUnderWay = true
                return true
            }
            if isNews { self.isAgain = true }
            return false
        }

        /// The question was answered, or not; whether to ask again.
        mutating func end() -> Bool {
            defer { self.isAgain = false }
            self.isUnderWay = self.isAgain
            return self.isAgain
        }
    }
}
