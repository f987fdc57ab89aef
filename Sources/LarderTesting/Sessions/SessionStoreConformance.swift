// SPDX-License-Identifier: Apache-2.0

public import LarderSessions
import NIOCore

/// The contract of `SessionStore` as cases that any test framework can run, as ``StoreConformance`` is that of stores of entries.
public enum SessionStoreConformance {
    /// One rule, and how to see whether a store keeps it.
    public struct Case: Sendable, CustomStringConvertible {
        /// The rule.
        public let name: String
        private let body: @Sendable (Subject) async throws -> Void

        init(_ name: String, _ body: @escaping @Sendable (Subject) async throws -> Void) {
            self.name = name
            self.body = body
        }

        public var description: String { self.name }

        /// Runs the case.
        ///
        /// - Throws: ``StoreConformance/Failure`` when the store breaks the rule, or what the store throws.
        public func run(on subject: any SessionStoreUnderTest) async throws {
            try await self.body(Subject(subject))
        }
    }
}

/// A store of sessions with what a case needs beside it.
public protocol SessionStoreUnderTest: Sendable {
    /// The store as one process sees it. Further calls give it as other processes do.
    func connect() async throws -> any SessionStore
    /// Lets time pass for the store.
    func advance(by duration: Duration) async throws
}

/// Sessions inside the process on a ``ManualClock``, for the conformance suite.
public struct EmbeddedSessionStoreUnderTest: SessionStoreUnderTest {
    private let clock: ManualClock
    private let store: EmbeddedSessionStore

    /// Makes an empty store.
    public init() {
        let clock = ManualClock()
        self.clock = clock
        self.store = EmbeddedSessionStore(clock: clock)
    }

    public func connect() async throws -> any SessionStore { self.store }

    public func advance(by duration: Duration) async throws { self.clock.advance(by: duration) }
}
