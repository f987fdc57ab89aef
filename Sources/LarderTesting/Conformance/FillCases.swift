// SPDX-License-Identifier: Apache-2.0

import Larder
import NIOCore

extension StoreConformance {
    static let fillCases: [Case] = [
        Case("a fill with the lease is stored, fresh for its lifetime and no longer") { subject in
            let (store, key) = try await subject.opened()
            let token = LeaseToken()
            _ = try await store.acquire(key, seen: nil, token: token, for: .seconds(1))
            try expect(try await store.filled(key, "value", lifetime: .milliseconds(600), token: token), is: true)
            let reading = try await store.read(key, since: nil)
            guard case .entry(let entry) = reading.record else { throw Failure(description: "nothing was stored") }
            try expect(entry.payload, is: ByteBuffer(string: "value"))
            try expect(entry.token, is: nil)
            try expect(entry.leaseUntil, is: .zero)
            try expect(entry.freshUntil > reading.now, "not fresh")
            try expect(entry.freshUntil <= reading.now.advanced(by: .milliseconds(600)), "fresh for too long")
            try await subject.advance(by: .milliseconds(750))
            try expect(try await store.record(key), is: .absent)
        },
        Case("an entry kept longer than it is fresh says so") { subject in
            let (store, key) = try await subject.opened()
            let token = LeaseToken()
            _ = try await store.acquire(key, seen: nil, token: token, for: .seconds(1))
            _ = try await store.fill(
                key, with: Entry(kind: .value, payload: ByteBuffer(string: "old")),
                lifetime: EntryLifetime(fresh: .milliseconds(300), kept: .seconds(10)), token: token, since: nil)
            try await subject.advance(by: .milliseconds(450))
            let reading = try await store.read(key, since: nil)
            guard case .entry(let entry) = reading.record else { throw Failure(description: "it was not kept") }
            try expect(entry.freshUntil <= reading.now, "it is still fresh")
        },
        Case("a fill gives back what it was given") { subject in
            let (store, key) = try await subject.opened()
            var entry = Entry(kind: .value, codec: .json, stamp: LogSequence(rawValue: 1_234_567))
            entry.metadata.tags = ["a", "ä b", "{c}"]
            entry.metadata.created = StoreTime(milliseconds: 17)
            entry.metadata.loadDuration = .microseconds(1_500)
            entry.metadata.schema = .max
            entry.metadata.epoch = 42
            entry.metadata.version = 7
            entry.payload = ByteBuffer(bytes: (0...255).map { UInt8($0) })
            let token = LeaseToken()
            _ = try await store.acquire(key, seen: nil, token: token, for: .seconds(1))
            _ = try await store.fill(
                key, with: entry, lifetime: EntryLifetime(fresh: .seconds(9)), token: token, since: nil)
            guard case .entry(let stored) = try await store.record(key) else {
                throw Failure(description: "nothing was stored")
            }
            entry.freshUntil = stored.freshUntil
            try expect(stored, is: entry)
        },
        Case("a fill with a dead token changes nothing") { subject in
            let (store, key) = try await subject.opened()
            let token = LeaseToken()
            _ = try await store.acquire(key, seen: nil, token: token, for: .seconds(1))
            try await store.invalidate(key, by: .remove)
            try expect(try await store.filled(key, "old", token: token), is: false)
            try expect(try await store.record(key), is: .absent)

            let other = LeaseToken()
            _ = try await store.acquire(key, seen: nil, token: other, for: .seconds(1))
            try expect(try await store.filled(key, "old", token: token), is: false)
            try expect(try await store.filled(key, "new", token: other), is: true)
            try expect(try await store.filled(key, "old", token: token), is: false)
            try expect(try await store.filled(key, "old", token: other), is: false)
            try expect(try await store.payload(key), is: "new")
        },
        Case("a lease that ran out fills nothing that is gone") { subject in
            let (store, key) = try await subject.opened()
            let token = LeaseToken()
            _ = try await store.acquire(key, seen: nil, token: token, for: .milliseconds(300))
            try await subject.advance(by: .milliseconds(450))
            try expect(try await store.filled(key, "late", token: token), is: false)
        },
        Case("a fill tells what happened in the log") { subject in
            let (store, key) = try await subject.opened()
            guard case .changes(let known) = try await store.log(of: subject.namespace, since: nil) else {
                throw Failure(description: "no log")
            }
            let token = LeaseToken()
            _ = try await store.acquire(key, seen: nil, token: token, for: .seconds(1))
            try await store.invalidate(tags: ["t"], in: subject.namespace)
            let answer = try await store.fill(
                key, with: Entry(kind: .value), lifetime: EntryLifetime(fresh: .seconds(9)), token: token,
                since: known.position)
            guard case .changes(let changes) = answer.log else { throw Failure(description: "nothing happened") }
            try expect(changes.tags["t"].map { $0 > known.position.head }, is: true)
        },
    ]
}
