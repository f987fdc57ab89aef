// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Larder

@Suite struct KeyHashTests {
    @Test(arguments: [
        ("é", "e\u{301}"), ("K", "\u{212A}"), ("a;b", "a\u{37E}b"), ("`", "\u{1FEF}"),
        ("naïve café", "nai\u{308}ve cafe\u{301}"),
        ("\u{1E9B}\u{323}", "\u{17F}\u{323}\u{307}"), ("\u{AC00}", "\u{1100}\u{1161}"),
    ])
    func equalTextHasOneHash(left: String, right: String) {
        let hash = KeyHash()
        #expect(left == right)
        #expect(hash(left) == hash(right))
        let cache = InProcessCache<String, Int>(limit: .entries(10))
        cache.insert(1, for: left)
        #expect(cache.value(for: right) == 1)
        #expect(cache.remove(right) == 1)
        #expect(cache.count == 0)
    }

    /// Every scalar outside ASCII that equals one of ASCII is known.
    @Test func knowsTheScalarsEquivalentToASCII() {
        let ascii = Set((0..<128 as Range<UInt8>).map { String(Unicode.Scalar($0)) })
        let hash = KeyHash()
        for value in 128...0x10FFFF as ClosedRange<UInt32> {
            guard let scalar = Unicode.Scalar(value), case let text = String(scalar), ascii.contains(text) else {
                continue
            }
            let equal = ascii.first { $0 == text }
            #expect(equal.map { hash($0) } == hash(text), "\(value)")
        }
    }

    @Test func everyByteCounts() {
        let hash = KeyHash()
        for count in 0...70 {
            let text = String(repeating: "a", count: count)
            var hashes: Set<UInt64> = [hash(text), hash(text + "a"), hash(text + "\0")]
            for position in 0..<count {
                var bytes = Array(text.utf8)
                bytes[position] = UInt8(ascii: "b")
                hashes.insert(hash(String(decoding: bytes, as: UTF8.self)))
            }
            #expect(hashes.count == count + 3)
        }
        #expect(hash("a") != KeyHash()("a"), "secrets differ")
    }

    /// Keys that agree in their low or high bits, or follow each other, spread as chance would spread them, whatever
    /// the secrets.
    @Test(arguments: [0, 16, 32, 48, 53])
    func keysThatAgreeInManyBitsSpread(shift: Int) {
        for _ in 0..<100 {
            let hash = KeyHash()
            var shards = [Int](repeating: 0, count: 8)
            var slots = [Int](repeating: 0, count: 64)
            var tags = [Int](repeating: 0, count: 256)
            for key in 0..<1_024 {
                let hash = hash(key << shift)
                shards[Int(hash >> 61)] += 1
                slots[Int(hash >> 26 & 63)] += 1
                tags[Int(hash & 255)] += 1
            }
            // Six standard deviations and more.
            #expect(shards.allSatisfy { (64...192).contains($0) })
            #expect(slots.allSatisfy { $0 <= 44 })
            #expect(tags.allSatisfy { $0 <= 24 })
        }
    }
}
