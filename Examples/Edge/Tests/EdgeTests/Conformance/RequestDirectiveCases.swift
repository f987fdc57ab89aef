// SPDX-License-Identifier: Apache-2.0

extension ConformanceCase {
    /// What requests ask of the cache (RFC 9111, sections 5.2.1 and 5.4).
    static let requestDirectives: [ConformanceCase] = [
        // max-age
        ConformanceCase(
            "RFC 9111 §5.2.1.1", "max-age in a request refuses a response that is older",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("Age", "20")), .asked),
            Step(.get("", ("Cache-Control", "max-age=10")), .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §5.2.1.1", "max-age in a request takes a response that is younger",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("Age", "20")), .asked),
            Step(.get("", ("Cache-Control", "max-age=60")), .ok(), .cached, .body("body 1"))),
        ConformanceCase(
            "RFC 9111 §5.2.1.1", "max-age=0 in a request has the origin asked",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("Age", "1")), .asked),
            Step(.get("", ("Cache-Control", "max-age=0")), .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §5.2.1.1", "max-age in a request does not make a stale response fresh",
            Step(.get, .ok(("Cache-Control", "max-age=10"), ("Age", "20"), ("ETag", "\"a\"")), .asked),
            Step(.get("", ("Cache-Control", "max-age=60")), .ok(), .asked, .body("body 2"))),

        // max-stale
        ConformanceCase(
            "RFC 9111 §5.2.1.2", "max-stale takes a response that is a little past its freshness",
            Step(.get, .ok(("Cache-Control", "max-age=10"), ("Age", "20"), ("ETag", "\"a\"")), .asked),
            Step(
                .get("", ("Cache-Control", "max-stale=60")), .ok(), .cached, .body("body 1"),
                .number("Age", 20...30))),
        ConformanceCase(
            "RFC 9111 §5.2.1.2", "max-stale without a number takes any stale response",
            Step(.get, .ok(("Cache-Control", "max-age=10"), ("Age", "5000"), ("ETag", "\"a\"")), .asked),
            Step(.get("", ("Cache-Control", "max-stale")), .ok(), .cached, .body("body 1"))),
        ConformanceCase(
            "RFC 9111 §5.2.1.2", "max-stale refuses a response that has been stale for longer",
            Step(.get, .ok(("Cache-Control", "max-age=1"), ("ETag", "\"a\"")), .asked),
            Step(.get("", ("Cache-Control", "max-stale=1")), .ok(), after: 3.3, .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §5.2.1.2", "max-stale counts the age that a response came with",
            Step(.get, .ok(("Cache-Control", "max-age=10"), ("Age", "100"), ("ETag", "\"a\"")), .asked),
            Step(.get("", ("Cache-Control", "max-stale=20")), .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §5.2.1.2", "max-stale does not get past must-revalidate",
            Step(.get, .ok(("Cache-Control", "max-age=0, must-revalidate"), ("ETag", "\"a\"")), .asked),
            Step(.get("", ("Cache-Control", "max-stale")), .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §5.2.1.2", "max-stale does not get past proxy-revalidate",
            Step(.get, .ok(("Cache-Control", "max-age=0, proxy-revalidate"), ("ETag", "\"a\"")), .asked),
            Step(.get("", ("Cache-Control", "max-stale")), .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §5.2.1.2", "max-stale does not get past s-maxage",
            Step(.get, .ok(("Cache-Control", "s-maxage=0"), ("ETag", "\"a\"")), .asked),
            Step(.get("", ("Cache-Control", "max-stale")), .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §5.2.1.2", "max-stale does not get past no-cache in the response",
            Step(.get, .ok(("Cache-Control", "no-cache"), ("ETag", "\"a\"")), .asked),
            Step(.get("", ("Cache-Control", "max-stale")), .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §5.2.1.2", "max-stale with what is no number allows nothing stale",
            Step(.get, .ok(("Cache-Control", "max-age=0"), ("ETag", "\"a\"")), .asked),
            Step(.get("", ("Cache-Control", "max-stale=long")), .ok(), .asked, .body("body 2"))),

        // min-fresh
        ConformanceCase(
            "RFC 9111 §5.2.1.3", "min-fresh refuses a response that is fresh for less",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("Age", "50")), .asked),
            Step(.get("", ("Cache-Control", "min-fresh=80")), .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §5.2.1.3", "min-fresh takes a response that is fresh for longer",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("Age", "50")), .asked),
            Step(.get("", ("Cache-Control", "min-fresh=20")), .ok(), .cached, .body("body 1"))),

        // no-cache
        ConformanceCase(
            "RFC 9111 §5.2.1.4", "no-cache in a request has the origin asked though there is something fresh",
            Step(.get, .ok(("Cache-Control", "max-age=100")), .asked),
            Step(.get("", ("Cache-Control", "no-cache")), .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §5.2.1.4", "the answer to a request with no-cache takes the place of what was stored",
            Step(.get, .ok(("Cache-Control", "max-age=100")), .asked),
            Step(.get("", ("Cache-Control", "no-cache")), .ok(("Cache-Control", "max-age=100")), .asked),
            Step(.get, .ok(), .cached, .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §5.2.1.4", "a response validated for a request with no-cache may be used for it",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("ETag", "\"a\"")), .asked),
            Step(
                .get("", ("Cache-Control", "no-cache")), .notModified(("ETag", "\"a\"")),
                .askedWith("If-None-Match", "\"a\""), .status(200), .body("body 1"))),

        // no-store
        ConformanceCase(
            "RFC 9111 §5.2.1.5", "the answer to a request with no-store is not stored",
            Step(.get("", ("Cache-Control", "no-store")), .ok(("Cache-Control", "max-age=100")), .asked),
            Step(.get, .ok(("Cache-Control", "max-age=100")), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §5.2.1.5", "no-store in a request leaves what is stored in use for others",
            Step(.get, .ok(("Cache-Control", "max-age=100")), .asked),
            Step(.get("", ("Cache-Control", "no-store"))),
            Step(.get, .ok(), .cached, .body("body 1"))),

        // only-if-cached
        ConformanceCase(
            "RFC 9111 §5.2.1.7", "only-if-cached is answered 504 if there is nothing",
            Step(.get("", ("Cache-Control", "only-if-cached")), .ok(), .cached, .status(504))),
        ConformanceCase(
            "RFC 9111 §5.2.1.7", "only-if-cached is answered by what is stored",
            Step(.get, .ok(("Cache-Control", "max-age=100")), .asked),
            Step(.get("", ("Cache-Control", "only-if-cached")), .ok(), .cached, .body("body 1"))),
        ConformanceCase(
            "RFC 9111 §5.2.1.7", "only-if-cached is answered 504 if what is stored is stale",
            Step(.get, .ok(("Cache-Control", "max-age=0"), ("ETag", "\"a\"")), .asked),
            Step(.get("", ("Cache-Control", "only-if-cached")), .ok(), .cached, .status(504))),
        ConformanceCase(
            "RFC 9111 §5.2.1.7", "only-if-cached is answered 504 after a response that was not stored",
            Step(.get, .ok(("Cache-Control", "no-store")), .asked),
            Step(.get("", ("Cache-Control", "only-if-cached")), .ok(), .cached, .status(504))),

        // How they are read
        ConformanceCase(
            "RFC 9111 §5.2", "directives in a request are read in any case",
            Step(.get, .ok(("Cache-Control", "max-age=100")), .asked),
            Step(.get("", ("Cache-Control", "No-CACHE")), .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §5.2", "a number in quotes counts in a request",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("Age", "20")), .asked),
            Step(.get("", ("Cache-Control", "max-age=\"10\"")), .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §5.2.1", "max-age in a request with what is no number has the origin asked",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("Age", "20")), .asked),
            Step(.get("", ("Cache-Control", "max-age=soon")), .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §5.2.3", "an unknown directive in a request changes nothing",
            Step(.get, .ok(("Cache-Control", "max-age=100")), .asked),
            Step(.get("", ("Cache-Control", "colour=\"no-cache\", quick")), .ok(), .cached, .body("body 1"))),
        ConformanceCase(
            "RFC 9111 §5.2", "directives in a request are passed on to the origin",
            Step(
                .get("", ("Cache-Control", "max-age=20, no-transform, quick")), .ok(),
                .askedWith("Cache-Control", "max-age=20, no-transform, quick"))),

        // Pragma
        ConformanceCase(
            "RFC 9111 §5.4", "Pragma: no-cache alone has the origin asked",
            Step(.get, .ok(("Cache-Control", "max-age=100")), .asked),
            Step(.get("", ("Pragma", "no-cache")), .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §5.4", "Pragma: no-cache counts for nothing beside Cache-Control",
            Step(.get, .ok(("Cache-Control", "max-age=100")), .asked),
            Step(
                .get("", ("Cache-Control", "max-age=60"), ("Pragma", "no-cache")), .ok(), .cached,
                .body("body 1"))),
        ConformanceCase(
            "RFC 9111 §5.4", "Pragma in a response counts for nothing",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("Pragma", "no-cache")), .asked),
            Step(.get, .ok(), .cached, .body("body 1"))),
    ]
}
