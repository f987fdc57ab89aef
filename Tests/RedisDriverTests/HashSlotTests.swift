// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Testing

@testable import RedisDriver

@Suite struct HashSlotTests {
    /// As `CLUSTER KEYSLOT` answers.
    @Test(arguments: [
        ("", 0), ("123456789", 12_739), ("foo", 12_182), ("user1000", 3_443), ("{user1000}.following", 3_443),
        ("foo{}{bar}", 8_363), ("foo{{bar}}zap", 4_015), ("foo{bar}{zap}", 5_061), ("{", 4_092), ("{}", 15_257),
        ("a{b", 13_340),
    ])
    func aKeyHasTheSlotThatServersGiveIt(key: String, slot: Int) {
        #expect(HashSlot(RedisKey(key)).number == slot)
    }

    @Test func aMapIsReadAsServersWriteIt() throws {
        func node(_ host: RedisValue, _ port: Int64) -> RedisValue {
            .array([host, .integer(port), .string(ByteBuffer(string: "id")), .array([])])
        }
        func text(_ text: String) -> RedisValue { .string(ByteBuffer(string: text)) }
        let asked = RedisAddress(host: "seed", port: 1)
        let value = RedisValue.array([
            .array([.integer(0), .integer(99), node(text("a"), 7_000), node(text("b"), 7_001)]),
            .array([.integer(100), .integer(200), node(.null, 7_002)]),
            .array([.integer(300), .integer(16_383), node(text("a"), 7_000), node(text("b"), 7_001)]),
        ])
        var map = try #require(SlotMap(value, asked: asked))
        func primary(_ slot: Int) -> RedisAddress? { HashSlot(slot).flatMap { map.shard(of: $0) }?.primary }
        #expect(primary(99) == RedisAddress(host: "a", port: 7_000) && primary(16_383) == primary(0))
        #expect(primary(100) == RedisAddress(host: "seed", port: 7_002))
        #expect(primary(250) == nil)
        #expect(map.addresses.count == 3 && map.primaries.count == 2)
        map.move(try #require(HashSlot(250)), to: RedisAddress(host: "c", port: 7_003))
        #expect(primary(250) == RedisAddress(host: "c", port: 7_003) && primary(251) == nil)
        /// A server that does not know its name.
        let unknown = RedisValue.array([
            text("?"), .integer(7_004), text("id"), .map([RedisValue.Pair(key: text("ip"), value: text("10.0.0.1"))]),
        ])
        let apart = SlotMap(.array([.array([.integer(0), .integer(1), unknown])]), asked: asked)
        #expect(apart?.primaries == [RedisAddress(host: "10.0.0.1", port: 7_004)])
        for wrong in [
            RedisValue.null, .array([]), .array([.array([.integer(0), .integer(16_384), node(text("a"), 1)])]),
            .array([.array([.integer(5), .integer(4), node(text("a"), 1)])]),
            .array([.array([.integer(-1), .integer(4), node(text("a"), 1)])]),
            .array([.array([.integer(0), .integer(4), node(text("a"), 99_999)])]),
        ] {
            #expect(SlotMap(wrong, asked: asked) == nil)
        }
    }

    @Test func redirectionsAreRead() {
        let asked = RedisAddress(host: "seed", port: 1)
        func read(_ text: String) -> Redirection? { Redirection(RedisError(answer: text), asked: asked) }
        #expect(
            HashSlot(3_999).map { .moved($0, RedisAddress(host: "127.0.0.1", port: 6_381)) }
                == read("MOVED 3999 127.0.0.1:6381"))
        #expect(read("ASK 3999 ::1:6381") == .ask(RedisAddress(host: "::1", port: 6_381)))
        #expect(read("ASK 3999 :6381") == .ask(RedisAddress(host: "seed", port: 6_381)))
        #expect(read("TRYAGAIN Multiple keys request during rehashing of slot") == .tryAgain)
        #expect(read("CLUSTERDOWN The cluster is down") == .askOthers)
        #expect(read("MOVED 5 ?:7001") == .askOthers)
        for wrong in ["MOVED", "MOVED x a:1", "MOVED 16384 a:1", "MOVED 1 a:0", "MOVED 1 a", "ERR no", "ASK 1"] {
            #expect(read(wrong) == nil)
        }
    }
}
