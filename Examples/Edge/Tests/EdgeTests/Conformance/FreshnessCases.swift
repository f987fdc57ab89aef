// SPDX-License-Identifier: Apache-2.0

extension ConformanceCase {
    static let freshness: [ConformanceCase] = [
        // Where the lifetime comes from.
        ConformanceCase(
            "RFC 9111 §4.2.1", "max-age makes a response fresh",
            Step(.get, .ok(("Cache-Control", "max-age=100")), .asked),
            Step(.get, .ok(), .cached, .body("body 1"))),
        ConformanceCase(
            "RFC 9111 §4.2.1", "s-maxage makes a response fresh",
            Step(.get, .ok(("Cache-Control", "s-maxage=100")), .asked),
            Step(.get, .ok(), .cached, .body("body 1"))),
        ConformanceCase(
            "RFC 9111 §4.2.1", "Expires makes a response fresh",
            Step(.get, .ok(("Expires", "{now+100}")), .asked),
            Step(.get, .ok(), .cached, .body("body 1"))),
        ConformanceCase(
            "RFC 9111 §4.2.1", "max-age of zero makes nothing fresh",
            Step(.get, .ok(("Cache-Control", "max-age=0")), .asked),
            Step(.get, .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §5.2.2.10", "s-maxage outweighs a shorter max-age",
            Step(.get, .ok(("Cache-Control", "max-age=0, s-maxage=100")), .asked),
            Step(.get, .ok(), .cached, .body("body 1"))),
        ConformanceCase(
            "RFC 9111 §5.2.2.10", "s-maxage outweighs a longer max-age",
            Step(.get, .ok(("Cache-Control", "s-maxage=0, max-age=100")), .asked),
            Step(.get, .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §5.2.2.10", "s-maxage outweighs a later Expires",
            Step(.get, .ok(("Cache-Control", "s-maxage=0"), ("Expires", "{now+100}")), .asked),
            Step(.get, .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §5.3", "max-age outweighs an Expires in the past",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("Expires", "{now-100}")), .asked),
            Step(.get, .ok(), .cached, .body("body 1"))),
        ConformanceCase(
            "RFC 9111 §5.3", "max-age outweighs an Expires in the future",
            Step(.get, .ok(("Cache-Control", "max-age=0"), ("Expires", "{now+100}")), .asked),
            Step(.get, .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §5.3", "max-age outweighs an Expires that is no date",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("Expires", "0")), .asked),
            Step(.get, .ok(), .cached, .body("body 1"))),

        // Time.
        ConformanceCase(
            "RFC 9111 §4.2", "a response is no longer fresh after max-age",
            Step(.get, .ok(("Cache-Control", "max-age=2")), .asked),
            Step(.get, .ok(), .cached, .body("body 1")),
            Step(.get, .ok(), after: 3.2, .asked, .body("body 3"))),
        ConformanceCase(
            "RFC 9111 §4.2", "a response is no longer fresh after s-maxage, whatever max-age says",
            Step(.get, .ok(("Cache-Control", "max-age=100, s-maxage=1")), .asked),
            Step(.get, .ok(), after: 2.2, .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §4.2", "a response is no longer fresh after Expires",
            Step(.get, .ok(("Expires", "{now+2}")), .asked),
            Step(.get, .ok(), after: 3.2, .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §4.2", "a response is still fresh within max-age",
            Step(.get, .ok(("Cache-Control", "max-age=100")), .asked),
            Step(.get, .ok(), after: 2.2, .cached, .body("body 1"))),
        ConformanceCase(
            "RFC 9111 §4.2", "what replaces an expired response has a lifetime of its own",
            Step(.get, .ok(("Cache-Control", "max-age=1")), .asked),
            Step(.get, .ok(("Cache-Control", "max-age=100")), after: 2.2, .asked, .body("body 2")),
            Step(.get, .ok(), .cached, .body("body 2"))),

        // Expires.
        ConformanceCase(
            "RFC 9111 §4.2.1", "Expires counts from Date, not from the clock of the cache",
            Step(.get, .ok(("Date", "{now+3600}"), ("Expires", "{now+3600}")), .asked),
            Step(.get, .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §4.2.1", "Expires ends a short time after a Date that is ahead",
            Step(.get, .ok(("Date", "{now+3600}"), ("Expires", "{now+3602}")), .asked),
            Step(.get, .ok(), after: 3.2, .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §5.3", "Expires in the past makes nothing fresh",
            Step(.get, .ok(("Expires", "{now-100}")), .asked),
            Step(.get, .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §5.3", "Expires of 0 has passed",
            Step(.get, .ok(("Expires", "0")), .asked),
            Step(.get, .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §4.2.1", "two lines of Expires do not make a response fresh if the first has passed",
            Step(.get, .ok(("Expires", "{now-100}"), ("Expires", "{now+100}")), .asked),
            Step(.get, .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9110 §5.6.7", "Expires may be in the form of RFC 850",
            Step(.get, .ok(("Expires", "Thursday, 18-Aug-50 02:01:18 GMT")), .asked),
            Step(.get, .ok(), .cached, .body("body 1"))),
        ConformanceCase(
            "RFC 9110 §5.6.7", "a year of two digits that would be too far ahead has passed",
            Step(.get, .ok(("Expires", "Sunday, 06-Nov-94 08:49:37 GMT")), .asked),
            Step(.get, .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9110 §5.6.7", "Expires may be in the form of asctime",
            Step(.get, .ok(("Expires", "Thu Aug 18 02:01:18 2050")), .asked),
            Step(.get, .ok(), .cached, .body("body 1"))),
        ConformanceCase(
            "RFC 9110 §5.6.7", "the form of asctime may have a day of one digit",
            Step(.get, .ok(("Expires", "Mon Aug  8 02:01:18 2050")), .asked),
            Step(.get, .ok(), .cached, .body("body 1"))),
        ConformanceCase(
            "RFC 9111 §4.2", "the case of letters does not matter in Expires",
            Step(.get, .ok(("Expires", "thu, 18 AUG 2050 02:01:18 gMT")), .asked),
            Step(.get, .ok(), .cached, .body("body 1"))),
        ConformanceCase(
            "RFC 9111 §4.2", "Expires in a zone other than GMT has passed",
            Step(.get, .ok(("Expires", "Thu, 18 Aug 2050 02:01:18 EST")), .asked),
            Step(.get, .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §4.2", "Expires in the zone UTC has passed",
            Step(.get, .ok(("Expires", "Thu, 18 Aug 2050 02:01:18 UTC")), .asked),
            Step(.get, .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §5.3", "Expires with a zone in digits has passed",
            Step(.get, .ok(("Expires", "Thu, 18 Aug 2050 02:01:18 +0000")), .asked),
            Step(.get, .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §5.3", "Expires without a zone has passed",
            Step(.get, .ok(("Expires", "Thu, 18 Aug 2050 02:01:18")), .asked),
            Step(.get, .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §5.3", "Expires without a comma has passed",
            Step(.get, .ok(("Expires", "Thu 18 Aug 2050 02:01:18 GMT")), .asked),
            Step(.get, .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §5.3", "Expires without a weekday has passed",
            Step(.get, .ok(("Expires", "18 Aug 2050 02:01:18 GMT")), .asked),
            Step(.get, .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §5.3", "Expires with two spaces in a row has passed",
            Step(.get, .ok(("Expires", "Thu, 18  Aug 2050 02:01:18 GMT")), .asked),
            Step(.get, .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §5.3", "Expires with hyphens and a year of four digits has passed",
            Step(.get, .ok(("Expires", "Thu, 18-Aug-2050 02:01:18 GMT")), .asked),
            Step(.get, .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §5.3", "Expires with a year of two digits and spaces has passed",
            Step(.get, .ok(("Expires", "Thu, 18 Aug 50 02:01:18 GMT")), .asked),
            Step(.get, .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §5.3", "Expires with an hour of one digit has passed",
            Step(.get, .ok(("Expires", "Thu, 18 Aug 2050 2:01:18 GMT")), .asked),
            Step(.get, .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §5.3", "Expires with dots in its time has passed",
            Step(.get, .ok(("Expires", "Thu, 18 Aug 2050 02.01.18 GMT")), .asked),
            Step(.get, .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §5.3", "Expires in the form of ISO 8601 has passed",
            Step(.get, .ok(("Expires", "2050-08-18T02:01:18Z")), .asked),
            Step(.get, .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §5.3", "Expires as a count of seconds has passed",
            Step(.get, .ok(("Expires", "2544400878")), .asked),
            Step(.get, .ok(), .asked, .body("body 2"))),

        // Date.
        ConformanceCase(
            "RFC 9110 §6.6.1", "a Date that is no date leaves max-age as it is",
            Step(.get, .ok(("Cache-Control", "max-age=100"), ("Date", "yesterday")), .asked),
            Step(.get, .ok(), .cached, .body("body 1"))),

        // Numbers.
        ConformanceCase(
            "RFC 9111 §4.2.1", "max-age that is a word makes nothing fresh",
            Step(.get, .ok(("Cache-Control", "max-age=long")), .asked),
            Step(.get, .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §4.2.1", "max-age without a number makes nothing fresh",
            Step(.get, .ok(("Cache-Control", "max-age")), .asked),
            Step(.get, .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §4.2.1", "max-age with nothing behind its sign makes nothing fresh",
            Step(.get, .ok(("Cache-Control", "max-age=")), .asked),
            Step(.get, .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §4.2.1", "max-age below zero makes nothing fresh",
            Step(.get, .ok(("Cache-Control", "max-age=-100")), .asked),
            Step(.get, .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §4.2.1", "max-age with decimals makes nothing fresh",
            Step(.get, .ok(("Cache-Control", "max-age=100.5")), .asked),
            Step(.get, .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §4.2.1", "max-age with a letter behind its number makes nothing fresh",
            Step(.get, .ok(("Cache-Control", "max-age=100s")), .asked),
            Step(.get, .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §4.2.1", "max-age in single quotes makes nothing fresh",
            Step(.get, .ok(("Cache-Control", "max-age='100'")), .asked),
            Step(.get, .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §5.2", "max-age may be quoted",
            Step(.get, .ok(("Cache-Control", "max-age=\"100\"")), .asked),
            Step(.get, .ok(), .cached, .body("body 1"))),
        ConformanceCase(
            "RFC 9111 §1.2.2", "max-age may have zeros in front",
            Step(.get, .ok(("Cache-Control", "max-age=00100")), .asked),
            Step(.get, .ok(), .cached, .body("body 1"))),
        ConformanceCase(
            "RFC 9111 §1.2.2", "max-age may be more than 31 bits hold",
            Step(.get, .ok(("Cache-Control", "max-age=2147483648")), .asked),
            Step(.get, .ok(), .cached, .body("body 1"))),
        ConformanceCase(
            "RFC 9111 §1.2.2", "max-age may be more than 64 bits hold",
            Step(.get, .ok(("Cache-Control", "max-age=99999999999999999999999")), .asked),
            Step(.get, .ok(), .cached, .body("body 1"))),
        ConformanceCase(
            "RFC 9111 §4.2.1", "of two numbers for max-age the second does not count if the first is zero",
            Step(.get, .ok(("Cache-Control", "max-age=0, max-age=100")), .asked),
            Step(.get, .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §4.2.1", "a number for max-age on a second line does not prolong the first",
            Step(.get, .ok(("Cache-Control", "max-age=1"), ("Cache-Control", "max-age=100")), .asked),
            Step(.get, .ok(), after: 2.2, .asked, .body("body 2"))),

        // Names and lists.
        ConformanceCase(
            "RFC 9111 §5.2", "the case of letters does not matter in max-age",
            Step(.get, .ok(("Cache-Control", "MaX-aGe=100")), .asked),
            Step(.get, .ok(), .cached, .body("body 1"))),
        ConformanceCase(
            "RFC 9111 §5.2", "the case of letters does not matter in no-store",
            Step(.get, .ok(("Cache-Control", "max-age=100, NO-STORE")), .asked),
            Step(.get, .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §5.2.3", "directives that nobody knows are passed over",
            Step(.get, .ok(("Cache-Control", "foo, max-age=100, bar=\"b, c\", baz=1")), .asked),
            Step(.get, .ok(), .cached, .body("body 1"))),
        ConformanceCase(
            "RFC 9111 §5.2.3", "a longer name is not max-age",
            Step(.get, .ok(("Cache-Control", "x-max-age=100, max-age-x=100")), .asked),
            Step(.get, .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §5.2", "max-age within a quoted text is no directive",
            Step(.get, .ok(("Cache-Control", "foo=\"bar, max-age=100, baz\"")), .asked),
            Step(.get, .ok(), .asked, .body("body 2"))),
        ConformanceCase(
            "RFC 9111 §5.2", "no-store within a quoted text is no directive",
            Step(.get, .ok(("Cache-Control", "foo=\"bar, no-store, baz\", max-age=100")), .asked),
            Step(.get, .ok(), .cached, .body("body 1"))),
        ConformanceCase(
            "RFC 9110 §5.6.4", "an escaped quote does not end a quoted text",
            Step(.get, .ok(("Cache-Control", "foo=\"a\\\", no-store, b\", max-age=100")), .asked),
            Step(.get, .ok(), .cached, .body("body 1"))),
        ConformanceCase(
            "RFC 9110 §5.3", "max-age counts on a second line",
            Step(.get, .ok(("Cache-Control", "public"), ("Cache-Control", "max-age=100")), .asked),
            Step(.get, .ok(), .cached, .body("body 1"))),
        ConformanceCase(
            "RFC 9110 §5.6.1.2", "empty members of a list are passed over",
            Step(.get, .ok(("Cache-Control", ", ,public,, max-age=100,")), .asked),
            Step(.get, .ok(), .cached, .body("body 1"))),
        ConformanceCase(
            "RFC 9110 §5.6.1", "spaces and tabs around members of a list do not matter",
            Step(.get, .ok(("Cache-Control", "public ,\tmax-age=100 \t, foo")), .asked),
            Step(.get, .ok(), .cached, .body("body 1"))),
    ]
}
