// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Larder

@Suite struct KeyPatternTests {
    @Test(arguments: [
        ("", "", true), ("", "a", false), ("*", "", true), ("*", "abc", true), ("a*", "abc", true), ("a*", "ba", false),
        ("*c", "abc", true), ("*c*", "abcd", true), ("a*b*c", "aXbXbXc", true), ("a*b*c", "aXbXb", false),
        ("a?c", "abc", true), ("a?c", "ac", false), ("?", "", false), ("[abc]", "b", true), ("[abc]", "d", false),
        ("[^abc]", "d", true), ("[^abc]", "a", false), ("[a-c]x", "bx", true), ("[c-a]x", "bx", true),
        ("[a-c]x", "dx", false), ("[\\]]", "]", true), ("\\*", "*", true), ("\\*", "a", false), ("a\\", "a\\", true),
        ("[abc", "a", true), ("[abc", "d", false), ("[]", "a", false), ("**a", "a", true),
        ("*a*a*a*b", "aaaaaaaa", false),
    ])
    func matchesAsRedisDoes(pattern: String, text: String, isMatch: Bool) {
        #expect(KeyPattern(pattern).matches(Array(text.utf8)) == isMatch)
    }

    @Test func theNamespaceIsNoPartOfIt() {
        let key = CacheKey(namespace: "my shop", region: "product", 42)
        #expect(KeyPattern("product:*").matches(key))
        #expect(KeyPattern("product:i.42").matches(key))
        #expect(!KeyPattern("*:product:*").matches(key))
    }

    @Test func aKeyIsReadFromItsText() throws {
        for key in [
            CacheKey(namespace: "my shop", region: "a:b c", 1),
            CacheKey(namespace: "my shop", region: "plain"),
            CacheKey(namespace: "my shop", region: "orders", Principal(user: "4:2", tenant: "a"), 1),
            CacheKey(namespace: "my shop", region: "long", String(repeating: "x", count: 500)),
        ] {
            let read = try #require(CacheKey(text: key.text, in: "my shop"))
            #expect(read == key && read.region == key.region && read.hashValue == key.hashValue)
        }
        #expect(CacheKey(text: "other:product:i.1", in: "my shop") == nil)
        #expect(CacheKey(text: "my%20shop:+session:x", in: "my shop") == nil)
        // What a near-cache tries.
        #expect(CacheKey(text: "my%20shop:product:i.1~12345678901234567890", in: "my shop") == nil)
    }

    @Test func aKeyThatWasCutBeforeItsArgumentsHasNoRegion() throws {
        let long = String(repeating: "ä", count: 100)
        for key in [
            CacheKey(namespace: "my shop", region: long, 1),
            CacheKey(namespace: "my shop", region: "x" + long, 1),
            CacheKey(namespace: "my shop", region: "xy" + long, 1),
            CacheKey(namespace: "my shop", region: String(repeating: "x", count: 300)),
            CacheKey(namespace: "my shop", region: "orders", Principal(user: long, tenant: long), 1),
        ] {
            let read = try #require(CacheKey(text: key.text, in: "my shop"))
            #expect(read == key && read.region.isEmpty)
        }
    }

    /// Hard for those who try every star again.
    @Test(.timeLimit(.minutes(1))) func manyStarsTakeNoLonger() {
        let pattern = KeyPattern(String(repeating: "*a", count: 200) + "b")
        #expect(!pattern.matches(Array(repeating: UInt8(ascii: "a"), count: 5_000)))
    }
}
