// SPDX-License-Identifier: Apache-2.0

extension ConformanceCase {
    static let age: [ConformanceCase] = [
        // What a client is told.
        ConformanceCase(
            "RFC 9111 §5.1", "a stored response comes with its age",
            Step(.get, .ok(("Cache-Control", "max-age=100")), .asked),
            Step(.get, .ok(), .cached, .number("Age", 0...2))),
        ConformanceCase(
            "RFC 9111 §5.1", "a response that comes straight from its origin has no age",
            Step(.get, .ok(("Cache-Control", "max-age=100")), .asked, .noField("Age"))),
        ConformanceCase(
            "RFC 9111 §4.2.3", "the age grows while a response is stored",
            Step(.get, .ok(("Cache-Control", "max-age=100")), .asked),
            Step(.get, .ok(), after: 2.2, .cached, .number("Age", 2...4))),
        ConformanceCase(
            "RFC 9111 §4.2.3", "uses of a stored response do not add to its age",
            Step(.get, .ok(("Cache-Control", "max-age=100")), .asked),
            Step(.get, .ok(), after: 1.2, .cached, .number("Age", 1...3)),
            Step(.get, .ok(), after: 1.2, .cached, .number("Age", 2...4))),
        ConformanceCase(
            "RFC 9111 §4", "an answer of 304 from the store comes with an age",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("ETag", "\"a\"")), .asked),
            Step(.get("", ("If-None-Match", "\"a\"")), .ok(), .cached, .status(304), .number("Age", 0...2))),
        ConformanceCase(
            "RFC 9111 §4.3.4", "a validation begins the age anew",
            Step(.get, .ok(("Cache-Control", "max-age=2"), ("ETag", "\"a\"")), .asked),
            Step(
                .get, .notModified(("Cache-Control", "max-age=100"), ("ETag", "\"a\"")), after: 3.2, .asked,
                .body("body 1")),
            Step(.get, .ok(), .cached, .number("Age", 0...2), .body("body 1"))),

        // What caches in front of the origin say.
        ConformanceCase(
            "RFC 9111 §4.2.3", "the age that a response came with is passed on and counts",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("Age", "50")), .asked, .number("Age", 50...52)),
            Step(.get, .ok(), .cached, .number("Age", 50...53), .body("body 1"))),
        ConformanceCase(
            "RFC 9111 §4.2.3", "the time in the store is added to the age that a response came with",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("Age", "50")), .asked),
            Step(.get, .ok(), after: 2.2, .cached, .number("Age", 52...54))),
        ConformanceCase(
            "RFC 9111 §4.2.3", "an age of zero takes nothing from max-age",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("Age", "0")), .asked),
            Step(.get, .ok(), .cached, .number("Age", 0...2), .body("body 1"))),
        ConformanceCase(
            "RFC 9111 §4.2.3", "a response that comes as old as max-age is not fresh",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("Age", "100")), .asked),
            Step(.get, .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §4.2.3", "a response that comes old is not fresh for all of max-age",
            Step(.get, .ok(("Cache-Control", "max-age=10"), ("Age", "7")), .asked),
            Step(.get, .ok(), .cached, .body("body 1")),
            Step(.get, .ok(), after: 4.2, .asked, .body("body 3"))),
        ConformanceCase(
            "RFC 9111 §4.2.3", "the age that a response came with counts against s-maxage",
            Step(.get, .ok(("Cache-Control", "s-maxage=100"), ("Age", "101")), .asked),
            Step(.get, .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §4.2.3", "the age that a response came with counts against Expires",
            Step(.get, .ok(("Expires", "{now+60}"), ("Age", "100")), .asked),
            Step(.get, .ok(), .asked, .body("body 2"))),

        // How it may be written.
        ConformanceCase(
            "RFC 9111 §5.1", "the first of several ages in a list counts when it is the least",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("Age", "10, 200")), .asked),
            Step(.get, .ok(), .cached, .number("Age", 10...13))),
        ConformanceCase(
            "RFC 9111 §5.1", "the first of several ages in a list counts when it is the greatest",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("Age", "200, 10")), .asked),
            Step(.get, .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §5.1", "the first of several lines of ages counts",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("Age", "10"), ("Age", "200")), .asked),
            Step(.get, .ok(), .cached, .number("Age", 10...13))),
        ConformanceCase(
            "RFC 9111 §1.2.2", "an age may have zeros in front",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("Age", "0020")), .asked),
            Step(.get, .ok(), .cached, .number("Age", 20...23))),
        ConformanceCase(
            "RFC 9111 §1.2.2", "an age of more than 31 bits is more than any usual lifetime",
            Step(.get, .ok(("Cache-Control", "max-age=86400"), ("Age", "2147483648")), .asked),
            Step(.get, .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §1.2.2", "an age of more than 64 bits is more than any usual lifetime",
            Step(.get, .ok(("Cache-Control", "max-age=86400"), ("Age", "99999999999999999999999")), .asked),
            Step(.get, .ok(), .asked, .body("body 2"))),
        // An age that is no number is not to count (SHOULD), so it takes nothing from the lifetime.
        ConformanceCase(
            "RFC 9111 §5.1", "an age that is a word does not count",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("Age", "old")), .asked),
            Step(.get, .ok(), .cached, .number("Age", 0...2), .body("body 1"))),
        ConformanceCase(
            "RFC 9111 §5.1", "an age below zero does not count",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("Age", "-50")), .asked),
            Step(.get, .ok(), .cached, .number("Age", 0...2), .body("body 1"))),
        ConformanceCase(
            "RFC 9111 §5.1", "an age with decimals does not count",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("Age", "50.5")), .asked),
            Step(.get, .ok(), .cached, .number("Age", 0...2), .body("body 1"))),

        // What Date says.
        ConformanceCase(
            "RFC 9111 §4.2.3", "an old Date makes a response old",
            Step(.get, .ok(("Cache-Control", "max-age=7200"), ("Date", "{now-3600}")), .asked),
            Step(.get, .ok(), .cached, .number("Age", 3600...3603), .body("body 1"))),
        ConformanceCase(
            "RFC 9111 §4.2.3", "a Date further back than max-age leaves nothing of it",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("Date", "{now-3600}")), .asked),
            Step(.get, .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §4.2.3", "a Date that is ahead makes no negative age",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("Date", "{now+3600}")), .asked),
            Step(.get, .ok(), .cached, .number("Age", 0...2), .body("body 1"))),
        ConformanceCase(
            "RFC 9111 §4.2.3", "the age counts where Date makes a response younger",
            Step(.get, .ok(("Cache-Control", "max-age=200"), ("Date", "{now-30}"), ("Age", "60")), .asked),
            Step(.get, .ok(), .cached, .number("Age", 60...63))),
        ConformanceCase(
            "RFC 9111 §4.2.3", "Date counts where the age makes a response younger",
            Step(.get, .ok(("Cache-Control", "max-age=200"), ("Date", "{now-60}"), ("Age", "30")), .asked),
            Step(.get, .ok(), .cached, .number("Age", 60...63))),
    ]
}
