// SPDX-License-Identifier: Apache-2.0

private let saturday = "Sat, 05 Nov 1994 08:49:37 GMT"
private let sunday = "Sun, 06 Nov 1994 08:49:37 GMT"
private let monday = "Mon, 07 Nov 1994 08:49:37 GMT"

extension ConformanceCase {
    /// Requests under a condition that a stored response answers.
    static let conditionals: [ConformanceCase] = conditionsOnTags + conditionsOnDates + answersToConditions

    private static let conditionsOnTags: [ConformanceCase] = [
        ConformanceCase(
            "RFC 9110 §13.1.2", "a tag that matches gives 304",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("ETag", "\"a\""))),
            Step(.get("", ("If-None-Match", "\"a\"")), .ok(), .cached, .status(304), .body(""))),
        ConformanceCase(
            "RFC 9110 §13.1.2", "a tag that does not match gives the stored response",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("ETag", "\"a\""))),
            Step(.get("", ("If-None-Match", "\"b\"")), .ok(), .cached, .status(200), .body("body 1"))),
        ConformanceCase(
            "RFC 9110 §13.1.2", "a weak tag in If-None-Match matches a strong one",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("ETag", "\"a\""))),
            Step(.get("", ("If-None-Match", "W/\"a\"")), .ok(), .cached, .status(304))),
        ConformanceCase(
            "RFC 9110 §13.1.2", "a strong tag in If-None-Match matches a weak one",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("ETag", "W/\"a\""))),
            Step(.get("", ("If-None-Match", "\"a\"")), .ok(), .cached, .status(304))),
        ConformanceCase(
            "RFC 9110 §13.1.2", "a weak tag in If-None-Match matches a weak one",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("ETag", "W/\"a\""))),
            Step(.get("", ("If-None-Match", "W/\"a\"")), .ok(), .cached, .status(304))),
        ConformanceCase(
            "RFC 9110 §13.1.2", "any member of the list may match",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("ETag", "\"a\""))),
            Step(.get("", ("If-None-Match", "\"x\", W/\"y\", \"a\"")), .ok(), .cached, .status(304))),
        ConformanceCase(
            "RFC 9110 §13.1.2", "a list without the tag does not match",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("ETag", "\"a\""))),
            Step(
                .get("", ("If-None-Match", "\"x\", W/\"y\", \"z\"")), .ok(), .cached, .status(200), .body("body 1"))),
        ConformanceCase(
            "RFC 9110 §5.3", "the members of several If-None-Match lines count alike",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("ETag", "\"a\""))),
            Step(.get("", ("If-None-Match", "\"x\""), ("If-None-Match", "\"a\"")), .ok(), .cached, .status(304))),
        ConformanceCase(
            "RFC 9110 §5.6.1", "empty members and space in If-None-Match mean nothing",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("ETag", "\"a\""))),
            Step(.get("", ("If-None-Match", ", \"x\" ,, \"a\" ,")), .ok(), .cached, .status(304))),
        ConformanceCase(
            "RFC 9110 §13.1.2", "a star matches any stored response",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("ETag", "\"a\""))),
            Step(.get("", ("If-None-Match", "*")), .ok(), .cached, .status(304))),
        ConformanceCase(
            "RFC 9110 §13.1.2", "a star matches a stored response without a tag",
            Step(.get, .ok(("Cache-Control", "max-age=100"))),
            Step(.get("", ("If-None-Match", "*")), .ok(), .cached, .status(304))),
        ConformanceCase(
            "RFC 9110 §13.1.2", "no tag matches a stored response without one",
            Step(.get, .ok(("Cache-Control", "max-age=100"))),
            Step(.get("", ("If-None-Match", "\"a\"")), .ok(), .cached, .status(200), .body("body 1"))),
        ConformanceCase(
            "RFC 9110 §8.8.3.2", "tags are compared with their case",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("ETag", "\"a\""))),
            Step(.get("", ("If-None-Match", "\"A\"")), .ok(), .cached, .status(200), .body("body 1"))),
        ConformanceCase(
            "RFC 9110 §8.8.3", "the mark of a weak tag has a capital letter",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("ETag", "\"a\""))),
            Step(.get("", ("If-None-Match", "w/\"a\"")), .ok(), .cached, .status(200), .body("body 1"))),
        ConformanceCase(
            "RFC 9110 §8.8.3", "a tag without quotes matches nothing",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("ETag", "\"a\""))),
            Step(.get("", ("If-None-Match", "a")), .ok(), .cached, .status(200), .body("body 1"))),
        ConformanceCase(
            "RFC 9110 §13.1.2", "a good tag beside a malformed one matches",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("ETag", "\"a\""))),
            Step(.get("", ("If-None-Match", "x, \"a\"")), .ok(), .cached, .status(304))),
        ConformanceCase(
            "RFC 9110 §8.8.3", "a comma in a tag is part of it",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("ETag", "\"a,b\""))),
            Step(.get("", ("If-None-Match", "\"x\", \"a,b\"")), .ok(), .cached, .status(304))),
        ConformanceCase(
            "RFC 9110 §8.8.3", "two tags are not one with a comma",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("ETag", "\"a,b\""))),
            Step(.get("", ("If-None-Match", "\"a\", \"b\"")), .ok(), .cached, .status(200), .body("body 1"))),
        ConformanceCase(
            "RFC 9110 §8.8.3", "a backslash in a tag escapes nothing",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("ETag", "\"b\""))),
            Step(.get("", ("If-None-Match", "\"a\\\", \"b\"")), .ok(), .cached, .status(304))),
        ConformanceCase(
            "RFC 9110 §8.8.3", "an empty tag is a tag",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("ETag", "\"\""))),
            Step(.get("", ("If-None-Match", "\"\"")), .ok(), .cached, .status(304))),
        ConformanceCase(
            "RFC 9111 §4.3.2", "the tag of another variant does not match",
            Step(
                .get("", ("Accept-Language", "de")),
                .ok(("Cache-Control", "max-age=100"), ("Vary", "Accept-Language"), ("ETag", "\"de\""))),
            Step(
                .get("", ("Accept-Language", "en")),
                .ok(("Cache-Control", "max-age=100"), ("Vary", "Accept-Language"), ("ETag", "\"en\""))),
            Step(
                .get("", ("Accept-Language", "en"), ("If-None-Match", "\"de\"")), .ok(), .cached, .status(200),
                .body("body 2"))),
    ]

    private static let conditionsOnDates: [ConformanceCase] = [
        ConformanceCase(
            "RFC 9110 §13.1.3", "a date equal to Last-Modified gives 304",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("Last-Modified", sunday))),
            Step(.get("", ("If-Modified-Since", sunday)), .ok(), .cached, .status(304), .body(""))),
        ConformanceCase(
            "RFC 9110 §13.1.3", "a date later than Last-Modified gives 304",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("Last-Modified", sunday))),
            Step(.get("", ("If-Modified-Since", monday)), .ok(), .cached, .status(304))),
        ConformanceCase(
            "RFC 9110 §13.1.3", "a date earlier than Last-Modified gives the stored response",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("Last-Modified", sunday))),
            Step(.get("", ("If-Modified-Since", saturday)), .ok(), .cached, .status(200), .body("body 1"))),
        ConformanceCase(
            "RFC 9110 §13.1.3", "a date that cannot be read is ignored",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("Last-Modified", sunday))),
            Step(.get("", ("If-Modified-Since", "yesterday")), .ok(), .cached, .status(200), .body("body 1"))),
        ConformanceCase(
            "RFC 9110 §13.1.3", "two dates are ignored",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("Last-Modified", sunday))),
            Step(
                .get("", ("If-Modified-Since", sunday), ("If-Modified-Since", monday)), .ok(), .cached,
                .status(200), .body("body 1"))),
        ConformanceCase(
            "RFC 9110 §5.6.7", "a date in the form of RFC 850 is read",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("Last-Modified", sunday))),
            Step(.get("", ("If-Modified-Since", "Sunday, 06-Nov-94 08:49:37 GMT")), .ok(), .cached, .status(304))),
        ConformanceCase(
            "RFC 9110 §5.6.7", "a date in the form of asctime is read",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("Last-Modified", sunday))),
            Step(.get("", ("If-Modified-Since", "Sun Nov  6 08:49:37 1994")), .ok(), .cached, .status(304))),
        ConformanceCase(
            "RFC 9111 §4.3.2", "without Last-Modified the Date counts, and a later one gives 304",
            Step(.get, .ok(("Cache-Control", "max-age=1000"), ("Date", "{now-60}"))),
            Step(.get("", ("If-Modified-Since", "{now-30}")), .ok(), .cached, .status(304))),
        ConformanceCase(
            "RFC 9111 §4.3.2", "without Last-Modified the Date counts, and an earlier one gives the stored response",
            Step(.get, .ok(("Cache-Control", "max-age=1000"), ("Date", "{now-60}"))),
            Step(.get("", ("If-Modified-Since", "{now-120}")), .ok(), .cached, .status(200), .body("body 1"))),
        ConformanceCase(
            "RFC 9110 §13.2.2", "a tag that does not match counts more than a date that would",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("ETag", "\"a\""), ("Last-Modified", sunday))),
            Step(
                .get("", ("If-None-Match", "\"b\""), ("If-Modified-Since", sunday)), .ok(), .cached, .status(200),
                .body("body 1"))),
        ConformanceCase(
            "RFC 9110 §13.2.2", "a tag that matches counts more than a date that does not",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("ETag", "\"a\""), ("Last-Modified", sunday))),
            Step(
                .get("", ("If-None-Match", "\"a\""), ("If-Modified-Since", saturday)), .ok(), .cached, .status(304))),

        // Other requests and responses.
        ConformanceCase(
            "RFC 9110 §13.1.2", "a HEAD with a tag that matches gets 304",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("ETag", "\"a\""))),
            Step(.head("", ("If-None-Match", "\"a\"")), .ok(), .cached, .status(304))),
        ConformanceCase(
            "RFC 9110 §13.1.2", "a HEAD with a tag that does not match gets 200 without a body",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("ETag", "\"a\""))),
            Step(.head("", ("If-None-Match", "\"b\"")), .ok(), .cached, .status(200), .body(""))),
        ConformanceCase(
            "RFC 9110 §13.1.3", "a HEAD with the date of Last-Modified gets 304",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("Last-Modified", sunday))),
            Step(.head("", ("If-Modified-Since", sunday)), .ok(), .cached, .status(304))),
        ConformanceCase(
            "RFC 9110 §13.2.2", "a tag that matches counts more than a range",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("ETag", "\"a\""), body: "0123456789")),
            Step(
                .get("", ("If-None-Match", "\"a\""), ("Range", "bytes=2-4")), .ok(), .cached, .status(304),
                .noField("Content-Range"))),
        ConformanceCase(
            "RFC 9110 §13.2.1", "a stored 404 is not put under the condition of a tag",
            Step(.get, .status(404, ("Cache-Control", "max-age=100"), ("ETag", "\"a\"")), .status(404)),
            Step(.get("", ("If-None-Match", "\"a\"")), .ok(), .cached, .status(404), .body("body 1"))),
        ConformanceCase(
            "RFC 9110 §13.2.1", "a stored 404 is not put under the condition of a date",
            Step(.get, .status(404, ("Cache-Control", "max-age=100"), ("Last-Modified", sunday)), .status(404)),
            Step(.get("", ("If-Modified-Since", sunday)), .ok(), .cached, .status(404), .body("body 1"))),
        ConformanceCase(
            "RFC 9110 §13.2.1", "a stored 301 is not put under the condition of a tag",
            Step(
                .get, .status(301, ("Cache-Control", "max-age=100"), ("ETag", "\"a\""), ("Location", "/elsewhere")),
                .status(301)),
            Step(.get("", ("If-None-Match", "*")), .ok(), .cached, .status(301), .field("Location", "/elsewhere"))),
        ConformanceCase(
            "RFC 9111 §4.3.2", "what a request with a condition brings on a miss is there for others whole",
            Step(
                .get("", ("If-None-Match", "\"x\"")), .ok(("Cache-Control", "max-age=100"), ("ETag", "\"a\"")),
                .asked, .status(200), .body("body 1")),
            Step(.get, .ok(), .cached, .status(200), .body("body 1"))),
        ConformanceCase(
            "RFC 9111 §4.3.2", "a 304 leaves the stored response as it is",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("ETag", "\"a\""))),
            Step(.get("", ("If-None-Match", "\"a\"")), .ok(), .cached, .status(304)),
            Step(.get, .ok(), .cached, .status(200), .body("body 1"))),
    ]

    private static let answersToConditions: [ConformanceCase] = [
        ConformanceCase(
            "RFC 9110 §15.4.5", "a 304 from the cache has the ETag",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("ETag", "\"a\""))),
            Step(.get("", ("If-None-Match", "\"a\"")), .ok(), .cached, .status(304), .field("ETag", "\"a\""))),
        ConformanceCase(
            "RFC 9110 §15.4.5", "a 304 from the cache has the Cache-Control",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("ETag", "\"a\""))),
            Step(
                .get("", ("If-None-Match", "\"a\"")), .ok(), .cached, .status(304),
                .field("Cache-Control", "max-age=100"))),
        ConformanceCase(
            "RFC 9110 §15.4.5", "a 304 from the cache has the Expires",
            Step(.get, .ok(("Expires", "Sun, 06 Nov 2050 08:49:37 GMT"), ("ETag", "\"a\""))),
            Step(
                .get("", ("If-None-Match", "\"a\"")), .ok(), .cached, .status(304),
                .field("Expires", "Sun, 06 Nov 2050 08:49:37 GMT"))),
        ConformanceCase(
            "RFC 9110 §15.4.5", "a 304 from the cache has the Vary",
            Step(
                .get("", ("Accept-Language", "de")),
                .ok(("Cache-Control", "max-age=100"), ("ETag", "\"a\""), ("Vary", "Accept-Language"))),
            Step(
                .get("", ("Accept-Language", "de"), ("If-None-Match", "\"a\"")), .ok(), .cached, .status(304),
                .field("Vary", "Accept-Language"))),
        ConformanceCase(
            "RFC 9110 §15.4.5", "a 304 from the cache has the Content-Location",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("ETag", "\"a\""), ("Content-Location", "{path}/en"))),
            Step(
                .get("", ("If-None-Match", "\"a\"")), .ok(), .cached, .status(304),
                .field("Content-Location", "{path}/en"))),
        ConformanceCase(
            "RFC 9110 §15.4.5", "a 304 from the cache has the Date of the stored response",
            Step(
                .get,
                .ok(
                    ("Cache-Control", "max-age=2147483648"), ("ETag", "\"a\""),
                    ("Date", "Wed, 01 Jan 2025 00:00:00 GMT"))),
            Step(
                .get("", ("If-None-Match", "\"a\"")), .ok(), .cached, .status(304),
                .field("Date", "Wed, 01 Jan 2025 00:00:00 GMT"))),
        ConformanceCase(
            "RFC 9111 §5.1", "a 304 from the cache has the Age",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("ETag", "\"a\""), ("Age", "30"))),
            Step(.get("", ("If-None-Match", "\"a\"")), .ok(), .cached, .status(304), .number("Age", 30...40))),
        ConformanceCase(
            "RFC 9110 §15.4.5", "a 304 from the cache has no Content-Type",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("ETag", "\"a\""), ("Content-Type", "text/plain"))),
            Step(.get("", ("If-None-Match", "\"a\"")), .ok(), .cached, .status(304), .noField("Content-Type"))),
        ConformanceCase(
            "RFC 9110 §15.4.5", "a 304 from the cache has no Content-Length",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("ETag", "\"a\""))),
            Step(.get("", ("If-None-Match", "\"a\"")), .ok(), .cached, .status(304), .noField("Content-Length"))),

        // What is for the origin alone.
        ConformanceCase(
            "RFC 9110 §13.1.1", "If-Match goes to the origin, whose 412 comes back",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("ETag", "\"a\""))),
            Step(
                .get("", ("If-Match", "\"b\"")), .status(412), .askedWith("If-Match", "\"b\""), .status(412),
                .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §4.3.2", "a 412 leaves the stored response as it is",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("ETag", "\"a\""))),
            Step(.get("", ("If-Match", "\"b\"")), .status(412), .asked, .status(412)),
            Step(.get, .ok(), .cached, .body("body 1"))),
        ConformanceCase(
            "RFC 9110 §13.1.4", "If-Unmodified-Since goes to the origin, whose 412 comes back",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("Last-Modified", sunday))),
            Step(
                .get("", ("If-Unmodified-Since", saturday)), .status(412),
                .askedWith("If-Unmodified-Since", saturday), .status(412), .body("body 2"))),
        ConformanceCase(
            "RFC 9110 §13.2.2", "with If-Match the cache leaves If-None-Match to the origin as well",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("ETag", "\"a\""))),
            Step(
                .get("", ("If-Match", "\"b\""), ("If-None-Match", "\"a\"")), .status(412),
                .askedWith("If-None-Match", "\"a\""), .status(412))),
    ]
}
