// SPDX-License-Identifier: Apache-2.0

import NIOCore

extension LogMirror {
    /// What a reading, whose answer was taken in, means.
    ///
    /// - Parameters:
    ///   - reading: What was read.
    ///   - key: Its key.
    ///   - leases: The leases of this process.
    func explanation(of reading: StoreReading, for key: CacheKey, heldHere leases: Set<LeaseToken>) -> CacheExplanation
    {
        let entry: Entry
        switch reading.record {
        case .absent: return CacheExplanation(key: key, verdict: .absent, reason: "nothing is stored")
        case .unreadable: return CacheExplanation(key: key, verdict: .unreadable, reason: "the bytes are no entry")
        case .entry(let found): entry = found
        }
        let (verdict, reason) = self.verdict(on: entry, in: reading)
        var explanation = CacheExplanation(key: key, verdict: verdict, reason: reason)
        if let token = entry.token, entry.isLeased(at: reading.now) {
            explanation.lease = reading.now.duration(to: entry.leaseUntil)
            explanation.isLeasedHere = leases.contains(token)
        }
        guard entry.kind == .value || entry.kind == .absence else { return explanation }
        explanation.isAbsence = entry.kind == .absence
        explanation.age = entry.metadata.created?.duration(to: reading.now)
        explanation.remaining = entry.freshUntil > reading.now ? reading.now.duration(to: entry.freshUntil) : nil
        explanation.loadDuration = entry.metadata.loadDuration
        explanation.size = entry.payload.readableBytes
        explanation.stamp = entry.stamp
        explanation.tags = entry.metadata.tags.map { tag in
            CacheExplanation.Tag(name: tag, invalidated: self.log?.sequence(of: tag))
        }
        return explanation
    }

    private func verdict(on entry: Entry, in reading: StoreReading) -> (CacheExplanation.Verdict, String) {
        if entry.kind == .lease { return (.leased, "nothing is stored yet") }
        if entry.kind == .tombstone { return (.heldOff, "it was invalidated, and nothing may be stored for a while") }
        switch self.use(of: reading)?.use {
        case .fresh: return (.fresh, "a call is a hit")
        case .whileRevalidating:
            return (.staleWhileRevalidate, "its lifetime is over; it is served while it is loaded anew")
        case .onError where entry.isPaused(at: reading.now): return (.staleIfError, "its source failed a moment ago")
        case .onError: return (.staleIfError, "it is served only if its source fails")
        case .nothing, nil: break
        }
        if reading.isOverruled { return (.invalidated, "an invalidation is on its way to the store") }
        if entry.freshUntil == .zero { return (.invalidated, "its key was invalidated") }
        if let log = self.log, let reason = log.objection(to: entry.stamp, metadata: entry.metadata) {
            return (.invalidated, reason)
        }
        return (.expired, "its lifetime is over")
    }
}
