// SPDX-License-Identifier: Apache-2.0

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension CachePolicy {
    /// The lifetime of one entry.
    ///
    /// - Parameters:
    ///   - kind: What was loaded.
    ///   - date: Now, on the wall.
    ///   - draw: A random number from 0 to 1 that decides how much of the jitter is taken.
    func lifetime(of kind: Entry.Kind, at date: Date, draw: Double) -> EntryLifetime {
        let whole: Duration =
            switch self.life(of: kind) {
            case .lasting(let lifetime): lifetime
            // Zero first: a date may be no number.
            case .until(let end): .seconds(min(max(0, end.timeIntervalSince(date)), 1e9))
            case .sliding(let idle, let limit): min(idle, limit)
            }
        let fresh = whole * (1 - self.jitter * draw)
        return EntryLifetime(fresh: fresh, kept: fresh + self.stalest)
    }

    /// Writes into an entry how it may be used.
    func mark(_ entry: inout Entry) {
        entry.metadata.staleWhileRevalidate = self.staleWhileRevalidate
        entry.metadata.staleIfError = self.staleIfError
        entry.metadata.servesInvalidatedOnError = self.servesInvalidatedOnError
        if case .sliding(let idle, let limit) = self.life(of: entry.kind) {
            entry.metadata.idle = idle
            entry.metadata.longestLife = limit
        }
    }

    /// How an invalidation by key ends the region's entries.
    var invalidationMethod: InvalidationMethod {
        if let holdOff { return .holdOff(holdOff) }
        return self.servesInvalidatedOnError ? .expire : .remove
    }

    private func life(of kind: Entry.Kind) -> Life {
        if kind == .absence, let absenceLifetime { return .lasting(absenceLifetime) }
        return self.life
    }

    private var stalest: Duration {
        max(self.staleWhileRevalidate ?? .zero, self.staleIfError ?? .zero, self.validation ?? .zero)
    }
}
