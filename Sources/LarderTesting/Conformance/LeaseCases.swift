// SPDX-License-Identifier: Apache-2.0

import Larder
import NIOCore

extension StoreConformance {
    static let leaseCases: [Case] = [
        Case("a missing entry is leased to the first who asks, and held against the second") { subject in
            let (store, key) = try await subject.opened()
            try expect(try await store.acquire(key, seen: nil, token: LeaseToken(), for: .seconds(1)), is: .granted)
            let image = try await store.image(key)
            guard
                case .held(let remaining) =
                    try await store.acquire(key, seen: image, token: LeaseToken(), for: .seconds(1))
            else { throw Failure(description: "a second lease was granted") }
            try expect(remaining > .zero && remaining <= .seconds(1), "held for \(remaining)")
        },
        Case("a lease runs out, and then another may have it") { subject in
            let (store, key) = try await subject.opened()
            _ = try await store.acquire(key, seen: nil, token: LeaseToken(), for: .milliseconds(300))
            try await subject.advance(by: .milliseconds(450))
            try expect(
                try await store.acquire(key, seen: try await store.image(key), token: LeaseToken(), for: .seconds(1)),
                is: .granted)
        },
        Case("whoever saw another state than there is gets no lease, and learns what there is") { subject in
            let (store, key) = try await subject.opened()
            try await store.put(key, "new")
            guard
                case .changed(.entry(let entry)) =
                    try await store.acquire(key, seen: nil, token: LeaseToken(), for: .seconds(1))
            else { throw Failure(description: "a lease was granted on what the caller did not see") }
            try expect(entry.payload, is: ByteBuffer(string: "new"))

            let image = try await store.image(key)
            try await store.invalidate(key, by: .remove)
            try expect(
                try await store.acquire(key, seen: image, token: LeaseToken(), for: .seconds(1)),
                is: .changed(.absent))
        },
        Case("a refresh is leased once, and the value stays readable") { subject in
            let (store, key) = try await subject.opened()
            try await store.put(key, "old")
            let image = try await store.image(key)
            try expect(try await store.acquire(key, seen: image, token: LeaseToken(), for: .seconds(1)), is: .granted)
            guard
                case .changed(.entry(let entry)) =
                    try await store.acquire(key, seen: image, token: LeaseToken(), for: .seconds(1))
            else { throw Failure(description: "a refresh was leased twice") }
            try expect(entry.payload, is: ByteBuffer(string: "old"))
            guard case .held = try await store.acquire(key, seen: entry.image, token: LeaseToken(), for: .seconds(1))
            else { throw Failure(description: "a refresh was leased twice") }
        },
        Case("a lease on a value keeps the value alive for the lease") { subject in
            let (store, key) = try await subject.opened()
            try await store.put(key, "old", lifetime: .seconds(1))
            let token = LeaseToken()
            _ = try await store.acquire(key, seen: try await store.image(key), token: token, for: .seconds(5))
            try await subject.advance(by: .seconds(2))
            try expect(try await store.renew(key, token: token, for: .seconds(5)), is: true)
            try expect(try await store.filled(key, "new", token: token), is: true)
        },
        Case("a renewed lease lasts") { subject in
            let (store, key) = try await subject.opened()
            let token = LeaseToken()
            _ = try await store.acquire(key, seen: nil, token: token, for: .seconds(3))
            try await subject.advance(by: .seconds(2))
            try expect(try await store.renew(key, token: token, for: .seconds(3)), is: true)
            try await subject.advance(by: .seconds(2))
            try expect(try await store.filled(key, "new", token: token), is: true)
        },
        Case("a lease that was lost is not renewed") { subject in
            let (store, key) = try await subject.opened()
            let token = LeaseToken()
            _ = try await store.acquire(key, seen: nil, token: token, for: .seconds(1))
            try await store.invalidate(key, by: .remove)
            try expect(try await store.renew(key, token: token, for: .seconds(1)), is: false)
            try expect(try await store.record(key), is: .absent)
        },
        Case("only who holds a lease renews it") { subject in
            let (store, key) = try await subject.opened()
            let token = LeaseToken()
            _ = try await store.acquire(key, seen: nil, token: token, for: .seconds(1))
            let lease = try await store.record(key)
            try expect(try await store.renew(key, token: LeaseToken(), for: .seconds(30)), is: false)
            try expect(try await store.record(key), is: lease)
        },
        Case("a released lease is free at once; a release by another changes nothing") { subject in
            let (store, key) = try await subject.opened()
            let token = LeaseToken()
            _ = try await store.acquire(key, seen: nil, token: token, for: .seconds(10))
            try await store.release(key, token: LeaseToken(), .unloaded())
            try expect(try await store.record(key) != .absent, "another's token released the lease")
            try await store.release(key, token: token, .unloaded())
            try expect(try await store.acquire(key, seen: nil, token: LeaseToken(), for: .seconds(1)), is: .granted)
        },
        Case("a released refresh leaves the value, and is free at once") { subject in
            let (store, key) = try await subject.opened()
            try await store.put(key, "old")
            let token = LeaseToken()
            _ = try await store.acquire(key, seen: try await store.image(key), token: token, for: .seconds(10))
            try await store.release(key, token: token, .unloaded())
            try expect(try await store.payload(key), is: "old")
            try expect(
                try await store.acquire(key, seen: try await store.image(key), token: LeaseToken(), for: .seconds(1)),
                is: .granted)
        },
        Case("a lease further away than the longest counts as free") { subject in
            let (store, key) = try await subject.opened()
            let now = try await store.read(key, since: nil).now
            let lease = Entry(kind: .lease, token: LeaseToken(), leaseUntil: now.advanced(by: .seconds(3_600)))
            try await subject.plant(lease.encoded(), for: key, keptFor: .seconds(3_600))
            try expect(
                try await store.acquire(key, seen: lease.image, token: LeaseToken(), for: .seconds(1)), is: .granted)
        },
        Case("bytes that are no entry are unreadable, and may be leased over") { subject in
            let (store, key) = try await subject.opened()
            for bytes in [ByteBuffer(), ByteBuffer(string: "{}"), ByteBuffer(repeating: 0xCA, count: 100)] {
                try await subject.plant(bytes, for: key, keptFor: .seconds(60))
                let image = EntryImage(bytes: bytes)
                try expect(try await store.record(key), is: .unreadable(image))
                let token = LeaseToken()
                try expect(try await store.acquire(key, seen: image, token: token, for: .seconds(1)), is: .granted)
                try expect(try await store.filled(key, "new", token: token), is: true)
            }
        },
        Case("an entry of a later version is unreadable, and may be leased over") { subject in
            let (store, key) = try await subject.opened()
            var bytes = Entry(kind: .value, payload: ByteBuffer(string: "later")).encoded()
            bytes.setInteger(UInt8(2), at: bytes.readerIndex + 1)
            try await subject.plant(bytes, for: key, keptFor: .seconds(60))
            let image = EntryImage(bytes: bytes)
            try expect(try await store.record(key), is: .unreadable(image))
            try expect(
                try await store.acquire(key, seen: image, token: LeaseToken(), for: .seconds(1)), is: .granted)
        },
    ]
}
