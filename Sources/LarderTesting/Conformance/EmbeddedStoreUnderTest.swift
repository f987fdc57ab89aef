// SPDX-License-Identifier: Apache-2.0

public import Larder
public import NIOCore

/// The embedded store on a ``ManualClock``, for the conformance suite.
public struct EmbeddedStoreUnderTest: StoreUnderTest {
    private let store: EmbeddedStore
    private let manual: ManualClock

    /// Makes an empty store.
    public init() {
        let clock = ManualClock()
        self.manual = clock
        self.store = EmbeddedStore(clock: clock)
    }

    public var namespace: String { "conformance" }

    public var clock: any CacheClock { self.manual }

    public func connect() async throws -> any CacheStore { self.store }

    public func advance(by duration: Duration) async throws {
        self.manual.advance(by: duration)
        // Those who were woken run before time goes on.
        for _ in 0..<5 { await Task.yield() }
    }

    public func plant(_ bytes: ByteBuffer, for key: CacheKey, keptFor duration: Duration) async throws {
        self.store.plant(bytes, for: key, keptFor: duration)
    }

    public func loseLog() async throws {
        self.store.loseLog(of: self.namespace)
    }
}
