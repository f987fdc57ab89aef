// SPDX-License-Identifier: Apache-2.0

extension ConformanceCase {
    /// Responses that are served past their freshness.
    static let stale: [ConformanceCase] = staleWhileRevalidate + staleIfError

    private static let staleWhileRevalidate: [ConformanceCase] = [
        ConformanceCase(
            "RFC 5861 §3", "within the window the stale response is served",
            Step(.get, .ok(("Cache-Control", "max-age=1, stale-while-revalidate=60"))),
            Step(.get, .ok(("Cache-Control", "max-age=100")), after: 2.1, .status(200), .body("body 1"))),
        ConformanceCase(
            "RFC 5861 §3", "what was fetched meanwhile is served from then on",
            Step(.get, .ok(("Cache-Control", "max-age=1, stale-while-revalidate=60"))),
            Step(.get, .ok(("Cache-Control", "max-age=100")), after: 2.1, .body("body 1")),
            Step(.get, .ok(), after: 0.5, .cached, .body("body 2"))),
        ConformanceCase(
            "RFC 5861 §3", "a response confirmed meanwhile is fresh again",
            Step(.get, .ok(("Cache-Control", "max-age=1, stale-while-revalidate=60"), ("ETag", "\"a\""))),
            Step(
                .get, .notModified(("Cache-Control", "max-age=100"), ("ETag", "\"a\"")), after: 2.1, .status(200),
                .body("body 1")),
            Step(.get, .ok(), after: 0.5, .cached, .body("body 1"), .number("Age", 0...1))),
        ConformanceCase(
            "RFC 5861 §3", "a refresh that fails leaves the stale response",
            Step(.get, .ok(("Cache-Control", "max-age=1, stale-while-revalidate=60"))),
            Step(.get, .status(503), after: 2.1, .status(200), .body("body 1")),
            Step(.get, .status(503), after: 0.5, .status(200), .body("body 1"))),
        ConformanceCase(
            "RFC 5861 §3", "past the window the origin is asked",
            Step(.get, .ok(("Cache-Control", "max-age=1, stale-while-revalidate=1"))),
            Step(.get, .ok(), after: 3.2, .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 5861 §3", "the window begins where freshness ends",
            Step(.get, .ok(("Cache-Control", "max-age=2, stale-while-revalidate=3"))),
            Step(.get, .ok(), after: 3.5, .body("body 1"))),
        ConformanceCase(
            "RFC 5861 §3", "the window also follows a freshness that Expires gives",
            Step(
                .get, .ok(("Date", "{now}"), ("Expires", "{now+1}"), ("Cache-Control", "stale-while-revalidate=60"))),
            Step(.get, .ok(), after: 2.1, .body("body 1"))),
        ConformanceCase(
            "RFC 5861 §3", "a fresh response is not fetched anew",
            Step(.get, .ok(("Cache-Control", "max-age=100, stale-while-revalidate=60"))),
            Step(.get, .ok(), .cached, .body("body 1"))),
        ConformanceCase(
            "RFC 5861 §3", "a window of no time is none",
            Step(.get, .ok(("Cache-Control", "max-age=1, stale-while-revalidate=0"))),
            Step(.get, .ok(), after: 2.1, .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 5861 §3", "a window that is no number is none",
            Step(.get, .ok(("Cache-Control", "max-age=1, stale-while-revalidate=soon"))),
            Step(.get, .ok(), after: 2.1, .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §5.1", "a response served while it is fetched anew has its Age",
            Step(.get, .ok(("Cache-Control", "max-age=1, stale-while-revalidate=60"))),
            Step(.get, .ok(("Cache-Control", "max-age=100")), after: 2.1, .body("body 1"), .number("Age", 2...20))),
        ConformanceCase(
            "RFC 9111 §5.2.2.2", "must-revalidate counts more than stale-while-revalidate",
            Step(.get, .ok(("Cache-Control", "max-age=1, must-revalidate, stale-while-revalidate=60"))),
            Step(.get, .ok(), after: 2.1, .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §5.2.2.8", "proxy-revalidate counts more than stale-while-revalidate",
            Step(.get, .ok(("Cache-Control", "max-age=1, proxy-revalidate, stale-while-revalidate=60"))),
            Step(.get, .ok(), after: 2.1, .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §5.2.2.10", "s-maxage counts more than stale-while-revalidate",
            Step(.get, .ok(("Cache-Control", "s-maxage=1, stale-while-revalidate=60"))),
            Step(.get, .ok(), after: 2.1, .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §5.2.2.4", "no-cache counts more than stale-while-revalidate",
            Step(.get, .ok(("Cache-Control", "max-age=1, no-cache, stale-while-revalidate=60"), ("ETag", "\"a\""))),
            Step(.get, .ok(), after: 2.1, .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §5.2.1.1", "a client with max-age is not served stale while it is fetched anew",
            Step(.get, .ok(("Cache-Control", "max-age=1, stale-while-revalidate=60"))),
            Step(.get("", ("Cache-Control", "max-age=10")), .ok(), after: 2.1, .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §5.2.1.4", "a client with no-cache is not served stale while it is fetched anew",
            Step(.get, .ok(("Cache-Control", "max-age=1, stale-while-revalidate=60"))),
            Step(.get("", ("Cache-Control", "no-cache")), .ok(), after: 2.1, .asked, .body("body 2"))),
    ]

    private static let staleIfError: [ConformanceCase] = [
        ConformanceCase(
            "RFC 5861 §4", "the stale response is served instead of a 500",
            Step(.get, .ok(("Cache-Control", "max-age=1, stale-if-error=60"))),
            Step(.get, .status(500), after: 2.1, .asked, .status(200), .body("body 1"))),
        ConformanceCase(
            "RFC 5861 §4", "the stale response is served instead of a 502",
            Step(.get, .ok(("Cache-Control", "max-age=1, stale-if-error=60"))),
            Step(.get, .status(502), after: 2.1, .asked, .status(200), .body("body 1"))),
        ConformanceCase(
            "RFC 5861 §4", "the stale response is served instead of a 503",
            Step(.get, .ok(("Cache-Control", "max-age=1, stale-if-error=60"))),
            Step(.get, .status(503), after: 2.1, .asked, .status(200), .body("body 1"))),
        ConformanceCase(
            "RFC 5861 §4", "the stale response is served instead of a 504",
            Step(.get, .ok(("Cache-Control", "max-age=1, stale-if-error=60"))),
            Step(.get, .status(504), after: 2.1, .asked, .status(200), .body("body 1"))),
        ConformanceCase(
            "RFC 5861 §4", "the stale response is served when the connection ends without an answer",
            Step(.get, .ok(("Cache-Control", "max-age=1, stale-if-error=60"))),
            Step(.get, .fail(.cutBeforeAnswer), after: 2.1, .asked, .status(200), .body("body 1"))),
        ConformanceCase(
            "RFC 5861 §4", "the origin is first asked whether the stale response still holds",
            Step(.get, .ok(("Cache-Control", "max-age=1, stale-if-error=60"), ("ETag", "\"a\""))),
            Step(
                .get, .status(503), after: 2.1, .askedWith("If-None-Match", "\"a\""), .status(200), .body("body 1"))),
        ConformanceCase(
            "RFC 9111 §5.1", "a response served instead of an error has its Age",
            Step(.get, .ok(("Cache-Control", "max-age=1, stale-if-error=60"))),
            Step(.get, .status(503), after: 2.1, .asked, .number("Age", 2...20))),
        ConformanceCase(
            "RFC 5861 §4", "an origin that works again is heard",
            Step(.get, .ok(("Cache-Control", "max-age=1, stale-if-error=60"))),
            Step(.get, .status(503), after: 2.1, .asked, .body("body 1")),
            Step(.get, .ok(("Cache-Control", "max-age=100")), after: 2.1, .asked, .status(200), .body("body 3"))),
        ConformanceCase(
            "RFC 5861 §4", "the window for errors begins where freshness ends",
            Step(.get, .ok(("Cache-Control", "max-age=2, stale-if-error=3"))),
            Step(.get, .status(503), after: 3.5, .asked, .status(200), .body("body 1"))),
        ConformanceCase(
            "RFC 5861 §4", "the window for errors may be longer than that for a refresh",
            Step(.get, .ok(("Cache-Control", "max-age=1, stale-while-revalidate=1, stale-if-error=60"))),
            Step(.get, .status(503), after: 3.2, .asked, .status(200), .body("body 1"))),
        ConformanceCase(
            "RFC 5861 §4", "past the window the error is passed on",
            Step(.get, .ok(("Cache-Control", "max-age=1, stale-if-error=1"))),
            Step(.get, .status(503), after: 3.2, .asked, .status(503), .body("body 2"))),
        ConformanceCase(
            "RFC 5861 §4", "a 404 is no error of the origin",
            Step(.get, .ok(("Cache-Control", "max-age=1, stale-if-error=60"))),
            Step(.get, .status(404), after: 2.1, .asked, .status(404), .body("body 2"))),
        ConformanceCase(
            "RFC 5861 §4", "a 501 is no error of the origin",
            Step(.get, .ok(("Cache-Control", "max-age=1, stale-if-error=60"))),
            Step(.get, .status(501), after: 2.1, .asked, .status(501), .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §4.2.4", "without stale-if-error a 503 is passed on",
            Step(.get, .ok(("Cache-Control", "max-age=1"))),
            Step(.get, .status(503), after: 2.1, .asked, .status(503), .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §5.2.2.2", "must-revalidate counts more than stale-if-error",
            Step(.get, .ok(("Cache-Control", "max-age=1, must-revalidate, stale-if-error=60"))),
            Step(.get, .status(503), after: 2.1, .asked, .status(503), .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §5.2.2.2", "must-revalidate asks for an error when the origin is gone",
            Step(.get, .ok(("Cache-Control", "max-age=1, must-revalidate, stale-if-error=60"))),
            Step(.get, .fail(.cutBeforeAnswer), after: 2.1, .asked, .status(502))),
        ConformanceCase(
            "RFC 9111 §5.2.2.8", "proxy-revalidate counts more than stale-if-error",
            Step(.get, .ok(("Cache-Control", "max-age=1, proxy-revalidate, stale-if-error=60"))),
            Step(.get, .status(503), after: 2.1, .asked, .status(503), .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §5.2.2.10", "s-maxage counts more than stale-if-error",
            Step(.get, .ok(("Cache-Control", "s-maxage=1, stale-if-error=60"))),
            Step(.get, .status(503), after: 2.1, .asked, .status(503), .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §5.2.2.4", "no-cache counts more than stale-if-error",
            Step(.get, .ok(("Cache-Control", "max-age=100, no-cache, stale-if-error=60"), ("ETag", "\"a\""))),
            Step(.get, .status(503), .asked, .status(503), .body("body 2"))),
    ]
}
