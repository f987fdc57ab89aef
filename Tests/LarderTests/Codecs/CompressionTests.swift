// SPDX-License-Identifier: Apache-2.0

#if Compression
import NIOCore
import Testing

@testable import Larder

@Suite struct CompressionTests {
    private struct Case {
        let store = EmbeddedStore()
        let cache: Cache
        let text: CacheFunction<String, Int>

        /// - Parameter length: How long values are.
        init(length: Int = 4_000, threshold: Int? = 1_024, keys: SealingKeys? = nil) {
            self.cache = Cache("shop", store: self.store)
            var text = self.cache.function("text", .ttl(.seconds(60)), codec: .raw) { (_: Int) in
                String(repeating: "a", count: length)
            }
            if let threshold { text = text.compressed(from: threshold) }
            if let keys { text = text.sealed(with: keys) }
            self.text = text
        }

        /// The stored entry, once it was read back as it was.
        func stored() async throws -> Entry {
            let value = try await self.text(1)
            await self.cache.settle()
            let hit = try await self.text.result(1)
            #expect(hit == CacheResult(value: value, source: .hit))
            #expect(try await self.text.bytes(1).value == ByteBuffer(string: value))
            return try await self.entry()
        }

        func entry() async throws -> Entry {
            guard case .entry(let entry) = try await self.store.read(self.text.key(1), since: nil).record else {
                throw Undecodable(reason: "no entry")
            }
            return entry
        }
    }

    @Test func aLargeValueIsCompressed() async throws {
        let entry = try await Case().stored()
        #expect(entry.codec.rawValue == 0x16)
        #expect(entry.payload.readableBytes < 100)
    }

    @Test func aSmallOneIsNot() async throws {
        #expect(try await Case(length: 1_023).stored().codec == .raw)
        #expect(try await Case(length: 1_024).stored().codec != .raw)
    }

    @Test(arguments: [(8_500, true), (9_500, false)])
    func onlyWhatIsATenthSmallerIsStoredSo(random: Int, isCompressed: Bool) throws {
        let bytes = (0..<10_000).map { $0 < random ? UInt8.random(in: 0...255) : 0 }
        let transform = PayloadTransform(compressionThreshold: 0, maximumSize: 10_000)
        let key = CacheKey(namespace: "shop", region: "image", 7)
        var entry = Entry(kind: .value, codec: .raw, payload: ByteBuffer(bytes: bytes))
        try transform.apply(to: &entry, under: key)
        #expect((entry.codec.compression == .zlib) == isCompressed)
        #expect(try transform.payload(of: entry, under: key) == ByteBuffer(bytes: bytes))
    }

    @Test func aCompressedValueIsSealedToo() async throws {
        let keys = try SealingKeys(current: SealingKeys.Key(id: 1, secret: [UInt8](repeating: 7, count: 32)))
        let entry = try await Case(keys: keys).stored()
        #expect(entry.codec.rawValue == 0x96)
        #expect(entry.payload.readableBytes < 128)
    }

    @Test func aRegionThatDoesNotCompressReadsWhatOneHasWritten() async throws {
        let case_ = Case()
        _ = try await case_.stored()
        let other = Cache("shop", store: case_.store)
            .function("text", .ttl(.seconds(60)), codec: .raw) { (_: Int) in "loaded" }
        #expect(try await other.result(1).source == .hit)
    }

    /// What is damaged, or claims a size that it has not, or a larger one than may be, is a miss.
    @Test func aDamagedValueIsAMiss() async throws {
        let damages: [(inout ByteBuffer) -> Void] = [
            { $0.setInteger(UInt32.max, at: 0) },
            { $0.setInteger(UInt32(3_999), at: 0) },
            { $0.setInteger(UInt32(4_001), at: 0) },
            { $0.setInteger(UInt32(17 << 20), at: 0) },
            { $0.setInteger(UInt32(16 << 20), at: 0) },
            { $0.moveWriterIndex(to: 3) },
            { $0.moveWriterIndex(to: 4) },
            { $0.clear() },
            { $0.moveWriterIndex(to: $0.writerIndex - 1) },
            { $0.setInteger(($0.getInteger(at: 10) ?? 0) ^ UInt8(1), at: 10) },
        ]
        let case_ = Case()
        let entry = try await case_.stored()
        for (index, damage) in damages.enumerated() {
            var damaged = entry
            damage(&damaged.payload)
            case_.store.plant(damaged.encoded(), for: case_.text.key(1), keptFor: .seconds(60))
            #expect(try await case_.text.result(1).source == .miss, "damage \(index)")
            await case_.cache.settle()
        }
    }
}
#endif
