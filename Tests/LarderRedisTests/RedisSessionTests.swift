// SPDX-License-Identifier: Apache-2.0

import Larder
import LarderRedis
import LarderSessions
import LarderTesting
import NIOConcurrencyHelpers
import NIOCore
import RedisDriver
import ServerFixtures
import Testing

/// One server for the suite, and one cluster.
private let server = Task { try await RedisServer() }
private let cluster = Task { try await RedisServerCluster() }

@Suite(.timeLimit(.minutes(2))) struct RedisSessionTests {
    struct UnderTest: SessionStoreUnderTest {
        let configuration: RedisClientConfiguration
        /// The process that asks each time; nil for another each time.
        var store: RedisSessionStore?

        func connect() async throws -> any SessionStore {
            try self.store ?? RedisSessionStore(RedisClient(self.configuration), timeout: .seconds(10))
        }

        func advance(by duration: Duration) async throws { try await Task.sleep(for: duration) }
    }

    struct Basket: Codable, Sendable, Equatable {
        var items: [String] = []
    }

    private func manager(
        _ port: Int, _ configuration: SessionConfiguration = SessionConfiguration(), key: UInt8 = 1
    ) throws -> SessionManager<Basket> {
        let client = try RedisClient(RedisClientConfiguration(port: port))
        let seal = try SealingKeys(current: .init(id: UInt32(key), secret: Array(repeating: key, count: 32)))
        return SessionManager(
            "shop", initial: Basket(), store: .redis(client, timeout: .seconds(5)),
            keys: try SessionKeys(sealing: seal, owners: Array(repeating: 7, count: 32)), configuration: configuration)
    }

    @Test(arguments: SessionStoreConformance.cases)
    func conforms(_ testCase: SessionStoreConformance.Case) async throws {
        try await testCase.run(
            on: UnderTest(configuration: RedisClientConfiguration(port: try await server.value.port)))
    }

    /// A process that has seen a session asks for it in another way.
    @Test(arguments: SessionStoreConformance.cases)
    func conformsAsOneProcess(_ testCase: SessionStoreConformance.Case) async throws {
        let configuration = RedisClientConfiguration(port: try await server.value.port)
        let store = RedisSessionStore(try RedisClient(configuration), timeout: .seconds(10))
        try await testCase.run(on: UnderTest(configuration: configuration, store: store))
    }

    @Test(arguments: SessionStoreConformance.cases, [true, false])
    func conformsOnACluster(_ testCase: SessionStoreConformance.Case, isOneProcess: Bool) async throws {
        var configuration = RedisClientConfiguration(reconnectPause: .milliseconds(10))
        configuration.topology = .cluster(try await cluster.value.addresses)
        let store = try isOneProcess ? RedisSessionStore(RedisClient(configuration), timeout: .seconds(10)) : nil
        try await testCase.run(on: UnderTest(configuration: configuration, store: store))
    }

    @Test func aLogoutIsNotUndoneByReadsAndChangesAtTheSameTime() async throws {
        let port = try await server.value.port
        let processes = try [self.manager(port), self.manager(port)]
        for round in 0..<1_000 {
            let user = Principal(user: "race-\(round)")
            let id = try await processes[0].login(user).id
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<50 {
                    group.addTask {
                        let process = processes[number % 2]
                        if number == 25 {
                            if round.isMultiple(of: 2) {
                                try await process.revoke(id)
                            } else {
                                try await process.revokeAll(of: user)
                            }
                        } else if number.isMultiple(of: 5) {
                            do {
                                try await process.update(id) { $0.items.append("\(number)") }
                            } catch let error as SessionError where error.code == .ended {}
                        } else {
                            _ = try await process.session(id)
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await processes[0].session(id) == nil)
            #expect(try await processes[1].sessions(of: user).isEmpty)
        }
    }

    @Test func whatBeganBeforeAllWereEndedIsOverAndWhatBeginsAfterIsNot() async throws {
        let port = try await server.value.port
        let proxy = try await FaultProxy(to: port)
        let slow = try self.manager(proxy.port)
        let other = try self.manager(port)
        let user = Principal(user: "late")
        _ = try await slow.login(user)
        // Its beginning is carried out, but not answered before all have ended.
        proxy.set(.hang)
        async let issued = slow.login(user)
        while try await other.sessions(of: user).count < 2 { try await Task.sleep(for: .milliseconds(2)) }
        #expect(try await other.revokeAll(of: user) == 2)
        proxy.set(.none)
        #expect(try await other.session(try await issued.id) == nil)
        // Its beginning is carried out only after all have ended.
        proxy.holdRequests(true)
        async let later = slow.login(user)
        try await Task.sleep(for: .milliseconds(100))
        #expect(try await other.revokeAll(of: user) == 0)
        proxy.holdRequests(false)
        let id = try await later.id
        #expect(try await other.session(id) != nil)
    }

    @Test func noLoginByATokenOutlivesTheEndOfAll() async throws {
        let port = try await server.value.port
        let processes = try [self.manager(port), self.manager(port)]
        for round in 0..<300 {
            let user = Principal(user: "remembered-\(round)")
            let token = try await processes[0].remember(user)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<10 {
                    group.addTask {
                        let process = processes[number % 2]
                        if number == round % 10 {
                            try await process.revokeAll(of: user)
                        } else {
                            _ = try await process.login(remembered: token)
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await processes[1].sessions(of: user).isEmpty)
            #expect(try await processes[0].login(remembered: token) == nil)
        }
    }

    @Test func aReadIsOneRoundTripAndSoIsAChangeOfWhatIsKnown() async throws {
        let proxy = try await FaultProxy(to: try await server.value.port)
        let manager = try self.manager(proxy.port, SessionConfiguration(touchInterval: .milliseconds(1)))
        let issued = try await manager.login(Principal(user: "trips"))
        _ = try await manager.session(issued.id)
        try await manager.update(issued.id) { $0.items = ["first"] }
        try await Task.sleep(for: .milliseconds(5))
        proxy.resetCount()
        // It slides, too.
        let session = try #require(try await manager.session(issued.id))
        #expect(proxy.roundTrips == 1)
        #expect(session.lastUsed > session.created)
        proxy.resetCount()
        try await manager.update(issued.id, from: session) { $0.items = ["tea"] }
        #expect(proxy.roundTrips == 1)
    }

    @Test func aSessionThatWasJustUsedIsReadWithoutAScript() async throws {
        let server = try await RedisServer()
        let proxy = try await FaultProxy(to: server.port)
        let manager = try self.manager(proxy.port)
        let admin = try RedisClient(RedisClientConfiguration(port: server.port))
        func scripts() async throws -> String {
            let stats = try await admin.execute(RawCommand("INFO", "commandstats")).text ?? ""
            return stats.split(separator: "\r\n").filter { $0.hasPrefix("cmdstat_eval") }.joined()
        }
        let id = try await manager.login(Principal(user: "17")).id
        _ = try await manager.session(id)
        let before = try await scripts()
        proxy.resetCount()
        for _ in 0..<10 { #expect(try await manager.session(id) != nil) }
        #expect(proxy.roundTrips == 10)
        #expect(try await scripts() == before)
        // What another process does to it is seen all the same.
        try await self.manager(server.port).update(id) { $0.items = ["tea"] }
        #expect(try await manager.session(id)?.value.items == ["tea"])
        try await self.manager(server.port).revoke(id)
        #expect(try await manager.session(id) == nil)
    }

    /// What an intruder who reads all of the server finds.
    @Test func aDumpHoldsNoIDAndNothingThatASessionHolds() async throws {
        let server = try await RedisServer()
        let manager = try self.manager(server.port)
        let admin = try RedisClient(RedisClientConfiguration(port: server.port))
        var secrets = ["a very private word", "user-4711-of-the-shop"]
        for number in 0..<20 {
            let id =
                try await number.isMultiple(of: 2)
                ? manager.login(Principal(user: "user-4711-of-the-shop")) { $0.items = ["a very private word"] }.id
                : manager.create { $0.items = ["a very private word"] }.id
            try await manager.update(id) { $0.items.append("a very private word, again") }
            secrets.append(id.text)
            // Nor the part that is secret, however it is written.
            secrets.append(String(id.text.prefix(42)))
        }
        let token = try await manager.remember(Principal(user: "user-4711-of-the-shop"))
        let next = try #require(try await manager.login(remembered: token)).token
        for text in [token.text, next.text] { secrets += [text, String(text.dropFirst(24).prefix(42))] }
        var dump: [String] = []
        for try await key in admin.keys() {
            dump.append(String(buffer: key.bytes))
            guard case .string(let bytes) = try await admin.execute(RawCommand("DUMP", key)) else { continue }
            dump.append(String(buffer: bytes))
            if case .map(let pairs) = try await admin.execute(RawCommand("HGETALL", key)) {
                dump += pairs.flatMap { [$0.key.text ?? "", $0.value.text ?? ""] }
            }
        }
        #expect(dump.count > 40)
        for secret in secrets { #expect(!dump.contains { $0.contains(secret) }) }
    }

    @Test func nothingOfASessionIsLeftAfterItsTime() async throws {
        let server = try await RedisServer()
        let manager = try self.manager(
            server.port, SessionConfiguration(idleTimeout: .milliseconds(1_500), absoluteTimeout: .seconds(60)))
        let admin = try RedisClient(RedisClientConfiguration(port: server.port))
        let id = try await manager.login(Principal(user: "short")).id
        for _ in 0..<2 {
            try await Task.sleep(for: .milliseconds(300))
            #expect(try await manager.session(id) != nil)
            #expect(try await admin.execute(RawCommand("DBSIZE")).integer == 1)
        }
        try await Task.sleep(for: .milliseconds(1_700))
        #expect(try await admin.execute(RawCommand("DBSIZE")).integer == 0)
        // No longer than to the end that no use puts off.
        let brief = try self.manager(
            server.port, SessionConfiguration(idleTimeout: .seconds(60), absoluteTimeout: .milliseconds(600)))
        _ = try await brief.login(Principal(user: "brief"))
        try await Task.sleep(for: .milliseconds(800))
        #expect(try await admin.execute(RawCommand("DBSIZE")).integer == 0)
    }

    @Test func foreignBytesAreNoSession() async throws {
        let server = try await RedisServer()
        let manager = try self.manager(server.port)
        let admin = try RedisClient(RedisClientConfiguration(port: server.port))
        for head in [
            "", "x", "1 2 3 4", "1 2 3 4 5 6", "-1 2 3 4 5", "1 2 3 4 99999999999999999999999999", "1e3 2 3 4 5",
            "100000000000000004764729344 4102444800000 4102444800000 0 4102444800000",
            String(repeating: "9", count: 400) + " 1 4102444800000 0 4102444800000",
        ] {
            let id = try await manager.login(Principal(user: "foreign")).id
            let key = "shop:+session:\(id.owner.text)"
            try await admin.execute(RawCommand("HSET", key, "h:\(id.digest)", head))
            #expect(try await manager.session(id) == nil, "\(head)")
            // Nor does it keep others from being listed.
            _ = try await manager.sessions(of: Principal(user: "foreign"))
        }
        let id = try await manager.login(Principal(user: "foreign")).id
        let key = "shop:+session:\(id.owner.text)"
        for payload in ["", "x", String(repeating: "x", count: 100)] {
            try await admin.execute(RawCommand("HSET", key, "p:\(id.digest)", payload))
            #expect(try await manager.session(id) == nil)
        }
        try await admin.execute(RawCommand("HDEL", key, "p:\(id.digest)"))
        #expect(try await manager.session(id) == nil)
        try await admin.execute(RawCommand("SET", key, "a string"))
        await #expect { _ = try await manager.session(id) } throws: { ($0 as? SessionError)?.code == .unavailable }
    }

    /// A clock that is set back leaves times behind that lie ahead.
    @Test func noSessionOutlivesItsTimesWhenTheClockIsSetBack() async throws {
        let server = try await RedisServer()
        let manager = try self.manager(
            server.port,
            SessionConfiguration(idleTimeout: .milliseconds(600), absoluteTimeout: .milliseconds(1_500)))
        let admin = try RedisClient(RedisClientConfiguration(port: server.port))
        let user = Principal(user: "17")
        func ahead() async throws -> SessionID {
            let id = try await manager.login(user).id
            let time = "4102444800000"
            try await admin.execute(
                RawCommand(
                    "HSET", "shop:+session:\(id.owner.text)", "h:\(id.digest)", "1 \(time) \(time) \(time) \(time)"))
            try await admin.execute(RawCommand("PERSIST", "shop:+session:\(id.owner.text)"))
            return id
        }
        let idle = try await ahead()
        let used = try #require(try await manager.session(idle))
        #expect(used.isAuthenticated(within: .milliseconds(100)))
        try await Task.sleep(for: .milliseconds(700))
        #expect(try await manager.session(idle) == nil)
        // One that is used lasts to its end from then on.
        let busy = try await ahead()
        let start = ContinuousClock.now
        while try await manager.session(busy) != nil { try await Task.sleep(for: .milliseconds(50)) }
        #expect(ContinuousClock.now - start < .seconds(10))
        // A listing finds it out too.
        _ = try await ahead()
        #expect(try await manager.sessions(of: user).count == 1)
        try await Task.sleep(for: .milliseconds(700))
        #expect(try await manager.sessions(of: user).isEmpty)
    }

    @Test func aServerThatDoesNotAnswerIsNoLogout() async throws {
        let server = try await RedisServer()
        let manager = try self.manager(server.port)
        let id = try await manager.login(Principal(user: "17")).id
        server.pause()
        let start = ContinuousClock.now
        await #expect { _ = try await manager.session(id) } throws: { ($0 as? SessionError)?.code == .unavailable }
        #expect(ContinuousClock.now - start < .seconds(8))
        server.resume()
        while true {
            if let session = try? await manager.session(id) {
                #expect(session.principal == Principal(user: "17"))
                break
            }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    @Test func sessionsAreReadWhenTheServerHasNoMemoryLeft() async throws {
        let server = try await RedisServer()
        let manager = try self.manager(server.port, SessionConfiguration(touchInterval: .milliseconds(1)))
        let admin = try RedisClient(RedisClientConfiguration(port: server.port))
        let user = Principal(user: "17")
        let id = try await manager.login(user).id
        let other = try await manager.login(user).id
        try await admin.execute(RawCommand("CONFIG", "SET", "maxmemory", "1"))
        try await Task.sleep(for: .milliseconds(5))
        #expect(try await manager.session(id) != nil)
        await #expect { try await manager.update(id) { $0.items = ["tea"] } } throws: {
            ($0 as? SessionError)?.code == .unavailable
        }
        #expect(try await manager.revoke(other))
        #expect(try await manager.revokeAll(of: user) == 1)
    }
}
