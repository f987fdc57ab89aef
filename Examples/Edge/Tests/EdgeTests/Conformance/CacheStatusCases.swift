// SPDX-License-Identifier: Apache-2.0

extension ConformanceCase {
    /// What the cache says of how it handled a request.
    static let cacheStatus: [ConformanceCase] = [
        ConformanceCase(
            "RFC 9211 §2.1", "an answer from the cache is a hit",
            Step(.get, .ok(("Cache-Control", "max-age=100"))),
            Step(.get, .ok(), .cached, .fieldContains("Cache-Status", "Larder; hit"))),
        ConformanceCase(
            "RFC 9211 §2.4", "a hit says how long it is fresh",
            Step(.get, .ok(("Cache-Control", "max-age=1000"))),
            Step(.get, .ok(), .cached, .fieldContains("Cache-Status", "Larder; hit; ttl=99"))),
        ConformanceCase(
            "RFC 9211 §2.4", "the time left is less by the Age that a response came with",
            Step(.get, .ok(("Cache-Control", "max-age=1000"), ("Age", "50"))),
            Step(.get, .ok(), .cached, .fieldContains("Cache-Status", "Larder; hit; ttl=94"))),
        ConformanceCase(
            "RFC 9211 §2.4", "the time left of a stale response is negative",
            Step(.get, .ok(("Cache-Control", "max-age=1, stale-while-revalidate=60"))),
            Step(.get, .ok(), after: 2.1, .body("body 1"), .fieldContains("Cache-Status", "Larder; hit; ttl=-"))),
        ConformanceCase(
            "RFC 9211 §2.1", "a 304 from the cache is a hit",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("ETag", "\"a\""))),
            Step(
                .get("", ("If-None-Match", "\"a\"")), .ok(), .cached, .status(304),
                .fieldContains("Cache-Status", "Larder; hit"))),
        ConformanceCase(
            "RFC 9211 §2.1", "a part from the cache is a hit",
            Step(.get, .ok(("Cache-Control", "max-age=100"), body: "0123456789")),
            Step(
                .get("", ("Range", "bytes=2-4")), .ok(), .cached, .status(206),
                .fieldContains("Cache-Status", "Larder; hit"))),
        ConformanceCase(
            "RFC 9211 §2.1", "a HEAD from the cache is a hit",
            Step(.get, .ok(("Cache-Control", "max-age=100"))),
            Step(.head(), .ok(), .cached, .fieldContains("Cache-Status", "Larder; hit"))),
        ConformanceCase(
            "RFC 9211 §2.2", "a URL that nothing is stored for is a miss of the URL",
            Step(
                .get, .ok(("Cache-Control", "max-age=100")), .asked,
                .fieldContains("Cache-Status", "Larder; fwd=uri-miss"))),
        ConformanceCase(
            "RFC 9211 §2.5", "a miss says that its answer is stored",
            Step(
                .get, .ok(("Cache-Control", "max-age=100")), .asked,
                .field("Cache-Status", "Larder; fwd=uri-miss; fwd-status=200; stored"))),
        ConformanceCase(
            "RFC 9211 §2.5", "a miss whose answer is not stored does not say so",
            Step(
                .get, .ok(("Cache-Control", "no-store")), .asked,
                .field("Cache-Status", "Larder; fwd=uri-miss; fwd-status=200; detail=no-store"))),
        ConformanceCase(
            "RFC 9211 §2.3", "a miss says what the origin answered",
            Step(
                .get, .status(404, ("Cache-Control", "max-age=100")), .asked, .status(404),
                .fieldContains("Cache-Status", "Larder; fwd=uri-miss; fwd-status=404"))),
        ConformanceCase(
            "RFC 9211 §2.2", "a variant that is not stored is a miss of the variant",
            Step(
                .get("", ("Accept-Language", "de")),
                .ok(("Cache-Control", "max-age=100"), ("Vary", "Accept-Language"))),
            Step(
                .get("", ("Accept-Language", "en")),
                .ok(("Cache-Control", "max-age=100"), ("Vary", "Accept-Language")), .asked,
                .fieldContains("Cache-Status", "Larder; fwd=vary-miss"))),
        ConformanceCase(
            "RFC 9211 §2.3", "a stale response that the origin confirms goes by its 304",
            Step(.get, .ok(("Cache-Control", "max-age=1"), ("ETag", "\"a\""))),
            Step(
                .get, .notModified(("Cache-Control", "max-age=1"), ("ETag", "\"a\"")), after: 2.1, .asked,
                .status(200), .fieldContains("Cache-Status", "Larder; fwd=stale; fwd-status=304"))),
        ConformanceCase(
            "RFC 9211 §2.2", "a stale response that the origin replaces was stale",
            Step(.get, .ok(("Cache-Control", "max-age=1"), ("ETag", "\"a\""))),
            Step(
                .get, .ok(("Cache-Control", "max-age=1"), ("ETag", "\"b\"")), after: 2.1, .asked,
                .field("Cache-Status", "Larder; fwd=stale; fwd-status=200; stored"))),
        ConformanceCase(
            "RFC 9211 §2.2", "a response that stands in for an error was stale, not a hit",
            Step(.get, .ok(("Cache-Control", "max-age=1, stale-if-error=60"))),
            Step(
                .get, .status(503), after: 2.1, .asked, .status(200),
                .fieldContains("Cache-Status", "Larder; fwd=stale; fwd-status=503"))),
        ConformanceCase(
            "RFC 9211 §2.2", "a fresh response that the client does not want is passed over for the request",
            Step(.get, .ok(("Cache-Control", "max-age=100"))),
            Step(
                .get("", ("Cache-Control", "no-cache")), .ok(("Cache-Control", "max-age=100")), .asked,
                .fieldContains("Cache-Status", "Larder; fwd=request; fwd-status=200"))),
        ConformanceCase(
            "RFC 9211 §2.2", "a fresh response that the client wants confirmed is passed over for the request",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("ETag", "\"a\""))),
            Step(
                .get("", ("Cache-Control", "no-cache")),
                .notModified(("Cache-Control", "max-age=100"), ("ETag", "\"a\"")), .asked, .status(200),
                .fieldContains("Cache-Status", "Larder; fwd=request; fwd-status=304"))),
        ConformanceCase(
            "RFC 9211 §2.2", "a method that is not cached is the reason",
            Step(
                .send("POST", body: "x"), .ok(), .asked,
                .fieldContains("Cache-Status", "Larder; fwd=method; fwd-status=200"))),
        ConformanceCase(
            "RFC 9211 §2.2", "a request that the cache does not handle goes past it",
            Step(
                .send("GET", body: "x"), .ok(), .asked,
                .fieldContains("Cache-Status", "Larder; fwd=bypass; fwd-status=200"))),
        ConformanceCase(
            "RFC 9211 §2.2", "a condition for the origin goes past the cache",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("ETag", "\"a\""))),
            Step(
                .get("", ("If-Match", "\"b\"")), .status(412), .asked, .status(412),
                .fieldContains("Cache-Status", "Larder; fwd=bypass; fwd-status=412"))),
        ConformanceCase(
            "RFC 9211 §2", "what a cache before said stays",
            Step(
                .get, .ok(("Cache-Control", "max-age=100"), ("Cache-Status", "Inner; hit; ttl=30")), .asked,
                .fieldContains("Cache-Status", "Inner; hit; ttl=30"),
                .fieldContains("Cache-Status", "Larder; fwd=uri-miss"))),
        ConformanceCase(
            "RFC 9211 §2", "what a cache before said stays in what is stored",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("Cache-Status", "Inner; fwd=uri-miss"))),
            Step(
                .get, .ok(), .cached, .fieldContains("Cache-Status", "Inner; fwd=uri-miss"),
                .fieldContains("Cache-Status", "Larder; hit"))),
        ConformanceCase(
            "RFC 9211 §2", "an answer that the cache makes for want of a stored one has none",
            Step(
                .get("", ("Cache-Control", "only-if-cached")), .ok(), .cached, .status(504),
                .noField("Cache-Status"))),
        ConformanceCase(
            "RFC 9211 §2", "an answer that the proxy makes for want of an origin has none",
            Step(.get, .fail(.cutBeforeAnswer), .asked, .status(502), .noField("Cache-Status"))),
    ]
}
