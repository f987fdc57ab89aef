// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Testing

@testable import Larder

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite struct RawCacheCodecTests {
    private func expectRoundTrip<Value: Codable & Equatable>(_ value: Value, _ bytes: [UInt8]) throws {
        let codec = RawCacheCodec()
        let written = try codec.encode(value)
        #expect(Array(written.readableBytesView) == bytes)
        #expect(try codec.decode(Value.self, from: written) == value)
    }

    @Test func bytesComeBackAsTheyWere() throws {
        try self.expectRoundTrip(ByteBuffer(bytes: [1, 0, 255]), [1, 0, 255])
        try self.expectRoundTrip(Data([1, 0, 255]), [1, 0, 255])
        try self.expectRoundTrip([1, 0, 255] as [UInt8], [1, 0, 255])
        try self.expectRoundTrip("tee", [116, 101, 101])
        try self.expectRoundTrip(Optional("tee"), [116, 101, 101])
        try self.expectRoundTrip(Data(), [])
    }

    @Test func otherValuesAreRefused() throws {
        #expect(throws: EncodingError.self) { try RawCacheCodec().encode(7) }
        #expect(throws: EncodingError.self) { try RawCacheCodec().encode([1, 2]) }
        #expect(throws: Undecodable.self) { try RawCacheCodec().decode(Int.self, from: ByteBuffer(integer: 7)) }
        #expect(throws: Undecodable.self) { try RawCacheCodec().decode(String.self, from: ByteBuffer(bytes: [255])) }
    }

    @Test func anAbsenceIsNoEmptyValue() async throws {
        let cache = Cache("shop", store: .embedded)
        let image = cache.function("image", .ttl(.seconds(60)), codec: .raw) { (id: Int) -> Data? in
            id == 0 ? nil : Data()
        }
        for source in [CacheSource.miss, .hit] {
            #expect(try await image.result(0) == CacheResult(value: nil, source: source))
            #expect(try await image.result(1) == CacheResult(value: Data(), source: source))
            await cache.settle()
        }
    }
}
