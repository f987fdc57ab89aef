// SPDX-License-Identifier: Apache-2.0

extension ConformanceCase {
    /// Directives in a field for caches of this kind.
    static let targeted: [ConformanceCase] = [
        // It counts, and nothing else.
        ConformanceCase(
            "RFC 9213 §2.2", "a lifetime in the targeted field counts more than a longer one",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("CDN-Cache-Control", "max-age=1"))),
            Step(.get, .ok(), after: 2.1, .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9213 §2.2", "a lifetime in the targeted field counts more than a shorter one",
            Step(.get, .ok(("Cache-Control", "max-age=1"), ("CDN-Cache-Control", "max-age=100"))),
            Step(.get, .ok(), after: 2.1, .cached, .body("body 1"))),
        ConformanceCase(
            "RFC 9213 §2.2", "no-store in the targeted field counts more than max-age",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("CDN-Cache-Control", "no-store"))),
            Step(.get, .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9213 §2.2", "max-age in the targeted field counts more than no-store",
            Step(.get, .ok(("Cache-Control", "no-store"), ("CDN-Cache-Control", "max-age=100"))),
            Step(.get, .ok(), .cached, .body("body 1"))),
        ConformanceCase(
            "RFC 9213 §2.2", "private in the targeted field counts more than public",
            Step(.get, .ok(("Cache-Control", "public, max-age=100"), ("CDN-Cache-Control", "private, max-age=100"))),
            Step(.get, .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9213 §2.2", "max-age in the targeted field counts more than private",
            Step(.get, .ok(("Cache-Control", "private"), ("CDN-Cache-Control", "max-age=100"))),
            Step(.get, .ok(), .cached, .body("body 1"))),
        ConformanceCase(
            "RFC 9213 §2.2", "no-cache in the targeted field makes the origin be asked",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("CDN-Cache-Control", "no-cache"), ("ETag", "\"a\""))),
            Step(
                .get, .notModified(("ETag", "\"a\"")), .askedWith("If-None-Match", "\"a\""), .status(200),
                .body("body 1"))),
        ConformanceCase(
            "RFC 9213 §2.2", "max-age in the targeted field counts more than no-cache",
            Step(.get, .ok(("Cache-Control", "no-cache"), ("CDN-Cache-Control", "max-age=100"), ("ETag", "\"a\""))),
            Step(.get, .ok(), .cached, .body("body 1"))),
        ConformanceCase(
            "RFC 9213 §2.2", "must-revalidate in the targeted field is obeyed",
            Step(
                .get,
                .ok(
                    ("Cache-Control", "max-age=100"),
                    ("CDN-Cache-Control", "max-age=1, must-revalidate, stale-if-error=60"))),
            Step(.get, .status(503), after: 2.1, .asked, .status(503))),
        ConformanceCase(
            "RFC 9213 §2.2", "must-revalidate beside the targeted field is not obeyed",
            Step(
                .get,
                .ok(("Cache-Control", "must-revalidate"), ("CDN-Cache-Control", "max-age=1, stale-if-error=60"))),
            Step(.get, .status(503), after: 2.1, .asked, .status(200), .body("body 1"))),
        ConformanceCase(
            "RFC 9213 §2.2", "s-maxage in the targeted field counts more than its max-age",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("CDN-Cache-Control", "max-age=100, s-maxage=0"))),
            Step(.get, .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9213 §2.2", "max-age in the targeted field counts more than s-maxage beside it",
            Step(.get, .ok(("Cache-Control", "s-maxage=0"), ("CDN-Cache-Control", "max-age=100"))),
            Step(.get, .ok(), .cached, .body("body 1"))),
        ConformanceCase(
            "RFC 9213 §2.2", "max-age in the targeted field counts more than Expires",
            Step(.get, .ok(("Expires", "{now-60}"), ("CDN-Cache-Control", "max-age=100"))),
            Step(.get, .ok(), .cached, .body("body 1"))),
        ConformanceCase(
            "RFC 9213 §2.2", "Expires gives no lifetime beside a targeted field without one",
            Step(.get, .ok(("Expires", "{now+100}"), ("CDN-Cache-Control", "public"))),
            Step(.get, .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9213 §2.2", "max-age gives no lifetime beside a targeted field without one",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("CDN-Cache-Control", "public"))),
            Step(.get, .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9213 §2.2", "a targeted field without a known directive still counts",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("CDN-Cache-Control", "none"))),
            Step(.get, .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9213 §2.2", "public beside the targeted field lets nothing be stored for credentials",
            Step(
                .get("", ("Authorization", "Basic eA==")),
                .ok(("Cache-Control", "public"), ("CDN-Cache-Control", "max-age=100"))),
            Step(.get("", ("Authorization", "Basic eA==")), .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9213 §2.2", "public in the targeted field lets a response be stored for credentials",
            Step(
                .get("", ("Authorization", "Basic eA==")),
                .ok(("Cache-Control", "max-age=100"), ("CDN-Cache-Control", "public, max-age=100"))),
            Step(.get("", ("Authorization", "Basic eA==")), .ok(), .cached, .body("body 1"))),
        ConformanceCase(
            "RFC 9213 §2.2", "a field for caches of another kind is not obeyed",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("Example-Cache-Control", "no-store"))),
            Step(.get, .ok(), .cached, .body("body 1"))),
        ConformanceCase(
            "RFC 9110 §5.1", "the name of the targeted field may be written in any case",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("cdn-cache-control", "no-store"))),
            Step(.get, .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9213 §2", "in a request the field means nothing",
            Step(.get, .ok(("Cache-Control", "max-age=100"))),
            Step(.get("", ("CDN-Cache-Control", "no-cache")), .ok(), .cached, .body("body 1"))),

        // How it is read.
        ConformanceCase(
            "RFC 9213 §2.1", "an empty targeted field is ignored",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("CDN-Cache-Control", ""))),
            Step(.get, .ok(), .cached, .body("body 1"))),
        ConformanceCase(
            "RFC 9213 §2.1", "a targeted field that is no dictionary is ignored",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("CDN-Cache-Control", "no-store, &"))),
            Step(.get, .ok(), .cached, .body("body 1"))),
        ConformanceCase(
            "RFC 9213 §2.1", "a comma at the end of the targeted field is an error",
            Step(.get, .ok(("Cache-Control", "no-store"), ("CDN-Cache-Control", "max-age=100,"))),
            Step(.get, .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9213 §2.1", "space around the equals sign of the targeted field is an error",
            Step(.get, .ok(("Cache-Control", "no-store"), ("CDN-Cache-Control", "max-age = 100"))),
            Step(.get, .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9213 §2.1", "capital letters in the targeted field are an error",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("CDN-Cache-Control", "NO-STORE"))),
            Step(.get, .ok(), .cached, .body("body 1"))),
        ConformanceCase(
            "RFC 9213 §2.1", "parameters in the targeted field mean nothing",
            Step(.get, .ok(("Cache-Control", "no-store"), ("CDN-Cache-Control", "max-age=100;note=\"no-store\";x"))),
            Step(.get, .ok(), .cached, .body("body 1"))),
        ConformanceCase(
            "RFC 9213 §2.1", "directives that nobody knows in the targeted field mean nothing",
            Step(.get, .ok(("Cache-Control", "no-store"), ("CDN-Cache-Control", "max-age=100, x-what=(a b)"))),
            Step(.get, .ok(), .cached, .body("body 1"))),
        ConformanceCase(
            "RFC 9213 §2.1", "max-age as a string gives no lifetime",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("CDN-Cache-Control", "max-age=\"100\""))),
            Step(.get, .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9213 §2.1", "max-age as a decimal gives no lifetime",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("CDN-Cache-Control", "max-age=100.5"))),
            Step(.get, .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9213 §2.1", "max-age as a token gives no lifetime",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("CDN-Cache-Control", "max-age=long"))),
            Step(.get, .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9213 §2.1", "max-age without a value gives no lifetime",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("CDN-Cache-Control", "max-age"))),
            Step(.get, .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9213 §2.1", "max-age below zero gives no lifetime",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("CDN-Cache-Control", "max-age=-100"))),
            Step(.get, .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9213 §2.1", "of two values of a directive the last one counts, if it is larger",
            Step(.get, .ok(("Cache-Control", "no-store"), ("CDN-Cache-Control", "max-age=0, max-age=100"))),
            Step(.get, .ok(), .cached, .body("body 1"))),
        ConformanceCase(
            "RFC 9213 §2.1", "of two values of a directive the last one counts, if it is smaller",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("CDN-Cache-Control", "max-age=100, max-age=0"))),
            Step(.get, .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9213 §2.1", "two lines of the targeted field are one dictionary",
            Step(
                .get,
                .ok(
                    ("Cache-Control", "max-age=100"), ("CDN-Cache-Control", "max-age=100"),
                    ("CDN-Cache-Control", "no-store"))),
            Step(.get, .ok(), .asked, .body("body 2"))),

        // It passes.
        ConformanceCase(
            "RFC 9213 §3.1", "the targeted field is passed on from the origin",
            Step(
                .get, .ok(("CDN-Cache-Control", "max-age=100")), .asked, .field("CDN-Cache-Control", "max-age=100"))),
        ConformanceCase(
            "RFC 9213 §3.1", "the targeted field is passed on from the cache",
            Step(.get, .ok(("CDN-Cache-Control", "max-age=100"))),
            Step(.get, .ok(), .cached, .field("CDN-Cache-Control", "max-age=100"))),
        ConformanceCase(
            "RFC 9213 §2.2", "what caches further on are told is passed on from the cache",
            Step(.get, .ok(("Cache-Control", "no-store"), ("CDN-Cache-Control", "max-age=100"))),
            Step(.get, .ok(), .cached, .field("Cache-Control", "no-store"))),
    ]
}
