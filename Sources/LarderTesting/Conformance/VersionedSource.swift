// SPDX-License-Identifier: Apache-2.0

import Larder
import NIOConcurrencyHelpers

/// A source of truth with one number in it, whose loads can be held after they have read.
final class VersionedSource: Sendable {
    private struct State {
        var value = 1
        var loads = 0
        var isBroken = false
        var gates: [Int: Gate] = [:]
    }

    private let state = NIOLockedValueBox(State())

    var value: Int {
        get { self.state.withLockedValue { $0.value } }
        set { self.state.withLockedValue { $0.value = newValue } }
    }

    /// Whether loads fail.
    var isBroken: Bool {
        get { self.state.withLockedValue { $0.isBroken } }
        set { self.state.withLockedValue { $0.isBroken = newValue } }
    }

    struct Broken: Error {}

    var loads: Int { self.state.withLockedValue { $0.loads } }

    /// Holds the load of this number, the first being 1, after it has read.
    func hold(_ load: Int) -> Gate {
        let gate = Gate()
        self.state.withLockedValue { $0.gates[load] = gate }
        return gate
    }

    func load() async throws -> Int {
        let (value, isBroken, gate) = self.state.withLockedValue { state in
            state.loads += 1
            return (state.value, state.isBroken, state.gates[state.loads])
        }
        await gate?.wait()
        if isBroken { throw Broken() }
        return value
    }
}

/// One process: a cache on the store, with one cached function over the source.
struct Process: Sendable {
    let cache: Cache
    let read: CacheFunction<Int, Int>

    init(
        _ subject: any StoreUnderTest, _ source: VersionedSource, store: (any CacheStore)? = nil,
        configuration: CacheConfiguration = CacheConfiguration(leaseDuration: .seconds(30)),
        policy: CachePolicy = .ttl(.seconds(3_600)), tags: [String] = ["t"]
    ) async throws {
        let connected = try await subject.connect()
        let store: any CacheStore = store ?? connected
        self.cache = Cache(subject.namespace, store: store, configuration: configuration, clock: subject.clock)
        self.read = self.cache.function("register", policy) { (_: Int) in try await source.load() }
            .tagged { _, _ in tags }
    }

    /// Reads until the value comes from the store: a caller whose load it is gets it before it is stored.
    func storedRead() async throws -> Int {
        while true {
            let result = try await self.read.result(1)
            if result.source == .hit { return result.value }
            await Task.yield()
        }
    }

    /// Reads, and returns when what was loaded is stored: another process, on a clock that stands still, would wait for it for ever.
    func settledRead() async throws -> Int {
        let value = try await self.read(1)
        await self.cache.settle()
        return value
    }

    /// Reads until the value is this.
    func readUntil(_ value: Int) async throws {
        while try await self.read(1) != value { await Task.yield() }
    }

    /// Starts a read, and returns when it waits for a load.
    func waitingRead(_ count: Int = 1) async -> [Task<Int, any Error>] {
        let before = self.cache.waiting
        let tasks = (0..<count).map { _ in Task { try await self.read(1) } }
        while self.cache.waiting < before + count, !Task.isCancelled { await Task.yield() }
        return tasks
    }

    /// Starts a read, and returns when its load is held.
    func heldRead(at gate: Gate) async -> Task<Int, any Error> {
        let task = Task { try await self.read(1) }
        await gate.arrivals()
        return task
    }
}

extension StoreUnderTest {
    /// Lets time pass while `body` runs.
    func passingTime<Value: Sendable>(_ body: () async throws -> Value) async throws -> Value {
        let time = Task {
            while !Task.isCancelled { try await self.advance(by: .milliseconds(5)) }
        }
        defer { time.cancel() }
        return try await body()
    }
}
