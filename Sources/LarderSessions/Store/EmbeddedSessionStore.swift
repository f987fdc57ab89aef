// SPDX-License-Identifier: Apache-2.0

public import Larder
import NIOConcurrencyHelpers
public import NIOCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Sessions inside the process: for development, for tests, and for a service of one process that may forget who has logged in when
/// it is started anew.
public final class EmbeddedSessionStore: SessionStore {
    private struct State {
        var shelves: [String: SessionShelf] = [:]
        /// At how many owners those whose sessions have all expired are looked for, and when at the soonest.
        var sweepCount = 1_024
        var sweepTime = StoreTime.zero

        mutating func sweep(at now: StoreTime) {
            guard now >= self.sweepTime else { return }
            self.sweepTime = now.advanced(by: .seconds(10))
            for key in self.shelves.keys { self.shelves[key]?.removeExpired(at: now) }
            self.shelves = self.shelves.filter { !$0.value.isEmpty }
            self.sweepCount = max(self.shelves.count * 2, 1_024)
        }
    }

    private let state = NIOLockedValueBox(State())
    private let maximumOwners: Int
    private let clock: any CacheClock
    private let start: MonotonicInstant
    private let origin: UInt64

    /// Makes an empty store.
    ///
    /// - Parameters:
    ///   - maximumOwners: How many users may have sessions, those who have not logged in included. Beyond that no session begins.
    ///   - clock: The time sessions live by.
    public init(maximumOwners: Int = 1_000_000, clock: any CacheClock = SystemClock()) {
        self.maximumOwners = maximumOwners
        self.clock = clock
        self.start = clock.now
        self.origin = UInt64(max(clock.wallTime.timeIntervalSince1970, 1) * 1_000)
    }

    private var now: StoreTime {
        StoreTime(milliseconds: self.origin).advanced(by: self.start.duration(to: self.clock.now))
    }

    public func create(
        _ digest: SessionDigest, payload: ByteBuffer, authenticates: Bool, under key: String, _ terms: SessionTerms
    ) async throws -> SessionCreation {
        let now = self.now
        return try self.state.withLockedValue { state in
            if state.shelves.count >= min(state.sweepCount, self.maximumOwners), state.shelves[key] == nil {
                state.sweep(at: now)
                guard state.shelves.count < self.maximumOwners else {
                    throw SessionError(.unavailable, "there are sessions of \(state.shelves.count) owners, and no room")
                }
            }
            return state.shelves[key, default: SessionShelf()]
                .create(digest, payload: payload, authenticates: authenticates, at: now, terms)
        }
    }

    public func read(_ digest: SessionDigest, under key: String, _ terms: SessionTerms) async throws -> SessionReading {
        self.onShelf(key) { $0.read(digest, at: $1, terms) } ?? .none
    }

    public func save(
        _ digest: SessionDigest, payload: ByteBuffer, over version: UInt64, under key: String, _ terms: SessionTerms
    ) async throws -> SessionChange {
        self.onShelf(key) { $0.save(digest, payload: payload, over: version, at: $1, terms) } ?? .none
    }

    public func rotate(
        _ digest: SessionDigest, to other: SessionDigest, payload: ByteBuffer, over version: UInt64,
        authenticates: Bool, under key: String, _ terms: SessionTerms
    ) async throws -> SessionChange {
        self.onShelf(key) {
            $0.rotate(
                digest, to: other, payload: payload, over: version, authenticates: authenticates, at: $1, terms)
        } ?? .none
    }

    public func remove(
        _ digest: SessionDigest, at version: UInt64?, under key: String
    ) async throws -> SessionChange {
        self.onShelf(key) { $0.remove(digest, at: version, $1) } ?? .none
    }

    public func removeAll(under key: String, but kept: SessionDigest?) async throws -> [SessionDigest] {
        self.onShelf(key) { shelf, _ in shelf.removeAll(but: kept) } ?? []
    }

    public func list(under key: String, _ terms: SessionTerms) async throws -> SessionListing {
        let listing = self.onShelf(key) { shelf, now in
            shelf.removeExpired(at: now, terms)
            return SessionListing(records: shelf.records, now: now)
        }
        return listing ?? SessionListing(records: [:], now: self.now)
    }

    /// What comes of a change to the sessions under a key; nil when there are none.
    private func onShelf<Result>(_ key: String, _ body: (inout SessionShelf, StoreTime) -> Result) -> Result? {
        let now = self.now
        return self.state.withLockedValue { state in
            guard var shelf = state.shelves.removeValue(forKey: key) else { return nil }
            defer { if !shelf.isEmpty { state.shelves[key] = shelf } }
            return body(&shelf, now)
        }
    }
}
