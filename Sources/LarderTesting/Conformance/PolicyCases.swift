// SPDX-License-Identifier: Apache-2.0

import Larder
import NIOConcurrencyHelpers

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension StoreConformance {
    /// What each policy promises, on the store.
    static let policyCases: [Case] = [
        Case("past its lifetime a value is served while one load in the fleet renews it") { subject in
            let source = VersionedSource()
            let policy = CachePolicy.ttl(.milliseconds(1_500)).jitter(0).staleWhileRevalidate(for: .seconds(60))
            let one = try await Process(subject, source, policy: policy)
            let other = try await Process(subject, source, policy: policy)
            try expect(try await one.storedRead(), is: 1)
            source.value = 2
            let gate = source.hold(2)
            try await subject.advance(by: .milliseconds(1_800))
            for process in [one, other, one, other] {
                let result = try await process.read.result(1)
                try expect(result.source, is: .stale)
                try expect(result.value, is: 1)
                await gate.arrivals()
            }
            gate.open()
            try await one.readUntil(2)
            await one.cache.settle()
            try expect(try await other.read(1), is: 2)
            try expect(source.loads, is: 2)
        },
        Case("past its staleness a value is not served") { subject in
            let source = VersionedSource()
            let process = try await Process(
                subject, source,
                policy: .ttl(.milliseconds(1_500)).jitter(0).staleWhileRevalidate(for: .milliseconds(300)))
            try expect(try await process.storedRead(), is: 1)
            source.value = 2
            try await subject.advance(by: .milliseconds(2_100))
            try expect(try await process.read.result(1).source, is: .miss)
        },
        Case("what was invalidated is not served while it is loaded anew") { subject in
            let source = VersionedSource()
            let policy = CachePolicy.ttl(.milliseconds(1_500)).jitter(0).staleWhileRevalidate(for: .seconds(60))
            let process = try await Process(subject, source, policy: policy)
            for invalidate in Self.invalidations {
                let version = source.value
                try expect(try await process.storedRead(), is: version)
                try await subject.advance(by: .milliseconds(1_800))
                source.value = version + 1
                try expect(try await invalidate(process), is: .applied)
                try expect(try await process.read(1), is: version + 1)
            }
        },
        Case("a value that is renewed behind its readers is not stored over an invalidation") { subject in
            let source = VersionedSource()
            let policy = CachePolicy.ttl(.milliseconds(1_500)).jitter(0).staleWhileRevalidate(for: .seconds(60))
            let one = try await Process(subject, source, policy: policy)
            let other = try await Process(subject, source, policy: policy)
            try expect(try await one.storedRead(), is: 1)
            try await subject.advance(by: .milliseconds(1_800))
            let gate = source.hold(2)
            try expect(try await one.read.result(1).source, is: .stale)
            await gate.arrivals()
            source.value = 2
            await other.read.invalidate(1)
            try expect(try await other.read(1), is: 2)
            gate.open()
            try expect(try await one.read(1), is: 2)
            try expect(try await one.storedRead(), is: 2)
        },
        Case("a value is served when its source fails, which is then left alone for a while") { subject in
            let source = VersionedSource()
            let policy = CachePolicy.ttl(.milliseconds(1_500)).jitter(0)
                .staleIfError(for: .seconds(60), retryingAfter: .milliseconds(2_400))
            let process = try await Process(subject, source, policy: policy)
            let other = try await Process(subject, source, policy: policy)
            try expect(try await process.storedRead(), is: 1)
            source.isBroken = true
            try await subject.advance(by: .milliseconds(1_800))
            for reader in [process, process, other] {
                let result = try await reader.read.result(1)
                try expect(result.source, is: .stale)
                try expect(result.value, is: 1)
            }
            try expect(source.loads, is: 2)
            source.isBroken = false
            source.value = 2
            try await subject.advance(by: .milliseconds(2_700))
            try expect(try await other.read.result(1).source, is: .miss)
            try expect(source.loads, is: 3)
        },
        Case("an invalidated value is served when its source fails only if the policy says so") { subject in
            let source = VersionedSource()
            let policy = CachePolicy.ttl(.seconds(60)).jitter(0)
            let strict = try await Process(subject, source, policy: policy.staleIfError(for: .seconds(60)))
            for invalidate in Self.invalidations {
                try expect(try await strict.storedRead(), is: 1)
                source.isBroken = true
                try expect(try await invalidate(strict), is: .applied)
                do {
                    try expect(try await strict.read(1), is: 0)
                } catch is VersionedSource.Broken {}
                source.isBroken = false
            }
            await strict.cache.clear()
            let lenient = try await Process(
                subject, source,
                policy: policy.staleIfError(
                    for: .seconds(60), retryingAfter: .milliseconds(1_500), afterInvalidation: true))
            for invalidate in Self.invalidations {
                let version = source.value
                try await lenient.readUntil(version)
                try expect(try await lenient.storedRead(), is: version)
                source.isBroken = true
                try expect(try await invalidate(lenient), is: .applied)
                let result = try await lenient.read.result(1)
                try expect(result.source, is: .stale)
                try expect(result.value, is: version)
                source.isBroken = false
                source.value += 1
                try await subject.advance(by: .milliseconds(1_800))
                try expect(try await lenient.read(1), is: version + 1)
            }
        },
        Case("a life that slides lasts while it is asked for") { subject in
            let source = VersionedSource()
            let process = try await Process(
                subject, source, policy: .sliding(idle: .seconds(3), atMost: .seconds(60)))
            try expect(try await process.storedRead(), is: 1)
            for pause in [Duration.milliseconds(1_500), .milliseconds(1_800)] {
                try await subject.advance(by: pause)
                try expect(try await process.read.result(1).source, is: .hit)
                await process.cache.settle()
            }
            try await subject.advance(by: .milliseconds(3_300))
            try expect(try await process.read.result(1).source, is: .miss)
        },
        Case("a life is prolonged for what was seen, while it is fresh, and not past its end") { subject in
            let (store, key) = try await subject.opened()
            try await store.put(key, "value", lifetime: .seconds(10))
            guard case .entry(let entry) = try await store.record(key) else { throw Failure(description: "no entry") }
            let lifetime = EntryLifetime(fresh: .seconds(20), kept: .seconds(30))
            let end = entry.freshUntil.advanced(by: .seconds(5))
            try await store.slide(key, stamp: LogSequence(rawValue: 77), lifetime: lifetime, until: end)
            try expect(try await store.record(key), is: .entry(entry))
            try await store.slide(key, stamp: entry.stamp, lifetime: EntryLifetime(fresh: .seconds(1)), until: end)
            try expect(try await store.record(key), is: .entry(entry))
            try await store.slide(key, stamp: entry.stamp, lifetime: lifetime, until: end)
            var longer = entry
            longer.freshUntil = end
            try expect(try await store.record(key), is: .entry(longer))
            try await store.invalidate(key, by: .expire)
            let expired = try await store.record(key)
            try await store.slide(key, stamp: entry.stamp, lifetime: lifetime, until: end)
            try expect(try await store.record(key), is: expired)
            try await store.invalidate(key, by: .remove)
            _ = try await store.acquire(key, seen: nil, token: LeaseToken(), for: .seconds(1))
            let lease = try await store.record(key)
            try await store.slide(key, stamp: .zero, lifetime: lifetime, until: end)
            try expect(try await store.record(key), is: lease)
        },
        Case("a lease that is given back may leave a pause, which keeps nobody away") { subject in
            let (store, key) = try await subject.opened()
            try await store.put(key, "value")
            let token = LeaseToken()
            _ = try await store.acquire(key, seen: try await store.image(key), token: token, for: .seconds(10))
            try await store.release(key, token: token, .unloaded(pause: .seconds(100)))
            let reading = try await store.read(key, since: nil)
            guard case .entry(let entry) = reading.record else { throw Failure(description: "no entry") }
            try expect(entry.token, is: nil)
            try expect(entry.leaseUntil > reading.now, "there is no pause")
            try expect(entry.leaseUntil <= reading.now.advanced(by: Entry.longestLease), "the pause is too long")
            try expect(
                try await store.acquire(key, seen: entry.image, token: LeaseToken(), for: .seconds(1)), is: .granted)
        },
        Case("a lease whose load is not to be stored takes what is older along") { subject in
            let (store, key) = try await subject.opened()
            try await store.put(key, "value")
            let token = LeaseToken()
            _ = try await store.acquire(key, seen: try await store.image(key), token: token, for: .seconds(10))
            try await store.release(key, token: LeaseToken(), .unstored)
            try expect(try await store.payload(key), is: "value")
            try await store.release(key, token: token, .unstored)
            try expect(try await store.record(key), is: .absent)
        },
        Case("a value that is not to be stored takes the old one with it") { subject in
            let source = VersionedSource()
            let process = try await Process(subject, source)
            let fickle = process.cache.function(
                "fickle", .ttl(.milliseconds(1_500)).jitter(0).staleWhileRevalidate(for: .seconds(60))
            ) { (_: Int) in try await source.load() }
            .policy {
                $0 == 1 ? .ttl(.milliseconds(1_500)).jitter(0).staleWhileRevalidate(for: .seconds(60)) : .doNotStore
            }
            try expect(try await fickle(1), is: 1)
            while try await fickle.result(1).source != .hit { await Task.yield() }
            source.value = 2
            try await subject.advance(by: .milliseconds(1_800))
            while try await fickle(1) != 2 { await Task.yield() }
            try expect(try await fickle.result(1).source, is: .miss)
        },
        Case("a value ends at its date") { subject in
            let source = VersionedSource()
            let process = try await Process(
                subject, source, policy: .at(subject.clock.wallTime + 3))
            try expect(try await process.storedRead(), is: 1)
            try await subject.advance(by: .milliseconds(3_300))
            source.value = 2
            try expect(try await process.read(1), is: 2)
            try expect(try await process.read.result(1).source, is: .miss)
        },
        Case("a value near its end is loaded anew behind a hit") { subject in
            let source = VersionedSource()
            let process = try await Process(
                subject, source, policy: .ttl(.seconds(60)).jitter(0).refreshedEarly(eagerness: 1e12))
            let gate = source.hold(1)
            let first = await process.heldRead(at: gate)
            try await subject.advance(by: .milliseconds(10))
            gate.open()
            try expect(try await first.value, is: 1)
            source.value = 2
            try await process.readUntil(2)
            try expect(try await process.read.result(1).source, is: .hit)
        },
        Case("after an invalidation a region that holds off stores nothing for so long") { subject in
            let source = VersionedSource()
            let policy = CachePolicy.ttl(.seconds(60)).holdOff(.milliseconds(1_800))
            for invalidate in [Self.invalidations[0], Self.invalidations[1]] {
                let process = try await Process(subject, source, policy: policy)
                try expect(try await invalidate(process), is: .applied)
                let version = source.value
                for _ in 0..<2 { try expect(try await process.read.result(1).source, is: .miss) }
                source.value = version + 1
                try expect(try await process.read(1), is: version + 1)
                try await subject.advance(by: .milliseconds(2_100))
                try expect(try await process.storedRead(), is: version + 1)
            }
        },
        Case("a write goes through over a lower version, and ends anything else") { subject in
            let source = VersionedSource()
            let process = try await Process(subject, source)
            let versioned = process.cache.function("versioned", .ttl(.seconds(60))) { (_: Int) in
                try await source.load()
            }
            .tagged { _, _ in ["v"] }.versioned { UInt64($0) }
            func stored() async throws -> Int {
                while true {
                    let result = try await versioned.result(1)
                    if result.source == .hit { return result.value }
                    await Task.yield()
                }
            }
            func replace(with value: Int) async throws -> CacheSource {
                try await process.cache.write { write in
                    source.value = value
                    versioned.replace(1, with: value, in: write)
                }
                let result = try await versioned.result(1)
                return result.source
            }
            try expect(try await stored(), is: 1)
            try expect(try await replace(with: 2), is: .hit)
            try expect(try await versioned(1), is: 2)
            // Over the same version, and over nothing.
            try expect(try await stored(), is: 2)
            try expect(try await replace(with: 2), is: .miss)
            await versioned.invalidate(1)
            try expect(try await replace(with: 3), is: .miss)
            // What was invalidated since the change began ends it.
            try expect(try await stored(), is: 3)
            let write = await process.cache.beginWrite()
            try await process.cache.invalidate(tags: ["v"])
            source.value = 4
            versioned.replace(1, with: 4, in: write)
            await write.finish()
            source.value = 5
            try expect(try await versioned(1), is: 5)
            // A change that failed ends what it would have replaced.
            try expect(try await stored(), is: 5)
            do {
                try await process.cache.write { write in
                    versioned.replace(1, with: 6, in: write)
                    throw VersionedSource.Broken()
                }
            } catch is VersionedSource.Broken {}
            try expect(try await versioned.result(1).source, is: .miss)
        },
        Case("a load from before a write through is not stored over it") { subject in
            let source = VersionedSource()
            let process = try await Process(subject, source)
            let versioned = process.cache.function(
                "versioned", .ttl(.milliseconds(1_500)).jitter(0).staleWhileRevalidate(for: .seconds(60))
            ) { (_: Int) in try await source.load() }.versioned { UInt64($0) }
            try expect(try await versioned(1), is: 1)
            while try await versioned.result(1).source != .hit { await Task.yield() }
            try await subject.advance(by: .milliseconds(1_800))
            let gate = source.hold(2)
            try expect(try await versioned.result(1).source, is: .stale)
            await gate.arrivals()
            try await process.cache.write { write in
                source.value = 2
                versioned.replace(1, with: 2, in: write)
            }
            try expect(try await versioned(1), is: 2)
            gate.open()
            await process.cache.settle()
            try expect(try await versioned(1), is: 2)
        },
    ]
}
