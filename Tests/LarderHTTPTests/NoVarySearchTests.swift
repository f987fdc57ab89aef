// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Larder
import LarderTesting
import Testing

@testable import LarderHTTP

@Suite(.timeLimit(.minutes(1))) struct NoVarySearchTests {
    private static func url(_ target: String) throws -> RequestURL {
        try #require(RequestURL(HTTPRequest(method: .get, scheme: "http", authority: "a", path: target)))
    }

    @Test(arguments: [
        (#"params=("utm" "id")"#, "/?a=1&utm=x", "/?id=2&a=1", true),
        (#"params=("utm")"#, "/?a=1&utm=x", "/?a=2", false),
        (#"params=("utm")"#, "/?a=1&b=2", "/?b=2&a=1", false),
        (#"params=("utm"), key-order"#, "/?a=1&b=2", "/?b=2&utm&a=1", true),
        (#"key-order"#, "/?a=1&a=2", "/?a=2&a=1", false),
        (#"except=("a")"#, "/?a=1&b=2", "/?c&a=1", true),
        (#"except=("a")"#, "/?a=1", "/?a=2", false),
        (#"except=()"#, "/?a=1", "/", true),
        (#"params=("caf%C3%A9")"#, "/?caf%c3%a9=1", "/", true),
        (#"params=("a b")"#, "/?a+b=1", "/?a%20b=2", true),
        (#"params=("a")"#, "/x?a=1", "/y", false),
        (#"params=("a")"#, "/x?%ff=1", "/x?%fe=1", false),
        (#"params=("a")"#, "/x?q=%FF", "/x?q=%25FF", false),
        (#"params=("a")"#, "/x?q=%+1", "/x?q=%01", false),
        (#"params=("a")"#, "/\u{212A}?b", "/K?b", false),
    ])
    func queriesAreAlike(rule: String, one: String, other: String, isAlike: Bool) throws {
        let rule = try #require(NoVarySearch([.noVarySearch: rule]))
        #expect(try rule.matches(Self.url(one), Self.url(other)) == isAlike)
    }

    @Test(arguments: [
        "", "params", "params=?1", "params=(1)", #"params="a""#, #"params=("a"), except=("b")"#, "key-order=1",
        "key-order=?0", "params=()", "(", #"except="a""#,
    ])
    func whatSaysNothingOrCannotBeReadIsNone(rule: String) {
        #expect(NoVarySearch([.noVarySearch: rule]) == nil)
    }

    @Test func aResponseAnswersForOtherQueriesToo() async throws {
        let site = Site { $0.honoursNoVarySearch = true }
        site.origin.set(["Cache-Control": "max-age=60", "No-Vary-Search": #"params=("utm")"#])
        try await site.get("/?a=1&utm=x")
        #expect(try await site.get("/?a=1&utm=y").body == "body 1")
        #expect(try await site.get("/?a=1").body == "body 1")
        #expect(try await site.get("/?a=2").body == "body 2")
        #expect(try await site.get("/other?a=1").body == "body 3")
        // What ends one of them ends them all.
        site.origin.set { _, count in .ok("body \(count)", ["Cache-Control": "max-age=60"]) }
        try await site.get("/?a=1&utm=z", method: .post)
        #expect(try await site.get("/?a=1&utm=x").body == "body 5")
        #expect(try await site.get("/?a=1").body == "body 6", "it says so no longer")
    }

    @Test func itCountsOnlyWhereAskedFor() async throws {
        let site = Site()
        site.origin.set(["Cache-Control": "max-age=60", "No-Vary-Search": #"params=("utm")"#])
        try await site.get("/?a=1&utm=x")
        #expect(try await site.get("/?a=1").body == "body 2")
    }

    @Test func freshnessIsGuessedWhereAskedFor() async throws {
        let site = Site { $0.guessesFreshness = true }
        let now = site.http.now.seconds
        let date: @Sendable (Int) -> String = { HTTPDate(seconds: now - $0).description }
        site.origin.set(["Last-Modified": date(1_000)])
        try await site.get("/")
        #expect(try await site.get("/").cacheStatus == "Larder; hit; ttl=100")
        site.origin.set(["Last-Modified": date(100_000_000)])
        try await site.get("/old")
        #expect(try await site.get("/old").cacheStatus == "Larder; hit; ttl=86400")
        site.origin.set { _, _ in .ok("", ["Last-Modified": date(1_000)], status: 500) }
        try await site.get("/error")
        #expect(try await site.get("/error").cacheStatus.contains("fwd"))
    }
}
