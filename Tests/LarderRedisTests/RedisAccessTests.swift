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
        let all = RedisAccess(to: "shop")
        let users: [String: RedisAccess] = [
            "all": all, "cache": RedisAccess(to: "shop", for: .cache),
            "sweeper": RedisAccess(to: "shop", for: [.cache, .patterns]),
            "console": RedisAccess(to: "shop", for: [.cache, .console]),
            "sessions": RedisAccess(to: "shop", for: .sessions),
            "acme": try RedisAccess(to: "shop", for: .cache, as: Self.acme, by: Self.policy),
            "editor": try RedisAccess(to: "shop", for: .cache, as: Identity(roles: ["editor"]), by: Self.policy),
        ]
        let (server, admin) = try await self.server(users)
        defer { withExtendedLifetime(server) {} }
        for (user, access) in users { #expect(try await access.deviations(of: user, on: admin) == [], "\(user)") }
        // What is too much is found, and what is too little.
        func subjects(_ access: RedisAccess?, _ user: String, isAllowed: Bool) async throws -> [String] {
            try await access?.deviations(of: user, on: admin).filter { $0.isAllowed == isAllowed }.map(\.subject) ?? []
        }
        #expect(try await subjects(users["cache"], "sweeper", isAllowed: true) == ["+scan", "scan 0"])
        #expect(try await subjects(users["cache"], "sweeper", isAllowed: false).isEmpty)
        #expect(try await subjects(users["console"], "cache", isAllowed: false).contains("scan 0"))
        let sessions = try await subjects(users["sessions"], "all", isAllowed: true)
        #expect(
            sessions.contains("~shop:+limit:*") && sessions.contains("get shop:+limit:x") && sessions.contains("+zadd"))
        let missing = try await subjects(all, "cache", isAllowed: false)
        #expect(missing.contains("get shop:+session:x") && missing.contains("hset shop:xx f v"))
        // Another tenant's of the same cache.
        let others = try await subjects(users["acme"], "cache", isAllowed: true)
        #expect(others.contains("~shop:[^+]*") && others.contains("get shop:@x-tenant@x-user:x"))
        let superuser = try await subjects(all, "default", isAllowed: true)
        #expect(superuser.contains("flushall") && superuser.contains("+@all") && superuser.contains("~*"))
        await #expect(throws: RedisError.self) { try await all.deviations(of: "nobody", on: admin) }
        // What only the rules tell.
        for rule in ["+config|set", "(~* +@all)"] {
            try await admin.execute(RawCommand("ACL", "SETUSER", "cache", rule))
            #expect(try await subjects(users["cache"], "cache", isAllowed: true).count > 0, "\(rule)")
            let rules = try #require(users["cache"]?.rules)
            for rule in rules { try await admin.execute(RawCommand("ACL", "SETUSER", "cache", rule)) }
            #expect(try await users["cache"]?.deviations(of: "cache", on: admin) == [])
        }
        try await admin.execute(RawCommand("ACL", "SETUSER", "cache", "-zadd"))
        #expect(try await subjects(users["cache"], "cache", isAllowed: false).contains("zadd shop:xx 1 m"))
    }

    @Test func operatingIsNoRightOnTheServer() throws {
        let policy = AccessPolicy([.allow(.role("operator"), to: .operate, in: .everything)])
        let access = try RedisAccess(to: "shop", for: .cache, as: Identity(roles: ["operator"]), by: policy)
        #expect(access.keyPatterns == [])
    }

    /// All that Larder does goes with the rights that it says it needs for it.
    @Test func theRulesAreEnough() async throws {
        let uses: [(String, RedisAccess.Use, @Sendable (RedisClient) async throws -> Void)] = [
            ("cache", [.cache, .patterns], self.useCache), ("sessions", .sessions, self.useSessions),
            ("limits", .limits, self.useLimits), ("locks", .locks, self.useLocks), ("events", .events, self.useEvents),
        ]
        var users: [String: RedisAccess] = [:]
        for (name, use, _) in uses { users[name] = RedisAccess(to: "register", for: use) }
        let (server, admin) = try await self.server(users)
        for (name, _, body) in uses {
            try await body(try self.client(name, server))
            let refused = try await admin.execute(RawCommand("ACL", "LOG"))
            #expect(refused == .array([]), "\(name)")
        }
        // What is no entry stays, whatever pattern is ended.
        let keys = try await admin.execute(RawCommand("KEYS", "register:+*"))
        let cache = Cache("register", store: RedisStore(admin, configuration: .patient))
        #expect(await cache.invalidate(matching: "*").outcome == .applied)
        #expect(keys != .array([]))
        #expect(try await admin.execute(RawCommand("KEYS", "register:+*")) == keys)
    }

    private func useCache(_ client: RedisClient) async throws {
        for tracking in [NearCacheConfiguration.Tracking.keys, .prefixes] {
            let configuration = RedisStoreConfiguration(
                timeout: .seconds(5), nearCache: NearCacheConfiguration(tracking: tracking))
            let cache = Cache("register", store: RedisStore(client, configuration: configuration))
            let value = cache.function("value", .sliding(idle: .seconds(60), atMost: .seconds(600))) { (id: Int) in id }
                .tagged { _, id in ["id:\(id)"] }
            let held = cache.function("held", .ttl(.seconds(60)).holdOff(.seconds(1))) { (id: Int) in id }
            for id in 1...3 { #expect(try await value(id) == id) }
            await cache.settle()
            #expect(try await value.result(1, consistency: .bounded(.seconds(1))).source != .miss)
            #expect(await value.invalidate(1) == .applied)
            #expect(try await cache.invalidate(tags: ["id:2"]) == .applied)
            #expect(try await held(1) == 1)
            #expect(await held.invalidate(1) == .applied)
            let (count, outcome) = await cache.invalidate(matching: "*")
            #expect(count >= 1 && outcome == .applied)
            #expect(await cache.clear() == .applied)
        }
    }

    private func useLimits(_ client: RedisClient) async throws {
        for limit in [RateLimit.rate(1, per: .seconds(1)), .slidingWindow(1, per: .seconds(10))] {
            let limiter = RateLimiter("login", limit, in: "register", store: .redis(client))
            let ann = Principal(user: "ann", tenant: "acme")
            #expect(try await limiter.check("ann").outcome == .allowed)
            #expect(try await limiter.check(ann).outcome == .allowed)
            try await limiter.reset("ann")
        }
    }

    private func useLocks(_ client: RedisClient) async throws {
        let lock = RedisLock("job", in: "register", on: client, leaseDuration: .seconds(3))
        #expect(
            try await lock.withLock { _ in
                try await Task.sleep(for: .milliseconds(1_200))
                return true
            })
    }

    private func useEvents(_ client: RedisClient) async throws {
        let bus = EventBus(client, namespace: "register")
        let topic = EventTopic<Int>("t")
        try await bus.subscribe(to: topic) { _ in
            let told = try await bus.publish(1, to: topic)
            #expect(told == 1)
        }
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
                "shop:product", "shop:product:*", "shop:@acme@!:*", "shop:@acme@*", "shop:product~*",
            ])
        let (server, admin) = try await self.server(["acme": access])
        let client = try self.client("acme", server)
        let caches = [client, admin].map { Cache("shop", store: RedisStore($0, configuration: .patient)) }
        let orders = caches.map { $0.function("orders", .ttl(.seconds(60))) { (owner: Principal, id: Int) in id } }
        let (own, other) = (Principal(user: "ann", tenant: "acme"), Principal(user: "ann", tenant: "other"))
        for principal in [own, other] { #expect(try await orders[1](principal, 1) == 1) }
        await caches[1].settle()
        while await caches[1].explain(orders[1].key(own, 1)).verdict != .fresh {
            try await Task.sleep(for: .milliseconds(5))
        }
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
            ["acme": RedisAccess(to: names[0], for: .cache), "other": RedisAccess(to: names[1], for: .cache)])
        let clients = try ["acme", "other"].map { try self.client($0, server) }
        let caches = zip(names, clients).map { Cache($0, store: RedisStore($1, configuration: .patient)) }
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
            try rules(.own, Identity(Principal(user: String(repeating: "x", count: 128))))
        }
        // Whoever has no name has no keys, and whoever may nothing not even the log.
        #expect(try rules(.own).allSatisfy { !$0.hasPrefix("~") })
        // What a name may hold means nothing to a pattern.
        #expect(try rules(.own, Identity(Principal(user: "*[x]?"))).contains("~shop:@!@%2A%5Bx%5D%3F:*"))
    }
}
