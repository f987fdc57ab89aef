// SPDX-License-Identifier: Apache-2.0

private let saturday = "Sat, 05 Nov 1994 08:49:37 GMT"
private let sunday = "Sun, 06 Nov 1994 08:49:37 GMT"
private let monday = "Mon, 07 Nov 1994 08:49:37 GMT"

extension ConformanceCase {
    /// Parts of a stored response, and parts that the origin gives.
    static let ranges: [ConformanceCase] = rangesOfStored + rangesIgnored + rangesUnderCondition + rangesOfOrigin

    private static let rangesOfStored: [ConformanceCase] = [
        ConformanceCase(
            "RFC 9110 §14.1.2", "a range with both ends gives just those bytes",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("ETag", "\"a\""), body: "0123456789")),
            Step(.get("", ("Range", "bytes=2-4")), .ok(), .cached, .status(206), .body("234"))),
        ConformanceCase(
            "RFC 9110 §14.4", "Content-Range says which bytes those are",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("ETag", "\"a\""), body: "0123456789")),
            Step(
                .get("", ("Range", "bytes=2-4")), .ok(), .cached, .status(206),
                .field("Content-Range", "bytes 2-4/10"))),
        ConformanceCase(
            "RFC 9110 §15.3.7", "Content-Length is that of the part",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("ETag", "\"a\""), body: "0123456789")),
            Step(.get("", ("Range", "bytes=2-4")), .ok(), .cached, .status(206), .field("Content-Length", "3"))),
        ConformanceCase(
            "RFC 9110 §14.1.2", "a range without a last byte goes to the end",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("ETag", "\"a\""), body: "0123456789")),
            Step(
                .get("", ("Range", "bytes=7-")), .ok(), .cached, .status(206), .body("789"),
                .field("Content-Range", "bytes 7-9/10"))),
        ConformanceCase(
            "RFC 9110 §14.1.2", "a range of the last bytes is counted from the end",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("ETag", "\"a\""), body: "0123456789")),
            Step(
                .get("", ("Range", "bytes=-3")), .ok(), .cached, .status(206), .body("789"),
                .field("Content-Range", "bytes 7-9/10"))),
        ConformanceCase(
            "RFC 9110 §14.1.2", "more last bytes than there are gives all of them",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("ETag", "\"a\""), body: "0123456789")),
            Step(
                .get("", ("Range", "bytes=-20")), .ok(), .cached, .status(206), .body("0123456789"),
                .field("Content-Range", "bytes 0-9/10"))),
        ConformanceCase(
            "RFC 9110 §14.1.2", "a last byte beyond the end means the end",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("ETag", "\"a\""), body: "0123456789")),
            Step(
                .get("", ("Range", "bytes=8-20")), .ok(), .cached, .status(206), .body("89"),
                .field("Content-Range", "bytes 8-9/10"))),
        ConformanceCase(
            "RFC 9110 §14.1.2", "a range may be one byte",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("ETag", "\"a\""), body: "0123456789")),
            Step(
                .get("", ("Range", "bytes=0-0")), .ok(), .cached, .status(206), .body("0"),
                .field("Content-Range", "bytes 0-0/10"))),
        ConformanceCase(
            "RFC 9110 §14.1.2", "the last byte is a range",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("ETag", "\"a\""), body: "0123456789")),
            Step(
                .get("", ("Range", "bytes=9-9")), .ok(), .cached, .status(206), .body("9"),
                .field("Content-Range", "bytes 9-9/10"))),
        ConformanceCase(
            "RFC 9110 §14.1.2", "a number too large to hold is beyond the end",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("ETag", "\"a\""), body: "0123456789")),
            Step(
                .get("", ("Range", "bytes=5-99999999999999999999999")), .ok(), .cached, .status(206), .body("56789"))),
        ConformanceCase(
            "RFC 9110 §14.1", "the unit may be written in any case",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("ETag", "\"a\""), body: "0123456789")),
            Step(.get("", ("Range", "Bytes=2-4")), .ok(), .cached, .status(206), .body("234"))),
        ConformanceCase(
            "RFC 9110 §14.1.2", "a body that came in chunks has ranges too",
            Step(.get, .chunked(("Cache-Control", "max-age=100"), ("ETag", "\"a\""), body: "0123456789")),
            Step(
                .get("", ("Range", "bytes=2-4")), .ok(), .cached, .status(206), .body("234"),
                .field("Content-Range", "bytes 2-4/10"))),
        ConformanceCase(
            "RFC 9110 §14.1.2", "a range counts the bytes as they are encoded",
            Step(
                .get,
                .ok(
                    ("Cache-Control", "max-age=100"), ("ETag", "\"a\""), ("Content-Encoding", "x-unknown"),
                    body: "0123456789")),
            Step(
                .get("", ("Range", "bytes=2-4")), .ok(), .cached, .status(206), .body("234"),
                .field("Content-Encoding", "x-unknown"))),
        ConformanceCase(
            "RFC 9110 §15.3.7", "a part has the ETag of the whole",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("ETag", "\"a\""), body: "0123456789")),
            Step(.get("", ("Range", "bytes=2-4")), .ok(), .cached, .status(206), .field("ETag", "\"a\""))),
        ConformanceCase(
            "RFC 9110 §15.3.7", "a part has the Cache-Control of the whole",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("ETag", "\"a\""), body: "0123456789")),
            Step(
                .get("", ("Range", "bytes=2-4")), .ok(), .cached, .status(206),
                .field("Cache-Control", "max-age=100"))),
        ConformanceCase(
            "RFC 9110 §15.3.7", "a part has the Content-Type of the whole",
            Step(
                .get,
                .ok(
                    ("Cache-Control", "max-age=100"), ("ETag", "\"a\""), ("Content-Type", "text/plain"),
                    body: "0123456789")),
            Step(
                .get("", ("Range", "bytes=2-4")), .ok(), .cached, .status(206), .field("Content-Type", "text/plain"))),
        ConformanceCase(
            "RFC 9111 §5.1", "a part from the cache has the Age",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("ETag", "\"a\""), ("Age", "30"), body: "0123456789")),
            Step(.get("", ("Range", "bytes=2-4")), .ok(), .cached, .status(206), .number("Age", 30...40))),
        ConformanceCase(
            "RFC 9110 §15.5.17", "a first byte at the end cannot be satisfied",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("ETag", "\"a\""), body: "0123456789")),
            Step(
                .get("", ("Range", "bytes=10-")), .ok(), .cached, .status(416),
                .field("Content-Range", "bytes */10"))),
        ConformanceCase(
            "RFC 9110 §15.5.17", "a range past the end cannot be satisfied",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("ETag", "\"a\""), body: "0123456789")),
            Step(
                .get("", ("Range", "bytes=20-30")), .ok(), .cached, .status(416),
                .field("Content-Range", "bytes */10"))),
        ConformanceCase(
            "RFC 9110 §14.1.2", "no last bytes cannot be satisfied",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("ETag", "\"a\""), body: "0123456789")),
            Step(
                .get("", ("Range", "bytes=-0")), .ok(), .cached, .status(416), .field("Content-Range", "bytes */10"))),
        ConformanceCase(
            "RFC 9110 §14.1.2", "an empty body has no first byte",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("ETag", "\"a\""), body: "")),
            Step(
                .get("", ("Range", "bytes=0-")), .ok(), .cached, .status(416), .field("Content-Range", "bytes */0"))),
        ConformanceCase(
            "RFC 9110 §14.1.2", "the last bytes of an empty body are the empty body",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("ETag", "\"a\""), body: "")),
            Step(.get("", ("Range", "bytes=-5")), .ok(), .cached, .status(200), .body(""))),
        ConformanceCase(
            "RFC 9110 §15.5.17", "a 416 leaves the stored response as it is",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("ETag", "\"a\""), body: "0123456789")),
            Step(.get("", ("Range", "bytes=20-")), .ok(), .cached, .status(416)),
            Step(.get, .ok(), .cached, .status(200), .body("0123456789"))),
        ConformanceCase(
            "RFC 9110 §14.2", "a part leaves the stored response whole",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("ETag", "\"a\""), body: "0123456789")),
            Step(.get("", ("Range", "bytes=2-4")), .ok(), .cached, .status(206)),
            Step(.get, .ok(), .cached, .status(200), .body("0123456789"))),
    ]

    private static let rangesIgnored: [ConformanceCase] = [
        ConformanceCase(
            "RFC 9110 §14.2", "a last byte before the first makes the range invalid",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("ETag", "\"a\""), body: "0123456789")),
            Step(.get("", ("Range", "bytes=4-2")), .ok(), .cached, .status(200), .body("0123456789"))),
        ConformanceCase(
            "RFC 9110 §14.2", "a range without numbers is invalid",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("ETag", "\"a\""), body: "0123456789")),
            Step(.get("", ("Range", "bytes=-")), .ok(), .cached, .status(200), .body("0123456789"))),
        ConformanceCase(
            "RFC 9110 §14.2", "a range of letters is invalid",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("ETag", "\"a\""), body: "0123456789")),
            Step(.get("", ("Range", "bytes=a-b")), .ok(), .cached, .status(200), .body("0123456789"))),
        ConformanceCase(
            "RFC 9110 §14.2", "an empty set of ranges is invalid",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("ETag", "\"a\""), body: "0123456789")),
            Step(.get("", ("Range", "bytes=")), .ok(), .cached, .status(200), .body("0123456789"))),
        ConformanceCase(
            "RFC 9110 §14.2", "a range without an equals sign is invalid",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("ETag", "\"a\""), body: "0123456789")),
            Step(.get("", ("Range", "bytes 2-4")), .ok(), .cached, .status(200), .body("0123456789"))),
        ConformanceCase(
            "RFC 9110 §14.2", "a range with a sign in a number is invalid",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("ETag", "\"a\""), body: "0123456789")),
            Step(.get("", ("Range", "bytes=+2-4")), .ok(), .cached, .status(200), .body("0123456789"))),
        ConformanceCase(
            "RFC 9110 §14.2", "a unit that nobody knows is ignored",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("ETag", "\"a\""), body: "0123456789")),
            Step(.get("", ("Range", "lines=2-4")), .ok(), .cached, .status(200), .body("0123456789"))),
        ConformanceCase(
            "RFC 9110 §14.2", "several ranges may be answered by the whole",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("ETag", "\"a\""), body: "0123456789")),
            Step(.get("", ("Range", "bytes=0-1, 4-5")), .ok(), .cached, .status(200), .body("0123456789"))),
        ConformanceCase(
            "RFC 9110 §14.2", "a range means nothing in a HEAD",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("ETag", "\"a\""), body: "0123456789")),
            Step(
                .head("", ("Range", "bytes=2-4")), .ok(), .cached, .status(200), .noField("Content-Range"),
                .field("Content-Length", "10"))),
        ConformanceCase(
            "RFC 9110 §14.2", "a range means nothing for a stored 404",
            Step(
                .get, .status(404, ("Cache-Control", "max-age=100"), ("ETag", "\"a\""), body: "0123456789"),
                .status(404)),
            Step(.get("", ("Range", "bytes=2-4")), .ok(), .cached, .status(404), .body("0123456789"))),
    ]

    private static let rangesUnderCondition: [ConformanceCase] = [
        ConformanceCase(
            "RFC 9110 §13.1.5", "the same strong tag in If-Range gives the part",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("ETag", "\"a\""), body: "0123456789")),
            Step(
                .get("", ("Range", "bytes=2-4"), ("If-Range", "\"a\"")), .ok(), .cached, .status(206), .body("234"))),
        ConformanceCase(
            "RFC 9110 §13.1.5", "another tag in If-Range gives the whole",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("ETag", "\"a\""), body: "0123456789")),
            Step(
                .get("", ("Range", "bytes=2-4"), ("If-Range", "\"b\"")), .ok(), .cached, .status(200),
                .body("0123456789"))),
        ConformanceCase(
            "RFC 9110 §13.1.5", "a weak tag in If-Range does not match a strong one",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("ETag", "\"a\""), body: "0123456789")),
            Step(
                .get("", ("Range", "bytes=2-4"), ("If-Range", "W/\"a\"")), .ok(), .cached, .status(200),
                .body("0123456789"))),
        ConformanceCase(
            "RFC 9110 §13.1.5", "a strong tag in If-Range does not match a weak one",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("ETag", "W/\"a\""), body: "0123456789")),
            Step(
                .get("", ("Range", "bytes=2-4"), ("If-Range", "\"a\"")), .ok(), .cached, .status(200),
                .body("0123456789"))),
        ConformanceCase(
            "RFC 9110 §13.1.5", "a weak tag in If-Range does not even match itself",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("ETag", "W/\"a\""), body: "0123456789")),
            Step(
                .get("", ("Range", "bytes=2-4"), ("If-Range", "W/\"a\"")), .ok(), .cached, .status(200),
                .body("0123456789"))),
        ConformanceCase(
            "RFC 9110 §13.1.5", "no tag in If-Range matches a response without one",
            Step(.get, .ok(("Cache-Control", "max-age=100"), body: "0123456789")),
            Step(
                .get("", ("Range", "bytes=2-4"), ("If-Range", "\"a\"")), .ok(), .cached, .status(200),
                .body("0123456789"))),
        ConformanceCase(
            "RFC 9110 §13.1.5", "the date of Last-Modified in If-Range gives the part",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("Last-Modified", sunday), body: "0123456789")),
            Step(.get("", ("Range", "bytes=2-4"), ("If-Range", sunday)), .ok(), .cached, .status(206), .body("234"))),
        ConformanceCase(
            "RFC 9110 §13.1.5", "an earlier date in If-Range gives the whole",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("Last-Modified", sunday), body: "0123456789")),
            Step(
                .get("", ("Range", "bytes=2-4"), ("If-Range", saturday)), .ok(), .cached, .status(200),
                .body("0123456789"))),
        ConformanceCase(
            "RFC 9110 §13.1.5", "a later date in If-Range gives the whole",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("Last-Modified", sunday), body: "0123456789")),
            Step(
                .get("", ("Range", "bytes=2-4"), ("If-Range", monday)), .ok(), .cached, .status(200),
                .body("0123456789"))),
        ConformanceCase(
            "RFC 9110 §8.8.2.2", "a date in If-Range that is that of the response itself is too weak",
            Step(
                .get,
                .ok(
                    ("Cache-Control", "max-age=2147483648"), ("Date", "Wed, 01 Jan 2025 00:00:00 GMT"),
                    ("Last-Modified", "Wed, 01 Jan 2025 00:00:00 GMT"), body: "0123456789")),
            Step(
                .get("", ("Range", "bytes=2-4"), ("If-Range", "Wed, 01 Jan 2025 00:00:00 GMT")), .ok(), .cached,
                .status(200), .body("0123456789"))),
        ConformanceCase(
            "RFC 9110 §13.1.5", "an If-Range that cannot be read gives the whole",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("ETag", "\"a\""), body: "0123456789")),
            Step(
                .get("", ("Range", "bytes=2-4"), ("If-Range", "a")), .ok(), .cached, .status(200),
                .body("0123456789"))),
        ConformanceCase(
            "RFC 9110 §13.1.5", "an If-Range without a range means nothing",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("ETag", "\"a\""), body: "0123456789")),
            Step(.get("", ("If-Range", "\"b\"")), .ok(), .cached, .status(200), .body("0123456789"))),
        ConformanceCase(
            "RFC 9110 §13.1.5", "an If-Range that does not match spares the client a 416",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("ETag", "\"a\""), body: "0123456789")),
            Step(
                .get("", ("Range", "bytes=20-"), ("If-Range", "\"b\"")), .ok(), .cached, .status(200),
                .body("0123456789"))),
    ]

    private static let rangesOfOrigin: [ConformanceCase] = [
        ConformanceCase(
            "RFC 9110 §14.2", "a range that nothing is stored for goes to the origin",
            Step(
                .get("", ("Range", "bytes=0-3")),
                .status(206, ("Cache-Control", "max-age=100"), ("Content-Range", "bytes 0-3/10"), body: "0123"),
                .askedWith("Range", "bytes=0-3"), .status(206))),
        ConformanceCase(
            "RFC 9110 §15.3.7", "a 206 of the origin is passed on as it is",
            Step(
                .get("", ("Range", "bytes=0-3")),
                .status(206, ("Cache-Control", "max-age=100"), ("Content-Range", "bytes 0-3/10"), body: "0123"),
                .asked, .status(206), .body("0123"), .field("Content-Range", "bytes 0-3/10"))),
        ConformanceCase(
            "RFC 9111 §3.3", "a 206 does not answer for the whole",
            Step(
                .get("", ("Range", "bytes=0-3")),
                .status(
                    206, ("Cache-Control", "max-age=100"), ("ETag", "\"a\""), ("Content-Range", "bytes 0-3/10"),
                    body: "0123"),
                .asked, .status(206)),
            Step(
                .get, .ok(("Cache-Control", "max-age=100"), ("ETag", "\"a\""), body: "0123456789"), .asked,
                .status(200), .body("0123456789"))),
        ConformanceCase(
            "RFC 9111 §3.3", "a 206 that nobody asked for is not stored",
            Step(
                .get,
                .status(
                    206, ("Cache-Control", "max-age=100"), ("ETag", "\"a\""), ("Content-Range", "bytes 0-3/10"),
                    body: "0123"),
                .asked, .status(206)),
            Step(
                .get, .ok(("Cache-Control", "max-age=100"), ("ETag", "\"a\""), body: "0123456789"), .asked,
                .status(200), .body("0123456789"))),
        ConformanceCase(
            "RFC 9110 §14.2", "an origin may answer a range by the whole",
            Step(
                .get("", ("Range", "bytes=0-3")),
                .ok(("Cache-Control", "max-age=100"), ("ETag", "\"a\""), body: "0123456789"), .asked, .status(200),
                .body("0123456789"))),
        ConformanceCase(
            "RFC 9110 §15.5.17", "a 416 of the origin is passed on",
            Step(
                .get("", ("Range", "bytes=20-")), .status(416, ("Content-Range", "bytes */10"), body: ""), .asked,
                .status(416), .field("Content-Range", "bytes */10"))),
        ConformanceCase(
            "RFC 9110 §13.1.5", "an If-Range that nothing is stored for goes to the origin",
            Step(
                .get("", ("Range", "bytes=0-3"), ("If-Range", "\"a\"")),
                .status(206, ("Content-Range", "bytes 0-3/10"), body: "0123"), .askedWith("If-Range", "\"a\""),
                .status(206))),
        ConformanceCase(
            "RFC 9111 §4.2.4", "no part is cut from a stale response",
            Step(.get, .ok(("Cache-Control", "max-age=1"), ("ETag", "\"a\""), body: "0123456789")),
            Step(
                .get("", ("Range", "bytes=2-4")),
                .ok(("Cache-Control", "max-age=1"), ("ETag", "\"b\""), body: "abcdefghij"), after: 2.1, .asked,
                .status(200), .body("abcdefghij"))),
    ]
}
