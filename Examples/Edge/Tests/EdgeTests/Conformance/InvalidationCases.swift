// SPDX-License-Identifier: Apache-2.0

extension ConformanceCase {
    /// What ends stored responses (RFC 9111, section 4.4).
    static let invalidation: [ConformanceCase] = [
        // Methods
        ConformanceCase(
            "RFC 9111 §4.4", "POST ends what is stored for its URL",
            Step(.get, .ok(("Cache-Control", "max-age=100")), .asked),
            Step(.send("POST", body: "x"), .ok(), .asked, .body("body 2")),
            Step(.get, .ok(), .asked, .body("body 3"))),
        ConformanceCase(
            "RFC 9111 §4.4", "PUT ends what is stored for its URL",
            Step(.get, .ok(("Cache-Control", "max-age=100")), .asked),
            Step(.send("PUT", body: "x"), .status(201), .asked, .status(201)),
            Step(.get, .ok(), .asked, .body("body 3"))),
        ConformanceCase(
            "RFC 9111 §4.4", "DELETE ends what is stored for its URL",
            Step(.get, .ok(("Cache-Control", "max-age=100")), .asked),
            Step(.send("DELETE"), .status(204, body: ""), .asked, .status(204)),
            Step(.get, .ok(), .asked, .body("body 3"))),
        ConformanceCase(
            "RFC 9111 §4.4", "PATCH ends what is stored for its URL",
            Step(.get, .ok(("Cache-Control", "max-age=100")), .asked),
            Step(.send("PATCH", body: "x"), .ok(), .asked),
            Step(.get, .ok(), .asked, .body("body 3"))),
        ConformanceCase(
            "RFC 9111 §4.4", "a method that is not known ends what is stored for its URL",
            // One that parsers know, though no standard says what it does.
            Step(.get, .ok(("Cache-Control", "max-age=100")), .asked),
            Step(.send("NOTIFY"), .ok(), .asked),
            Step(.get, .ok(), .asked, .body("body 3"))),
        ConformanceCase(
            "RFC 9111 §4.4", "POST that is answered 301 ends what is stored",
            Step(.get, .ok(("Cache-Control", "max-age=100")), .asked),
            Step(.send("POST", body: "x"), .status(301, ("Location", "{path}/new")), .asked, .status(301)),
            Step(.get, .ok(), .asked, .body("body 3"))),
        ConformanceCase(
            "RFC 9111 §4.4", "POST that is answered 303 ends what is stored",
            Step(.get, .ok(("Cache-Control", "max-age=100")), .asked),
            Step(.send("POST", body: "x"), .status(303, ("Location", "{path}/done")), .asked, .status(303)),
            Step(.get, .ok(), .asked, .body("body 3"))),
        ConformanceCase(
            "RFC 9111 §4.4", "POST that is answered 404 ends nothing",
            Step(.get, .ok(("Cache-Control", "max-age=100")), .asked),
            Step(.send("POST", body: "x"), .status(404), .asked, .status(404)),
            Step(.get, .ok(), .cached, .body("body 1"))),
        ConformanceCase(
            "RFC 9111 §4.4", "PUT whose condition is not met ends nothing",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("ETag", "\"a\"")), .asked),
            Step(.send("PUT", "", body: "x", ("If-Match", "\"b\"")), .status(412), .asked, .status(412)),
            Step(.get, .ok(), .cached, .body("body 1"))),
        ConformanceCase(
            "RFC 9111 §4.4", "POST that is answered 500 ends nothing",
            Step(.get, .ok(("Cache-Control", "max-age=100")), .asked),
            Step(.send("POST", body: "x"), .status(500), .asked, .status(500)),
            Step(.get, .ok(), .cached, .body("body 1"))),
        ConformanceCase(
            "RFC 9111 §4.4", "OPTIONS ends nothing",
            Step(.get, .ok(("Cache-Control", "max-age=100")), .asked),
            Step(.send("OPTIONS"), .ok(), .asked),
            Step(.get, .ok(), .cached, .body("body 1"))),
        ConformanceCase(
            "RFC 9111 §4.4", "HEAD that the origin answers ends nothing",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("ETag", "\"a\"")), .asked),
            Step(
                .head("", ("Cache-Control", "no-cache")), .ok(("Cache-Control", "max-age=100"), ("ETag", "\"a\"")),
                .asked),
            Step(.get, .ok(), .cached, .body("body 1"))),
        ConformanceCase(
            "RFC 9111 §4.4", "GET ends nothing at the URL that its answer names",
            Step(.get, .ok(("Cache-Control", "max-age=100")), .asked),
            Step(.get("/other"), .ok(("Content-Location", "{path}")), .asked),
            Step(.get, .ok(), .cached, .body("body 1"))),

        // What is ended
        ConformanceCase(
            "RFC 9111 §4.4", "all variants of a URL are ended",
            Step(
                .get("", ("Accept-Language", "en")),
                .ok(("Cache-Control", "max-age=100"), ("Vary", "Accept-Language")), .asked),
            Step(
                .get("", ("Accept-Language", "fr")),
                .ok(("Cache-Control", "max-age=100"), ("Vary", "Accept-Language")), .asked),
            Step(.send("POST", body: "x"), .ok(), .asked),
            Step(
                .get("", ("Accept-Language", "en")), .ok(("Vary", "Accept-Language")), .asked, .body("body 4")),
            Step(
                .get("", ("Accept-Language", "fr")), .ok(("Vary", "Accept-Language")), .asked, .body("body 5"))),
        ConformanceCase(
            "RFC 9111 §4.4", "HEAD is not answered by what was ended",
            Step(.get, .ok(("Cache-Control", "max-age=100")), .asked),
            Step(.send("POST", body: "x"), .ok(), .asked),
            Step(.head(), .ok(), .asked)),
        ConformanceCase(
            "RFC 9111 §4.4", "a stored 404 is ended by the PUT that makes the resource",
            Step(.get, .status(404, ("Cache-Control", "max-age=100")), .asked, .status(404)),
            Step(.send("PUT", body: "x"), .status(201), .asked, .status(201)),
            Step(.get, .ok(), .asked, .status(200), .body("body 3"))),
        ConformanceCase(
            "RFC 9111 §4.4", "a response that comes after the end is stored",
            Step(.get, .ok(("Cache-Control", "max-age=100")), .asked),
            Step(.send("DELETE"), .status(204, body: ""), .asked, .status(204)),
            Step(.get, .ok(("Cache-Control", "max-age=100")), .asked, .body("body 3")),
            Step(.get, .ok(), .cached, .body("body 3"))),
        ConformanceCase(
            "RFC 9111 §4.4", "POST to a URL with a query ends what is stored for it",
            Step(.get("?page=1"), .ok(("Cache-Control", "max-age=100")), .asked),
            Step(.send("POST", "?page=1", body: "x"), .ok(), .asked),
            Step(.get("?page=1"), .ok(), .asked, .body("body 3"))),
        ConformanceCase(
            "RFC 9111 §4.4", "POST to a URL without a query leaves one with a query",
            Step(.get("?page=1"), .ok(("Cache-Control", "max-age=100")), .asked),
            Step(.send("POST", body: "x"), .ok(), .asked),
            Step(.get("?page=1"), .ok(), .cached, .body("body 1"))),
        ConformanceCase(
            "RFC 9111 §4.4", "POST to a URL leaves one with another query",
            Step(.get("?page=1"), .ok(("Cache-Control", "max-age=100")), .asked),
            Step(.send("POST", "?page=2", body: "x"), .ok(), .asked),
            Step(.get("?page=1"), .ok(), .cached, .body("body 1"))),

        // URLs that the answer names
        ConformanceCase(
            "RFC 9111 §4.4", "the path in Location is ended",
            Step(.get("/other"), .ok(("Cache-Control", "max-age=100")), .asked),
            Step(.send("POST", body: "x"), .status(201, ("Location", "{path}/other")), .asked, .status(201)),
            Step(.get("/other"), .ok(), .asked, .body("body 3"))),
        ConformanceCase(
            "RFC 9111 §4.4", "the whole URL in Location is ended",
            Step(.get("/other"), .ok(("Cache-Control", "max-age=100")), .asked),
            Step(.send("POST", body: "x"), .status(201, ("Location", "{url}/other")), .asked, .status(201)),
            Step(.get("/other"), .ok(), .asked, .body("body 3"))),
        ConformanceCase(
            "RFC 9111 §4.4", "the path in Content-Location is ended",
            Step(.get("/other"), .ok(("Cache-Control", "max-age=100")), .asked),
            Step(.send("POST", body: "x"), .ok(("Content-Location", "{path}/other")), .asked),
            Step(.get("/other"), .ok(), .asked, .body("body 3"))),
        ConformanceCase(
            "RFC 9111 §4.4", "the whole URL in Content-Location is ended",
            Step(.get("/other"), .ok(("Cache-Control", "max-age=100")), .asked),
            Step(.send("POST", body: "x"), .ok(("Content-Location", "{url}/other")), .asked),
            Step(.get("/other"), .ok(), .asked, .body("body 3"))),
        ConformanceCase(
            "RFC 9111 §4.4", "a reference in Location counts from the URL of the request",
            Step(.get("/a/other?b=c"), .ok(("Cache-Control", "max-age=100")), .asked),
            Step(.send("POST", "/a/form", body: "x"), .status(201, ("Location", "other?b=c")), .asked, .status(201)),
            Step(.get("/a/other?b=c"), .ok(), .asked, .body("body 3"))),
        ConformanceCase(
            "RFC 9111 §4.4", "dots and fragments in Location are resolved",
            Step(.get("/other"), .ok(("Cache-Control", "max-age=100")), .asked),
            Step(
                .send("POST", "/a/form", body: "x"), .status(201, ("Location", "./../other#part")), .asked,
                .status(201)),
            Step(.get("/other"), .ok(), .asked, .body("body 3"))),
        ConformanceCase(
            "RFC 9111 §4.4", "Location of a request that failed ends nothing",
            Step(.get("/other"), .ok(("Cache-Control", "max-age=100")), .asked),
            Step(.send("POST", body: "x"), .status(409, ("Location", "{path}/other")), .asked, .status(409)),
            Step(.get("/other"), .ok(), .cached, .body("body 1"))),
        ConformanceCase(
            "RFC 9111 §4.4", "Location in another origin ends nothing here",
            Step(.get("/other"), .ok(("Cache-Control", "max-age=100")), .asked),
            Step(
                .send("POST", body: "x"), .status(201, ("Location", "http://elsewhere.example{path}/other")), .asked,
                .status(201)),
            Step(.get("/other"), .ok(), .cached, .body("body 1"))),
        ConformanceCase(
            "RFC 9111 §4.4", "Content-Location in another origin ends nothing here",
            Step(.get("/other"), .ok(("Cache-Control", "max-age=100")), .asked),
            Step(
                .send("POST", body: "x"), .ok(("Content-Location", "http://elsewhere.example{path}/other")), .asked),
            Step(.get("/other"), .ok(), .cached, .body("body 1"))),
    ]
}
