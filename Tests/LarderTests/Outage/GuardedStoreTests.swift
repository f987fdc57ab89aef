// SPDX-License-Identifier: Apache-2.0

import LarderTesting
import Logging
import NIOConcurrencyHelpers
import Synchronization
import Testing

@testable import Larder

/// What a cache does while its store fails.
@Suite(.timeLimit(.minutes(1))) struct GuardedStoreTests {
    private struct Unreachable: Error {}

    /// A cache on a store that can be made to fail, with a register as its source.
    private final class Subject: Sendable {
        /// What fails, and how.
        let failure = NIOLockedValueBox<@Sendable (InterceptedStore.Operation) throws -> Void>({ _ in })
        let calls = NIOLockedValueBox<[InterceptedStore.Operation]>([])
        /// Holds what the hook returns a gate for, after the store has done it.
        let held = NIOLockedValueBox<@Sendable (InterceptedStore.Operation) -> Gate?>({ _ in nil })
        let source = VersionedRegister()
        let clock = ManualClock()
        let base: EmbeddedStore

        init() {
            self.base = EmbeddedStore(clock: self.clock)
        }

        func cache(_ configuration: CacheConfiguration = CacheConfiguration()) -> Cache {
            let store = InterceptedStore(
                self.base,
                before: { [calls, failure] operation in
                    calls.withLockedValue { $0.append(operation) }
                    try failure.withLockedValue { $0 }(operation)
                },
                after: { [held] operation in
                    await held.withLockedValue { $0 }(operation)?.wait()
                })
            return Cache("test", store: store, configuration: configuration, clock: self.clock)
        }

        func register(_ cache: Cache, tags: [String] = ["t"]) -> CacheFunction<Int, Int> {
            cache.function("register", .ttl(.seconds(3_600))) { [source] (_: Int) in source.load() }
                .tagged { _, _ in tags }
        }

        /// Starts a read whose load has its value, and is held at the gate.
        func heldLoad(_ cache: Cache) async -> (read: Task<Int, any Error>, gate: Gate) {
            let gate = Gate()
            let held = cache.function("register", .ttl(.seconds(3_600))) { [source] (_: Int) in
                let value = source.load()
                await gate.wait()
                return value
            }.tagged { _, _ in ["t"] }
            let read = Task { try await held(1) }
            await gate.arrivals()
            return (read, gate)
        }

        /// Holds the answer of the first call that is wanted at the gate, once the store has done it.
        func holdFirst(_ isWanted: @escaping @Sendable (InterceptedStore.Operation) -> Bool) -> Gate {
            let gate = Gate()
            let isFirst = Atomic<Bool>(true)
            self.held.withLockedValue {
                $0 = { isWanted($0) && isFirst.exchange(false, ordering: .relaxed) ? gate : nil }
            }
            return gate
        }

        func fail(_ isFailing: @escaping @Sendable (InterceptedStore.Operation) -> Bool) {
            self.failure.withLockedValue { $0 = { if isFailing($0) { throw Unreachable() } } }
        }

        func refuse(_ isRefused: @escaping @Sendable (InterceptedStore.Operation) -> Bool) {
            self.failure.withLockedValue { $0 = { if isRefused($0) { throw StoreRefusal("READONLY") } } }
        }

        func mend() {
            self.failure.withLockedValue { $0 = { _ in } }
        }

        func count(_ isCounted: (InterceptedStore.Operation) -> Bool) -> Int {
            self.calls.withLockedValue { $0.count(where: isCounted) }
        }

        /// Lets time pass until nothing waits to be delivered and the store is asked again.
        func recovers(_ cache: Cache) async {
            while await cache.health().queuedInvalidations > 0 || cache.store.isOut, !Task.isCancelled {
                self.clock.advance(by: .milliseconds(100))
                await Task.yield()
            }
        }
    }

    private final class VersionedRegister: Sendable {
        private let state = NIOLockedValueBox((value: 1, loads: 0))
        var value: Int {
            get { self.state.withLockedValue { $0.value } }
            set { self.state.withLockedValue { $0.value = newValue } }
        }
        var loads: Int { self.state.withLockedValue { $0.loads } }

        func load() -> Int {
            self.state.withLockedValue { state in
                state.loads += 1
                return state.value
            }
        }
    }

    // MARK: Breaker

    @Test func aStoreThatDoesNotAnswerIsNoLongerAsked() async throws {
        let subject = Subject()
        let cache = subject.cache()
        let register = subject.register(cache)
        subject.fail { _ in true }
        for _ in 0..<20 { #expect(try await register(1) == 1) }
        let asked = subject.count { if case .log = $0 { true } else { false } }
        #expect(asked == 5)
        #expect(subject.source.loads == 20)
        #expect(await register.invalidate(1) == .queued)

        subject.mend()
        await subject.recovers(cache)
        #expect(try await register(1) == 1)
        #expect(try await register.result(1).source == .hit)
    }

    @Test func aStoreThatRefusesIsStillAsked() async throws {
        let subject = Subject()
        let cache = subject.cache()
        let register = subject.register(cache)
        #expect(try await register(1) == 1)
        subject.refuse { if case .invalidate = $0 { true } else { false } }
        for _ in 0..<20 { #expect(await register.invalidate(2) == .queued) }
        #expect(try await register.result(1).source == .hit)
    }

    @Test func callersWhoGiveUpDoNotOpenIt() async throws {
        let subject = Subject()
        let cache = subject.cache()
        let register = subject.register(cache)
        #expect(try await register(1) == 1)
        subject.failure.withLockedValue { $0 = { _ in throw CancellationError() } }
        for _ in 0..<20 { #expect(try await register(1) == 1) }
        subject.mend()
        #expect(try await register.result(1).source == .hit)
    }

    // MARK: Invalidations that do not reach the store

    @Test(arguments: ["key", "tag", "clear", "absence"])
    func aQueuedInvalidationHoldsAtOnceAndIsDelivered(form: String) async throws {
        let subject = Subject()
        let cache = subject.cache()
        let register = subject.register(cache)
        let other = subject.register(Cache("test", store: subject.base, clock: subject.clock))
        #expect(try await register(1) == 1)

        subject.source.value = 2
        subject.fail { operation in
            switch operation {
            case .invalidate, .invalidateTags, .clear: true
            default: false
            }
        }
        switch form {
        case "key": #expect(await register.invalidate(1) == .queued)
        case "clear": #expect(await cache.clear() == .queued)
        default: #expect(try await cache.invalidate(tags: ["t"]) == .queued)
        }
        // Here at once, and for every read; elsewhere once it is delivered.
        for _ in 0..<3 { #expect(try await register(1) == 2) }
        #expect(await cache.health().queuedInvalidations == 1)
        subject.mend()
        await subject.recovers(cache)
        #expect(try await other(1) == 2)
        #expect(try await register(1) == 2)
        #expect(try await register.result(1).source == .hit)
    }

    @Test func anInvalidationOutlivesTheTaskThatAskedForIt() async throws {
        let subject = Subject()
        let cache = subject.cache()
        let register = subject.register(cache)
        #expect(try await register(1) == 1)
        subject.source.value = 2
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return await register.invalidate(1)
        }
        #expect(await task.value == .applied)
        #expect(try await register(1) == 2)
    }

    @Test func aReadThatCrossedADeliveryIsRepeated() async throws {
        let subject = Subject()
        let cache = subject.cache()
        let register = subject.register(cache)
        #expect(try await register(1) == 1)
        subject.source.value = 2
        subject.fail { if case .invalidateTags = $0 { true } else { false } }
        #expect(try await cache.invalidate(tags: ["t"]) == .queued)

        // The read has its answer, from before the delivery; the delivery then is done before the answer is looked at.
        let gate = subject.holdFirst { if case .read = $0 { true } else { false } }
        let read = Task { try await register(1) }
        await gate.arrivals()
        subject.mend()
        await subject.recovers(cache)
        gate.open()
        #expect(try await read.value == 2)
    }

    @Test func aFillThatCrossedADeliveryIsNotVouchedFor() async throws {
        let subject = Subject()
        let cache = subject.cache()
        let register = subject.register(cache)
        let (first, isLoading) = await subject.heldLoad(cache)

        subject.source.value = 2
        subject.fail { if case .invalidateTags = $0 { true } else { false } }
        #expect(try await cache.invalidate(tags: ["t"]) == .queued)
        let late = Task { try await register(1) }
        while cache.waiting < 2 { await Task.yield() }

        let isFilled = Gate()
        subject.held.withLockedValue {
            $0 = { if case .fill = $0 { isFilled } else { nil } }
        }
        isLoading.open()
        await isFilled.arrivals()
        subject.mend()
        await subject.recovers(cache)
        isFilled.open()
        #expect(try await first.value == 1)
        #expect(try await late.value == 2)
    }

    @Test func oneThatIsAddedAgainDuringItsDeliveryIsDeliveredAgain() async throws {
        let subject = Subject()
        let cache = subject.cache()
        let register = subject.register(cache)
        #expect(try await register(1) == 1)
        subject.fail { if case .invalidate = $0 { true } else { false } }
        #expect(await register.invalidate(1) == .queued)

        // Its delivery has reached the store, and is not answered yet.
        let gate = subject.holdFirst { if case .invalidate = $0 { true } else { false } }
        subject.mend()
        let time = Task {
            while !Task.isCancelled {
                subject.clock.advance(by: .milliseconds(50))
                await Task.yield()
            }
        }
        await gate.arrivals()
        // Another process fills what is old by now, and this one's invalidation fails again.
        let other = subject.register(Cache("test", store: subject.base, clock: subject.clock))
        #expect(try await other(1) == 1)
        subject.source.value = 2
        subject.fail { if case .invalidate = $0 { true } else { false } }
        #expect(await register.invalidate(1) == .queued)
        subject.mend()
        gate.open()
        await subject.recovers(cache)
        time.cancel()
        #expect(try await other(1) == 2)
    }

    @Test func tooManyClearTheNamespace() async throws {
        let subject = Subject()
        var configuration = CacheConfiguration()
        configuration.outage.maximumPendingInvalidations = 10
        let cache = subject.cache(configuration)
        let register = subject.register(cache)
        #expect(try await register(1) == 1)
        subject.source.value = 2
        subject.fail { if case .invalidate = $0 { true } else { false } }
        for id in 2...30 { #expect(await register.invalidate(id) == .queued) }
        #expect(await cache.health().queuedInvalidations <= 10)
        #expect(try await register(1) == 2)
        subject.mend()
        await subject.recovers(cache)
        #expect(subject.count { $0 == .clear } == 1)
    }

    @Test func deliveringKeysDisturbsNoReadOfOthers() async throws {
        let subject = Subject()
        let cache = subject.cache()
        let register = subject.register(cache)
        #expect(try await register(1) == 1)
        subject.refuse { if case .invalidate = $0 { true } else { false } }
        for id in 2...200 { #expect(await register.invalidate(id) == .queued) }
        subject.mend()

        // The read has its answer; all keys are delivered before it is looked at.
        let gate = subject.holdFirst { if case .read = $0 { true } else { false } }
        let reads = subject.count { if case .read = $0 { true } else { false } }
        let read = Task { try await register.result(1).source }
        await gate.arrivals()
        await subject.recovers(cache)
        gate.open()
        #expect(try await read.value == .hit)
        #expect(subject.count { if case .read = $0 { true } else { false } } == reads + 1)
    }

    @Test func aFillIsNotVouchedForWhileItsTagIsPending() async throws {
        let subject = Subject()
        let cache = subject.cache()
        let register = subject.register(cache)
        let (first, isLoading) = await subject.heldLoad(cache)
        subject.source.value = 2
        subject.fail { if case .invalidateTags = $0 { true } else { false } }
        #expect(try await cache.invalidate(tags: ["t"]) == .queued)
        let late = Task { try await register(1) }
        while cache.waiting < 2 { await Task.yield() }
        isLoading.open()
        #expect(try await first.value == 1)
        #expect(try await late.value == 2)
    }

    @Test func anAnswerToAnEarlierInvalidationDoesNotStandForALaterOne() async throws {
        let subject = Subject()
        let cache = subject.cache()
        let register = subject.register(cache)
        #expect(try await register(1) == 1)
        // The first has reached the store, and its answer is on its way.
        let gate = subject.holdFirst { if case .invalidate = $0 { true } else { false } }
        let early = Task { await register.invalidate(1) }
        await gate.arrivals()
        let other = subject.register(Cache("test", store: subject.base, clock: subject.clock))
        #expect(try await other(1) == 1)
        subject.source.value = 2
        subject.fail { if case .invalidate = $0 { true } else { false } }
        #expect(await register.invalidate(1) == .queued)
        gate.open()
        #expect(await early.value == .applied)
        #expect(try await register(1) == 2)
        #expect(await cache.health().queuedInvalidations == 1)
    }

    @Test func oneThatIsRefusedKeepsNoneOfTheOthersBack() async throws {
        let subject = Subject()
        let cache = subject.cache()
        let register = subject.register(cache)
        let refused = register.key(2)
        #expect(try await register(1) == 1)
        subject.fail { operation in
            switch operation {
            case .invalidate, .invalidateTags, .clear: true
            default: false
            }
        }
        for id in 1...3 { #expect(await register.invalidate(id) == .queued) }
        #expect(try await cache.invalidate(tags: ["t"]) == .queued)
        subject.refuse { operation in
            switch operation {
            case .invalidate(refused), .invalidateTags: true
            default: false
            }
        }
        while await cache.health().queuedInvalidations > 2 {
            subject.clock.advance(by: .milliseconds(100))
            await Task.yield()
        }
        #expect(await cache.health().queuedInvalidations == 2)
    }

    @Test func whatIsQueuedIsDeliveredThoughTheCacheIsGone() async throws {
        let subject = Subject()
        let other = subject.register(Cache("test", store: subject.base, clock: subject.clock))
        do {
            let cache = subject.cache()
            let register = subject.register(cache)
            #expect(try await register(1) == 1)
            subject.source.value = 2
            subject.fail { if case .invalidate = $0 { true } else { false } }
            #expect(await register.invalidate(1) == .queued)
        }
        subject.mend()
        while try await other(1) == 1 {
            subject.clock.advance(by: .milliseconds(100))
            await Task.yield()
        }
        #expect(try await other(1) == 2)
    }

    @Test func aServiceThatStopsDeliversFirst() async throws {
        let subject = Subject()
        let cache = subject.cache()
        let register = subject.register(cache)
        subject.fail { if case .invalidate = $0 { true } else { false } }
        #expect(await register.invalidate(1) == .queued)
        subject.mend()
        #expect(await cache.flush(within: .seconds(1)) == 0)
        #expect(await cache.health().queuedInvalidations == 0)
    }

    @Test func stoppingTakesNoLongerThanItMay() async throws {
        let subject = Subject()
        let cache = subject.cache()
        let register = subject.register(cache)
        subject.fail { if case .invalidate = $0 { true } else { false } }
        #expect(await register.invalidate(1) == .queued)
        subject.mend()
        let gate = Gate()
        subject.held.withLockedValue { $0 = { if case .invalidate = $0 { gate } else { nil } } }
        let flush = Task { await cache.flush(within: .seconds(1)) }
        await gate.arrivals()
        subject.clock.advance(by: .seconds(1))
        // The store answers never, but to one who gives up.
        _ = await flush.value
    }

    @Test func patternsAreDeliveredAfterAllElse() async throws {
        let subject = Subject()
        let cache = subject.cache()
        let register = subject.register(cache)
        subject.fail { operation in
            switch operation {
            case .invalidate, .invalidateTags, .invalidateMatching: true
            default: false
            }
        }
        #expect(await cache.invalidate(matching: "register:*").outcome == .queued)
        for id in 1...3 { #expect(await register.invalidate(id) == .queued) }
        #expect(try await cache.invalidate(tags: ["t"]) == .queued)
        subject.mend()
        subject.calls.withLockedValue { $0 = [] }
        #expect(await cache.flush(within: .seconds(1)) == 0)
        #expect(subject.calls.withLockedValue { $0.last } == .invalidateMatching("register:*"))
    }

    @Test func anUnknownRegionIsEndedInTheStrongestWay() async throws {
        let name = String(repeating: "long", count: 80)
        let store = EmbeddedStore()
        let cache = Cache("test", store: store)
        let lagging = cache.function(name, .ttl(.seconds(60)).holdOff(.seconds(30))) { (id: Int) in id }
        #expect(try await lagging(1) == 1)
        await cache.settle()
        #expect(await cache.invalidate(matching: "*").count == 1)
        #expect(await cache.explain(lagging.key(1)).verdict == .heldOff)
    }
}
