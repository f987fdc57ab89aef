// SPDX-License-Identifier: Apache-2.0

import LarderTesting
import NIOConcurrencyHelpers
import Testing

@testable import Larder

@Suite(.timeLimit(.minutes(1))) struct CacheFunctionTests {
    private struct Product: Codable, Sendable, Equatable {
        var id: Int
        var price: Int
    }

    @Test func aValueIsLoadedOnce() async throws {
        let cache = Cache("test", store: .embedded)
        let product = cache.function("product", .ttl(.seconds(60))) { (id: Int) in
            Product(id: id, price: 100)
        }.tagged { product, id in ["product:\(id)"] }

        #expect(try await product(1) == Product(id: 1, price: 100))
        let second = try await product.result(1)
        #expect(second.value.price == 100)
        #expect(second.source == .hit)
        #expect(cache.statistics["product"]?.loads == 1)
        try await cache.invalidate(tags: ["product:1"])
        #expect(try await product.result(1).source == .miss)
        await product.invalidate(1)
        #expect(try await product.result(1).source == .miss)
        #expect(try await product.result(1).source == .hit)
        await cache.clear()
        #expect(try await product.result(1).source == .miss)
        #expect(cache.statistics["product"]?.loads == 4)
    }

    @Test func aThousandCallersShareOneLoad() async throws {
        let cache = Cache("test", store: .embedded)
        let gate = Gate()
        let slow = cache.function("slow", .ttl(.seconds(60))) { (id: Int) in
            await gate.wait()
            return id
        }
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<1_000 { group.addTask { try await slow(7) } }
            while cache.waiting < 1_000, !Task.isCancelled { await Task.yield() }
            gate.open()
            for try await value in group { #expect(value == 7) }
        }
        #expect(cache.statistics["slow"]?.loads == 1)
    }

    /// Something that is no part of a key, and cannot be.
    private struct Context: Sendable {
        var trace = "none"
    }

    // MARK: Keys

    @Test func argumentsMayBeNoPartOfTheKey() async throws {
        let cache = Cache("test", store: .embedded)
        let product = cache.function("product", .ttl(.seconds(60)), key: { id, _ in id }) {
            (id: Int, context: Context) in
            "\(id) for \(context.trace)"
        }
        #expect(try await product(1, Context(trace: "a")) == "1 for a")
        await cache.settle()
        #expect(try await product(1, Context(trace: "b")) == "1 for a")
        #expect(try await product(2, Context(trace: "b")) == "2 for b")
        #expect(product.key(1, Context()) == CacheKey(namespace: "test", region: "product", 1))
        await product.invalidate(1, Context())
        #expect(try await product(1, Context(trace: "c")) == "1 for c")
    }

    @Test func aKeyMayHaveSeveralParts() async throws {
        let cache = Cache("test", store: .embedded)
        let page = cache.function("page", .ttl(.seconds(60)), key: { id, locale, _ in (id, locale.lowercased()) }) {
            (id: Int, locale: String, context: Context) in "\(id) \(locale)"
        }
        #expect(page.key(1, "DE", Context()) == CacheKey(namespace: "test", region: "page", 1, "de"))
        #expect(try await page(1, "de", Context()) == "1 de")
        await cache.settle()
        #expect(try await page(1, "DE", Context()) == "1 de")
    }

    // MARK: Looking

    @Test func lookingLoadsNothing() async throws {
        let clock = ManualClock()
        let cache = Cache("test", store: EmbeddedStore(clock: clock), clock: clock)
        let policy = CachePolicy.ttl(.seconds(10)).jitter(0).staleWhileRevalidate(for: .seconds(10))
        let half = cache.function("half", policy) { (id: Int) in id.isMultiple(of: 2) ? id / 2 : nil }
        #expect(await half.cached(4) == nil)
        #expect(cache.statistics["half"]?.loads == 0)
        #expect(try await half(4) == 2)
        #expect(try await half(3) == nil)
        await cache.settle()
        #expect(await half.cached(4) == 2)
        #expect(await half.cached(3) == .some(nil))
        clock.advance(by: .seconds(11))
        #expect(await half.cached(4) == 2)
        clock.advance(by: .seconds(11))
        #expect(await half.cached(4) == nil)
        #expect(cache.statistics["half"]?.loads == 2)
        let statistics = try #require(cache.statistics["half"])
        #expect((statistics.requests, statistics.hits, statistics.stale, statistics.misses) == (7, 2, 1, 4))
    }

    @Test func whatWasInvalidatedIsNotSeen() async throws {
        let cache = Cache("test", store: .embedded)
        let number = cache.function(
            "number", .ttl(.seconds(60)).staleIfError(for: .seconds(60), afterInvalidation: true)
        ) {
            (id: Int) in id
        }.tagged { _, id in ["n\(id)"] }
        for id in 1...2 {
            #expect(try await number(id) == id)
        }
        await cache.settle()
        await number.invalidate(1)
        try await cache.invalidate(tags: ["n2"])
        for id in 1...2 { #expect(await number.cached(id) == nil) }
    }

    @Test func aStoreThatFailsShowsNothing() async {
        struct Broken: Error {}
        let cache = Cache("test", store: InterceptedStore(EmbeddedStore(), before: { _ in throw Broken() }))
        let number = cache.function("number", .ttl(.seconds(60)).onStoreFailure(.throw)) { (id: Int) in id }
        #expect(await number.cached(1) == nil)
    }

    // MARK: Loading anew

    @Test func whatIsCachedIsLoadedAnew() async throws {
        let cache = Cache("test", store: .embedded)
        let source = NIOLockedValueBox(1)
        let function = cache.function("f", .ttl(.seconds(60))) { (_: Int) in source.withLockedValue { $0 } }
        #expect(try await function(1) == 1)
        await cache.settle()
        source.withLockedValue { $0 = 2 }
        #expect(try await function(1) == 1)
        #expect(try await function.refresh(1) == 2)
        await cache.settle()
        #expect(try await function.result(1) == CacheResult(value: 2, source: .hit))
    }

    @Test func othersAreServedMeanwhile() async throws {
        let cache = Cache("test", store: .embedded)
        let gate = Gate()
        let isHeld = NIOLockedValueBox(false)
        let function = cache.function("f", .ttl(.seconds(60))) { (id: Int) in
            if isHeld.withLockedValue({ $0 }) { await gate.wait() }
            return id
        }
        #expect(try await function(1) == 1)
        await cache.settle()
        isHeld.withLockedValue { $0 = true }
        let refresh = Task { try await function.refresh(1) }
        await gate.arrivals()
        #expect(try await function.result(1) == CacheResult(value: 1, source: .hit))
        gate.open()
        #expect(try await refresh.value == 1)
    }

    /// A load that has begun may have read what the caller wants to see replaced.
    @Test func noLoadIsSharedThatHasBegun() async throws {
        let cache = Cache("test", store: .embedded)
        let gate = Gate()
        let source = NIOLockedValueBox(1)
        let function = cache.function("f", .ttl(.seconds(60))) { (_: Int) in
            let value = source.withLockedValue { $0 }
            if value == 1 { await gate.wait() }
            return value
        }
        let first = Task { try await function(1) }
        await gate.arrivals()
        source.withLockedValue { $0 = 2 }
        let refreshes = (0..<20).map { _ in Task { try await function.refresh(1) } }
        gate.open()
        #expect(try await first.value == 1)
        for refresh in refreshes { #expect(try await refresh.value == 2) }
        await cache.settle()
        #expect(try await function.result(1) == CacheResult(value: 2, source: .hit))
    }

    @Test func aLoadThatRefreshesItselfLoadsAtOnce() async throws {
        let cache = Cache("test", store: .embedded)
        let inner = NIOLockedValueBox<(@Sendable () async throws -> Int)?>(nil)
        let function = cache.function("f", .ttl(.seconds(60))) { (_: Int) in
            let again = inner.withLockedValue { inner in
                defer { inner = nil }
                return inner
            }
            return try await again?() ?? 7
        }
        inner.withLockedValue { $0 = { try await function.refresh(1) } }
        let start = ContinuousClock.now
        #expect(try await function(1) == 7)
        #expect(start.duration(to: .now) < .seconds(4), "it waits for itself")
    }

    @Test func aLifeThatSlidesCostsARefreshNoPlaceInLine() async throws {
        let clock = ManualClock()
        let cache = Cache("test", store: EmbeddedStore(clock: clock), clock: clock)
        let gate = Gate()
        let loads = NIOLockedValueBox(0)
        let policy = CachePolicy.sliding(idle: .seconds(10), atMost: .seconds(600)).maximumLoads(1)
        let function = cache.function("f", policy) { (id: Int) in
            if id == 2 { await gate.wait() }
            return loads.withLockedValue { loads in
                loads += 1
                return loads
            }
        }
        func queued(_ count: Int) async {
            while cache.regions.withLockedValue({ $0["f"]?.limit.counts.queued }) != count { await Task.yield() }
        }
        #expect(try await function(1) == 1)
        await cache.settle()
        let blocker = Task { try await function(2) }
        await gate.arrivals()
        let refresh = Task { try await function.refresh(1) }
        await queued(1)
        let next = Task { try await function(3) }
        await queued(2)
        clock.advance(by: .seconds(2))
        #expect(try await function(1) == 1)
        while cache.slides.withLockedValue({ !$0.isEmpty }) { await Task.yield() }
        gate.open()
        #expect(try await blocker.value == 2)
        #expect(try await refresh.value == 3)
        #expect(try await next.value == 4)
    }

    @Test func aLoadThatFailsLeavesWhatThereIs() async throws {
        struct Broken: Error {}
        let cache = Cache("test", store: .embedded)
        let isBroken = NIOLockedValueBox(false)
        let function = cache.function("f", .ttl(.seconds(60)).staleIfError(for: .seconds(60))) { (id: Int) in
            if isBroken.withLockedValue({ $0 }) { throw Broken() }
            return id
        }
        #expect(try await function(1) == 1)
        await cache.settle()
        isBroken.withLockedValue { $0 = true }
        await #expect(throws: Broken.self) { try await function.refresh(1) }
        await cache.settle()
        #expect(try await function(1) == 1)
    }

    @Test func tagsByArgumentsGoWithAbsencesToo() async throws {
        let cache = Cache("shop", store: .embedded)
        let nobody = cache.function("user", .ttl(.seconds(60))) { (_: Int) in String?.none }
            .tagged(byArguments: { ["user:\($0)"] })
        _ = try await nobody(7)
        await cache.settle()
        try await cache.invalidate(tags: ["user:8"])
        #expect(try await nobody.result(7).source == .hit)
        try await cache.invalidate(tags: ["user:7"])
        #expect(try await nobody.result(7).source == .miss)
    }
}
