// SPDX-License-Identifier: Apache-2.0

public import Larder
public import NIOCore

/// The contract of ``CacheStore`` as cases that any test framework can run.
///
/// ```swift
/// @Test(arguments: StoreConformance.cases)
/// func conforms(_ testCase: StoreConformance.Case) async throws {
///     try await testCase.run(on: EmbeddedStoreUnderTest())
/// }
/// ```
public enum StoreConformance {
    /// One rule, and how to see whether a store keeps it.
    public struct Case: Sendable, CustomStringConvertible {
        /// The rule.
        public let name: String
        private let body: @Sendable (any StoreUnderTest) async throws -> Void

        init(_ name: String, _ body: @escaping @Sendable (any StoreUnderTest) async throws -> Void) {
            self.name = name
            self.body = body
        }

        public var description: String { self.name }

        /// Runs the case on a store that holds nothing yet.
        ///
        /// - Throws: ``Failure`` when the store breaks the rule, or what the store throws.
        public func run(on subject: any StoreUnderTest) async throws {
            try await self.body(subject)
        }
    }

    /// A rule that was broken.
    public struct Failure: Error, CustomStringConvertible {
        /// What was found, and where in the suite.
        public let description: String
    }

    /// All cases.
    public static let cases: [Case] =
        leaseCases + fillCases + invalidationCases + versionCases + logCases
        + joinCases + waitCases + absenceCases + cacheCases + policyCases

    static func expect(
        _ condition: Bool, _ message: @autoclosure () -> String, file: StaticString = #fileID, line: Int = #line
    ) throws {
        guard condition else { throw Failure(description: "\(message()) (\(file):\(line))") }
    }

    static func expect<Value: Equatable>(
        _ value: Value, is expected: Value, file: StaticString = #fileID, line: Int = #line
    ) throws {
        try Self.expect(value == expected, "found \(value), expected \(expected)", file: file, line: line)
    }
}

/// A store with what a case needs beside it.
public protocol StoreUnderTest: Sendable {
    /// A name for caches that no other case uses.
    var namespace: String { get }
    /// The store as one process sees it. Further calls give it as other processes do.
    func connect() async throws -> any CacheStore
    /// The clock that caches on the store should use.
    var clock: any CacheClock { get }
    /// Lets time pass for clock and store.
    func advance(by duration: Duration) async throws
    /// Puts bytes under a key as a foreign program would.
    func plant(_ bytes: ByteBuffer, for key: CacheKey, keptFor duration: Duration) async throws
    /// Loses the log of the namespace, as an evicting server does.
    func loseLog() async throws
}
