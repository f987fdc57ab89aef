// SPDX-License-Identifier: Apache-2.0

extension ConformanceCase {
    /// Asking whether what is stored is still good (RFC 9111, sections 4.3 and 3.2).
    static let validation: [ConformanceCase] = [
        // Asking
        ConformanceCase(
            "RFC 9111 §4.3.1", "a stale response is validated by its entity tag",
            Step(.get, .ok(("Cache-Control", "max-age=0"), ("ETag", "\"a\"")), .asked),
            Step(.get, .ok(), .askedWith("If-None-Match", "\"a\""))),
        ConformanceCase(
            "RFC 9111 §4.3.1", "a stale response is validated by a weak entity tag",
            Step(.get, .ok(("Cache-Control", "max-age=0"), ("ETag", "W/\"a\"")), .asked),
            Step(.get, .ok(), .askedWith("If-None-Match", "W/\"a\""))),
        ConformanceCase(
            "RFC 9111 §4.3.1", "a stale response is validated by when it was modified",
            Step(
                .get, .ok(("Cache-Control", "max-age=0"), ("Last-Modified", "Wed, 01 Jan 2020 00:00:00 GMT")), .asked),
            Step(
                .get, .ok(), .askedWith("If-Modified-Since", "Wed, 01 Jan 2020 00:00:00 GMT"),
                .askedWithout("If-None-Match"))),
        ConformanceCase(
            "RFC 9111 §4.3.1", "a stale response is validated by both of its validators",
            Step(
                .get,
                .ok(
                    ("Cache-Control", "max-age=0"), ("ETag", "\"a\""),
                    ("Last-Modified", "Wed, 01 Jan 2020 00:00:00 GMT")), .asked),
            Step(
                .get, .ok(), .askedWith("If-None-Match", "\"a\""),
                .askedWith("If-Modified-Since", "Wed, 01 Jan 2020 00:00:00 GMT"))),
        ConformanceCase(
            "RFC 9111 §4.3.1", "a response past its freshness is validated",
            Step(.get, .ok(("Cache-Control", "max-age=1"), ("ETag", "\"a\"")), .asked),
            Step(.get, .ok(), after: 2.2, .askedWith("If-None-Match", "\"a\""), .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §4.3.1", "a response without a word on its freshness is validated",
            Step(.get, .ok(("ETag", "\"a\"")), .asked),
            Step(.get, .ok(), .askedWith("If-None-Match", "\"a\""), .body("body 2"))),

        // What 304 does
        ConformanceCase(
            "RFC 9111 §4.3.3", "a response that has not changed keeps its status and its body",
            Step(.get, .ok(("Cache-Control", "max-age=0"), ("ETag", "\"a\"")), .asked),
            Step(.get, .notModified(("ETag", "\"a\"")), .asked, .status(200), .body("body 1"))),
        ConformanceCase(
            "RFC 9111 §4.3.4", "a response that has not changed is fresh again for as long as before",
            Step(.get, .ok(("Cache-Control", "max-age=2"), ("ETag", "\"a\"")), .asked),
            Step(.get, .notModified(("ETag", "\"a\"")), after: 3.2, .asked, .status(200), .body("body 1")),
            Step(.get, .ok(), .cached, .body("body 1"))),
        ConformanceCase(
            "RFC 9111 §4.3.4", "the age of a response counts from its validation",
            Step(.get, .ok(("Cache-Control", "max-age=10"), ("Age", "100"), ("ETag", "\"a\"")), .asked),
            Step(.get, .notModified(("ETag", "\"a\"")), .asked, .status(200)),
            Step(.get, .ok(), .cached, .body("body 1"), .number("Age", 0...5))),
        ConformanceCase(
            "RFC 9111 §4.3.4", "304 without a validator confirms the one response there is",
            Step(.get, .ok(("Cache-Control", "max-age=0"), ("ETag", "\"a\"")), .asked),
            Step(.get, .notModified(("Cache-Control", "max-age=100")), .asked, .status(200), .body("body 1")),
            Step(.get, .ok(), .cached, .body("body 1"))),
        ConformanceCase(
            "RFC 9111 §4.3.4", "304 with another strong entity tag does not confirm what is stored",
            Step(.get, .ok(("Cache-Control", "max-age=0"), ("ETag", "\"a\"")), .asked),
            Step(
                .get("", ("If-None-Match", "\"b\"")),
                .notModified(("Cache-Control", "max-age=100"), ("ETag", "\"b\"")), .asked),
            Step(.get, .ok(), .asked, .body("body 3"))),
        ConformanceCase(
            "RFC 9111 §3.2", "304 brings a new Cache-Control",
            Step(.get, .ok(("Cache-Control", "max-age=0"), ("ETag", "\"a\"")), .asked),
            Step(
                .get, .notModified(("Cache-Control", "max-age=100"), ("ETag", "\"a\"")), .asked, .status(200),
                .field("Cache-Control", "max-age=100")),
            Step(.get, .ok(), .cached, .body("body 1"), .field("Cache-Control", "max-age=100"))),
        ConformanceCase(
            "RFC 9111 §3.2", "304 brings a new Expires",
            Step(.get, .ok(("Expires", "{now-60}"), ("ETag", "\"a\"")), .asked),
            Step(.get, .notModified(("Expires", "{now+100}"), ("ETag", "\"a\"")), .asked, .status(200)),
            Step(.get, .ok(), .cached, .body("body 1"))),
        ConformanceCase(
            "RFC 9111 §3.2", "304 can make a response stale",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("ETag", "\"a\"")), .asked),
            Step(
                .get("", ("Cache-Control", "no-cache")),
                .notModified(("Cache-Control", "max-age=0"), ("ETag", "\"a\"")), .asked, .status(200)),
            Step(.get, .ok(), .asked, .body("body 3"))),
        ConformanceCase(
            "RFC 9111 §3.2", "304 adds a field to what is stored",
            Step(.get, .ok(("Cache-Control", "max-age=0"), ("ETag", "\"a\"")), .asked),
            Step(
                .get, .notModified(("Cache-Control", "max-age=100"), ("ETag", "\"a\""), ("X-Note", "new")), .asked,
                .status(200), .field("X-Note", "new")),
            Step(.get, .ok(), .cached, .field("X-Note", "new"))),
        ConformanceCase(
            "RFC 9111 §3.2", "304 replaces a field of what is stored",
            Step(.get, .ok(("Cache-Control", "max-age=0"), ("ETag", "\"a\""), ("X-Note", "old")), .asked),
            Step(
                .get, .notModified(("Cache-Control", "max-age=100"), ("ETag", "\"a\""), ("X-Note", "new")), .asked,
                .status(200)),
            Step(.get, .ok(), .cached, .field("X-Note", "new"))),
        ConformanceCase(
            "RFC 9111 §3.2", "304 leaves a field that it does not have",
            Step(.get, .ok(("Cache-Control", "max-age=0"), ("ETag", "\"a\""), ("X-Note", "old")), .asked),
            Step(.get, .notModified(("Cache-Control", "max-age=100")), .asked, .status(200)),
            Step(.get, .ok(), .cached, .field("X-Note", "old"), .field("ETag", "\"a\""))),
        ConformanceCase(
            "RFC 9111 §3.2", "304 does not change Content-Length",
            Step(.get, .ok(("Cache-Control", "max-age=0"), ("ETag", "\"a\"")), .asked),
            Step(
                .get, .notModified(("Cache-Control", "max-age=100"), ("ETag", "\"a\""), ("Content-Length", "99")),
                .asked, .status(200), .body("body 1")),
            Step(.get, .ok(), .cached, .body("body 1"), .field("Content-Length", "6"))),
        ConformanceCase(
            "RFC 9111 §3.2", "304 does not change Content-Encoding",
            Step(.get, .ok(("Cache-Control", "max-age=0"), ("ETag", "\"a\"")), .asked),
            Step(
                .get,
                .notModified(("Cache-Control", "max-age=100"), ("ETag", "\"a\""), ("Content-Encoding", "x-none")),
                .asked, .status(200)),
            Step(.get, .ok(), .cached, .body("body 1"), .noField("Content-Encoding"))),
        ConformanceCase(
            "RFC 9111 §3.2", "304 does not bring a Content-Range",
            Step(.get, .ok(("Cache-Control", "max-age=0"), ("ETag", "\"a\"")), .asked),
            Step(
                .get,
                .notModified(("Cache-Control", "max-age=100"), ("ETag", "\"a\""), ("Content-Range", "bytes 0-1/6")),
                .asked, .status(200)),
            Step(.get, .ok(), .cached, .body("body 1"), .noField("Content-Range"))),
        ConformanceCase(
            "RFC 9111 §4.3.4", "304 freshens the variant that was asked about",
            Step(
                .get("", ("Accept-Language", "en")),
                .ok(("Cache-Control", "max-age=0"), ("ETag", "\"en\""), ("Vary", "Accept-Language")), .asked),
            Step(
                .get("", ("Accept-Language", "en")),
                .notModified(("Cache-Control", "max-age=100"), ("ETag", "\"en\""), ("Vary", "Accept-Language")),
                .askedWith("If-None-Match", "\"en\""), .status(200), .body("body 1")),
            Step(.get("", ("Accept-Language", "en")), .ok(), .cached, .body("body 1")),
            Step(.get("", ("Accept-Language", "fr")), .ok(("Vary", "Accept-Language")), .asked, .body("body 4"))),
        ConformanceCase(
            "RFC 9111 §4.3.4", "304 leaves the other variants as they are",
            Step(
                .get("", ("Accept-Language", "en")),
                .ok(("Cache-Control", "max-age=0"), ("ETag", "\"en\""), ("Vary", "Accept-Language")), .asked),
            Step(
                .get("", ("Accept-Language", "fr")),
                .ok(("Cache-Control", "max-age=100"), ("ETag", "\"fr\""), ("Vary", "Accept-Language")), .asked),
            Step(
                .get("", ("Accept-Language", "en")),
                .notModified(("Cache-Control", "max-age=50"), ("ETag", "\"en\""), ("Vary", "Accept-Language")),
                .asked, .status(200), .body("body 1")),
            Step(
                .get("", ("Accept-Language", "fr")), .ok(), .cached, .body("body 2"),
                .field("Cache-Control", "max-age=100"))),

        // What other answers do
        ConformanceCase(
            "RFC 9111 §4.3.3", "200 takes the place of what was validated",
            Step(.get, .ok(("Cache-Control", "max-age=0"), ("ETag", "\"a\""), ("X-Note", "old")), .asked),
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("ETag", "\"b\"")), .asked, .body("body 2")),
            Step(.get, .ok(), .cached, .body("body 2"), .field("ETag", "\"b\""), .noField("X-Note"))),
        ConformanceCase(
            "RFC 9111 §4.3.3", "404 in answer to a validation is passed on",
            Step(.get, .ok(("Cache-Control", "max-age=0"), ("ETag", "\"a\"")), .asked),
            Step(.get, .status(404), .askedWith("If-None-Match", "\"a\""), .status(404), .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §4.3.3", "503 in answer to a validation is passed on",
            Step(.get, .ok(("Cache-Control", "max-age=0"), ("ETag", "\"a\"")), .asked),
            Step(.get, .status(503), .askedWith("If-None-Match", "\"a\""), .status(503), .body("body 2"))),
        ConformanceCase(
            "RFC 5861 §4", "stale-if-error has a stale response used after 503 in answer to a validation",
            Step(.get, .ok(("Cache-Control", "max-age=0, stale-if-error=60"), ("ETag", "\"a\"")), .asked),
            Step(.get, .status(503), .askedWith("If-None-Match", "\"a\""), .status(200), .body("body 1"))),

        // Conditions of clients
        ConformanceCase(
            "RFC 9111 §4.3.2", "a client that has what is stored fresh gets 304 from the cache",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("ETag", "\"a\"")), .asked),
            Step(
                .get("", ("If-None-Match", "\"b\", W/\"a\"")), .ok(), .cached, .status(304), .field("ETag", "\"a\""))),
        ConformanceCase(
            "RFC 9111 §4.3.2", "a client that has something else gets what is stored fresh",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("ETag", "\"a\"")), .asked),
            Step(.get("", ("If-None-Match", "\"b\"")), .ok(), .cached, .status(200), .body("body 1"))),
        ConformanceCase(
            "RFC 9111 §4.3.2", "a client that has what was just validated gets 304",
            Step(.get, .ok(("Cache-Control", "max-age=0"), ("ETag", "\"a\"")), .asked),
            Step(
                .get("", ("If-None-Match", "\"a\"")), .notModified(("ETag", "\"a\"")),
                .askedWith("If-None-Match", "\"a\""), .status(304))),
        ConformanceCase(
            "RFC 9111 §4.3.2", "a client that has something else gets what was just validated",
            Step(.get, .ok(("Cache-Control", "max-age=0"), ("ETag", "\"a\"")), .asked),
            Step(
                .get("", ("If-None-Match", "\"b\"")), .notModified(("ETag", "\"a\"")), .asked, .status(200),
                .body("body 1"))),
        ConformanceCase(
            "RFC 9111 §4.3.2", "a client's condition is kept from the origin for a response to be stored",
            Step(
                .get("", ("If-None-Match", "\"a\"")), .ok(("Cache-Control", "max-age=100"), ("ETag", "\"a\"")),
                .askedWithout("If-None-Match"), .status(304)),
            Step(.get, .ok(), .cached, .status(200), .body("body 1"))),
        ConformanceCase(
            "RFC 9111 §4.3.2", "a client that has something else gets what was just stored",
            Step(
                .get("", ("If-None-Match", "\"b\"")), .ok(("Cache-Control", "max-age=100"), ("ETag", "\"a\"")),
                .askedWithout("If-None-Match"), .status(200), .body("body 1"))),

        // HEAD
        ConformanceCase(
            "RFC 9111 §4.3.5", "an answer to HEAD with the same validator freshens what is stored",
            Step(.get, .ok(("Cache-Control", "max-age=0"), ("ETag", "\"a\"")), .asked),
            Step(.head(), .ok(("Cache-Control", "max-age=100"), ("ETag", "\"a\"")), .asked, .status(200)),
            Step(.get, .ok(), .cached, .body("body 1"))),
        ConformanceCase(
            "RFC 9111 §4.3.5", "an answer to HEAD with another validator makes what is stored stale",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("ETag", "\"a\"")), .asked),
            Step(
                .head("", ("Cache-Control", "no-cache")), .ok(("Cache-Control", "max-age=100"), ("ETag", "\"b\"")),
                .asked, .status(200)),
            Step(.get, .ok(), .asked, .body("body 3"))),
    ]
}
