// SPDX-License-Identifier: Apache-2.0

import Larder
import NIOConcurrencyHelpers
import NIOCore

extension StoreConformance {
    /// Processes that wait for each other's loads.
    static let waitCases: [Case] = [
        Case("one load serves callers in two processes") { subject in
            let source = VersionedSource()
            let (one, other) = (try await Process(subject, source), try await Process(subject, source))
            let gate = source.hold(1)
            let first = await one.heldRead(at: gate)
            let others = await one.waitingRead(20) + other.waitingRead(20)
            gate.open()
            try await subject.passingTime {
                for task in others + [first] { try expect(try await task.value, is: 1) }
            }
            try expect(source.loads, is: 1)
        },
        Case("the lease of a process that died runs out, and another loads") { subject in
            let source = VersionedSource()
            let process = try await Process(subject, source)
            let store = try await subject.connect()
            _ = try await store.acquire(
                process.read.key(1), seen: nil, token: LeaseToken(), for: .milliseconds(600))
            let task = await process.waitingRead()
            try await subject.passingTime { try expect(try await task[0].value, is: 1) }
            try expect(try await process.read.result(1).source, is: .hit)
        },
        Case("who has waited long enough loads for itself, and stores nothing") { subject in
            let source = VersionedSource()
            let process = try await Process(
                subject, source, configuration: CacheConfiguration(maximumWait: .milliseconds(300)))
            let store = try await subject.connect()
            let key = process.read.key(1)
            let token = LeaseToken()
            _ = try await store.acquire(key, seen: nil, token: token, for: .seconds(30))
            let lease = try await store.record(key)
            let task = await process.waitingRead()
            try await subject.passingTime { try expect(try await task[0].value, is: 1) }
            try expect(try await store.record(key), is: lease)
        },
        Case("a slow load keeps its lease") { subject in
            let source = VersionedSource()
            let configuration = CacheConfiguration(leaseDuration: .milliseconds(900))
            let one = try await Process(subject, source, configuration: configuration)
            let other = try await Process(subject, source, configuration: configuration)
            let gate = source.hold(1)
            let first = await one.heldRead(at: gate)
            try await subject.passingTime {
                let start = subject.clock.now
                while start.duration(to: subject.clock.now) < .milliseconds(2_700), !Task.isCancelled {
                    await Task.yield()
                }
                let second = await other.waitingRead()
                gate.open()
                try expect(try await first.value, is: 1)
                try expect(try await second[0].value, is: 1)
            }
            try expect(source.loads, is: 1)
        },
        Case("a load that lost its lease is joined no more") { subject in
            let source = VersionedSource()
            let configuration = CacheConfiguration(leaseDuration: .milliseconds(900))
            let (one, other) = (
                try await Process(subject, source, configuration: configuration),
                try await Process(subject, source, configuration: configuration)
            )
            let gate = source.hold(1)
            let first = await one.heldRead(at: gate)
            source.value = 2
            await other.read.invalidate(1)
            // A renewal finds that the lease is gone; who comes then need not wait for the first load.
            var later: [Task<Int, any Error>] = []
            try await subject.passingTime {
                while source.loads < 2, !Task.isCancelled {
                    later.append(Task { try await one.read(1) })
                    for _ in 0..<10 { await Task.yield() }
                }
            }
            gate.open()
            try expect(try await first.value, is: 1)
            for task in later { try expect(try await task.value, is: 2) }
        },
        Case("a renewal that fails once is tried again") { subject in
            let source = VersionedSource()
            let isFailing = Flag()
            let store = InterceptedStore(
                try await subject.connect(),
                before: { operation in
                    if case .renew = operation, isFailing.take() { throw Unreachable() }
                })
            let process = try await Process(
                subject, source, store: store, configuration: CacheConfiguration(leaseDuration: .milliseconds(1_800)))
            isFailing.set()
            let gate = source.hold(1)
            let first = await process.heldRead(at: gate)
            try await subject.passingTime {
                let start = subject.clock.now
                while start.duration(to: subject.clock.now) < .milliseconds(3_600), !Task.isCancelled {
                    await Task.yield()
                }
            }
            gate.open()
            try expect(try await first.value, is: 1)
            try expect(try await process.read.result(1).source, is: .hit)
        },
        Case("an entry that cannot be decoded, under another's lease, is waited for") { subject in
            let source = VersionedSource()
            let process = try await Process(subject, source)
            let key = process.read.key(1)
            try expect(try await process.storedRead(), is: 1)
            let store = try await subject.connect()
            guard case .entry(var entry) = try await store.record(key) else {
                throw Failure(description: "nothing was stored")
            }
            entry.payload = ByteBuffer(string: "not a number")
            try await subject.plant(entry.encoded(), for: key, keptFor: .seconds(60))
            let token = LeaseToken()
            _ = try await store.acquire(key, seen: entry.image, token: token, for: .seconds(30))
            let task = await process.waitingRead()
            let start = subject.clock.now
            try await subject.passingTime {
                while start.duration(to: subject.clock.now) < .seconds(1), !Task.isCancelled { await Task.yield() }
                try expect(source.loads, is: 1)
                try await store.release(key, token: token, .unloaded())
                try expect(try await task[0].value, is: 1)
            }
            try expect(source.loads, is: 2)
            try expect(try await process.read.result(1).source, is: .hit)
        },
        Case("a load that throws gives its lease back") { subject in
            let source = VersionedSource()
            let process = try await Process(subject, source)
            let region = process.cache.region("register", of: Int.self, .ttl(.seconds(60)))
            let key = process.read.key(1)
            do {
                _ = try await region.value(for: key) { throw Unreachable() }
                throw Failure(description: "an error was lost")
            } catch is Unreachable {}
            try expect(try await process.read(1), is: 1)
            // The caller is answered before the fill is.
            while process.cache.statistics["register"]?.storedFills != 1, !Task.isCancelled { await Task.yield() }
        },
        Case("a lost answer to an acquire leaves no lease behind, and its token is not used again") { subject in
            let source = VersionedSource()
            let isLosing = Flag()
            let tokens = NIOLockedValueBox<[LeaseToken]>([])
            let released = Gate()
            let store = InterceptedStore(
                try await subject.connect(),
                after: { operation in
                    if case .acquire(_, let token) = operation {
                        tokens.withLockedValue { $0.append(token) }
                        if isLosing.take() { throw Unreachable() }
                    }
                    if case .release = operation { released.open() }
                })
            let process = try await Process(subject, source, store: store)
            isLosing.set()
            try expect(try await process.read(1), is: 1)
            await released.wait()
            try expect(try await process.read(1), is: 1)
            await process.cache.settle()
            try expect(try await process.read.result(1).source, is: .hit)
            try expect(Set(tokens.withLockedValue { $0 }).count, is: 2)
        },
        Case("during a hold-off, loads answer and are not stored") { subject in
            let source = VersionedSource()
            let process = try await Process(subject, source)
            let store = try await subject.connect()
            // Connections take a part of the time when they are made in it.
            _ = try await process.read(2)
            _ = try await store.image(process.read.key(1))
            try await store.invalidate(process.read.key(1), by: .holdOff(.milliseconds(1_500)))
            try expect(try await process.read(1), is: 1)
            source.value = 2
            try expect(try await process.read(1), is: 2)
            try await subject.advance(by: .milliseconds(1_800))
            try expect(try await process.read(1), is: 2)
            try expect(try await process.read.result(1).source, is: .hit)
        },
    ]
}
