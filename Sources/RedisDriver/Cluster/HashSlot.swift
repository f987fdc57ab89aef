// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// The part of a cluster's keys that a key belongs to.
///
/// Specification: <https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/>
struct HashSlot: Sendable, Hashable {
    static let count = 16_384

    let number: Int

    /// A slot by its number; nil when there is none of that number.
    init?(_ number: Int) {
        guard (0..<Self.count).contains(number) else { return nil }
        self.number = number
    }

    /// The slot of a key: of what stands between its first braces, if there is something, or else of the whole.
    init(_ key: RedisKey) {
        self.number = key.bytes.withUnsafeReadableBytes { bytes in
            var hashed = bytes[...]
            if let open = bytes.firstIndex(of: UInt8(ascii: "{")),
                let close = bytes[(open + 1)...].firstIndex(of: UInt8(ascii: "}")), close > open + 1
            {
                hashed = bytes[open + 1..<close]
            }
            return Int(Self.checksum(hashed)) % Self.count
        }
    }

    /// The slot that keys have in common; nil when there are no keys.
    ///
    /// - Throws: ``RedisError/Code/crossSlot``.
    static func common(to keys: [RedisKey]) throws(RedisError) -> HashSlot? {
        // Nearly every command has one key.
        keys.count == 1 ? HashSlot(keys[0]) : try Self.common(to: keys.map { HashSlot($0) })
    }

    /// What slots have in common; nil when there are none.
    static func common(to slots: [HashSlot]) throws(RedisError) -> HashSlot? {
        guard let first = slots.first else { return nil }
        guard slots.allSatisfy({ $0 == first }) else {
            throw RedisError(.crossSlot, "the keys belong to different slots of the cluster")
        }
        return first
    }

    /// CRC-16/XMODEM.
    private static func checksum(_ bytes: Slice<UnsafeRawBufferPointer>) -> UInt16 {
        bytes.reduce(0) { checksum, byte in
            checksum << 8 ^ Self.table[Int(checksum >> 8 ^ UInt16(byte))]
        }
    }

    private static let table: [UInt16] = (0..<256).map { byte in
        (0..<8).reduce(UInt16(byte) << 8) { checksum, _ in
            checksum & 0x8000 == 0 ? checksum << 1 : checksum << 1 ^ 0x1021
        }
    }
}
