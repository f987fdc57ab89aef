// SPDX-License-Identifier: Apache-2.0

extension ConformanceCase {
    static let storage: [ConformanceCase] = [
        // What may be stored at all.
        ConformanceCase(
            "RFC 9111 §3", "a response without a lifetime and a validator is not used again",
            Step(.get, .ok(), .asked),
            Step(.get, .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §3", "a response without a lifetime but with a validator is validated for each use",
            Step(.get, .ok(("ETag", "\"a\"")), .asked),
            Step(.get, .notModified(("ETag", "\"a\"")), .askedWith("If-None-Match", "\"a\""), .body("body 1")),
            Step(.get, .notModified(("ETag", "\"a\"")), .askedWith("If-None-Match", "\"a\""), .body("body 1"))),
        ConformanceCase(
            "RFC 9111 §3", "a body in chunks is stored when it is complete",
            Step(.get, .chunked(("Cache-Control", "max-age=100")), .asked),
            Step(.get, .ok(), .cached, .body("body 1"))),
        ConformanceCase(
            "RFC 9111 §3", "a stored response is not used for another query",
            Step(.get("?page=1"), .ok(("Cache-Control", "max-age=100")), .asked),
            Step(.get("?page=2"), .ok(("Cache-Control", "max-age=100")), .asked, .body("body 2")),
            Step(.get("?page=1"), .ok(), .cached, .body("body 1"))),

        // Statuses.
        ConformanceCase(
            "RFC 9111 §3", "203 with a lifetime is stored",
            Step(.get, .status(203, ("Cache-Control", "max-age=100")), .asked, .status(203)),
            Step(.get, .ok(), .cached, .status(203), .body("body 1"))),
        ConformanceCase(
            "RFC 9111 §3", "204 with a lifetime is stored",
            Step(.get, .status(204, ("Cache-Control", "max-age=100"), body: ""), .asked, .status(204)),
            Step(.get, .ok(), .cached, .status(204))),
        ConformanceCase(
            "RFC 9111 §3", "an unknown 299 with a lifetime is stored",
            Step(.get, .status(299, ("Cache-Control", "max-age=100")), .asked, .status(299)),
            Step(.get, .ok(), .cached, .status(299), .body("body 1"))),
        ConformanceCase(
            "RFC 9111 §3", "301 with a lifetime is stored",
            Step(.get, .status(301, ("Cache-Control", "max-age=100")), .asked, .status(301)),
            Step(.get, .ok(), .cached, .status(301), .body("body 1"))),
        ConformanceCase(
            "RFC 9111 §3", "302 with a lifetime is stored",
            Step(.get, .status(302, ("Cache-Control", "max-age=100")), .asked, .status(302)),
            Step(.get, .ok(), .cached, .status(302), .body("body 1"))),
        ConformanceCase(
            "RFC 9111 §3", "302 without a lifetime is not stored",
            Step(.get, .status(302, ("ETag", "\"a\"")), .asked, .status(302)),
            Step(.get, .ok(), .askedWithout("If-None-Match"), .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §3", "307 with a lifetime is stored",
            Step(.get, .status(307, ("Cache-Control", "max-age=100")), .asked, .status(307)),
            Step(.get, .ok(), .cached, .status(307), .body("body 1"))),
        ConformanceCase(
            "RFC 9111 §3", "308 with a lifetime is stored",
            Step(.get, .status(308, ("Cache-Control", "max-age=100")), .asked, .status(308)),
            Step(.get, .ok(), .cached, .status(308), .body("body 1"))),
        ConformanceCase(
            "RFC 9111 §3", "400 with a lifetime is stored",
            Step(.get, .status(400, ("Cache-Control", "max-age=100")), .asked, .status(400)),
            Step(.get, .ok(), .cached, .status(400), .body("body 1"))),
        ConformanceCase(
            "RFC 9111 §3", "404 with a lifetime is stored",
            Step(.get, .status(404, ("Cache-Control", "max-age=100")), .asked, .status(404)),
            Step(.get, .ok(), .cached, .status(404), .body("body 1"))),
        ConformanceCase(
            "RFC 9111 §3", "410 with a lifetime is stored",
            Step(.get, .status(410, ("Cache-Control", "max-age=100")), .asked, .status(410)),
            Step(.get, .ok(), .cached, .status(410), .body("body 1"))),
        ConformanceCase(
            "RFC 9111 §3", "500 with a lifetime is stored",
            Step(.get, .status(500, ("Cache-Control", "max-age=100")), .asked, .status(500)),
            Step(.get, .ok(), .cached, .status(500), .body("body 1"))),
        ConformanceCase(
            "RFC 9111 §3", "503 with a lifetime is stored",
            Step(.get, .status(503, ("Cache-Control", "max-age=100")), .asked, .status(503)),
            Step(.get, .ok(), .cached, .status(503), .body("body 1"))),
        ConformanceCase(
            "RFC 9111 §3", "an unknown 599 with a lifetime is stored",
            Step(.get, .status(599, ("Cache-Control", "max-age=100")), .asked, .status(599)),
            Step(.get, .ok(), .cached, .status(599), .body("body 1"))),
        ConformanceCase(
            "RFC 9111 §3", "206 is not used for a request of the whole",
            Step(
                .get("", ("Range", "bytes=0-3")),
                .status(206, ("Cache-Control", "max-age=100"), ("Content-Range", "bytes 0-3/6"), body: "body"),
                .asked, .status(206)),
            Step(.get, .ok(), .asked, .body("body 2"))),

        // Methods.
        ConformanceCase(
            "RFC 9111 §3", "the answer to a POST is not used for a GET",
            Step(.send("POST", body: "x"), .ok(("Cache-Control", "max-age=100")), .asked),
            Step(.get, .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §3", "the answer to a POST is not used for another POST",
            Step(.send("POST", body: "x"), .ok(("Cache-Control", "max-age=100")), .asked),
            Step(.send("POST", body: "x"), .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §3", "the answer to a PUT is not used for a GET",
            Step(.send("PUT", body: "x"), .ok(("Cache-Control", "max-age=100")), .asked),
            Step(.get, .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §3", "the answer to an OPTIONS is not used for a GET",
            Step(.send("OPTIONS"), .ok(("Cache-Control", "max-age=100")), .asked),
            Step(.get, .ok(), .asked, .body("body 2"))),

        // Directives that forbid it.
        ConformanceCase(
            "RFC 9111 §5.2.2.5", "no-store outweighs max-age",
            Step(.get, .ok(("Cache-Control", "max-age=100, no-store")), .asked),
            Step(.get, .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §5.2.2.5", "no-store counts on a second line",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("Cache-Control", "no-store")), .asked),
            Step(.get, .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §5.2.2.5", "no-store keeps a response from being validated later",
            Step(.get, .ok(("Cache-Control", "no-store"), ("ETag", "\"a\"")), .asked),
            Step(.get, .ok(), .askedWithout("If-None-Match"), .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §5.2.2.7", "a private response is not stored for others",
            Step(.get, .ok(("Cache-Control", "private, max-age=100")), .asked),
            Step(.get, .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §5.2.2.7", "private with a field name keeps only that field from being stored",
            Step(
                .get, .ok(("Cache-Control", "max-age=100, private=\"X-Mine\""), ("X-Mine", "1"), ("X-Ours", "2")),
                .asked, .field("X-Mine", "1")),
            Step(.get, .ok(), .cached, .noField("X-Mine"), .field("X-Ours", "2"), .body("body 1"))),
        ConformanceCase(
            "RFC 9111 §5.2.2.7", "private may name several fields, in any case",
            Step(
                .get,
                .ok(("Cache-Control", "max-age=100, private=\"x-mine, X-Own\""), ("X-Mine", "1"), ("X-Own", "2")),
                .asked),
            Step(.get, .ok(), .cached, .noField("X-Mine"), .noField("X-Own"), .body("body 1"))),
        ConformanceCase(
            "RFC 9111 §7.3", "Set-Cookie does not keep a response with a lifetime from being stored",
            Step(
                .get, .ok(("Cache-Control", "max-age=100"), ("Set-Cookie", "a=1")), .asked,
                .field("Set-Cookie", "a=1")),
            Step(.get, .ok(), .cached, .field("Set-Cookie", "a=1"), .body("body 1"))),

        // must-understand.
        ConformanceCase(
            "RFC 9111 §5.2.2.3", "must-understand lifts no-store where the status is known",
            Step(.get, .ok(("Cache-Control", "max-age=100, must-understand, no-store")), .asked),
            Step(.get, .ok(), .cached, .body("body 1"))),
        ConformanceCase(
            "RFC 9111 §5.2.2.3", "must-understand and no-store forbid storing where the status is unknown",
            Step(
                .get, .status(299, ("Cache-Control", "max-age=100, must-understand, no-store")), .asked,
                .status(299)),
            Step(.get, .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §5.2.2.3", "must-understand alone forbids storing where the status is unknown",
            Step(.get, .status(299, ("Cache-Control", "max-age=100, must-understand")), .asked, .status(299)),
            Step(.get, .ok(), .asked, .body("body 2"))),

        // Fields.
        ConformanceCase(
            "RFC 9111 §3.1", "fields that nobody knows are stored",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("X-Unknown", "a;b=\"c\"")), .asked),
            Step(.get, .ok(), .cached, .field("X-Unknown", "a;b=\"c\""))),
        ConformanceCase(
            "RFC 9111 §3.1", "fields that Connection names are neither passed on nor stored",
            Step(
                .get, .ok(("Cache-Control", "max-age=100"), ("Connection", "X-Hop"), ("X-Hop", "1"), ("X-Far", "2")),
                .asked, .noField("X-Hop"), .field("X-Far", "2")),
            Step(.get, .ok(), .cached, .noField("X-Hop"), .field("X-Far", "2"))),
        ConformanceCase(
            "RFC 9111 §3.1", "fields that Connection names in another case and in a list are dropped as well",
            Step(
                .get,
                .ok(
                    ("Cache-Control", "max-age=100"), ("Connection", "x-one , X-TWO"), ("X-One", "1"),
                    ("X-Two", "2")),
                .asked, .noField("X-One"), .noField("X-Two")),
            Step(.get, .ok(), .cached, .noField("X-One"), .noField("X-Two"))),
        ConformanceCase(
            "RFC 9111 §3.1", "Proxy-Connection is neither passed on nor stored",
            Step(
                .get, .ok(("Cache-Control", "max-age=100"), ("Proxy-Connection", "X-Hop")), .asked,
                .noField("Proxy-Connection")),
            Step(.get, .ok(), .cached, .noField("Proxy-Connection"))),
        ConformanceCase(
            "RFC 9111 §3.1", "what an origin says in Keep-Alive is not stored",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("Keep-Alive", "timeout=77")), .asked),
            Step(.get, .ok(), .cached, .noField("Keep-Alive"))),
        ConformanceCase(
            "RFC 9111 §3.1", "what one proxy says to another about credentials is not stored",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("Proxy-Authentication-Info", "a=\"b\"")), .asked),
            Step(.get, .ok(), .cached, .noField("Proxy-Authentication-Info"))),

        // Incomplete responses.
        ConformanceCase(
            "RFC 9111 §3.3", "a response whose body is cut off is not used again",
            Step(.get, .fail(.cutInBody, ("Cache-Control", "max-age=100")), .asked, .broken),
            Step(.get, .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §3.3", "a complete response is stored after one that was cut off",
            Step(.get, .fail(.cutInBody, ("Cache-Control", "max-age=100")), .asked, .broken),
            Step(.get, .ok(("Cache-Control", "max-age=100")), .asked, .body("body 2")),
            Step(.get, .ok(), .cached, .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §3.3", "the word that an origin fails is not stored",
            Step(.get, .fail(.cutBeforeAnswer), .asked, .status(502)),
            Step(.get, .ok(), .asked, .body("body 2"))),

        // Credentials.
        ConformanceCase(
            "RFC 9111 §3.5", "the answer to a request with credentials is not stored",
            Step(.get("", ("Authorization", "Basic {id}")), .ok(("Cache-Control", "max-age=100")), .asked),
            Step(.get, .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §3.5", "an answer to credentials is not even used for the same credentials",
            Step(.get("", ("Authorization", "Basic {id}")), .ok(("Cache-Control", "max-age=100")), .asked),
            Step(.get("", ("Authorization", "Basic {id}")), .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §3.5", "public lets an answer to credentials be stored",
            Step(.get("", ("Authorization", "Basic {id}")), .ok(("Cache-Control", "max-age=100, public")), .asked),
            Step(.get, .ok(), .cached, .body("body 1"))),
        ConformanceCase(
            "RFC 9111 §3.5", "s-maxage lets an answer to credentials be stored",
            Step(.get("", ("Authorization", "Basic {id}")), .ok(("Cache-Control", "s-maxage=100")), .asked),
            Step(.get, .ok(), .cached, .body("body 1"))),
        ConformanceCase(
            "RFC 9111 §3.5", "must-revalidate lets an answer to credentials be stored",
            Step(
                .get("", ("Authorization", "Basic {id}")), .ok(("Cache-Control", "max-age=100, must-revalidate")),
                .asked),
            Step(.get, .ok(), .cached, .body("body 1"))),
        ConformanceCase(
            "RFC 9111 §3.5", "proxy-revalidate does not let an answer to credentials be stored",
            Step(
                .get("", ("Authorization", "Basic {id}")), .ok(("Cache-Control", "max-age=100, proxy-revalidate")),
                .asked),
            Step(.get, .ok(), .asked, .body("body 2"))),
    ]
}
