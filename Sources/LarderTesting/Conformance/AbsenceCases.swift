// SPDX-License-Identifier: Apache-2.0

import Larder
import NIOConcurrencyHelpers

extension StoreConformance {
    static let absenceCases: [Case] = [
        Case("an absence is cached, and ends with its tag") { subject in
            let value = NIOLockedValueBox<String?>(nil)
            let process = try await Process(subject, VersionedSource())
            let find = process.cache.function("find", .ttl(.seconds(60))) { (_: Int) in value.withLockedValue { $0 } }
                .tagged { _, id in ["found:\(id)"] }
            try expect(try await find(1), is: nil)
            value.withLockedValue { $0 = "here" }
            try expect(try await find(1), is: nil)
            try await process.cache.invalidate(tags: ["found:2"])
            try expect(try await find(1), is: nil)
            try await process.cache.invalidate(tags: ["found:1"])
            try expect(try await find(1), is: "here")
        },
        Case("an absence without tags, where values have some, ends with any invalidation") { subject in
            let value = NIOLockedValueBox<String?>(nil)
            let process = try await Process(subject, VersionedSource())
            let find = process.cache.function("find", .ttl(.seconds(60))) { (_: Int) in value.withLockedValue { $0 } }
                .tagged { found, _ in found.map { ["found:\($0)"] } ?? [] }
            try expect(try await find(1), is: nil)
            try expect(try await find.result(1).source, is: .hit)
            value.withLockedValue { $0 = "here" }
            try await process.cache.invalidate(tags: ["found:here"])
            try expect(try await find(1), is: "here")
            try await process.cache.invalidate(tags: ["another"])
            try expect(try await find.result(1).source, is: .hit)
        },
        Case("an absence has a lifetime of its own") { subject in
            let process = try await Process(subject, VersionedSource())
            let policy = CachePolicy.ttl(.seconds(3_600)).jitter(0).absences(for: .milliseconds(600))
            let find = process.cache.function("find", policy) { (id: Int) in id == 1 ? nil : "here" as String? }
            try expect(try await find(1), is: nil)
            try expect(try await find(2), is: "here")
            try expect(try await find.result(1).source, is: .hit)
            try await subject.advance(by: .milliseconds(900))
            try expect(try await find.result(1).source, is: .miss)
            try expect(try await find.result(2).source, is: .hit)
        },
    ]
}
