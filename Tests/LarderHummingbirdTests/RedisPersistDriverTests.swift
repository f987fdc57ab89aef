// SPDX-License-Identifier: Apache-2.0

#if Hummingbird
import Hummingbird
import Larder
import LarderHummingbird
import RedisDriver
import ServerFixtures
import Testing

@Suite(.timeLimit(.minutes(1))) struct RedisPersistDriverTests {
    private struct Invitation: Codable, Sendable, Equatable {
        var name: String
        var seats: Int
    }

    /// As Hummingbird's own driver does.
    @Test func valuesAreKeptAsThePersistFrameworkSays() async throws {
        let server = try await RedisServer()
        let driver: any PersistDriver = RedisPersistDriver(
            try RedisClient(RedisClientConfiguration(port: server.port)), namespace: "shop")
        let one = Invitation(name: "Anna", seats: 2)
        #expect(try await driver.get(key: "a", as: Invitation.self) == nil)
        #expect(try await driver.getWithTTL(key: "a", as: Invitation.self) == nil)
        try await driver.create(key: "a", value: one, expires: .seconds(60))
        await #expect(throws: PersistError.duplicate) { try await driver.create(key: "a", value: one) }
        #expect(try await driver.get(key: "a", as: Invitation.self) == one)
        // One that is set without a time keeps the time it has.
        try await driver.set(key: "a", value: Invitation(name: "Anna", seats: 3))
        let found = try #require(try await driver.getWithTTL(key: "a", as: Invitation.self))
        #expect(found.object.seats == 3)
        let left = try #require(found.ttl)
        #expect(left > .seconds(50) && left <= .seconds(60))
        try await driver.set(key: "b", value: 7)
        #expect(try await driver.getWithTTL(key: "b", as: Int.self)?.ttl == nil)
        await #expect(throws: PersistError.invalidConversion) { _ = try await driver.get(key: "a", as: Int.self) }
        try await driver.remove(key: "a")
        #expect(try await driver.get(key: "a", as: Invitation.self) == nil)
        try await driver.set(key: "c", value: 1, expires: .milliseconds(50))
        try await Task.sleep(for: .milliseconds(100))
        #expect(try await driver.get(key: "c", as: Int.self) == nil)
        try await driver.create(key: "c", value: 2)
    }

    @Test func aValueWithItsTimeIsOneRoundTrip() async throws {
        let server = try await RedisServer()
        let proxy = try await FaultProxy(to: server.port)
        let driver = RedisPersistDriver(
            try RedisClient(RedisClientConfiguration(port: proxy.port)), namespace: "shop")
        try await driver.set(key: "a", value: 1, expires: .seconds(60))
        proxy.resetCount()
        _ = try await driver.getWithTTL(key: "a", as: Int.self)
        #expect(proxy.roundTrips == 1)
    }
}
#endif
