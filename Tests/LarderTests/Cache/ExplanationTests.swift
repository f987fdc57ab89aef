// SPDX-License-Identifier: Apache-2.0

import LarderTesting
import NIOConcurrencyHelpers
import NIOCore
import Testing

@testable import Larder

@Suite struct ExplanationTests {
    private struct Broken: Error {}

    @Test func eachStateOfAnEntryIsExplained() async throws {
        let clock = ManualClock()
        let store = EmbeddedStore(clock: clock)
        let cache = Cache("test", store: store, clock: clock)
        let policy = CachePolicy.ttl(.seconds(10)).jitter(0).staleWhileRevalidate(for: .seconds(10))
            .staleIfError(for: .seconds(20))
        let gate = Gate()
        let isHeld = NIOLockedValueBox(false)
        let function = cache.function("f", policy) { (id: Int) in
            if isHeld.withLockedValue({ $0 }) { await gate.wait() }
            clock.advance(by: .seconds(1))
            return id
        }.tagged { _, id in ["id:\(id)", "all"] }
        let key = function.key(7)
        func verdict() async -> CacheExplanation.Verdict { await cache.explain(key).verdict }

        #expect(await verdict() == .absent)
        isHeld.withLockedValue { $0 = true }
        let call = Task { try await function(7) }
        await gate.arrivals()
        let leased = await cache.explain(key)
        #expect(leased.verdict == .leased && leased.isLeasedHere && leased.lease ?? .zero > .seconds(1))
        gate.open()
        _ = try await call.value
        await cache.settle()

        let fresh = await cache.explain(key)
        #expect(fresh.verdict == .fresh && fresh.age == .seconds(1) && fresh.remaining == .seconds(10))
        #expect(fresh.loadDuration == .seconds(1) && fresh.size == 1 && fresh.lease == nil)
        #expect(fresh.tags.map(\.name) == ["id:7", "all"] && fresh.tags.allSatisfy { $0.invalidated == nil })
        clock.advance(by: .seconds(10))
        #expect(await verdict() == .staleWhileRevalidate)
        clock.advance(by: .seconds(10))
        #expect(await verdict() == .staleIfError)
        try await cache.invalidate(tags: ["all"])
        let invalidated = await cache.explain(key)
        #expect(invalidated.verdict == .invalidated && invalidated.reason.contains("all"))
        #expect(invalidated.tags.last?.invalidated ?? .zero > invalidated.stamp ?? .zero)
        #expect(invalidated.description.contains("tag all, invalidated at"))
        clock.advance(by: .seconds(30))
        #expect(await verdict() == .absent)

        _ = try await function(7)
        await cache.settle()
        await cache.clear()
        #expect(await cache.explain(key).reason.contains("cleared"))
        store.loseLog(of: "test")
        #expect(await cache.explain(key).reason.contains("lost"))
        store.plant(ByteBuffer(string: "foreign"), for: key, keptFor: .seconds(10))
        #expect(await verdict() == .unreadable)
        try await store.invalidate(key, by: .holdOff(.seconds(5)))
        #expect(await verdict() == .heldOff)
    }

    @Test func aStoreThatCannotBeAskedIsExplained() async {
        let store = InterceptedStore(EmbeddedStore(), before: { _ in throw Broken() })
        let explanation = await Cache("test", store: store).explain(CacheKey(namespace: "test", region: "r", 1))
        #expect(explanation.verdict == .storeUnavailable && explanation.reason.contains("Broken"))
    }

    @Test func eventsTellWhatHappens() async throws {
        let events = NIOLockedValueBox<[String]>([])
        let isBroken = NIOLockedValueBox(false)
        let store = InterceptedStore(
            EmbeddedStore(), before: { _ in if isBroken.withLockedValue({ $0 }) { throw Broken() } })
        let cache = Cache(
            "test", store: store,
            configuration: CacheConfiguration(
                outage: OutageConfiguration(maximumFailures: 2, recoveryPause: .milliseconds(5)),
                onEvent: { event in events.withLockedValue { $0.append("\(event)") } }))
        let function = cache.function("f", .ttl(.seconds(60))) { (id: Int) -> Int in
            if id == 0 { throw Broken() }
            return id
        }
        _ = try await function(1)
        _ = try? await function(0)
        isBroken.withLockedValue { $0 = true }
        _ = try await function(2)
        await cache.invalidate(function.key(1))
        isBroken.withLockedValue { $0 = false }
        while await cache.health().queuedInvalidations > 0 { await Task.yield() }
        let told = events.withLockedValue { $0 }
        for part in ["loaded(region", "loadFailed", "fillRefused", "storeIsOut", "queued", "storeIsBack"] {
            #expect(told.contains { $0.hasPrefix(part) }, "\(part) is missing in \(told)")
        }
        #expect(await cache.health().outages == 1)
    }
}
