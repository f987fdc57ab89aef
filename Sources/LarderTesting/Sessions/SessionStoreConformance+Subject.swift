// SPDX-License-Identifier: Apache-2.0

import LarderSessions
import NIOCore

extension SessionStoreConformance {
    /// A store with a key that nobody else uses, and short times.
    struct Subject {
        let under: any SessionStoreUnderTest
        let key = "conformance:session:\(UInt64.random(in: 0 ... .max))"
        var terms = SessionTerms(
            idleTimeout: .milliseconds(1_000), absoluteTimeout: .milliseconds(2_500),
            touchInterval: .milliseconds(100), maximumPerOwner: 3, refusesExcess: false)

        init(_ under: any SessionStoreUnderTest) {
            self.under = under
        }

        func create(_ name: String, authenticates: Bool = false) async throws -> SessionCreation {
            try await self.under.connect().create(
                SessionDigest(name), payload: ByteBuffer(string: name), authenticates: authenticates, under: self.key,
                self.terms)
        }

        func read(_ name: String) async throws -> SessionReading {
            try await self.under.connect().read(SessionDigest(name), under: self.key, self.terms)
        }

        /// The payload of a session; nil when there is none.
        func text(_ name: String) async throws -> String? {
            guard case .found(let record, _) = try await self.read(name) else { return nil }
            return String(buffer: record.payload)
        }

        func save(_ name: String, _ text: String, over version: UInt64) async throws -> SessionChange {
            try await self.under.connect().save(
                SessionDigest(name), payload: ByteBuffer(string: text), over: version, under: self.key, self.terms)
        }

        func rotate(
            _ name: String, to other: String, over version: UInt64, authenticates: Bool = false
        ) async throws -> SessionChange {
            try await self.under.connect().rotate(
                SessionDigest(name), to: SessionDigest(other), payload: ByteBuffer(string: other), over: version,
                authenticates: authenticates, under: self.key, self.terms)
        }

        func remove(_ name: String, at version: UInt64? = nil) async throws -> SessionChange {
            try await self.under.connect().remove(SessionDigest(name), at: version, under: self.key)
        }

        func removeAll(but kept: String? = nil) async throws -> Set<String> {
            let ended = try await self.under.connect()
                .removeAll(under: self.key, but: kept.map { SessionDigest($0) })
            return Set(ended.map(\.text))
        }

        func names() async throws -> Set<String> {
            Set(try await self.under.connect().list(under: self.key, self.terms).records.keys.map(\.text))
        }
    }
}
