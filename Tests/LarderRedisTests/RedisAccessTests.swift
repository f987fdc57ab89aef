// SPDX-License-Identifier: Apache-2.0

import Larder
import LarderRedis
import LarderSessions
import LarderTesting
import RedisDriver
import ServerFixtures
import Testing

@Suite(.timeLimit(.minutes(2))) struct RedisAccessTests {
    private static let policy = AccessPolicy([
        .allow(.everyone, to: .read, in: .shared.regions("product")),
        .allow(.users, to: .read, .invalidate, in: .own),
        .allow(.tenant("acme"), to: .read, in: .ownTenant),
        .allow(.role("editor"), to: .read, .invalidate, in: .everything.regions("product", "page")),
    ])
    private static let acme = Identity(Principal(user: nil, tenant: "acme"))

    /// A server, and a client who may do everything.
    private func server(_ users: [String: RedisAccess]) async throws -> (server: RedisServer, admin: RedisClient) {
        let server = try await RedisServer(
            .init(users: users.map { "\($0) on >secret \($1.rules.joined(separator: " "))" }))
        return (server, try RedisClient(url: server.url))
    }

    private func client(_ user: String, _ server: RedisServer) throws -> RedisClient {
        try RedisClient(url: "redis://\(user):secret@127.0.0.1:\(server.port)")
    }

    @Test func aUserWithTheRulesHasTheRightsAndNoOthers() async throws {
        let all = try RedisAccess(to: "shop")
        let users: [String: RedisAccess] = [
            "all": all, "cache": try RedisAccess(to: "shop", for: .cache),
            "sweeper": try RedisAccess(to: "shop", for: [.cache, .patterns]),
            "sessions": try RedisAccess(to: "shop", for: .sessions),
            "acme": try RedisAccess(to: "shop", for: .cache, as: Self.acme, by: Self.policy),
            "editor": try RedisAccess(to: "shop", for: .cache, as: Identity(roles: ["editor"]), by: Self.policy),
        ]
        let (server, admin) = try await self.server(users)
        defer { withExtendedLifetime(server) {} }
        for (user, access) in users { #expect(try await access.deviations(of: user, on: admin) == [], "\(user)") }
        // What is too much is found, and what is too little.
        let extra = try await users["cache"]?.deviations(of: "sweeper", on: admin)
        #expect(extra?.map(\.description) == ["SCAN 0 is allowed"])
        let sessions = try #require(try await users["sessions"]?.deviations(of: "all", on: admin))
        #expect(
            sessions.contains { $0.isAllowed && $0.command == "GET shop:+limit:x" } && sessions.allSatisfy(\.isAllowed))
        let missing = try await all.deviations(of: "cache", on: admin)
        #expect(
            missing.contains { !$0.isAllowed && $0.command == "GET shop:+session:x" }
                && missing.allSatisfy { !$0.isAllowed })
        let superuser = try await all.deviations(of: "default", on: admin)
        #expect(superuser.contains { $0.command == "FLUSHALL" } && superuser.allSatisfy(\.isAllowed))
        await #expect(throws: RedisError.self) { try await all.deviations(of: "nobody", on: admin) }
    }

    /// All that Larder does goes with the rights that it says it needs.
    @Test func theRulesAreEnough() async throws {
        let (server, admin) = try await self.server([
            "app": try RedisAccess(to: "register", for: [.all, .patterns])
        ])
        let client = try self.client("app", server)
        let store = RedisStore(client, configuration: .patient)
        let cache = Cache("register", store: store)
        let value = cache.function("value", .sliding(idle: .seconds(60), atMost: .seconds(600))) { (id: Int) in id }
            .tagged { _, id in ["id:\(id)"] }
        let held = cache.function("held", .ttl(.seconds(60)).holdOff(.seconds(1))) { (id: Int) in id }
        for id in 1...3 { #expect(try await value(id) == id) }
        await cache.settle()
        #expect(try await value.result(1).source != .miss)
        #expect(await value.invalidate(1) == .applied)
        #expect(try await cache.invalidate(tags: ["id:2"]) == .applied)
        #expect(try await held(1) == 1)
        #expect(await held.invalidate(1) == .applied)
        let (count, outcome) = await cache.invalidate(matching: "*")
        #expect(count >= 1 && outcome == .applied)
        #expect(await cache.clear() == .applied)
        let limiter = RateLimiter("login", .rate(1, per: .seconds(1)), in: "register", store: .redis(client))
        #expect(try await limiter.check("ann").outcome == .allowed)
        try await self.useSessions(of: client)
        #expect(try await RedisLock("job", in: "register", on: client).withLock { _ in true })
        let bus = EventBus(client, namespace: "register")
        let topic = EventTopic<Int>("t")
        try await bus.subscribe(to: topic) { _ in
            let told = try await bus.publish(1, to: topic)
            #expect(told == 1)
        }
        let refused = try await admin.execute(RawCommand("ACL", "LOG"))
        #expect(refused == .array([]))
    }

    private func useSessions(of client: RedisClient) async throws {
        let keys = try SessionKeys(
            sealing: SealingKeys(current: .init(id: 1, secret: Array(repeating: 1, count: 32))),
            owners: Array(repeating: 2, count: 32))
        let sessions = SessionManager("register", initial: 0, store: .redis(client), keys: keys)
        let ann = Principal(user: "ann")
        let anonymous = try await sessions.create()
        let issued = try await sessions.login(ann, from: anonymous.id)
        #expect(try await sessions.update(issued.id) { $0 = 7 }.value == 7)
        let rotated = try await sessions.rotate(issued.id)
        for _ in 0..<2 { #expect(try await sessions.session(rotated.id)?.value == 7) }
        #expect(try await sessions.sessions(of: ann).count == 1)
        #expect(try await sessions.revokeAll(of: ann) == 1)
    }

    @Test func aProcessOfATenantReachesNoOther() async throws {
        let access = try RedisAccess(to: "shop", for: .cache, as: Self.acme, by: Self.policy)
        #expect(
            access.keyPatterns.filter { !$0.hasPrefix("{") } == [
                "shop:product", "shop:product:*", "shop:@acme@!:*", "shop:@acme@*",
            ])
        let (server, admin) = try await self.server(["acme": access])
        let client = try self.client("acme", server)
        let caches = [client, admin].map { Cache("shop", store: RedisStore($0)) }
        let orders = caches.map { $0.function("orders", .ttl(.seconds(60))) { (owner: Principal, id: Int) in id } }
        let (own, other) = (Principal(user: "ann", tenant: "acme"), Principal(user: "ann", tenant: "other"))
        for principal in [own, other] { #expect(try await orders[1](principal, 1) == 1) }
        await caches[1].settle()
        #expect(try await orders[0].result(own, 1).source == .hit)
        // It loads what it may not read, and the other's stays as it is.
        #expect(try await orders[0].result(other, 1).source == .miss)
        await caches[0].settle()
        #expect(await caches[1].explain(orders[1].key(other, 1)).verdict == .fresh)
        await #expect(throws: RedisError.self) { try await client.execute(GET("\(orders[1].key(other, 1))")) }
    }

    @Test func aNamespaceForEachTenantKeepsThemApart() async throws {
        let names = ["shop.acme", "shop.other"]
        let (server, _) = try await self.server(
            ["acme": try RedisAccess(to: names[0], for: .cache), "other": try RedisAccess(to: names[1], for: .cache)])
        let clients = try ["acme", "other"].map { try self.client($0, server) }
        let caches = zip(names, clients).map { Cache($0, store: RedisStore($1)) }
        let products = zip(caches, names).map { cache, name in
            cache.function("product", .ttl(.seconds(60))) { (id: Int) in name }
        }
        for (product, name) in zip(products, names) { #expect(try await product(1) == name) }
        for cache in caches { await cache.settle() }
        #expect(await caches[0].clear() == .applied)
        #expect(await products[1].cached(1) == names[1])
        for key in ["\(products[1].key(1))", "{shop.other}:inv"] {
            for command in [RawCommand("GET", key), RawCommand("UNLINK", key), RawCommand("ZADD", key, "1", "x")] {
                await #expect(throws: RedisError.self) { try await clients[0].execute(command) }
            }
        }
    }

    @Test func namesThatNoPatternTellsApartAreRefused() throws {
        func rules(_ space: KeySpace, _ identity: Identity = .anonymous) throws -> [String] {
            try RedisAccess(
                to: "shop", for: .cache, as: identity, by: AccessPolicy([.allow(.everyone, to: .read, in: space)])
            ).rules
        }
        for name in ["n", "s.x", "a.b"] {
            #expect(throws: RedisError.self) { try rules(.everything.regions(name)) }
            #expect(try rules(.shared.regions(name)).contains("~shop:\(name):*"))
        }
        #expect(throws: RedisError.self) { try rules(.shared.regions(String(repeating: "x", count: 64))) }
        #expect(throws: RedisError.self) {
            try rules(.own, Identity(Principal(user: String(repeating: "x", count: 64))))
        }
        // Whoever has no name has no keys, and whoever may nothing not even the log.
        #expect(try rules(.own).allSatisfy { !$0.hasPrefix("~") })
        // What a name may hold means nothing to a pattern.
        #expect(try rules(.own, Identity(Principal(user: "*[x]?"))).contains("~shop:@!@%2A%5Bx%5D%3F:*"))
    }
}
