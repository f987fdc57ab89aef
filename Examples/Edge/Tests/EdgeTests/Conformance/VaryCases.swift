// SPDX-License-Identifier: Apache-2.0

extension ConformanceCase {
    static let vary: [ConformanceCase] = [
        // One field.
        ConformanceCase(
            "RFC 9111 §4.1", "a request that says the same in a field of Vary is answered from the store",
            Step(.get("", ("X-Kind", "a")), .ok(("Cache-Control", "max-age=100"), ("Vary", "X-Kind")), .asked),
            Step(.get("", ("X-Kind", "a")), .ok(), .cached, .body("body 1"))),
        ConformanceCase(
            "RFC 9111 §4.1", "a request that says something else in a field of Vary is passed on",
            Step(.get("", ("X-Kind", "a")), .ok(("Cache-Control", "max-age=100"), ("Vary", "X-Kind")), .asked),
            Step(.get("", ("X-Kind", "b")), .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §4.1", "a request without a field of Vary is passed on if the first had it",
            Step(.get("", ("X-Kind", "a")), .ok(("Cache-Control", "max-age=100"), ("Vary", "X-Kind")), .asked),
            Step(.get, .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §4.1", "a request with a field of Vary is passed on if the first did not have it",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("Vary", "X-Kind")), .asked),
            Step(.get("", ("X-Kind", "a")), .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §4.1", "two requests without a field of Vary say the same",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("Vary", "X-Kind")), .asked),
            Step(.get, .ok(), .cached, .body("body 1"))),
        ConformanceCase(
            "RFC 9111 §4.1", "an empty field is not the same as none",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("Vary", "X-Kind")), .asked),
            Step(.get("", ("X-Kind", "")), .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §4.1", "fields that Vary does not name do not matter",
            Step(
                .get("", ("X-Kind", "a"), ("X-Other", "1")),
                .ok(("Cache-Control", "max-age=100"), ("Vary", "X-Kind")), .asked),
            Step(.get("", ("X-Kind", "a"), ("X-Other", "2")), .ok(), .cached, .body("body 1"))),
        ConformanceCase(
            "RFC 9111 §4.1", "an empty Vary names no field",
            Step(.get("", ("X-Kind", "a")), .ok(("Cache-Control", "max-age=100"), ("Vary", "")), .asked),
            Step(.get("", ("X-Kind", "b")), .ok(), .cached, .body("body 1"))),

        // What is the same.
        ConformanceCase(
            "RFC 9111 §4.1", "the case of letters does not matter in the names of Vary",
            Step(.get("", ("X-Kind", "a")), .ok(("Cache-Control", "max-age=100"), ("Vary", "x-KIND")), .asked),
            Step(.get("", ("X-Kind", "a")), .ok(), .cached, .body("body 1")),
            Step(.get("", ("X-Kind", "b")), .ok(), .asked, .body("body 3"))),
        ConformanceCase(
            "RFC 9111 §4.1", "the case of letters matters in a value that nobody knows",
            Step(.get("", ("X-Kind", "a")), .ok(("Cache-Control", "max-age=100"), ("Vary", "X-Kind")), .asked),
            Step(.get("", ("X-Kind", "A")), .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §4.1", "a value that only begins the same is another",
            Step(.get("", ("X-Kind", "en")), .ok(("Cache-Control", "max-age=100"), ("Vary", "X-Kind")), .asked),
            Step(.get("", ("X-Kind", "en-GB")), .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §4.1", "the space between members of a list does not matter",
            Step(
                .get("", ("Accept-Language", "en, de")),
                .ok(("Cache-Control", "max-age=100"), ("Vary", "Accept-Language")), .asked),
            Step(.get("", ("Accept-Language", "en,de")), .ok(), .cached, .body("body 1"))),
        ConformanceCase(
            "RFC 9111 §4.1", "a list over two lines is the same as on one",
            Step(
                .get("", ("Accept-Language", "en"), ("Accept-Language", "de")),
                .ok(("Cache-Control", "max-age=100"), ("Vary", "Accept-Language")), .asked),
            Step(.get("", ("Accept-Language", "en, de")), .ok(), .cached, .body("body 1"))),
        ConformanceCase(
            "RFC 9111 §4.1", "the order of lines with the same name matters where nobody knows better",
            Step(
                .get("", ("X-Kind", "a"), ("X-Kind", "b")),
                .ok(("Cache-Control", "max-age=100"), ("Vary", "X-Kind")), .asked),
            Step(.get("", ("X-Kind", "b"), ("X-Kind", "a")), .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §4.1", "the space within a quoted text matters",
            Step(
                .get("", ("X-Kind", "\"a, b\"")), .ok(("Cache-Control", "max-age=100"), ("Vary", "X-Kind")),
                .asked),
            Step(.get("", ("X-Kind", "\"a,b\"")), .ok(), .asked, .body("body 2"))),

        // Several fields.
        ConformanceCase(
            "RFC 9111 §4.1", "requests have to say the same in all fields of Vary",
            Step(
                .get("", ("X-Kind", "a"), ("X-Size", "1")),
                .ok(("Cache-Control", "max-age=100"), ("Vary", "X-Kind, X-Size")), .asked),
            Step(.get("", ("X-Kind", "a"), ("X-Size", "1")), .ok(), .cached, .body("body 1")),
            Step(.get("", ("X-Kind", "a"), ("X-Size", "2")), .ok(), .asked, .body("body 3"))),
        ConformanceCase(
            "RFC 9111 §4.1", "the order of the fields in a request does not matter",
            Step(
                .get("", ("X-Kind", "a"), ("X-Size", "1")),
                .ok(("Cache-Control", "max-age=100"), ("Vary", "X-Kind, X-Size")), .asked),
            Step(.get("", ("X-Size", "1"), ("X-Kind", "a")), .ok(), .cached, .body("body 1"))),
        ConformanceCase(
            "RFC 9111 §4.1", "the order of names in Vary does not matter",
            Step(
                .get("", ("X-Kind", "a"), ("X-Size", "1")),
                .ok(("Cache-Control", "max-age=100"), ("Vary", "X-Kind, X-Size")), .asked),
            Step(
                .get("", ("X-Kind", "b"), ("X-Size", "1")),
                .ok(("Cache-Control", "max-age=100"), ("Vary", "X-Size, X-Kind")), .asked),
            Step(.get("", ("X-Kind", "a"), ("X-Size", "1")), .ok(), .cached, .body("body 1")),
            Step(.get("", ("X-Kind", "b"), ("X-Size", "1")), .ok(), .cached, .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §4.1", "values do not slip from one field of Vary to the next",
            Step(
                .get("", ("X-Kind", "a")), .ok(("Cache-Control", "max-age=100"), ("Vary", "X-Kind, X-Size")),
                .asked),
            Step(.get("", ("X-Size", "a")), .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §4.1", "a name on a second line of Vary counts",
            Step(
                .get("", ("X-Kind", "a"), ("X-Size", "1")),
                .ok(("Cache-Control", "max-age=100"), ("Vary", "X-Kind"), ("Vary", "X-Size")), .asked),
            Step(.get("", ("X-Kind", "a"), ("X-Size", "1")), .ok(), .cached, .body("body 1")),
            Step(.get("", ("X-Kind", "a"), ("X-Size", "2")), .ok(), .asked, .body("body 3"))),
        ConformanceCase(
            "RFC 9111 §4.1", "a name that Vary has twice counts once",
            Step(.get("", ("X-Kind", "a")), .ok(("Cache-Control", "max-age=100"), ("Vary", "X-Kind, x-kind")), .asked),
            Step(.get("", ("X-Kind", "a")), .ok(), .cached, .body("body 1"))),

        // Any request at all.
        ConformanceCase(
            "RFC 9111 §4.1", "no request is the same for a Vary of *",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("Vary", "*")), .asked),
            Step(.get, .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §4.1", "no request is the same for a Vary with * behind a name",
            Step(.get("", ("X-Kind", "a")), .ok(("Cache-Control", "max-age=100"), ("Vary", "X-Kind, *")), .asked),
            Step(.get("", ("X-Kind", "a")), .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §4.1", "no request is the same for a Vary with * on a second line",
            Step(
                .get("", ("X-Kind", "a")), .ok(("Cache-Control", "max-age=100"), ("Vary", "X-Kind"), ("Vary", "*")),
                .asked),
            Step(.get("", ("X-Kind", "a")), .ok(), .asked, .body("body 2"))),

        // Side by side.
        ConformanceCase(
            "RFC 9111 §4.1", "two variants are stored side by side",
            Step(.get("", ("X-Kind", "a")), .ok(("Cache-Control", "max-age=100"), ("Vary", "X-Kind")), .asked),
            Step(.get("", ("X-Kind", "b")), .ok(("Cache-Control", "max-age=100"), ("Vary", "X-Kind")), .asked),
            Step(.get("", ("X-Kind", "a")), .ok(), .cached, .body("body 1")),
            Step(.get("", ("X-Kind", "b")), .ok(), .cached, .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §4.1", "three variants are used in turn",
            Step(.get("", ("X-Kind", "a")), .ok(("Cache-Control", "max-age=100"), ("Vary", "X-Kind")), .asked),
            Step(.get("", ("X-Kind", "b")), .ok(("Cache-Control", "max-age=100"), ("Vary", "X-Kind")), .asked),
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("Vary", "X-Kind")), .asked),
            Step(.get("", ("X-Kind", "b")), .ok(), .cached, .body("body 2")),
            Step(.get, .ok(), .cached, .body("body 3")),
            Step(.get("", ("X-Kind", "a")), .ok(), .cached, .body("body 1"))),
        ConformanceCase(
            "RFC 9111 §4.1", "each variant has a lifetime of its own",
            Step(.get("", ("X-Kind", "a")), .ok(("Cache-Control", "max-age=1"), ("Vary", "X-Kind")), .asked),
            Step(.get("", ("X-Kind", "b")), .ok(("Cache-Control", "max-age=100"), ("Vary", "X-Kind")), .asked),
            Step(.get("", ("X-Kind", "a")), .ok(), after: 2.2, .asked, .body("body 3")),
            Step(.get("", ("X-Kind", "b")), .ok(), .cached, .body("body 2"))),
    ]
}
