// SPDX-License-Identifier: Apache-2.0

private let long = String(repeating: "x", count: 65_536)
private let megabyte = String(repeating: "0123456789abcdef", count: 65_536)
private let fourMegabytes = String(repeating: "0123456789abcdef", count: 262_144)
private let numbered: [Field] = (1...200).map { (name: "X-Field-\($0)", value: "\($0)") }
private let cacheable: [Field] = [(name: "Cache-Control", value: "max-age=100")]
private let manyFields: [Field] = cacheable + numbered

extension ConformanceCase {
    /// What passes through untouched, and what must not pass.
    static let messages: [ConformanceCase] = messageFields + messageBodies

    private static let messageFields: [ConformanceCase] = [
        // Of one connection alone.
        ConformanceCase(
            "RFC 9110 §7.6.1", "a field that Connection names in a request is not passed on",
            Step(.get("", ("Connection", "X-Hop"), ("X-Hop", "1")), .ok(), .askedWithout("X-Hop"))),
        ConformanceCase(
            "RFC 9110 §7.6.1", "a field that Connection names in another case is not passed on",
            Step(.get("", ("Connection", "x-hop"), ("X-Hop", "1")), .ok(), .askedWithout("X-Hop"))),
        ConformanceCase(
            "RFC 9110 §7.6.1", "a field that Connection names in a list is not passed on",
            Step(.get("", ("Connection", "X-One, X-Two"), ("X-Two", "1")), .ok(), .askedWithout("X-Two"))),
        ConformanceCase(
            "RFC 9110 §7.6.1", "Proxy-Connection is not passed on to the origin",
            Step(.get("", ("Proxy-Connection", "keep-alive")), .ok(), .askedWithout("Proxy-Connection"))),
        ConformanceCase(
            "RFC 9110 §7.6.1", "Keep-Alive is not passed on to the origin",
            Step(.get("", ("Keep-Alive", "timeout=5")), .ok(), .askedWithout("Keep-Alive"))),
        ConformanceCase(
            "RFC 9110 §10.1.4", "TE is not passed on to the origin",
            Step(.get("", ("Connection", "TE"), ("TE", "trailers;q=0.5")), .ok(), .askedWithout("TE"))),
        ConformanceCase(
            "RFC 9110 §7.8", "Upgrade is not passed on to the origin",
            Step(.get("", ("Connection", "Upgrade"), ("Upgrade", "example/1")), .ok(), .askedWithout("Upgrade"))),
        ConformanceCase(
            "RFC 9110 §7.6.1", "a field that Connection names in a response is not passed on",
            Step(.get, .ok(("Connection", "X-Hop"), ("X-Hop", "1")), .asked, .noField("X-Hop"))),
        ConformanceCase(
            "RFC 9111 §3.1", "a field that Connection names in a response is not stored",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("Connection", "X-Hop"), ("X-Hop", "1"))),
            Step(.get, .ok(), .cached, .noField("X-Hop"))),
        ConformanceCase(
            "RFC 9110 §7.6.1", "Keep-Alive is not passed on to the client",
            Step(.get, .ok(("Keep-Alive", "timeout=5")), .asked, .noField("Keep-Alive"))),
        ConformanceCase(
            "RFC 9111 §3.1", "Keep-Alive is not stored",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("Keep-Alive", "timeout=5"))),
            Step(.get, .ok(), .cached, .noField("Keep-Alive"))),
        ConformanceCase(
            "RFC 9111 §3.1", "Proxy-Authentication-Info is not stored",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("Proxy-Authentication-Info", "x=1"))),
            Step(.get, .ok(), .cached, .noField("Proxy-Authentication-Info"))),

        // Of everybody.
        ConformanceCase(
            "RFC 9110 §5.1", "a field that nobody knows is passed on to the origin",
            Step(.get("", ("X-Unknown", "one; two=\"3\"")), .ok(), .askedWith("X-Unknown", "one; two=\"3\""))),
        ConformanceCase(
            "RFC 9110 §5.1", "a field that nobody knows is passed on to the client",
            Step(.get, .ok(("X-Unknown", "one; two=\"3\"")), .asked, .field("X-Unknown", "one; two=\"3\""))),
        ConformanceCase(
            "RFC 9111 §3.1", "a field that nobody knows is stored",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("X-Unknown", "one; two=\"3\""))),
            Step(.get, .ok(), .cached, .field("X-Unknown", "one; two=\"3\""))),
        ConformanceCase(
            "RFC 9110 §5.3", "the lines of a repeated field are passed on to the origin",
            Step(
                .get("", ("X-Many", "1"), ("X-Many", "2")), .ok(), .askedWith("X-Many", "1"),
                .askedWith("X-Many", "2"))),
        ConformanceCase(
            "RFC 9110 §5.3", "the lines of a repeated field are passed on to the client",
            Step(.get, .ok(("X-Many", "1"), ("X-Many", "2")), .asked, .field("X-Many", "1"), .field("X-Many", "2"))),
        ConformanceCase(
            "RFC 9110 §5.3", "the lines of a repeated field are stored",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("X-Many", "1"), ("X-Many", "2"))),
            Step(.get, .ok(), .cached, .field("X-Many", "1"), .field("X-Many", "2"))),
        ConformanceCase(
            "RFC 9110 §5.3", "the lines of Set-Cookie are not made one",
            Step(
                .get, .ok(("Cache-Control", "no-store"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")), .asked,
                .field("Set-Cookie", "a=1"), .field("Set-Cookie", "b=2"))),
        ConformanceCase(
            "RFC 9110 §5.3", "the lines of Set-Cookie are not made one in what is stored",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"))),
            Step(.get, .ok(), .cached, .field("Set-Cookie", "a=1"), .field("Set-Cookie", "b=2"))),
        ConformanceCase(
            "RFC 9110 §5.5", "an empty field is passed on to the origin",
            Step(.get("", ("X-Empty", "")), .ok(), .askedWith("X-Empty", ""))),
        ConformanceCase(
            "RFC 9110 §5.5", "an empty field is passed on to the client",
            Step(.get, .ok(("X-Empty", "")), .asked, .field("X-Empty", ""))),
        ConformanceCase(
            "RFC 9111 §3.1", "an empty field is stored",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("X-Empty", ""))),
            Step(.get, .ok(), .cached, .field("X-Empty", ""))),
        ConformanceCase(
            "RFC 9110 §5.4", "a field of 64 KB is passed on to the origin",
            Step(.get("", ("X-Long", long)), .ok(), .askedWith("X-Long", long))),
        ConformanceCase(
            "RFC 9110 §5.4", "a field of 64 KB is passed on to the client",
            Step(.get, .ok(("X-Long", long)), .asked, .field("X-Long", long))),
        ConformanceCase(
            "RFC 9111 §3.1", "a field of 64 KB is stored",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("X-Long", long))),
            Step(.get, .ok(), .cached, .field("X-Long", long))),
        ConformanceCase(
            "RFC 9110 §5.4", "200 fields are passed on to the origin",
            Step(Request(fields: numbered), .ok(), .askedWith("X-Field-1", "1"), .askedWith("X-Field-200", "200"))),
        ConformanceCase(
            "RFC 9110 §5.4", "200 fields are passed on to the client",
            Step(.get, Origin(fields: numbered), .asked, .field("X-Field-1", "1"), .field("X-Field-200", "200"))),
        ConformanceCase(
            "RFC 9111 §3.1", "200 fields are stored",
            Step(.get, Origin(fields: manyFields)),
            Step(.get, .ok(), .cached, .field("X-Field-1", "1"), .field("X-Field-200", "200"))),
        ConformanceCase(
            "RFC 9110 §6.6.1", "the Date of the origin is kept",
            Step(
                .get, .ok(("Date", "Wed, 01 Jan 2025 00:00:00 GMT")), .asked,
                .field("Date", "Wed, 01 Jan 2025 00:00:00 GMT"))),
        ConformanceCase(
            "RFC 9110 §6.6.1", "the Date of a stored response is that of the origin",
            Step(.get, .ok(("Cache-Control", "max-age=2147483648"), ("Date", "Wed, 01 Jan 2025 00:00:00 GMT"))),
            Step(.get, .ok(), .cached, .field("Date", "Wed, 01 Jan 2025 00:00:00 GMT"))),
        ConformanceCase(
            "RFC 9110 §10.2.4", "the Server of the origin is kept",
            Step(.get, .ok(("Server", "Example/1.0")), .asked, .field("Server", "Example/1.0"))),
        ConformanceCase(
            "RFC 9110 §11.6.2", "credentials are passed on to the origin",
            Step(.get("", ("Authorization", "Basic eA==")), .ok(), .askedWith("Authorization", "Basic eA=="))),
        ConformanceCase(
            "RFC 9110 §8.3", "a response without a type is not given one",
            Step(.get, .ok(), .asked, .noField("Content-Type"))),
    ]

    private static let messageBodies: [ConformanceCase] = [
        // Bodies.
        ConformanceCase(
            "RFC 9112 §7.1", "a body in chunks is passed on",
            Step(.get, .chunked(("Cache-Control", "no-store"), body: "0123456789"), .asked, .body("0123456789"))),
        ConformanceCase(
            "RFC 9112 §7.1", "a body in chunks is stored",
            Step(.get, .chunked(("Cache-Control", "max-age=100"), body: "0123456789")),
            Step(.get, .ok(), .cached, .body("0123456789"))),
        ConformanceCase(
            "RFC 9112 §7.1", "an empty body in chunks is stored",
            Step(.get, .chunked(("Cache-Control", "max-age=100"), body: "")),
            Step(.get, .ok(), .cached, .status(200), .body(""))),
        ConformanceCase(
            "RFC 9112 §6.2", "an empty body is stored",
            Step(.get, .ok(("Cache-Control", "max-age=100"), body: "")),
            Step(.get, .ok(), .cached, .status(200), .body(""))),
        ConformanceCase(
            "RFC 9112 §6.2", "a stored body has its Content-Length",
            Step(.get, .ok(("Cache-Control", "max-age=100"), body: "0123456789")),
            Step(.get, .ok(), .cached, .field("Content-Length", "10"), .body("0123456789"))),
        ConformanceCase(
            "RFC 9112 §6.2", "a body of a megabyte is stored whole",
            Step(.get, .ok(("Cache-Control", "max-age=100"), body: megabyte)),
            Step(.get, .ok(), .cached, .body(megabyte))),
        ConformanceCase(
            "RFC 9112 §6.2", "a body of four megabytes is passed on whole",
            Step(.get, .ok(("Cache-Control", "max-age=100"), body: fourMegabytes), .asked, .body(fourMegabytes))),
        ConformanceCase(
            "RFC 9112 §8", "a body that ends too early does not look whole to the client",
            Step(.get, .fail(.cutInBody, ("Cache-Control", "max-age=100")), .asked, .broken)),
        ConformanceCase(
            "RFC 9111 §3.3", "a body that ends too early is not stored",
            Step(.get, .fail(.cutInBody, ("Cache-Control", "max-age=100")), .asked, .broken),
            Step(.get, .ok(("Cache-Control", "max-age=100")), .asked, .status(200), .body("body 2"))),
        ConformanceCase(
            "RFC 9110 §15.6.3", "an origin that does not answer is a bad gateway",
            Step(.get, .fail(.cutBeforeAnswer), .asked, .status(502))),
        ConformanceCase(
            "RFC 9111 §3", "that an origin did not answer is not stored",
            Step(.get, .fail(.cutBeforeAnswer), .asked, .status(502)),
            Step(.get, .ok(), .asked, .status(200), .body("body 2"))),
        ConformanceCase(
            "RFC 9110 §8.4", "an encoded body is passed on as it is",
            Step(
                .get, .ok(("Content-Encoding", "gzip"), body: "not really"), .asked,
                .field("Content-Encoding", "gzip"), .body("not really"))),
        ConformanceCase(
            "RFC 9110 §8.4", "an encoded body is stored as it is",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("Content-Encoding", "gzip"), body: "not really")),
            Step(.get, .ok(), .cached, .field("Content-Encoding", "gzip"), .body("not really"))),
        ConformanceCase(
            "RFC 9110 §12.5.3", "the encodings that a client accepts are passed on",
            Step(
                .get("", ("Accept-Encoding", "br;q=0.5, zstd")), .ok(),
                .askedWith("Accept-Encoding", "br;q=0.5, zstd"))),
        ConformanceCase(
            "RFC 9110 §12.5.3", "the proxy accepts no encodings on its own",
            Step(.get, .ok(), .askedWithout("Accept-Encoding"))),

        // Versions.
        ConformanceCase(
            "RFC 9110 §2.5", "a client of HTTP/1.0 is answered by the origin",
            Step(Request(version: "1.0"), .ok(), .asked, .status(200), .body("body 1"))),
        ConformanceCase(
            "RFC 9110 §2.5", "a client of HTTP/1.0 is answered by the cache",
            Step(.get, .ok(("Cache-Control", "max-age=100"))),
            Step(Request(version: "1.0"), .ok(), .cached, .status(200), .body("body 1"))),
        ConformanceCase(
            "RFC 9110 §2.5", "what a client of HTTP/1.0 has fetched is there for others",
            Step(Request(version: "1.0"), .ok(("Cache-Control", "max-age=100")), .asked),
            Step(.get, .ok(), .cached, .body("body 1"))),
        ConformanceCase(
            "RFC 9112 §6.1", "a client of HTTP/1.0 gets no chunks from the origin",
            Step(
                Request(version: "1.0"), .chunked(body: "0123456789"), .asked, .noField("Transfer-Encoding"),
                .body("0123456789"))),
        ConformanceCase(
            "RFC 9112 §6.1", "a client of HTTP/1.0 gets no chunks from the cache",
            Step(.get, .chunked(("Cache-Control", "max-age=100"), body: "0123456789")),
            Step(Request(version: "1.0"), .ok(), .cached, .noField("Transfer-Encoding"), .body("0123456789"))),

        // Statuses.
        ConformanceCase(
            "RFC 9110 §15", "a 201 is passed on",
            Step(
                .get, .status(201, ("Location", "/new")), .asked, .status(201), .field("Location", "/new"),
                .body("body 1"))),
        ConformanceCase(
            "RFC 9110 §15", "a 204 is passed on without a body",
            Step(.get, .status(204, body: ""), .asked, .status(204), .body(""))),
        ConformanceCase(
            "RFC 9110 §15", "a stored 204 has no body",
            Step(.get, .status(204, ("Cache-Control", "max-age=100"), body: ""), .status(204)),
            Step(.get, .ok(), .cached, .status(204), .body(""))),
        ConformanceCase(
            "RFC 9110 §15.4.5", "a 304 that nobody asked for is passed on",
            Step(.get, .notModified(("ETag", "\"a\"")), .asked, .status(304), .body(""))),
        ConformanceCase(
            "RFC 9111 §3", "a 304 that nobody asked for is not stored",
            Step(.get, .notModified(("Cache-Control", "max-age=100"), ("ETag", "\"a\"")), .asked, .status(304)),
            Step(.get, .ok(), .asked, .status(200), .body("body 2"))),
        ConformanceCase(
            "RFC 9110 §15", "a 418 is passed on",
            Step(.get, .status(418), .asked, .status(418), .body("body 1"))),
        ConformanceCase(
            "RFC 9110 §15", "a 511 is passed on",
            Step(.get, .status(511), .asked, .status(511), .body("body 1"))),
        ConformanceCase(
            "RFC 9110 §15", "a status that nobody knows is passed on",
            Step(.get, .status(299), .asked, .status(299), .body("body 1"))),
        ConformanceCase(
            "RFC 9110 §15.4", "a redirect is passed on, not followed",
            Step(
                .get, .status(302, ("Location", "{path}/elsewhere")), .asked, .status(302),
                .field("Location", "{path}/elsewhere"), .body("body 1"))),
        ConformanceCase(
            "RFC 9110 §15.4", "a stored redirect is served, not followed",
            Step(
                .get, .status(301, ("Cache-Control", "max-age=100"), ("Location", "{path}/elsewhere")), .status(301)),
            Step(.get, .ok(), .cached, .status(301), .field("Location", "{path}/elsewhere"), .body("body 1"))),
    ]
}
