// SPDX-License-Identifier: Apache-2.0

import Larder
import NIOCore

extension StoreConformance {
    static let versionCases: [Case] = [
        Case("a write is stored over a lower version") { subject in
            let (store, key) = try await subject.opened()
            try await store.put(key, "one", version: 1)
            try expect(try await store.written(key, "two", version: 2), is: true)
            try expect(try await store.payload(key), is: "two")
        },
        Case("a write that comes late invalidates") { subject in
            for version: UInt64 in [1, 2] {
                let (store, key) = try await subject.opened()
                try await store.put(key, "two", version: 2)
                try expect(try await store.written(key, "late", version: version), is: false)
                try expect(try await store.record(key), is: .absent)
            }
        },
        Case("a write over nothing, or over a value without version, invalidates") { subject in
            let (store, key) = try await subject.opened()
            try expect(try await store.written(key, "one", version: 1), is: false)
            try expect(try await store.record(key), is: .absent)
            try await store.put(key, "unversioned")
            try expect(try await store.written(key, "one", version: 1), is: false)
            try expect(try await store.record(key), is: .absent)
        },
        Case("a write over a value that was expired invalidates: a later version may have expired it") { subject in
            let (store, key) = try await subject.opened()
            try await store.put(key, "one", version: 1)
            try await store.invalidate(key, by: .expire)
            try expect(try await store.written(key, "two", version: 2), is: false)
            try expect(try await store.record(key), is: .absent)
        },
        Case("a write over a bare lease ends the lease") { subject in
            let (store, key) = try await subject.opened()
            let token = LeaseToken()
            _ = try await store.acquire(key, seen: nil, token: token, for: .seconds(1))
            try expect(try await store.written(key, "one", version: 1), is: false)
            try expect(try await store.filled(key, "old", token: token), is: false)
        },
        Case("a write ends the lease of a refresh") { subject in
            let (store, key) = try await subject.opened()
            try await store.put(key, "one", version: 1)
            let token = LeaseToken()
            _ = try await store.acquire(key, seen: try await store.image(key), token: token, for: .seconds(1))
            try expect(try await store.written(key, "two", version: 2), is: true)
            try expect(try await store.filled(key, "one", token: token), is: false)
        },
        Case("a write leaves a hold-off") { subject in
            let (store, key) = try await subject.opened()
            try await store.invalidate(key, by: .holdOff(.seconds(1)))
            try expect(try await store.written(key, "one", version: 1), is: false)
            guard case .entry(let entry) = try await store.record(key) else {
                throw Failure(description: "the hold-off is gone")
            }
            try expect(entry.kind, is: .tombstone)
        },
    ]
}
