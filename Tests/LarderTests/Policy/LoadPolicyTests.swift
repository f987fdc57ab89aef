// SPDX-License-Identifier: Apache-2.0

import LarderTesting
import NIOConcurrencyHelpers
import Testing

@testable import Larder

/// How values are loaded: in what time, and how many at once.
@Suite(.timeLimit(.minutes(1))) struct LoadPolicyTests {
    struct Broken: Error {}

    // MARK: Timeouts

    @Test func aLoadThatTakesTooLongIsAnErrorAndIsStoredAllTheSame() async throws {
        let clock = ManualClock()
        let cache = Cache("test", store: EmbeddedStore(clock: clock), clock: clock)
        let gate = Gate()
        let function = cache.function("f", .ttl(.seconds(60)).loadTimeout(hard: .seconds(1))) { (id: Int) in
            await gate.wait()
            return id
        }
        let calls = (0..<3).map { _ in Task { try await function(7) } }
        await gate.arrivals()
        while cache.waiting < 3 { await Task.yield() }
        clock.advance(by: .seconds(1))
        for call in calls {
            let error = await #expect(throws: CacheError.self) { try await call.value }
            #expect(error?.code == .loadTimeout)
        }
        #expect(cache.statistics["f"]?.loadTimeouts == 3)
        gate.open()
        await cache.settle()
        #expect(try await function.result(7).source == .hit)
        #expect(cache.statistics["f"]?.loads == 1)
    }

    @Test func aLoadThatNeverReturnsKeepsNobodyFromTryingAgain() async throws {
        let clock = ManualClock()
        let cache = Cache("test", store: EmbeddedStore(clock: clock), clock: clock)
        let gate = Gate()
        let loads = NIOLockedValueBox(0)
        let function = cache.function("f", .ttl(.seconds(60)).loadTimeout(hard: .seconds(1))) { (id: Int) in
            if loads.withLockedValue({
                $0 += 1; return $0
            }) == 1 {
                await gate.wait()
            }
            return id
        }
        let time = Task {
            while !Task.isCancelled {
                clock.advance(by: .milliseconds(10))
                await Task.yield()
            }
        }
        defer { time.cancel() }
        // The lease is not renewed past the bound, and runs out.
        var timeouts = 0
        while true {
            do {
                #expect(try await function(7) == 7)
                break
            } catch {
                timeouts += 1
            }
        }
        #expect(timeouts > 0 && timeouts < 10)
        #expect(loads.withLockedValue { $0 } == 2)
        gate.open()
        await cache.settle()
    }

    @Test func anOldValueIsServedWhenTheLoadIsSlow() async throws {
        let clock = ManualClock()
        let cache = Cache("test", store: EmbeddedStore(clock: clock), clock: clock)
        let gate = Gate()
        let version = NIOLockedValueBox(1)
        let policy = CachePolicy.ttl(.seconds(1)).jitter(0).staleIfError(for: .seconds(60))
            .loadTimeout(soft: .milliseconds(50), hard: .seconds(5))
        let function = cache.function("f", policy) { (_: Int) in
            let version = version.withLockedValue { $0 }
            if version > 1 { await gate.wait() }
            return version
        }
        #expect(try await function(1) == 1)
        await cache.settle()
        clock.advance(by: .seconds(2))
        version.withLockedValue { $0 = 2 }
        let call = Task { try await function.result(1) }
        await gate.arrivals()
        while cache.waiting < 1 { await Task.yield() }
        clock.advance(by: .milliseconds(50))
        let result = try await call.value
        #expect(result.source == .stale && result.value == 1)
        gate.open()
        await cache.settle()
        #expect(try await function.result(1).value == 2)
        #expect(cache.statistics["f"]?.loads == 2)
    }

    // MARK: Limits

    @Test func noMoreLoadsRunThanAllowed() async throws {
        let cache = Cache("test", store: .embedded)
        let running = NIOLockedValueBox((now: 0, most: 0))
        let function = cache.function("f", .ttl(.seconds(60)).maximumLoads(3)) { (id: Int) in
            running.withLockedValue {
                $0.now += 1; $0.most = max($0.most, $0.now)
            }
            for _ in 0..<20 { await Task.yield() }
            running.withLockedValue { $0.now -= 1 }
            return id
        }
        let sum = try await withThrowingTaskGroup(of: Int.self) { group in
            for id in 0..<100 { group.addTask { try await function(id) } }
            return try await group.reduce(0, +)
        }
        #expect(sum == 4_950)
        #expect(running.withLockedValue { $0.most } == 3)
        await cache.settle()
        #expect(cache.regions.withLockedValue { $0["f"]?.limit.counts.running } == 0)
    }

    @Test func aLoadThatWaitsForAnotherNeedsNoPlaceForIt() async throws {
        let cache = Cache("test", store: .embedded)
        let gate = Gate()
        let recursive = NIOLockedValueBox<(@Sendable (Int) async throws -> Int)?>(nil)
        let function = cache.function("f", .ttl(.seconds(60)).maximumLoads(1)) { (id: Int) async throws -> Int in
            guard id > 0, let inner = recursive.withLockedValue({ $0 }) else { return 0 }
            if id == 3 { await gate.wait() }
            return try await inner(id - 1) + 1
        }
        recursive.withLockedValue { $0 = { try await function($0) } }
        let outer = Task { try await function(3) }
        await gate.arrivals()
        // Another waits for the only place, which is taken by the load that will wait for it.
        let queued = Task { try await function(2) }
        while cache.regions.withLockedValue({ $0["f"]?.limit.counts.queued }) != 1 { await Task.yield() }
        gate.open()
        #expect(try await outer.value == 3)
        #expect(try await queued.value == 2)
        await cache.settle()
        #expect(cache.statistics["f"]?.loads == 4)
    }

    @Test func whatNobodyWaitsForAnyMoreIsNotLoaded() async throws {
        let cache = Cache("test", store: .embedded)
        let gate = Gate()
        let function = cache.function("f", .ttl(.seconds(60)).maximumLoads(1)) { (id: Int) in
            await gate.wait()
            return id
        }
        let first = Task { try await function(1) }
        await gate.arrivals()
        let second = Task { try await function(2) }
        while cache.regions.withLockedValue({ $0["f"]?.limit.counts.queued }) != 1 { await Task.yield() }
        second.cancel()
        await #expect(throws: CancellationError.self) { try await second.value }
        #expect(cache.regions.withLockedValue { $0["f"]?.limit.counts.queued } == 0)
        gate.open()
        #expect(try await first.value == 1)
        await cache.settle()
        #expect(cache.statistics["f"]?.loads == 1)
        #expect(try await function(2) == 2)
    }

    // MARK: The store

    @Test func aStoreThatCannotBeAskedIsAMissOrAnError() async throws {
        let store = InterceptedStore(EmbeddedStore(), before: { _ in throw Broken() })
        let cache = Cache("test", store: store)
        let lenient = cache.function("lenient", .ttl(.seconds(60))) { (id: Int) in id }
        #expect(try await lenient(1) == 1)
        let strict = cache.function("strict", .ttl(.seconds(60)).onStoreFailure(.throw)) { (id: Int) in id }
        let error = await #expect(throws: CacheError.self) { try await strict(1) }
        #expect(error?.code == .storeUnavailable)
        #expect(cache.statistics["strict"]?.loads == 0)
        let leaseless = Cache(
            "test", store: InterceptedStore(EmbeddedStore()) { if case .acquire = $0 { throw Broken() } })
        let unleased = leaseless.function("strict", .ttl(.seconds(60)).onStoreFailure(.throw)) { (id: Int) in id }
        let other = await #expect(throws: CacheError.self) { try await unleased(1) }
        #expect(other?.code == .storeUnavailable)
        #expect(leaseless.statistics["strict"]?.loads == 0)
        #expect(cache.statistics["strict"]?.storeFailures == 1 && cache.statistics["lenient"]?.storeFailures == 1)
    }

    @Test func aRefreshThatFailsIsPausedAndHarmsNobody() async throws {
        let clock = ManualClock()
        let cache = Cache("test", store: EmbeddedStore(clock: clock), clock: clock)
        let isBroken = NIOLockedValueBox(false)
        let policy = CachePolicy.ttl(.seconds(1)).jitter(0).staleWhileRevalidate(for: .seconds(60))
        let function = cache.function("f", policy) { (id: Int) in
            if isBroken.withLockedValue({ $0 }) { throw Broken() }
            return id
        }
        #expect(try await function(1) == 1)
        await cache.settle()
        isBroken.withLockedValue { $0 = true }
        clock.advance(by: .seconds(2))
        for _ in 0..<5 {
            #expect(try await function.result(1).source == .stale)
            await cache.settle()
        }
        #expect(cache.statistics["f"]?.loads == 2)
        isBroken.withLockedValue { $0 = false }
        clock.advance(by: .seconds(1))
        #expect(try await function.result(1).source == .stale)
        await cache.settle()
        #expect(try await function.result(1).source == .hit)
        #expect(cache.statistics["f"]?.stale == 6)
    }
}
