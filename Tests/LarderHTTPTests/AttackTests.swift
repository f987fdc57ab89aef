// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Larder
import LarderHTTP
import LarderTesting
import NIOCore
import Testing

@testable import LarderHTTP

/// What is done to caches to have them serve to many what one has made up, or to one what belongs to another.
@Suite(.timeLimit(.minutes(1))) struct AttackTests {
    /// An origin that puts all it was told into its answer.
    private static func reflecting() -> Site {
        let site = Site()
        site.origin.set { request, count in
            let fields = request.headerFields.map { "\($0.name.canonicalName)=\($0.value)" }.sorted()
            return .ok("\(count) \(request.path ?? "") \(fields)", ["Cache-Control": "max-age=60"])
        }
        return site
    }

    // MARK: Unkeyed inputs

    @Test(arguments: [
        "X-Forwarded-Host", "X-Host", "X-Forwarded-Server", "X-Forwarded-Scheme", "X-Forwarded-Port",
        "X-Forwarded-Prefix", "Forwarded",
    ])
    func aFieldThatIsNoPartOfTheKeyDoesNotReachTheHandler(name: String) async throws {
        let site = Self.reflecting()
        let poisoned = try await site.get("/", [(name, "evil.example")])
        #expect(!poisoned.body.contains("evil"))
        #expect(try await site.get().body == poisoned.body)
        guard let field = HTTPField.Name(name) else { return }
        let policy = ResponsePolicy.asDeclared.vary(by: .header(field))
        #expect(try await site.get("/keyed", [(name, "a")], by: policy).body.contains("=a"))
        #expect(try await site.get("/keyed", [(name, "b")], by: policy).body.contains("=b"))
    }

    @Test(arguments: [
        "X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "X-Original-URL", "X-Rewrite-URL",
    ])
    func aRequestThatMeansAnotherIsNotCached(name: String) async throws {
        let site = Self.reflecting()
        try await site.get("/", [(name, "/admin")])
        #expect(try await site.get().body.hasPrefix("2"))
        #expect(try await site.get("/", [(name, "/admin")]).cacheStatus.contains("detail=override"))
    }

    @Test func aBodyOfAGETIsNotCached() async throws {
        let site = Self.reflecting()
        try await site.get(hasBody: true)
        #expect(try await site.get().body.hasPrefix("2"))
    }

    @Test func aParameterThatDoesNotCountIsNotReflected() async throws {
        let site = Self.reflecting()
        let policy = ResponsePolicy.asDeclared.vary(by: .query("q"))
        // A semicolon separates nothing: it is a part of what it stands in.
        #expect(try await site.get("/?utm=<x>&q=1;callback=evil", by: policy).body.contains("/?q=1;callback=evil"))
        #expect(try await site.get("/?q=1", by: policy).body.contains("/?q=1 "))
    }

    // MARK: Two ways to read a path

    @Test(arguments: [
        "/account%2fx.css", "/account%5Cx.css", "/account;x.css", "/account%3bx.css", "/account%00.css",
        "/account%0ax.css", "/account%0D.css", "/account%23x.css", "/account%3Fx.css", "/static/../account",
        "/static/%2e%2e/account", "/./account", "/account\\x.css", "/account/..", "/account/.", "//account",
        "/account//x",
    ])
    func aPathThatCouldBeReadAsAnotherIsNotCached(path: String) async throws {
        let site = Self.reflecting()
        try await site.get(path)
        #expect(try await site.get(path).body.hasPrefix("2"))
    }

    @Test func anExtensionMakesNothingCacheable() async throws {
        let site = Site()
        site.origin.set([:])
        try await site.get("/account/x.css")
        #expect(try await site.get("/account/x.css").body == "body 2")
    }

    @Test func pathsAreComparedByteForByte() async throws {
        let site = Self.reflecting()
        for path in ["/a", "/A", "/%61", "/a/", "/a?", "/a?b=1&c=2", "/a?c=2&b=1", "/a?b=1&b=2", "/a?b=2&b=1"] {
            #expect(try await site.get(path).cacheStatus.contains("fwd=uri-miss"), "\(path)")
        }
    }

    // MARK: Hosts

    @Test func hostsAreToldApart() async throws {
        let site = Self.reflecting()
        var request = Site.request("/")
        try await site.get()
        request.authority = "evil.example"
        let other = try await site.http.respond(to: request, origin: site.origin.answer)
        #expect(try await other.content.collected().hasPrefix("2"))
        request.authority = "EXAMPLE.com:80"
        let same = try await site.http.respond(to: request, origin: site.origin.answer)
        #expect(try await same.content.collected().hasPrefix("1"))
    }

    @Test func onlyHostsThatAreKnownAreCached() async throws {
        let site = Site { $0.authorities = ["shop.example"] }
        try await site.get()
        #expect(try await site.get().body == "body 2")
        var request = Site.request("/")
        request.authority = "Shop.example"
        for _ in 0..<2 {
            let answer = try await site.http.respond(to: request, origin: site.origin.answer)
            #expect(try await answer.content.collected() == "body 3")
        }
        request.authority = nil
        let answer = try await site.http.respond(to: request, origin: site.origin.answer)
        #expect(try await answer.content.collected() == "body 4")
    }

    // MARK: Somebody's responses

    @Test(arguments: ["Authorization", "Cookie"])
    func aRequestWithCredentialsNeitherMakesNorGetsASharedEntry(name: String) async throws {
        let site = Site()
        #expect(try await site.get("/", [(name, "anna")]).body == "body 1")
        #expect(try await site.get("/", [(name, "ben")]).body == "body 2")
        #expect(try await site.get().body == "body 3")
        #expect(try await site.get("/", [(name, "anna")]).body == "body 4")
        #expect(try await site.get().body == "body 3")
    }

    @Test(arguments: ["public, max-age=60", "s-maxage=60", "max-age=60, must-revalidate"])
    func aResponseThatSaysSoIsForAll(cacheControl: String) async throws {
        let site = Site()
        site.origin.set(["Cache-Control": cacheControl])
        try await site.get("/", [("Authorization", "anna")])
        #expect(try await site.get("/", [("Authorization", "ben")]).body == "body 1")
        #expect(try await site.get("/", [("Cookie", "a=b")]).body == "body 1")
        #expect(try await site.get().body == "body 1")
    }

    @Test func aSharedRouteIsAskedWithoutCredentials() async throws {
        let site = Self.reflecting()
        let policy = ResponsePolicy.shared(.seconds(60))
        let page = try await site.get("/", [("Cookie", "session=1"), ("Authorization", "anna")], by: policy)
        #expect(!page.body.contains("anna") && !page.body.contains("session"))
        #expect(try await site.get(by: policy).body == page.body)
    }

    @Test(arguments: [
        ["Cache-Control": "max-age=60", "Set-Cookie": "session=1"], ["Cache-Control": "private, max-age=60"],
        ["Cache-Control": "no-store, max-age=60"], ["Cache-Control": "max-age=60", "Vary": "*"],
        ["Cache-Control": "max-age=60", "Vary": "Accept, *"], ["Cache-Control": "no-cache"],
    ])
    func whatIsNotForOthersIsNotStored(fields: [String: String]) async throws {
        for policy in [
            ResponsePolicy.asDeclared, .shared(.seconds(60)),
            .shared(.seconds(60)).expire(.seconds(60), overriding: true),
        ] {
            let site = Site()
            site.origin.set(fields)
            try await site.get(by: policy)
            #expect(try await site.get(by: policy).body == "body 2")
        }
    }

    @Test func aFieldThatIsForOneUserIsNotStored() async throws {
        let site = Site()
        site.origin.set([
            "Cache-Control": "max-age=60, private=\"X-User, Set-Cookie\"", "X-User": "1", "Set-Cookie": "a=b",
        ])
        #expect(try await site.get()["X-User"] == "1")
        let hit = try await site.get()
        #expect(hit.body == "body 1" && hit["X-User"] == nil && hit["Set-Cookie"] == nil)
    }

    @Test func anIdentityIsNotMadeOfPartsOfAnother() async throws {
        let site = Site()
        let policy = ResponsePolicy.private(.seconds(60))
        let identities = [
            Principal(user: "a", tenant: "b"), Principal(user: "b", tenant: "a"), Principal(user: "a@b"),
            Principal(user: "ab"), Principal(user: "a"), Principal(user: nil, tenant: "a"),
        ]
        for identity in identities {
            #expect(try await site.get("/", by: policy, identity: identity).cacheStatus.contains("uri-miss"))
        }
    }

    // MARK: Errors

    @Test(arguments: [400, 401, 403, 405, 413, 431, 500, 503])
    func anErrorThatARequestProvokesIsNotStored(status: Int) async throws {
        let site = Site()
        let policy = ResponsePolicy.shared(.seconds(60))
        site.origin.set { request, count in
            request.headerFields[.init("X-Bad") ?? .server] == nil
                ? .ok("body \(count)") : .ok("error", status: status)
        }
        #expect(try await site.get("/", [("X-Bad", "1")], by: policy).status == status)
        #expect(try await site.get(by: policy).cacheStatus == "Larder; fwd=uri-miss; fwd-status=200; stored")
    }

    // MARK: The client's wishes

    @Test(arguments: ["no-cache", "max-age=0", "no-store", "only-if-cached", "min-fresh=1000"])
    func clientsCannotHaveResponsesMadeAnew(directive: String) async throws {
        let site = Site()
        try await site.get()
        for fields in [[("Cache-Control", directive)], [("Pragma", "no-cache")]] {
            #expect(try await site.get("/", fields).body == "body 1")
        }
        let lenient = ResponsePolicy.asDeclared.honourRequestDirectives()
        #expect(try await site.get("/", [("Cache-Control", "max-age=0")], by: lenient).body == "body 1")
        site.clock.advance(by: .seconds(2))
        #expect(try await site.get("/", [("Cache-Control", "max-age=1")], by: lenient).body == "body 2")
    }

    // MARK: The store

    @Test(arguments: [
        ("X", "a\r\nSet-Cookie: x=1"), ("X", "a\nb"), ("X", "a\0b"), ("X\r\n", "a"), ("X Y", "a"), ("", "a"),
        (":status", "200"),
    ])
    func whatAWriterOfTheStoreMakesUpIsNoField(name: String, value: String) throws {
        var bytes = ByteBuffer()
        bytes.writeMultipleIntegers(UInt8(1), UInt8(0), UInt8(0), UInt16(200))
        bytes.writeMultipleIntegers(Int64(0), Int64(0), Int64(0))
        bytes.writeMultipleIntegers(UInt16(0), UInt16(1), UInt16(name.utf8.count))
        bytes.writeString(name)
        bytes.writeInteger(UInt32(value.utf8.count))
        bytes.writeString(value)
        bytes.writeString("body")
        #expect(throws: (any Error).self) { try StoredResponseCodec().decode(StoredResponse.self, from: bytes) }
    }

    @Test func whatLooksAlikeIsNotTheSame() async throws {
        let site = Site()
        for path in ["/\u{212A}", "/K", "/\u{212A}", "/K"] { try await site.get(path) }
        #expect(try await site.get("/K").body == "body 2")
        #expect(try await site.get("/\u{212A}").body == "body 1")
    }

    @Test func anyBytesAreAMissAndNoTrap() throws {
        let stored = StoredResponse(
            kind: .response(
                StoredContent(
                    status: .ok, fields: [.contentType: "text/plain", .vary: "Accept"],
                    body: ByteBuffer(string: "body"),
                    variant: Variant(selectors: [.init(name: .accept, value: "a"), .init(name: .range, value: nil)]),
                    initialAge: .seconds(5), overdue: .zero, received: HTTPDate(seconds: 1_800_000_000),
                    needsValidation: true,
                    isNeverStale: false, isForCredentials: true)))
        let codec = StoredResponseCodec()
        let bytes = try codec.encode(stored)
        let read = try codec.decode(StoredResponse.self, from: bytes)
        guard case .response(let content) = read.kind else {
            Issue.record("it is no response")
            return
        }
        #expect(content.fields[.contentType] == "text/plain" && content.body == ByteBuffer(string: "body"))
        #expect(content.variant.selectors.map(\.value) == ["a", nil] && content.initialAge == .seconds(5))
        for length in 0..<(bytes.readableBytes - 4) {
            let cut = bytes.getSlice(at: 0, length: length) ?? ByteBuffer()
            #expect(throws: (any Error).self) { try codec.decode(StoredResponse.self, from: cut) }
        }
        var random = SeededGenerator(seed: 7)
        for _ in 0..<20_000 {
            var other = bytes
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                other.setInteger(
                    UInt8.random(in: 0...255, using: &random),
                    at: Int.random(in: 0..<bytes.readableBytes, using: &random))
            }
            _ = try? codec.decode(StoredResponse.self, from: other)
        }
    }
}
