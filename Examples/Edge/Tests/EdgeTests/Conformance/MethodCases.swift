// SPDX-License-Identifier: Apache-2.0

extension ConformanceCase {
    /// Other methods than `GET`, and what makes two URLs two.
    static let methods: [ConformanceCase] = otherMethods + distinctURLs

    private static let otherMethods: [ConformanceCase] = [
        // HEAD.
        ConformanceCase(
            "RFC 9110 §9.3.2", "a stored GET answers a HEAD, without a body",
            Step(.get, .ok(("Cache-Control", "max-age=100"))),
            Step(.head(), .ok(), .cached, .status(200), .body(""))),
        ConformanceCase(
            "RFC 9110 §9.3.2", "a HEAD from the cache has the Content-Length of the GET",
            Step(.get, .ok(("Cache-Control", "max-age=100"), body: "0123456789")),
            Step(.head(), .ok(), .cached, .field("Content-Length", "10"))),
        ConformanceCase(
            "RFC 9110 §9.3.2", "a HEAD from the cache has the fields of the GET",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("ETag", "\"a\""), ("Content-Type", "text/plain"))),
            Step(.head(), .ok(), .cached, .field("Content-Type", "text/plain"), .field("ETag", "\"a\""))),
        ConformanceCase(
            "RFC 9111 §5.1", "a HEAD from the cache has the Age",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("Age", "30"))),
            Step(.head(), .ok(), .cached, .number("Age", 30...40))),
        ConformanceCase(
            "RFC 9110 §9.3.2", "a HEAD leaves the stored GET whole",
            Step(.get, .ok(("Cache-Control", "max-age=100"))),
            Step(.head(), .ok(), .cached),
            Step(.get, .ok(), .cached, .body("body 1"))),
        ConformanceCase(
            "RFC 9110 §9.3.2", "a stored 404 answers a HEAD",
            Step(.get, .status(404, ("Cache-Control", "max-age=100")), .status(404)),
            Step(.head(), .ok(), .cached, .status(404), .body(""))),
        ConformanceCase(
            "RFC 9111 §4.1", "a HEAD is answered by the variant that it selects",
            Step(
                .get("", ("Accept-Language", "de")),
                .ok(("Cache-Control", "max-age=100"), ("Vary", "Accept-Language"), ("Content-Language", "de"))),
            Step(
                .get("", ("Accept-Language", "en")),
                .ok(("Cache-Control", "max-age=100"), ("Vary", "Accept-Language"), ("Content-Language", "en"))),
            Step(.head("", ("Accept-Language", "de")), .ok(), .cached, .field("Content-Language", "de"))),
        ConformanceCase(
            "RFC 9111 §4.1", "a HEAD for a variant that is not stored goes to the origin",
            Step(
                .get("", ("Accept-Language", "de")),
                .ok(("Cache-Control", "max-age=100"), ("Vary", "Accept-Language"))),
            Step(.head("", ("Accept-Language", "en")), .ok(), .asked)),
        ConformanceCase(
            "RFC 9111 §4.2.4", "a HEAD for a stale response goes to the origin",
            Step(.get, .ok(("Cache-Control", "max-age=1"))),
            Step(.head(), .ok(), after: 2.1, .asked)),
        ConformanceCase(
            "RFC 9111 §2", "a HEAD that nothing is stored for is not stored as a GET",
            Step(.head(), .ok(("Cache-Control", "max-age=100")), .asked),
            Step(.get, .ok(("Cache-Control", "max-age=100")), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §4.3.5", "a HEAD that shows another tag makes the stored GET stale",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("ETag", "\"a\""))),
            Step(
                .head("", ("Cache-Control", "no-cache")), .ok(("Cache-Control", "max-age=100"), ("ETag", "\"b\"")),
                .asked),
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("ETag", "\"b\"")), .asked, .body("body 3"))),
        ConformanceCase(
            "RFC 9111 §4.3.5", "a HEAD that shows another length makes the stored GET stale",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("ETag", "\"a\""))),
            Step(
                .head("", ("Cache-Control", "no-cache")),
                .ok(("Cache-Control", "max-age=100"), ("ETag", "\"a\""), ("Content-Length", "99")), .asked),
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("ETag", "\"a\"")), .asked, .body("body 3"))),
        ConformanceCase(
            "RFC 9111 §4.3.5", "a HEAD that shows the same tag makes the stored GET fresh again",
            Step(.get, .ok(("Cache-Control", "max-age=1"), ("ETag", "\"a\""), body: "same")),
            Step(
                .head(), .ok(("Cache-Control", "max-age=100"), ("ETag", "\"a\""), body: "same"), after: 2.1, .asked),
            Step(.get, .ok(), .cached, .body("same"))),

        // Methods that only pass.
        ConformanceCase(
            "RFC 9110 §9.3.7", "a stored GET does not answer an OPTIONS",
            Step(.get, .ok(("Cache-Control", "max-age=100"))),
            Step(.send("OPTIONS"), .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9110 §9.3.7", "the answer to an OPTIONS is not stored",
            Step(.send("OPTIONS"), .ok(("Cache-Control", "max-age=100")), .asked),
            Step(.send("OPTIONS"), .ok(("Cache-Control", "max-age=100")), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9110 §9.2.1", "an OPTIONS ends nothing",
            Step(.get, .ok(("Cache-Control", "max-age=100"))),
            Step(.send("OPTIONS"), .ok(), .asked),
            Step(.get, .ok(), .cached, .body("body 1"))),
        ConformanceCase(
            "RFC 9110 §7.6.2", "an OPTIONS with no forwards left goes no further",
            Step(.send("OPTIONS", "", ("Max-Forwards", "0")), .ok(), .cached)),
        ConformanceCase(
            "RFC 9110 §7.6.2", "an OPTIONS goes on with one forward less",
            Step(.send("OPTIONS", "", ("Max-Forwards", "5")), .ok(), .askedWith("Max-Forwards", "4"))),
        ConformanceCase(
            "RFC 9110 §9.3.8", "the answer to a TRACE is not stored",
            Step(.send("TRACE"), .ok(("Cache-Control", "max-age=100")), .asked),
            Step(.send("TRACE"), .ok(("Cache-Control", "max-age=100")), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9110 §9.2.1", "a TRACE ends nothing",
            Step(.get, .ok(("Cache-Control", "max-age=100"))),
            Step(.send("TRACE"), .ok(), .asked),
            Step(.get, .ok(), .cached, .body("body 1"))),
        ConformanceCase(
            "RFC 9110 §9.1", "a method of another standard passes",
            Step(.send("PROPFIND"), .status(207), .asked, .status(207), .body("body 1"))),
        ConformanceCase(
            "RFC 9111 §3", "the answer to a method that the cache does not know is not stored",
            Step(.send("REPORT"), .ok(("Cache-Control", "max-age=100")), .asked),
            Step(.send("REPORT"), .ok(("Cache-Control", "max-age=100")), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §4", "a stored GET does not answer a method that the cache does not know",
            Step(.get, .ok(("Cache-Control", "max-age=100"))),
            Step(.send("PROPFIND"), .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9110 §9.3.3", "a stored GET does not answer a POST",
            Step(.get, .ok(("Cache-Control", "max-age=100"))),
            Step(.send("POST", body: "x"), .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9110 §9.3.3", "the answer to a POST does not answer the next",
            Step(.send("POST", body: "x"), .ok(("Cache-Control", "max-age=100")), .asked),
            Step(.send("POST", body: "x"), .ok(("Cache-Control", "max-age=100")), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9110 §9.3.3", "the answer to a POST does not answer a GET",
            Step(.send("POST", body: "x"), .ok(("Cache-Control", "max-age=100")), .asked),
            Step(.get, .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9110 §9.3.3", "a condition in a POST is left to the origin",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("ETag", "\"a\""))),
            Step(
                .send("POST", "", body: "x", ("If-None-Match", "\"a\"")), .status(412),
                .askedWith("If-None-Match", "\"a\""), .status(412))),
        ConformanceCase(
            "RFC 9110 §9.3.4", "the answer to a PUT does not answer a GET",
            Step(.send("PUT", body: "x"), .ok(("Cache-Control", "max-age=100")), .asked),
            Step(.get, .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9110 §9.3.5", "the answer to a DELETE does not answer a GET",
            Step(.send("DELETE"), .ok(("Cache-Control", "max-age=100")), .asked),
            Step(.get, .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9110 §9.3.1", "a GET with a body goes to the origin though something is stored",
            Step(.get, .ok(("Cache-Control", "max-age=100"))),
            Step(.send("GET", body: "x"), .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9110 §9.3.1", "the answer to a GET with a body is not stored",
            Step(.send("GET", body: "x"), .ok(("Cache-Control", "max-age=100")), .asked),
            Step(.get, .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9110 §9.3.1", "a GET with a body leaves the stored response as it is",
            Step(.get, .ok(("Cache-Control", "max-age=100"))),
            Step(.send("GET", body: "x"), .ok(("Cache-Control", "max-age=100")), .asked),
            Step(.get, .ok(), .cached, .body("body 1"))),
    ]

    private static let distinctURLs: [ConformanceCase] = [
        ConformanceCase(
            "RFC 9111 §4", "the same query is the same URL",
            Step(.get("?a=1&b=2"), .ok(("Cache-Control", "max-age=100"))),
            Step(.get("?a=1&b=2"), .ok(), .cached, .body("body 1"))),
        ConformanceCase(
            "RFC 9111 §4", "another query is another URL",
            Step(.get("?a=1"), .ok(("Cache-Control", "max-age=100"))),
            Step(.get("?a=2"), .ok(("Cache-Control", "max-age=100")), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §4", "no query is another URL than one with a query",
            Step(.get("?a=1"), .ok(("Cache-Control", "max-age=100"))),
            Step(.get, .ok(("Cache-Control", "max-age=100")), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9110 §4.2.3", "an empty query is another URL than none",
            Step(.get, .ok(("Cache-Control", "max-age=100"))),
            Step(.get("?"), .ok(("Cache-Control", "max-age=100")), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9110 §4.2.3", "parameters in another order are another URL",
            Step(.get("?a=1&b=2"), .ok(("Cache-Control", "max-age=100"))),
            Step(.get("?b=2&a=1"), .ok(("Cache-Control", "max-age=100")), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9110 §4.2.3", "a query has its case",
            Step(.get("?a=x"), .ok(("Cache-Control", "max-age=100"))),
            Step(.get("?a=X"), .ok(("Cache-Control", "max-age=100")), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9110 §4.2.3", "a plus sign in a query is not an encoded space",
            Step(.get("?a=x+y"), .ok(("Cache-Control", "max-age=100"))),
            Step(.get("?a=x%20y"), .ok(("Cache-Control", "max-age=100")), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9110 §4.2.3", "a path has its case",
            Step(.get("/a"), .ok(("Cache-Control", "max-age=100"))),
            Step(.get("/A"), .ok(("Cache-Control", "max-age=100")), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §4", "a letter is kept apart from its encoding",
            Step(.get("/A"), .ok(("Cache-Control", "max-age=100"))),
            Step(.get("/%41"), .ok(("Cache-Control", "max-age=100")), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §4", "the encoding of a slash is no slash",
            Step(.get("/a/b"), .ok(("Cache-Control", "max-age=100"))),
            Step(.get("/a%2Fb"), .ok(("Cache-Control", "max-age=100")), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §4", "an encoding in small letters is kept apart from one in capitals",
            Step(.get("/a%2Fb"), .ok(("Cache-Control", "max-age=100"))),
            Step(.get("/a%2fb"), .ok(("Cache-Control", "max-age=100")), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §4", "an encoding is found again as it was sent",
            Step(.get("/a%2Fb"), .ok(("Cache-Control", "max-age=100"))),
            Step(.get("/a%2Fb"), .ok(), .cached, .body("body 1"))),
        ConformanceCase(
            "RFC 9110 §4.2.3", "a slash at the end makes another URL",
            Step(.get("/a"), .ok(("Cache-Control", "max-age=100"))),
            Step(.get("/a/"), .ok(("Cache-Control", "max-age=100")), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9110 §4.2.3", "two slashes are not one",
            Step(.get("/a/b"), .ok(("Cache-Control", "max-age=100"))),
            Step(.get("/a//b"), .ok(("Cache-Control", "max-age=100")), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9110 §4.2.3", "what follows a semicolon is part of the path",
            Step(.get("/a;v=1"), .ok(("Cache-Control", "max-age=100"))),
            Step(.get("/a;v=2"), .ok(("Cache-Control", "max-age=100")), .asked, .body("body 2"))),
    ]
}
