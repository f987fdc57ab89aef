// SPDX-License-Identifier: Apache-2.0

extension ConformanceCase {
    /// What responses ask of the cache (RFC 9111, section 5.2.2).
    static let responseDirectives: [ConformanceCase] = [
        // must-revalidate
        ConformanceCase(
            "RFC 9111 §5.2.2.2", "must-revalidate lets a response be used while it is fresh",
            Step(.get, .ok(("Cache-Control", "max-age=100, must-revalidate")), .asked),
            Step(.get, .ok(), .cached, .body("body 1"))),
        ConformanceCase(
            "RFC 9111 §5.2.2.2", "must-revalidate makes an error of an origin that cannot be reached",
            Step(.get, .ok(("Cache-Control", "max-age=0, must-revalidate"), ("ETag", "\"a\"")), .asked),
            Step(.get, .fail(.cutBeforeAnswer), .asked, .status(502))),
        ConformanceCase(
            "RFC 9111 §5.2.2.2", "must-revalidate counts before stale-if-error",
            Step(
                .get,
                .ok(("Cache-Control", "max-age=0, must-revalidate, stale-if-error=60"), ("ETag", "\"a\"")), .asked),
            Step(.get, .status(503), .asked, .status(503), .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §5.2.2.2", "must-revalidate counts before stale-while-revalidate",
            Step(
                .get,
                .ok(("Cache-Control", "max-age=0, must-revalidate, stale-while-revalidate=60"), ("ETag", "\"a\"")),
                .asked),
            Step(.get, .ok(), .asked, .body("body 2"))),

        // no-cache
        ConformanceCase(
            "RFC 9111 §5.2.2.4", "a response with no-cache is stored and validated for the next request",
            Step(.get, .ok(("Cache-Control", "no-cache"), ("ETag", "\"a\"")), .asked),
            Step(
                .get, .notModified(("ETag", "\"a\"")), .askedWith("If-None-Match", "\"a\""), .status(200),
                .body("body 1"))),
        ConformanceCase(
            "RFC 9111 §5.2.2.4", "no-cache has a response validated though max-age calls it fresh",
            Step(.get, .ok(("Cache-Control", "max-age=100, no-cache"), ("ETag", "\"a\"")), .asked),
            Step(.get, .ok(), .askedWith("If-None-Match", "\"a\""), .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §5.2.2.4", "a response with no-cache is validated again after each validation",
            Step(.get, .ok(("Cache-Control", "no-cache"), ("ETag", "\"a\"")), .asked),
            Step(.get, .notModified(("ETag", "\"a\"")), .asked, .status(200), .body("body 1")),
            Step(.get, .notModified(("ETag", "\"a\"")), .asked, .status(200), .body("body 1"))),
        ConformanceCase(
            "RFC 9111 §5.2.2.4", "a response with no-cache and no validator is never used again",
            Step(.get, .ok(("Cache-Control", "max-age=100, no-cache")), .asked),
            Step(.get, .ok(), .asked, .askedWithout("If-None-Match"), .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §5.2.2.4", "a response with no-cache is not used when the origin fails",
            Step(.get, .ok(("Cache-Control", "max-age=100, no-cache"), ("ETag", "\"a\"")), .asked),
            Step(.get, .fail(.cutBeforeAnswer), .asked, .status(502))),
        ConformanceCase(
            "RFC 9111 §5.2.2.4", "no-cache counts before stale-if-error",
            Step(.get, .ok(("Cache-Control", "no-cache, stale-if-error=60"), ("ETag", "\"a\"")), .asked),
            Step(.get, .status(503), .asked, .status(503), .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §5.2.2.4", "a field that no-cache names reaches the client who had the origin asked",
            Step(
                .get, .ok(("Cache-Control", "max-age=100, no-cache=\"X-Seen\""), ("X-Seen", "once")), .asked,
                .field("X-Seen", "once"))),
        ConformanceCase(
            "RFC 9111 §5.2.2.4", "a field that no-cache names is not served from the cache",
            Step(.get, .ok(("Cache-Control", "max-age=100, no-cache=\"X-Seen\""), ("X-Seen", "once")), .asked),
            Step(.get, .ok(), .cached, .noField("X-Seen"), .body("body 1"))),
        ConformanceCase(
            "RFC 9111 §5.2.2.4", "no-cache names several fields, in any case, and leaves the others",
            Step(
                .get,
                .ok(
                    ("Cache-Control", "no-cache=\"x-one, X-TWO\", max-age=100"), ("X-One", "1"), ("X-Two", "2"),
                    ("X-Three", "3")), .asked),
            Step(.get, .ok(), .cached, .noField("X-One"), .noField("X-Two"), .field("X-Three", "3"))),
        ConformanceCase(
            "RFC 9111 §5.2.2.4", "no-cache may name a field without quotes",
            Step(.get, .ok(("Cache-Control", "max-age=100, no-cache=X-Seen"), ("X-Seen", "once")), .asked),
            Step(.get, .ok(), .noField("X-Seen"))),

        // no-transform
        ConformanceCase(
            "RFC 9111 §5.2.2.6", "no-transform is passed on and the response stays as it is",
            Step(.get, .ok(("Cache-Control", "max-age=100, no-transform"), ("Content-Type", "text/plain")), .asked),
            Step(
                .get("", ("Accept-Encoding", "gzip")), .ok(), .cached, .body("body 1"),
                .field("Cache-Control", "max-age=100, no-transform"), .field("Content-Type", "text/plain"),
                .noField("Content-Encoding"))),

        // proxy-revalidate
        ConformanceCase(
            "RFC 9111 §5.2.2.8", "proxy-revalidate makes an error of an origin that cannot be reached",
            Step(.get, .ok(("Cache-Control", "max-age=0, proxy-revalidate"), ("ETag", "\"a\"")), .asked),
            Step(.get, .fail(.cutBeforeAnswer), .asked, .status(502))),
        ConformanceCase(
            "RFC 9111 §5.2.2.8", "proxy-revalidate counts before stale-if-error",
            Step(
                .get,
                .ok(("Cache-Control", "max-age=0, proxy-revalidate, stale-if-error=60"), ("ETag", "\"a\"")), .asked),
            Step(.get, .status(503), .asked, .status(503), .body("body 2"))),

        // public
        ConformanceCase(
            "RFC 9111 §5.2.2.9", "public lets a response to a request with credentials be used for others",
            Step(
                .get("", ("Authorization", "Basic YTpi")), .ok(("Cache-Control", "public, max-age=100")), .asked),
            Step(.get, .ok(), .cached, .body("body 1"))),
        ConformanceCase(
            "RFC 9111 §5.2.2.9", "public lets a status be stored that is not stored by itself",
            Step(.get, .status(403, ("Cache-Control", "public"), ("ETag", "\"a\"")), .asked, .status(403)),
            Step(
                .get, .notModified(("ETag", "\"a\"")), .askedWith("If-None-Match", "\"a\""), .status(403),
                .body("body 1"))),
        ConformanceCase(
            "RFC 9111 §5.2.2.9", "public does not get past no-store",
            Step(.get, .ok(("Cache-Control", "public, no-store, max-age=100")), .asked),
            Step(.get, .ok(), .asked, .body("body 2"))),

        // s-maxage
        ConformanceCase(
            "RFC 9111 §5.2.2.10", "s-maxage makes an error of an origin that cannot be reached",
            Step(.get, .ok(("Cache-Control", "s-maxage=0"), ("ETag", "\"a\"")), .asked),
            Step(.get, .fail(.cutBeforeAnswer), .asked, .status(502))),
        ConformanceCase(
            "RFC 9111 §5.2.2.10", "s-maxage counts before stale-if-error",
            Step(.get, .ok(("Cache-Control", "s-maxage=0, stale-if-error=60"), ("ETag", "\"a\"")), .asked),
            Step(.get, .status(503), .asked, .status(503), .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §5.2.2.10", "s-maxage counts before stale-while-revalidate",
            Step(
                .get, .ok(("Cache-Control", "s-maxage=0, stale-while-revalidate=60"), ("ETag", "\"a\"")), .asked),
            Step(.get, .ok(), .asked, .body("body 2"))),

        // immutable
        ConformanceCase(
            "RFC 8246 §2", "immutable is passed on with a stored response",
            Step(.get, .ok(("Cache-Control", "max-age=100, immutable")), .asked),
            Step(.get, .ok(), .cached, .body("body 1"), .field("Cache-Control", "max-age=100, immutable"))),
        ConformanceCase(
            "RFC 8246 §2", "immutable does not keep a response fresh",
            Step(.get, .ok(("Cache-Control", "max-age=0, immutable"), ("ETag", "\"a\"")), .asked),
            Step(.get, .ok(), .asked, .body("body 2"))),

        // How they are read
        ConformanceCase(
            "RFC 9111 §5.2", "a response is kept from the store by directives in mixed case",
            Step(.get, .ok(("Cache-Control", "max-age=100, No-Store")), .asked),
            Step(.get, .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §5.2", "a response is stored by directives in upper case",
            Step(.get, .ok(("Cache-Control", "MAX-AGE=100")), .asked),
            Step(.get, .ok(), .cached, .body("body 1"))),
        ConformanceCase(
            "RFC 9111 §5.2.3", "unknown directives in a response change nothing",
            Step(.get, .ok(("Cache-Control", "quick, colour=blue, max-age=100, size=\"9\"")), .asked),
            Step(.get, .ok(), .cached, .body("body 1"))),
        ConformanceCase(
            "RFC 9111 §5.2.3", "unknown directives are passed on with a stored response",
            Step(.get, .ok(("Cache-Control", "max-age=100, colour=\"blue, red\"")), .asked),
            Step(.get, .ok(), .cached, .field("Cache-Control", "max-age=100, colour=\"blue, red\""))),
        ConformanceCase(
            "RFC 9111 §5.2", "what stands in the quotes of an unknown directive is no directive",
            Step(.get, .ok(("Cache-Control", "colour=\"blue, no-store, max-age=0\", max-age=100")), .asked),
            Step(.get, .ok(), .cached, .body("body 1"))),
        ConformanceCase(
            "RFC 9111 §5.2", "directives count from all lines of a response",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("Cache-Control", "no-store")), .asked),
            Step(.get, .ok(), .asked, .body("body 2"))),
    ]
}
