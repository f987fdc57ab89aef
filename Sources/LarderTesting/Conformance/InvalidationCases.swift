// SPDX-License-Identifier: Apache-2.0

import Larder
import NIOCore

extension StoreConformance {
    static let invalidationCases: [Case] = [
        Case("a pattern ends the entries that it matches, and the leases, and counts them") { subject in
            let store = try await subject.connect()
            _ = try await store.log(of: subject.namespace, since: nil)
            func key(_ region: String, _ id: Int, in namespace: String? = nil) -> CacheKey {
                CacheKey(namespace: namespace ?? subject.namespace, region: region, id)
            }
            for id in 0..<1_200 { try await store.put(key("many", id), "value") }
            _ = try await store.acquire(key("many", 9_999), seen: nil, token: LeaseToken(), for: .seconds(10))
            try await store.put(key("other", 1), "value")
            try await store.put(key("many", 1, in: subject.namespace + "-2"), "value")
            let count = Counter()
            try await store.invalidate(
                matching: "many:*", in: subject.namespace, by: { _ in .remove }, progress: { count.add($0) })
            try expect(count.value, is: 1_201)
            for id in [0, 1, 1_199, 9_999] { try expect(try await store.record(key("many", id)), is: .absent) }
            try expect(try await store.payload(key("other", 1)), is: "value")
            try expect(try await store.payload(key("many", 1, in: subject.namespace + "-2")), is: "value")
            try await store.invalidate(
                matching: "other:i.[0-9]", in: subject.namespace, by: { _ in .expire }, progress: { _ in })
            guard case .entry(let entry) = try await store.record(key("other", 1)) else {
                throw Failure(description: "the value was not kept")
            }
            try expect(entry.freshUntil, is: .zero)
        },
        Case("removing ends a value, and the lease on it") { subject in
            let (store, key) = try await subject.opened()
            try await store.put(key, "old")
            let token = LeaseToken()
            _ = try await store.acquire(key, seen: try await store.image(key), token: token, for: .seconds(1))
            try await store.invalidate(key, by: .remove)
            try expect(try await store.record(key), is: .absent)
            try expect(try await store.filled(key, "old", token: token), is: false)
        },
        Case("expiring keeps the value, fresh no more, and ends the lease on it") { subject in
            let (store, key) = try await subject.opened()
            try await store.put(key, "old")
            let token = LeaseToken()
            _ = try await store.acquire(key, seen: try await store.image(key), token: token, for: .seconds(1))
            try await store.invalidate(key, by: .expire)
            guard case .entry(let entry) = try await store.record(key) else {
                throw Failure(description: "the value was not kept")
            }
            try expect(entry.payload, is: ByteBuffer(string: "old"))
            try expect(entry.freshUntil, is: .zero)
            try expect(try await store.filled(key, "old", token: token), is: false)
        },
        Case("expiring ends a bare lease") { subject in
            let (store, key) = try await subject.opened()
            let token = LeaseToken()
            _ = try await store.acquire(key, seen: nil, token: token, for: .seconds(1))
            try await store.invalidate(key, by: .expire)
            try expect(try await store.filled(key, "old", token: token), is: false)
        },
        Case("a hold-off lets nobody fill until it is over") { subject in
            let (store, key) = try await subject.opened()
            let token = LeaseToken()
            _ = try await store.acquire(key, seen: nil, token: token, for: .seconds(10))
            try await store.invalidate(key, by: .holdOff(.milliseconds(900)))
            try expect(try await store.filled(key, "old", token: token), is: false)
            guard
                case .heldOff(let remaining) = try await store.acquire(
                    key, seen: try await store.image(key), token: LeaseToken(), for: .seconds(1))
            else { throw Failure(description: "a lease was granted during the hold-off") }
            try expect(remaining > .zero && remaining <= .milliseconds(900), "held off for \(remaining)")
            try await subject.advance(by: .milliseconds(1_200))
            try expect(try await store.acquire(key, seen: nil, token: LeaseToken(), for: .seconds(1)), is: .granted)
        },
        Case("a hold-off is prolonged by a later one and shortened by none; expiring leaves it") { subject in
            let (store, key) = try await subject.opened()
            try await store.invalidate(key, by: .holdOff(.milliseconds(1_500)))
            try await store.invalidate(key, by: .holdOff(.milliseconds(300)))
            try await store.invalidate(key, by: .expire)
            try await subject.advance(by: .milliseconds(600))
            guard case .entry(let entry) = try await store.record(key) else {
                throw Failure(description: "the hold-off was shortened")
            }
            try expect(entry.kind, is: .tombstone)
            try await store.invalidate(key, by: .holdOff(.milliseconds(1_800)))
            try await subject.advance(by: .milliseconds(1_200))
            try expect(try await store.record(key) != .absent, "the hold-off was not prolonged")
        },
    ]
}
