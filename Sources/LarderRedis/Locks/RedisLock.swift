// SPDX-License-Identifier: Apache-2.0

import Larder
public import RedisDriver

/// A lock that all processes share, on one server: so that work is not done twice, and not so that doing it twice is safe.
///
/// ```swift
/// let lock = RedisLock("reindex", in: "shop", on: redis)
/// try await lock.withLock(waitingUpTo: .seconds(10)) { lease in
///     try await index.rebuild(fencingNumber: lease.fencingNumber)
/// }
/// ```
///
/// A holder that pauses for longer than its lease, or a server that loses what it has acknowledged, can leave two holders at one time.
/// Where that would do harm, the resource has to refuse the late one by ``RedisLease/fencingNumber``. Nothing in Larder depends on a lock.
public struct RedisLock: Sendable {
    /// How long a holder that has died keeps others out, in whole milliseconds.
    public let leaseDuration: Duration
    private let client: RedisClient
    private let keys: [String]
    private let timeout: Duration

    /// Makes a lock; the same in all processes that give it the same names.
    ///
    /// - Parameters:
    ///   - name: The name of what is locked.
    ///   - namespace: The name of the service, with which the names of its keys begin.
    ///   - client: The client, which may be shared with caches.
    ///   - leaseDuration: How long a holder that has died keeps others out; at least 100 milliseconds. It is renewed three times in that
    ///     time while what is done lasts.
    ///   - timeout: How long one question to the server may take; not more than a third of the lease.
    public init(
        _ name: String, in namespace: String, on client: RedisClient, leaseDuration: Duration = .seconds(30),
        timeout: Duration = .milliseconds(500)
    ) {
        self.client = client
        self.leaseDuration = max(leaseDuration, .milliseconds(100))
        self.timeout = min(timeout, self.leaseDuration / 3)
        // Both keys in one slot, and another slot for each lock.
        let prefix = CacheKey(namespace: namespace, reserved: "lock").text + ":"
        let key = "\(prefix){\(CacheKey(namespace: namespace, reserved: "lock", name).text.dropFirst(prefix.count))}"
        self.keys = [key, key + ":fence"]
    }

    /// Does something while nobody else does.
    ///
    /// - Parameters:
    ///   - limit: How long to wait for others at most; nothing for not at all.
    ///   - body: What to do. Its task is cancelled when the lease is lost.
    /// - Returns: What `body` returns.
    /// - Throws: ``RedisLockError``, and what `body` throws. When the lease was lost before `body` came to its end, that is
    ///   ``RedisLockError/Code/lost``, whatever `body` returned or threw.
    public func withLock<Result: Sendable>(
        waitingUpTo limit: Duration = .zero, _ body: @escaping @Sendable (RedisLease) async throws -> Result
    ) async throws -> Result {
        let token = Self.token()
        let lease = try await self.acquire(token, waitingUpTo: limit)
        let work = Task { try await body(lease) }
        // Not a part of the caller's task: a body that takes its time to end holds the lock until it has.
        let keeper = Task {
            await self.keep(lease, token)
            if !lease.isValid { work.cancel() }
        }
        let result = await withTaskCancellationHandler {
            await work.result
        } onCancel: {
            work.cancel()
        }
        keeper.cancel()
        let isValid = lease.isValid
        let isReleased = await self.release(token)
        guard isValid, isReleased != false else {
            throw RedisLockError(.lost, "the lease of the lock ended before what was done under it")
        }
        return try result.get()
    }

    // MARK: Steps

    private func acquire(_ token: String, waitingUpTo limit: Duration) async throws -> RedisLease {
        let end = ContinuousClock.now + limit
        var pause = Duration.milliseconds(10)
        while true {
            // What is promised counts from before it was asked for.
            let start = ContinuousClock.now
            let reply: RedisValue
            do {
                reply = try await self.client.evaluate(
                    LockScripts.acquire, keys: self.keys,
                    arguments: [token, Self.milliseconds(self.leaseDuration), Self.milliseconds(Self.memory)],
                    timeout: self.timeout)
            } catch let error {
                // It may have been granted all the same.
                await self.release(token)
                if error.code == .cancelled { throw CancellationError() }
                throw RedisLockError(.unavailable, "the server of the lock cannot be asked", cause: error)
            }
            guard case .array(let parts) = reply, parts.count == 2, let number = parts[0].integer,
                let left = parts[1].integer
            else { throw RedisLockError(.unavailable, "the server answers with something else than it was asked for") }
            if number > 0 { return RedisLease(fencingNumber: number, deadline: start + self.validity) }
            guard ContinuousClock.now < end else {
                throw RedisLockError(.held, "others hold the lock")
            }
            // Not all at the same time, and not later than the lease that is in the way.
            let wait = min(pause * .random(in: 0.5...1), left > 0 ? .milliseconds(left) : pause, end - .now)
            try await Task.sleep(for: max(wait, .milliseconds(1)))
            pause = min(pause * 2, .milliseconds(250))
        }
    }

    /// Renews the lease until it is lost, or the task is cancelled.
    private func keep(_ lease: RedisLease, _ token: String) async {
        var hasFailed = false
        while lease.isValid {
            // Three times in a lease; and again and again after a failure, while there is time.
            let pause = min(hasFailed ? .milliseconds(50) : self.leaseDuration / 3, lease.end - .now)
            guard (try? await Task.sleep(for: pause)) != nil, lease.isValid else { return }
            let start = ContinuousClock.now
            do {
                let reply = try await self.client.evaluate(
                    LockScripts.renew, keys: [self.keys[0]],
                    arguments: [token, Self.milliseconds(self.leaseDuration)],
                    timeout: min(self.timeout, max(lease.end - .now, .milliseconds(1))))
                guard reply.integer == 1 else { return lease.lose() }
                lease.extend(to: start + self.validity)
                hasFailed = false
            } catch {
                if Task.isCancelled { return }
                hasFailed = true
            }
        }
    }

    /// Gives the lock back. Who cannot be told learns of it by the end of the lease.
    ///
    /// - Returns: Whether the token held it; nil when that is not known.
    @discardableResult
    private func release(_ token: String) async -> Bool? {
        // Not within the caller's task, which may be cancelled.
        let task = Task { [client, keys, timeout] in
            try await client.evaluate(LockScripts.release, keys: [keys[0]], arguments: [token], timeout: timeout)
        }
        return try? await task.value.integer.map { $0 == 1 }
    }

    /// How long a lease is relied on: clocks run at different speeds.
    private var validity: Duration { self.leaseDuration - self.leaseDuration / 100 - .milliseconds(2) }

    /// How long the number of the last holder is kept: longer than clocks are set back.
    private static let memory = Duration.seconds(7 * 86_400)

    private static func milliseconds(_ duration: Duration) -> UInt64 {
        StoreTime.zero.advanced(by: duration).milliseconds
    }

    private static func token() -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<2).map { _ in String(generator.next(), radix: 16) }.joined(separator: "-")
    }
}
