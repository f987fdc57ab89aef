// SPDX-License-Identifier: Apache-2.0

import Foundation
import RedisDriver
import ServerFixtures
import Testing

@testable import Storefront

extension StorefrontTests {
    /// Two processes of the Storefront on one Redis and one catalogue.
    @Suite(.timeLimit(.minutes(2))) struct FleetTests {
        private struct Fleet: Sendable {
            var redis: RedisServer
            /// The process of `one`.
            var process: StorefrontProcess
            var one: StorefrontClient
            var other: StorefrontClient
        }

        private static func withFleet(
            queryDelay: Int = 0, mode: String = "coherent", _ body: @Sendable (Fleet) async throws -> Void
        ) async throws {
            let redis = try await RedisServer()
            let directory = FileManager.default.temporaryDirectory.appending(path: "fleet-\(UUID())")
            try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: directory) }
            let catalogue = directory.appending(path: "catalogue.sqlite").path
            try await SampleCatalogue.copy(to: catalogue)
            let environment = [
                "PORT": "0", "DATABASE_PATH": catalogue, "REDIS_URL": redis.url, "QUERY_DELAY_MS": "\(queryDelay)",
                "LOG_LEVEL": "error", "REGION_MODE": mode,
            ]
            let processes = [try StorefrontProcess(environment), try StorefrontProcess(environment)]
            try await StorefrontClient.withHTTPClient { http in
                try await body(
                    Fleet(
                        redis: redis, process: processes[0],
                        one: StorefrontClient(try await processes[0].address(), over: http),
                        other: StorefrontClient(try await processes[1].address(), over: http)))
            }
        }

        private static func loads(_ storefront: StorefrontClient, _ region: String = "product") async throws -> Int {
            try await storefront.get("/stats").json(Statistics.self).regions[region]?.loads ?? 0
        }

        @Test func aColdPageIsMadeOnceForFiveHundredClients() async throws {
            try await Self.withFleet { fleet in
                let bodies = try await withThrowingTaskGroup(of: StorefrontClient.Answer.self) { group in
                    for index in 0..<500 {
                        let storefront = index.isMultiple(of: 2) ? fleet.one : fleet.other
                        // As a balancer in front of both sends it on.
                        group.addTask { try await storefront.get("/bestsellers", headers: ["Host": "shop.example"]) }
                    }
                    return try await group.reduce(into: Set<String>()) { $0.insert($1.text) }
                }
                #expect(bodies.count == 1)
                let loads = try await (Self.loads(fleet.one, "http"), Self.loads(fleet.other, "http"))
                #expect(loads.0 + loads.1 == 1)
            }
        }

        private static func price(_ storefront: StorefrontClient, _ id: Int) async throws -> Int {
            let answer = try await storefront.get("/products/\(id)")
            #expect(answer.status == 200)
            return try answer.json(ProductPage.self).price
        }

        /// Has a process load all products that are asked for.
        private static func warm(_ storefront: StorefrontClient) async throws {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for id in 1...20 { group.addTask { _ = try await storefront.get("/products/\(id)") } }
                try await group.waitForAll()
            }
        }

        /// How long the slowest of many requests at once takes.
        private static func slowest(_ fleet: Fleet, _ path: @escaping @Sendable (Int) -> String) async throws
            -> Duration
        {
            try await withThrowingTaskGroup(of: Duration.self) { group in
                for index in 0..<200 {
                    let storefront = index.isMultiple(of: 2) ? fleet.one : fleet.other
                    group.addTask {
                        let start = ContinuousClock.now
                        let answer = try await storefront.get(path(index % 20 + 1))
                        #expect(answer.status == 200)
                        return ContinuousClock.now - start
                    }
                }
                return try await group.reduce(.zero) { max($0, $1) }
            }
        }

        /// Waits until the process has delivered what it had queued.
        private static func recovered(_ storefront: StorefrontClient) async throws {
            while true {
                let health = try await storefront.get("/health").json(Health.self)
                if health.status == "healthy", health.store.queuedInvalidations == 0 { return }
                try await Task.sleep(for: .milliseconds(10))
            }
        }

        @Test func fiveHundredCallersOfTwoProcessesShareOneLoad() async throws {
            try await Self.withFleet(queryDelay: 100) { fleet in
                // The connections and the log are made by then; the product is cold.
                for storefront in [fleet.one, fleet.other] { _ = try await storefront.get("/products?category=1") }
                let answers = try await withThrowingTaskGroup(of: StorefrontClient.Answer.self) { group in
                    for index in 0..<500 {
                        let storefront = index.isMultiple(of: 2) ? fleet.one : fleet.other
                        group.addTask { try await storefront.get("/products/7") }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                let truth = try await fleet.one.get("/products/7/uncached").body
                #expect(answers.count == 500)
                #expect(answers.allSatisfy { $0.status == 200 && $0.body == truth })
                let loads = [try await Self.loads(fleet.one), try await Self.loads(fleet.other)]
                #expect(loads.reduce(0, +) == 1, "\(loads)")
            }
        }

        @Test func aProcessThatIsKilledWhileItLoadsCostsOneMoreLoad() async throws {
            try await Self.withFleet(queryDelay: 500) { fleet in
                for storefront in [fleet.one, fleet.other] { _ = try await storefront.get("/products?category=1") }
                let first = Task { try await fleet.one.get("/products/7") }
                while try await Self.loads(fleet.one) == 0 { await Task.yield() }
                let doomed = (0..<250).map { _ in Task { try await fleet.one.get("/products/7") } } + [first]
                defer { for task in doomed { task.cancel() } }
                let clock = ContinuousClock()
                try await withThrowingTaskGroup(of: UInt.self) { group in
                    for _ in 0..<250 { group.addTask { try await fleet.other.get("/products/7").status } }
                    try await clock.sleep(for: .milliseconds(150))
                    let start = clock.now
                    fleet.process.kill()
                    for try await status in group { #expect(status == 200) }
                    // The lease of the dead runs out three seconds after it was last renewed.
                    let duration = start.duration(to: clock.now)
                    #expect(duration < .seconds(3) + .milliseconds(500 + 500), "\(duration)")
                }
                #expect(try await Self.loads(fleet.other) == 1)
                #expect(try await fleet.other.get("/products/7").cache == "HIT")
            }
        }

        @Test func noReadAfterAWriteOfAnotherProcessShowsTheOldPrice() async throws {
            try await Self.withFleet(queryDelay: 500) { fleet in
                let (reader, writer) = (fleet.one, fleet.other)
                let old = Task { try await Self.price(reader, 9) }
                while try await Self.loads(reader) == 0 { await Task.yield() }
                let written = try await writer.put("/products/9", #"{"price": 1299}"#)
                #expect(written.status == 200 && written.invalidation == "applied")

                // At once, while the load of before is in flight in the reading process; in both processes, by many.
                try await withThrowingTaskGroup(of: Int.self) { group in
                    for index in 0..<50 {
                        let storefront = index.isMultiple(of: 2) ? reader : writer
                        group.addTask { try await Self.price(storefront, 9) }
                    }
                    for try await price in group { #expect(price == 1_299) }
                }
                _ = try await old.value
                for _ in 0..<20 {
                    for storefront in [reader, writer] { #expect(try await Self.price(storefront, 9) == 1_299) }
                }
                let loads = [try await Self.loads(reader), try await Self.loads(writer)]
                #expect(loads.reduce(0, +) == 2, "\(loads)")
            }
        }

        @Test func whatOneProcessLoadedTheOtherServes() async throws {
            try await Self.withFleet { fleet in
                #expect(try await fleet.one.get("/products/42").cache == "MISS")
                #expect(try await fleet.other.get("/products/42").cache == "HIT")
                #expect(try await fleet.one.get("/products?category=3").cache == "MISS")
                #expect(try await fleet.other.get("/products?category=3").cache == "HIT")
                let shown = try await fleet.other.get("/products?category=3").json(ProductList.self)
                let id = try #require(shown.products.first?.id)
                #expect(try await fleet.one.put("/products/\(id)", #"{"price": 77}"#).invalidation == "applied")
                let after = try await fleet.other.get("/products?category=3")
                #expect(after.cache == "MISS")
                #expect(try after.json(ProductList.self).products.first?.price == 77)
            }
        }

        enum Outage: String, CaseIterable {
            case killed, paused
        }

        @Test(arguments: Outage.allCases) func anOutageOfRedisFailsNoRequestAndLosesNoWrite(outage: Outage) async throws
        {
            let delay = 200
            try await Self.withFleet(queryDelay: delay) { fleet in
                try await Self.warm(fleet.one)
                // In the middle of a load.
                let before = try await Self.loads(fleet.one)
                let loading = Task { try await fleet.one.get("/products/100") }
                while try await Self.loads(fleet.one) == before { await Task.yield() }
                switch outage {
                case .killed: await fleet.redis.kill()
                case .paused: fleet.redis.pause()
                }
                #expect(try await loading.value.status == 200)

                // Every request is answered in little more time than its query takes, with as many of them at once.
                let slowest = try await Self.slowest(fleet) { "/products/\($0)" }
                let query = try await Self.slowest(fleet) { "/products/\($0)/uncached" }
                #expect(slowest < query + .milliseconds(300), "\(slowest), and \(query) for the query alone")
                #expect(try await fleet.one.get("/health").json(Health.self).status == "degraded")
                #expect(try await fleet.one.get("/health/ready").status == 200)

                // A write holds at once in its process.
                let written = try await fleet.one.put("/products/5", #"{"price": 4321}"#)
                #expect(written.status == 200 && written.invalidation == "queued")
                #expect(try await Self.price(fleet.one, 5) == 4_321)

                switch outage {
                case .killed: try await fleet.redis.restart()
                case .paused: fleet.redis.resume()
                }
                // It holds everywhere once it was delivered.
                for storefront in [fleet.one, fleet.other] { try await Self.recovered(storefront) }
                for storefront in [fleet.one, fleet.other] { #expect(try await Self.price(storefront, 5) == 4_321) }
                // And the cache is one again.
                var hits = 0
                while hits < 20 {
                    try await Self.warm(fleet.one)
                    hits = 0
                    for id in 1...20 {
                        if try await fleet.other.get("/products/\(id)").cache == "HIT" { hits += 1 }
                    }
                }
            }
        }

        @Test func aBoundedReadIsFromTheProcessAndSoonSeesTheWritesOfOthers() async throws {
            try await Self.withFleet(mode: "bounded") { fleet in
                let (reader, writer) = (fleet.one, fleet.other)
                func isNear() async throws -> Bool {
                    try await reader.get("/stats").json(Statistics.self).regions["product"]?.nearHits ?? 0 > 0
                }
                let category = try await reader.get("/products/9").json(ProductPage.self).category
                while try await !isNear() { _ = try await Self.price(reader, 9) }
                for price in 1_000...1_020 {
                    let written = try await writer.put("/products/9", #"{"price": \#(price)}"#)
                    #expect(written.invalidation == "applied")
                    #expect(try await Self.price(writer, 9) == price)
                    let end = ContinuousClock.now + .milliseconds(300)
                    while try await Self.price(reader, 9) != price { try #require(ContinuousClock.now < end) }
                }
                // All pages of a category by one load.
                let loads = try await Self.loads(writer)
                let refreshed = try await writer.post("/products/refresh?category=\(category)", "")
                #expect(refreshed.text == #"{"refreshed":250}"#)
                #expect(try await Self.loads(writer) == loads + 1)
                #expect(try await writer.post("/products/refresh?category=999", "").status == 404)
                #expect(try await writer.post("/products/refresh", "").status == 400)
            }
        }

        @Test func withoutItsRedisTheServiceStartsAndSaysSo() async throws {
            let redis = try await RedisServer()
            await redis.kill()
            let process = try StorefrontProcess(["PORT": "0", "REDIS_URL": redis.url])
            #expect(await process.logged("starting without the cache")?.contains("warning") == true)
            try await StorefrontClient.withHTTPClient { http in
                let storefront = StorefrontClient(try await process.address(), over: http)
                #expect(try await storefront.get("/products/1").status == 200)
                let health = try await storefront.get("/health").json(Health.self)
                #expect(health.status == "degraded" && health.store.kind == "redis" && health.store.state == "down")
                try await redis.restart()
                try await Self.recovered(storefront)
                while try await storefront.get("/products/1").cache != "HIT" {}
            }
        }

        @Test func aChangeInOneProcessIsToldToTheOther() async throws {
            try await Self.withFleet { fleet in
                func heard(_ storefront: StorefrontClient) async throws -> [Int?] {
                    try await storefront.get("/users/updates").json([Int?].self)
                }
                // Whoever is not listening yet does not hear it.
                for storefront in [fleet.one, fleet.other] {
                    while try await !heard(storefront).contains(5) {
                        _ = try await fleet.one.put("/users/5", #"{"name": "Zoë"}"#)
                        try await Task.sleep(for: .milliseconds(20))
                    }
                }
                await fleet.redis.kill()
                let unheard = try await fleet.one.put("/users/6", #"{"name": "Ann"}"#)
                #expect(unheard.status == 200)
                try await fleet.redis.restart()
                while try await heard(fleet.other).first != 7 {
                    _ = try await fleet.one.put("/users/7", #"{"name": "Ben"}"#)
                    try await Task.sleep(for: .milliseconds(20))
                }
                let all = try await heard(fleet.other)
                #expect(all.contains(nil))
                #expect(!all.contains(6))
            }
        }
    }
}
