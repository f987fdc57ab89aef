// SPDX-License-Identifier: Apache-2.0

import Larder
import NIOConcurrencyHelpers
import NIOCore

extension StoreConformance {
    /// What a cache on the store shows to its callers.
    static let cacheCases: [Case] = [
        Case("tags, keys and clearing reach what another process has stored") { subject in
            let source = VersionedSource()
            let (one, other) = (try await Process(subject, source), try await Process(subject, source))
            for invalidate in Self.invalidations {
                let version = source.value
                try expect(try await other.settledRead(), is: version)
                source.value = version + 1
                try expect(try await other.settledRead(), is: version)
                try expect(try await invalidate(one), is: .applied)
                try expect(try await other.settledRead(), is: version + 1)
                try expect(try await one.read.result(1).source, is: .hit)
            }
        },
        Case("a tag may begin with anything") { subject in
            for tag in ["\u{301}x", "\u{200D}", "\u{FE0F}", ":", "h:1", "f:", "\r\n", "\u{0}"] {
                let source = VersionedSource()
                let process = try await Process(subject, source, tags: [tag])
                await process.cache.clear()
                try expect(try await process.storedRead(), is: 1)
                source.value = 2
                let other = try await Process(subject, source)
                try expect(try await other.cache.invalidate(tags: [tag]), is: .applied)
                try expect(try await process.settledRead(), is: 2)
            }
        },
        Case("a value that was expired is not served") { subject in
            let source = VersionedSource()
            let process = try await Process(subject, source)
            try expect(try await process.settledRead(), is: 1)
            source.value = 2
            try await subject.connect().invalidate(process.read.key(1), by: .expire)
            try expect(try await process.settledRead(), is: 2)
        },
        Case("when the log is lost, everything before is invalid") { subject in
            let source = VersionedSource()
            let process = try await Process(subject, source)
            try expect(try await process.settledRead(), is: 1)
            source.value = 2
            try await subject.loseLog()
            try expect(try await process.settledRead(), is: 2)
            // For a process that never saw the old log too.
            try await subject.loseLog()
            source.value = 3
            try expect(try await Process(subject, source).settledRead(), is: 3)
            try expect(try await process.settledRead(), is: 3)
        },
        Case("what is stored under a log made by an invalidation alone is judged by it") { subject in
            let source = VersionedSource()
            let process = try await Process(subject, source)
            try expect(try await process.settledRead(), is: 1)
            try await subject.loseLog()
            source.value = 2
            try await process.cache.invalidate(tags: ["unrelated"])
            try expect(try await process.settledRead(), is: 2)
            try expect(try await process.read.result(1).source, is: .hit)
        },
        Case("corrupt, foreign and future bytes are a miss, and are replaced") { subject in
            let source = VersionedSource()
            let process = try await Process(subject, source)
            let key = process.read.key(1)
            try expect(try await process.storedRead(), is: 1)
            guard case .entry(let entry) = try await (try await subject.connect()).record(key) else {
                throw Failure(description: "nothing was stored")
            }
            var future = entry.encoded()
            future.setInteger(UInt8(99), at: future.readerIndex + 1)
            var undecodable = entry
            undecodable.payload = ByteBuffer(string: "not a number")
            var foreign = entry
            foreign.codec = EntryCodec(rawValue: 0x45)
            var plants = [ByteBuffer(string: "{\"id\":1}"), future, undecodable.encoded(), foreign.encoded()]
            let whole = entry.encoded()
            for length in [0, 1, 35, 36, 39, 40, 44] {
                plants.append(whole.getSlice(at: whole.readerIndex, length: length) ?? ByteBuffer())
            }
            for (index, bytes) in plants.enumerated() {
                try await subject.plant(bytes, for: key, keptFor: .seconds(60))
                source.value = index + 100
                try expect(try await process.read(1), is: index + 100)
                try expect(try await process.read.result(1).source, is: .hit)
            }
        },
        Case("a caller who leaves harms nobody") { subject in
            let source = VersionedSource()
            let process = try await Process(subject, source)
            let gate = source.hold(1)
            let first = await process.heldRead(at: gate)
            let rest = await process.waitingRead(2)
            first.cancel()
            rest[0].cancel()
            for task in [first, rest[0]] {
                do {
                    _ = try await task.value
                    throw Failure(description: "a cancelled caller was answered")
                } catch is CancellationError {}
            }
            gate.open()
            try expect(try await rest[1].value, is: 1)
            try expect(try await process.read.result(1).source, is: .hit)
            try expect(source.loads, is: 1)
        },
        Case("a load that asks for its own key loads directly; loads that wait for each other do not wait for ever") {
            subject in
            let cache = try await Process(subject, VersionedSource()).cache
            let region = cache.region("nested", of: Int.self, .ttl(.seconds(60)))
            let own = region.key(0)
            let value = try await region.value(for: own) { try await region.value(for: own) { 7 } }
            try expect(value, is: 7)

            let both = [Gate(), Gate()]
            let tasks = [0, 1].map { index in
                Task {
                    try await region.value(for: region.key("a", index)) {
                        both[index].open()
                        await both[1 - index].wait()
                        return try await region.value(for: region.key("a", 1 - index)) { 100 + index }
                    }
                }
            }
            for task in tasks { try expect(try await task.value >= 100, "nothing was loaded") }
        },
        Case("loads of two caches that wait for each other do not wait for ever") { subject in
            let store = try await subject.connect()
            let regions = ["-a", "-b"].map { suffix in
                Cache(subject.namespace + suffix, store: store, clock: subject.clock)
                    .region("nested", of: Int.self, .ttl(.seconds(60)))
            }
            let both = [Gate(), Gate()]
            let tasks = [0, 1].map { index in
                Task {
                    let other = regions[1 - index]
                    return try await regions[index].value(for: regions[index].key(1)) {
                        both[index].open()
                        await both[1 - index].wait()
                        return try await other.value(for: other.key(1)) { 100 + index }
                    }
                }
            }
            for task in tasks { try expect(try await task.value >= 100, "nothing was loaded") }
        },
        Case("a region that shares its name with one of another type loads for itself") { subject in
            let process = try await Process(subject, VersionedSource())
            let numbers = process.cache.region("mixed", of: Int.self, .ttl(.seconds(60)))
            let texts = process.cache.region("mixed", of: String?.self, .ttl(.seconds(60)))
            let key = numbers.key(1)
            let gate = Gate()
            let number = Task {
                try await numbers.value(for: key) {
                    await gate.wait()
                    return 1
                }
            }
            await gate.arrivals()
            let text = Task { try await texts.value(for: key) { "one" } }
            let bytes = Task { try await texts.bytes(for: key) { "two" } }
            while process.cache.waiting < 3, !Task.isCancelled { await Task.yield() }
            gate.open()
            try expect(try await number.value, is: 1)
            try expect(try await text.value, is: "one")
            try expect(try await bytes.value.value.map { String(buffer: $0) }, is: "\"two\"")
        },
        Case("a key of another cache is loaded and not stored") { subject in
            let process = try await Process(subject, VersionedSource())
            let region = process.cache.region("r", of: Int.self, .ttl(.seconds(60)))
            let foreign = CacheKey(namespace: subject.namespace + "-other", region: "r", 1)
            for value in 1...2 {
                try expect(try await region.value(for: foreign) { value }, is: value)
            }
            try expect(try await process.read(1), is: 1)
            try expect(try await process.read.result(1).source, is: .hit)
        },
        Case("a value that is too large or cannot be written is answered and not stored") { subject in
            let process = try await Process(
                subject, VersionedSource(),
                configuration: CacheConfiguration(leaseDuration: .seconds(30), maximumValueSize: 100))
            let large = process.cache.function("large", .ttl(.seconds(60))) { (_: Int) in
                String(repeating: "x", count: 200)
            }
            let infinite = process.cache.function("infinite", .ttl(.seconds(60))) { (_: Int) in Double.infinity }
            for _ in 0..<2 {
                try expect(try await large(1).count, is: 200)
                try expect(try await infinite(1), is: .infinity)
            }
            try expect(process.cache.statistics["large"]?.loads, is: 2)
            try expect(process.cache.statistics["large"]?.refusedFills, is: 2)
            try expect(process.cache.statistics["infinite"]?.loads, is: 2)
        },
        Case("a store that fails in every call is a miss and no more") { subject in
            let source = VersionedSource()
            let store = InterceptedStore(try await subject.connect(), before: { _ in throw Unreachable() })
            let process = try await Process(subject, source, store: store)
            try expect(try await process.read(1), is: 1)
            source.value = 2
            try expect(try await process.read(1), is: 2)
            try expect(await process.read.invalidate(1), is: .queued)
            try expect(await process.cache.health().state, is: .down)
        },
    ]
}
