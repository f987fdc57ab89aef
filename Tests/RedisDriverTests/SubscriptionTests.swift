// SPDX-License-Identifier: Apache-2.0

import NIOConcurrencyHelpers
import NIOCore
import ServerFixtures
import Testing

@testable import RedisDriver

@Suite(.timeLimit(.minutes(1))) struct SubscriptionTests {
    private static func client(_ port: Int) throws -> RedisClient {
        try RedisClient(RedisClientConfiguration(port: port, reconnectPause: .milliseconds(10)))
    }

    private static func message(
        _ text: String, on channel: String, by pattern: String? = nil
    ) throws -> RedisSubscription.Element {
        let kind = pattern == nil ? ["message"] : ["pmessage", pattern ?? ""]
        let parts = (kind + [channel, text]).map { RedisValue.string(ByteBuffer(string: $0)) }
        return .message(try #require(RedisMessage(push: .array(parts))))
    }

    /// Waits until the server has so many subscribers to a channel.
    private static func subscribers(_ count: Int, to channel: String, _ redis: RedisClient) async throws {
        let wanted = RedisValue.array([.string(ByteBuffer(string: channel)), .integer(Int64(count))])
        while try await redis.execute(RawCommand("PUBSUB", "NUMSUB", channel)) != wanted {
            try await Task.sleep(for: .milliseconds(2))
        }
    }

    @Test func messagesArriveInOrderByNameByPatternAndByShard() async throws {
        let server = try await RedisServer()
        let redis = try Self.client(server.port)
        let heard = try await redis.subscribe(
            to: ["prices"], patterns: ["stock:*"], shardChannels: ["shard"]
        ) { subscription in
            for number in 0..<100 {
                #expect(try await redis.execute(PUBLISH("prices", number)) == 1)
                #expect(try await redis.execute(PUBLISH("stock:tea", "s\(number)")) == 1)
            }
            try await redis.execute(RawCommand("SPUBLISH", "shard", "last"))
            #expect(try await redis.execute(PUBLISH("other", "nobody")) == 0)
            var heard: [RedisSubscription.Element] = []
            for await element in subscription {
                heard.append(element)
                if heard.count == 201 { break }
            }
            return heard
        }
        let expected = try (0..<100).flatMap { number in
            [
                try Self.message("\(number)", on: "prices"),
                try Self.message("s\(number)", on: "stock:tea", by: "stock:*"),
            ]
        }
        #expect(heard == (try expected + [Self.message("last", on: "shard")]))
        try await Self.subscribers(0, to: "prices", redis)
    }

    @Test func subscribersOfOneChannelComeAndGoApart() async throws {
        let server = try await RedisServer()
        let redis = try Self.client(server.port)
        try await redis.subscribe(to: ["news"]) { (long) async throws -> Void in
            try await redis.subscribe(to: ["news"]) { (short) async throws -> Void in
                #expect(try await redis.execute(PUBLISH("news", "both")) == 1, "one connection for all")
                var reader = short.makeAsyncIterator()
                #expect(await reader.next() == (try Self.message("both", on: "news")))
            }
            try await redis.execute(PUBLISH("news", "one"))
            var reader = long.makeAsyncIterator()
            #expect(await reader.next() == (try Self.message("both", on: "news")))
            #expect(await reader.next() == (try Self.message("one", on: "news")))
        }
        try await Self.subscribers(0, to: "news", redis)
        try await redis.subscribe(to: ["news"]) { (again) async throws -> Void in
            try await redis.execute(PUBLISH("news", "again"))
            var reader = again.makeAsyncIterator()
            #expect(await reader.next() == (try Self.message("again", on: "news")))
        }
    }

    @Test func aLostConnectionIsAGapAndThenGoesOn() async throws {
        let server = try await RedisServer()
        let redis = try Self.client(server.port)
        try await redis.subscribe(to: ["news"], patterns: ["n*"]) { (subscription) async throws -> Void in
            var reader = subscription.makeAsyncIterator()
            for round in 0..<5 {
                #expect(try await redis.execute(RawCommand("CLIENT", "KILL", "TYPE", "pubsub")).integer == 1)
                #expect(await reader.next() == .gap)
                #expect(try await redis.execute(PUBLISH("news", round)) == 2, "both are subscribed to again")
                let two = [await reader.next(), await reader.next()]
                #expect(two.contains(try Self.message("\(round)", on: "news")))
                #expect(two.contains(try Self.message("\(round)", on: "news", by: "n*")))
            }
            #expect(subscription.droppedMessages == 0)
        }
    }

    /// Two spellings of a letter are two channels, also when they are subscribed to again.
    @Test func channelsAreComparedByBytes() async throws {
        let server = try await RedisServer()
        let redis = try Self.client(server.port)
        try await redis.subscribe(to: ["caf\u{E9}"]) { (one) async throws -> Void in
            try await redis.subscribe(to: ["cafe\u{301}"]) { (two) async throws -> Void in
                try await redis.execute(RawCommand("CLIENT", "KILL", "TYPE", "pubsub"))
                var (first, second) = (one.makeAsyncIterator(), two.makeAsyncIterator())
                #expect(await first.next() == .gap)
                #expect(await second.next() == .gap)
                #expect(try await redis.execute(PUBLISH("caf\u{E9}", 1)) == 1)
                #expect(try await redis.execute(PUBLISH("cafe\u{301}", 2)) == 1)
                #expect(await first.next() == (try Self.message("1", on: "caf\u{E9}")))
                #expect(await second.next() == (try Self.message("2", on: "cafe\u{301}")))
            }
        }
    }

    @Test func nothingToSubscribeToIsAnError() async throws {
        let server = try await RedisServer()
        let redis = try Self.client(server.port)
        let error = await #expect(throws: RedisError.self) { try await redis.subscribe { _ in Issue.record() } }
        #expect(error?.code == .invalidCommand)
    }

    /// Whoever comes while the client is closed is not left to read for ever.
    @Test func nobodySubscribesToAClosedClient() async throws {
        let server = try await RedisServer()
        let redis = try Self.client(server.port)
        let topic = SubscriptionTopic(kind: .channel, name: "a")
        try await redis.subscribe(to: ["a"]) { _ in }
        let all = redis.servers.subscriptions
        let (subscriptions, early) = try all.add(SubscriptionBuffer(capacity: 1), to: [topic])
        #expect(!subscriptions.confirm(early, on: 0), "let in on a connection that is gone")
        await redis.close()
        let buffer = SubscriptionBuffer(capacity: 1)
        let id = subscriptions.add(buffer, to: [topic])
        #expect(await buffer.next() == nil)
        #expect(!subscriptions.confirm(id, on: 1))
    }

    @Test func aSlowReaderMissesMessagesAndIsTold() async throws {
        let server = try await RedisServer()
        let redis = try Self.client(server.port)
        try await redis.subscribe(to: ["news"], capacity: 5) { (slow) async throws -> Void in
            try await redis.subscribe(to: ["news"]) { (quick) async throws -> Void in
                for number in 0..<20 { try await redis.execute(PUBLISH("news", number)) }
                // What the other has heard has been offered to both.
                var reader = quick.makeAsyncIterator()
                for number in 0..<20 { #expect(await reader.next() == (try Self.message("\(number)", on: "news"))) }
                var late = slow.makeAsyncIterator()
                for number in 0..<5 { #expect(await late.next() == (try Self.message("\(number)", on: "news"))) }
                #expect(await late.next() == .gap)
                #expect(slow.droppedMessages == 15)
                try await redis.execute(PUBLISH("news", "on"))
                #expect(await late.next() == (try Self.message("on", on: "news")))
            }
        }
    }

    @Test func cancellingOrClosingEndsTheReading() async throws {
        let server = try await RedisServer()
        let redis = try Self.client(server.port)
        let begun = NIOLockedValueBox(0)
        let cancelled = Task {
            try await redis.subscribe(to: ["a"]) { subscription in
                begun.withLockedValue { $0 += 1 }
                for await _ in subscription {}
                return Task.isCancelled
            }
        }
        let closed = Task {
            try await redis.subscribe(to: ["b"]) { subscription in
                begun.withLockedValue { $0 += 1 }
                for await _ in subscription {}
                return Task.isCancelled
            }
        }
        while begun.withLockedValue({ $0 }) < 2 { try await Task.sleep(for: .milliseconds(1)) }
        cancelled.cancel()
        #expect(try await cancelled.value)
        try await Self.subscribers(0, to: "a", redis)
        await redis.close()
        #expect(try await !closed.value)
        await #expect(throws: RedisError.self) { try await redis.subscribe(to: ["c"]) { _ in } }
    }

    /// As when another server takes over while the old one lives on.
    @Test func aConnectionThatMakesRoomForAnotherLeavesAGap() async throws {
        let server = try await RedisServer()
        let redis = try Self.client(server.port)
        try await redis.subscribe(to: ["a"]) { (subscription) async throws -> Void in
            redis.servers.subscriptions.replaceConnections(within: .zero)
            var reader = subscription.makeAsyncIterator()
            #expect(await reader.next() == .gap)
            try await redis.execute(PUBLISH("a", "on"))
            #expect(await reader.next() == (try Self.message("on", on: "a")))
        }
    }

    @Test func whatCannotBeSubscribedToIsAnError() async throws {
        let server = try await RedisServer()
        let admin = try Self.client(server.port)
        try await admin.execute(RawCommand("ACL", "SETUSER", "default", "resetchannels", "&public"))
        let redis = try Self.client(server.port)
        let error = await #expect(throws: RedisError.self) {
            try await redis.subscribe(to: ["public", "secret"]) { _ in Issue.record("must not begin") }
        }
        #expect(error?.prefix == "NOPERM")
        try await redis.subscribe(to: ["public"]) { (subscription) async throws -> Void in
            _ = try? await redis.subscribe(to: ["secret"]) { _ in }
            try await admin.execute(PUBLISH("public", "on"))
            var reader = subscription.makeAsyncIterator()
            #expect(await reader.next() == (try Self.message("on", on: "public")), "another's fault is not ours")
        }

        try await redis.subscribe(to: ["public"]) { (subscription) async throws -> Void in
            try await admin.execute(RawCommand("ACL", "SETUSER", "default", "resetchannels"))
            try await admin.execute(RawCommand("CLIENT", "KILL", "TYPE", "pubsub"))
            for await element in subscription { #expect(element == .gap) }
        }
        let nobody = try Self.client(1)
        await #expect(throws: RedisError.self) { try await nobody.subscribe(to: ["a"]) { _ in } }
    }

    // MARK: The values beneath

    @Test func theTableKnowsWhatNobodyNeedsAnyMore() {
        var table = SubscriptionTable()
        let (news, prices) = (
            SubscriptionTopic(kind: .channel, name: "news"), SubscriptionTopic(kind: .pattern, name: "news")
        )
        let first = table.add(SubscriptionBuffer(capacity: 1), to: [news, prices, news])
        let second = table.add(SubscriptionBuffer(capacity: 1), to: [news])
        #expect(table.topics.isEmpty, "nobody was let in yet")
        table.confirm(first)
        #expect(Set(table.topics) == [news, prices])
        #expect(table.buffers.count == 2)
        #expect(table.buffers(of: news).count == 2)
        #expect(table.remove(first, from: [news, prices, news]) == [prices])
        #expect(table.remove(first, from: [news, prices]) == [])
        #expect(table.topics.isEmpty)
        table.confirm(second)
        #expect(table.topics == [news])
        #expect(table.remove(second, from: [news]) == [news])
        #expect(table.topics.isEmpty)
    }

    @Test func aCancelledReaderTakesNothing() async {
        let buffer = SubscriptionBuffer(capacity: 10)
        let reader = Task { await buffer.next() }
        await Task.yield()
        reader.cancel()
        #expect(await reader.value == nil)
        buffer.put(.gap)
        #expect(await buffer.next() == .gap)
    }
}
