// SPDX-License-Identifier: Apache-2.0

import Larder
import LarderRedis
import RedisDriver
import ServerFixtures
import Testing

@Suite(.timeLimit(.minutes(1))) struct EventBusTests {
    private struct UserUpdated: Codable, Sendable, Equatable {
        var id: Int
    }

    private let userUpdated = EventTopic<UserUpdated>("user_updated")
    private let userDeleted = EventTopic<UserUpdated>("user_deleted")

    private func client(_ port: Int) throws -> RedisClient {
        try RedisClient(RedisClientConfiguration(port: port))
    }

    /// The next event; nil for a gap.
    private func next(_ events: inout EventSubscription<UserUpdated>.Iterator) async -> Int? {
        if case .event(let event)? = await events.next() { event.id } else { nil }
    }

    @Test func anEventReachesWhoeverListens() async throws {
        let server = try await RedisServer()
        let (one, other) = (
            EventBus(try self.client(server.port), namespace: "shop"),
            EventBus(try self.client(server.port), namespace: "shop")
        )
        #expect(try await one.publish(UserUpdated(id: 0), to: self.userUpdated) == 0)
        try await one.subscribe(to: self.userUpdated) { (first) async throws -> Void in
            try await other.subscribe(to: self.userUpdated) { (second) async throws -> Void in
                for id in 1...5 { try await one.publish(UserUpdated(id: id), to: self.userUpdated) }
                for events in [first, second] {
                    var reader = events.makeAsyncIterator()
                    for id in 1...5 { #expect(await self.next(&reader) == id) }
                }
            }
        }
    }

    @Test func topicsAndNamespacesAreApart() async throws {
        let server = try await RedisServer()
        let redis = try self.client(server.port)
        let (shop, other) = (EventBus(redis, namespace: "shop"), EventBus(redis, namespace: "other"))
        try await shop.subscribe(to: self.userUpdated) { (events) async throws -> Void in
            try await shop.publish(UserUpdated(id: 1), to: self.userDeleted)
            try await other.publish(UserUpdated(id: 2), to: self.userUpdated)
            try await shop.publish(UserUpdated(id: 3), to: self.userUpdated)
            var reader = events.makeAsyncIterator()
            #expect(await self.next(&reader) == 3)
        }
    }

    @Test func aServerThatIsKilledIsAGapAndThenGoesOn() async throws {
        let server = try await RedisServer()
        let bus = EventBus(try self.client(server.port), namespace: "shop")
        try await bus.subscribe(to: self.userUpdated) { (events) async throws -> Void in
            var reader = events.makeAsyncIterator()
            await server.kill()
            try await server.restart()
            #expect(await self.next(&reader) == nil)
            while await (try? bus.publish(UserUpdated(id: 1), to: self.userUpdated)) ?? 0 == 0 {
                try await Task.sleep(for: .milliseconds(10))
            }
            #expect(await self.next(&reader) == 1)
        }
    }

    @Test func whatCannotBeReadIsAGap() async throws {
        let server = try await RedisServer()
        let redis = try self.client(server.port)
        let bus = EventBus(redis, namespace: "shop")
        try await bus.subscribe(to: self.userUpdated) { (events) async throws -> Void in
            try await redis.execute(PUBLISH("shop:events:user_updated", "{}"))
            try await bus.publish(UserUpdated(id: 1), to: self.userUpdated)
            try await EventBus(redis, namespace: "shop", codec: .messagePack).publish(
                UserUpdated(id: 2), to: self.userUpdated)
            try await bus.publish(UserUpdated(id: 3), to: self.userUpdated)
            var reader = events.makeAsyncIterator()
            for expected in [nil, 1, nil, 3] { #expect(await self.next(&reader) == expected) }
        }
    }

    @Test func aSlowReaderIsTold() async throws {
        let server = try await RedisServer()
        let bus = EventBus(try self.client(server.port), namespace: "shop")
        try await bus.subscribe(to: self.userUpdated, capacity: 2) { (slow) async throws -> Void in
            try await bus.subscribe(to: self.userUpdated) { (quick) async throws -> Void in
                for id in 1...5 { try await bus.publish(UserUpdated(id: id), to: self.userUpdated) }
                // What the other has heard has been offered to both.
                var reader = quick.makeAsyncIterator()
                for id in 1...5 { #expect(await self.next(&reader) == id) }
                var late = slow.makeAsyncIterator()
                for expected in [1, 2, nil] { #expect(await self.next(&late) == expected) }
            }
        }
    }

    @Test func onAClusterEventsStayOnTheirShard() async throws {
        let cluster = try await RedisServerCluster()
        var configuration = RedisClientConfiguration()
        configuration.topology = .cluster(cluster.addresses)
        let redis = try RedisClient(configuration)
        let bus = EventBus(redis, namespace: "shop")
        let topics = (0..<6).map { EventTopic<UserUpdated>("topic-\($0)") }
        for (id, topic) in topics.enumerated() {
            try await bus.subscribe(to: topic) { (events) async throws -> Void in
                #expect(try await bus.publish(UserUpdated(id: id), to: topic) == 1)
                var reader = events.makeAsyncIterator()
                #expect(await self.next(&reader) == id)
            }
        }
        await redis.close()
    }
}
