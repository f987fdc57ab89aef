// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import NIOCore
import Testing

@testable import LarderHTTP

/// What the fields of messages mean.
@Suite struct RuleTests {
    private static let now = HTTPDate(seconds: 1_800_000_000)

    private static func fields(_ fields: (String, String)...) -> HTTPFields {
        Site.request("/", fields.map { ($0.0, $0.1) }).headerFields
    }

    // MARK: Lists

    @Test(arguments: [
        ("a, b", ["a", "b"]), ("a,,b, ,", ["a", "b"]), ("\"a,b\", c", ["\"a,b\"", "c"]), ("", []), (" \t", []),
        ("\"a\\\",b\",c", ["\"a\\\",b\"", "c"]), ("a=\"1,2", ["a=\"1,2"]), ("a b , c", ["a b", "c"]),
    ])
    func aListIsTakenApart(line: String, members: [String]) {
        #expect(HTTPFields.members(of: line).map(String.init) == members)
    }

    // MARK: Directives

    @Test(arguments: [
        ("max-age=10", 10), ("MAX-AGE=10", 10), ("max-age=\"10\"", 10), ("max-age=0010", 10), ("max-age=-1", 0),
        ("max-age=1.5", 0), ("max-age='10'", 0), ("max-age", 0), ("max-age=", 0), ("max-age= 10", 0),
        ("max-age=10, max-age=10", 10), ("max-age=10, max-age=20", 0), ("max-age=99999999999999999999", 1 << 31),
        ("x=\"max-age=5\", max-age=10", 10), ("max-age =10", nil), ("", nil), ("foo, bar=1", nil),
    ])
    func theLifetimeIsRead(value: String, seconds: Int?) {
        #expect(ResponseDirectives(Self.fields(("Cache-Control", value))).maxAge == seconds)
    }

    @Test func directivesInQuotesAreNone() {
        let directives = ResponseDirectives(Self.fields(("Cache-Control", "ext=\"no-store, private\", max-age=5")))
        #expect(!directives.noStore && !directives.isPrivate && directives.maxAge == 5)
    }

    @Test func fieldsAreNamed() {
        let directives = ResponseDirectives(Self.fields(("Cache-Control", "no-cache=\"a, b\", private=c")))
        #expect(!directives.noCache && !directives.isPrivate)
        #expect(directives.withheldFields.map(\.canonicalName) == ["a", "b", "c"])
    }

    @Test func aTargetedFieldCountsBeforeTheOthers() {
        func directives(_ targeted: String) -> ResponseDirectives {
            ResponseDirectives(
                Self.fields(("CDN-Cache-Control", targeted), ("Cache-Control", "max-age=1")),
                targets: [.cdnCacheControl])
        }
        #expect(directives("max-age=60").maxAge == 60)
        #expect(directives("max-age=60;x=1, no-store").noStore)
        #expect(directives("no-store=?0, max-age=5").noStore == false)
        for broken in ["", "max-age=60,", "Max-Age=60", "max-age=\"", "=1"] {
            #expect(directives(broken).maxAge == 1 && !directives(broken).isTargeted, "\(broken)")
        }
        #expect(directives("max-age=\"60\"").maxAge == 0)
    }

    // MARK: Tags

    @Test(arguments: [
        ("\"a\"", true), ("W/\"a\"", true), ("\"\"", true), ("a", false), ("w/\"a\"", false), ("\"a", false),
        ("\"a\"b\"", false), ("\"a b\"", false), ("W/a", false), ("", false), ("\"", false),
    ])
    func aTagIsReadOrNone(text: String, isTag: Bool) {
        #expect((EntityTag(text[...]) != nil) == isTag)
    }

    // MARK: Ranges

    @Test(arguments: [
        ("bytes=0-4", ByteRange.part(0..<5)), ("bytes=5-", .part(5..<10)), ("bytes=-3", .part(7..<10)),
        ("bytes=-30", .part(0..<10)), ("bytes=0-99", .part(0..<10)), ("bytes=9-9", .part(9..<10)),
        ("bytes=10-", .unsatisfiable), ("bytes=-0", .unsatisfiable), ("bytes=99999999999999999999-", .unsatisfiable),
        ("bytes=0-99999999999999999999", .part(0..<10)), ("bytes=5-4", .whole), ("bytes=-", .whole), ("bytes=", .whole),
        ("bytes", .whole), ("lines=0-4", .whole), ("bytes=0-1,3-4", .whole), ("bytes=a-b", .whole),
        ("bytes=1-2-3", .whole),
        ("BYTES=0-4", .part(0..<5)), ("bytes=--1", .whole), ("bytes=+1-2", .whole), ("bytes = 0-4", .whole),
    ])
    func aRangeIsReadOrNone(value: String, range: ByteRange) {
        #expect(ByteRange(Self.fields(("Range", value)), of: [:], length: 10, received: Self.now) == range)
    }

    // MARK: URLs

    @Test(arguments: [
        ("/b", "http://example.com/b"), ("b", "http://example.com/a/b"), ("?x", "http://example.com/a/c?x"),
        ("../b", "http://example.com/b"), ("./b", "http://example.com/a/b"), ("//other/b", "http://other/b"),
        ("https://other:443/b", "https://other/b"), ("HTTP://EXAMPLE.com:80/B", "http://example.com/B"),
        ("http://example.com", "http://example.com/"), ("/../../b", "http://example.com/b"),
        ("b#c", "http://example.com/a/b"),
        ("/x/../b?c=/../d", "http://example.com/b?c=/../d"),
    ])
    func aReferenceIsResolved(reference: String, url: String) {
        #expect(RequestURL(Site.request("/a/c?q"))?.resolving(reference)?.text == url)
    }

    // MARK: Fields of one connection

    @Test func whatIsForOneConnectionIsNotPassedOn() {
        let fields = Self.fields(
            ("Connection", "close, X-Own"), ("Keep-Alive", "1"), ("X-Own", "1"), ("Transfer-Encoding", "chunked"),
            ("TE", "trailers"), ("Upgrade", "x"), ("Trailer", "y"), ("Proxy-Authenticate", "z"), ("X-Other", "kept"))
        #expect(fields.endToEnd.map(\.name.rawName) == ["X-Other"])
    }
}
