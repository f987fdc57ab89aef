// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import LarderHTTP

@Suite struct HTTPDateTests {
    private static let now = HTTPDate(seconds: 1_800_000_000)

    @Test(arguments: [
        "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
        "sun, 06 NOV 1994 08:49:37 gmt",
    ])
    func theThreeFormsAreRead(_ text: String) {
        #expect(HTTPDate(text, now: Self.now)?.seconds == 784_111_777)
    }

    @Test(arguments: [
        "", "0", "-1", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 UTC", "Sun, 06 Nov 1994 08:49:37 +0000",
        "Sun, 6 Nov 1994 08:49:37 GMT", "Sun 06 Nov 1994 08:49:37 GMT", "Sun, 06-Nov-1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 8:49:37 GMT", "Sun, 06 Nov 1994 08:49 GMT",
        "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 00 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:00:00 GMT",
        "Sun, 06 Nov 1994 08:60:37 GMT", "Sun, 06 Nov 94 08:49:37 GMT", " Sun, 06 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37 GMT ", "Sun,  06 Nov 1994 08:49:37 GMT", "Sun Nov 6 08:49:37 1994",
        "Foo, 06 Nov 1994 08:49:37 GMT", "1994-11-06T08:49:37Z", "Sun, 06 Nov 1994 08:49:37 GMT, x",
    ])
    func whatIsNearlyADateIsNone(_ text: String) {
        #expect(HTTPDate(text, now: Self.now) == nil)
    }

    @Test func aYearOfTwoDigitsIsAtMostFiftyYearsAhead() {
        // 1,800,000,000 is in January 2027.
        #expect(
            HTTPDate("Friday, 01-Jan-77 00:00:00 GMT", now: Self.now)?.description == "Fri, 01 Jan 2077 00:00:00 GMT")
        #expect(
            HTTPDate("Friday, 01-Jan-78 00:00:00 GMT", now: Self.now)?.description == "Sun, 01 Jan 1978 00:00:00 GMT")
    }

    @Test func whatIsWrittenIsReadAgain() throws {
        for seconds in stride(from: -60_000_000_000, through: 250_000_000_000, by: 86_399 * 1_009) {
            let date = HTTPDate(seconds: seconds)
            #expect(HTTPDate(date.description, now: Self.now) == date)
        }
        #expect(HTTPDate(seconds: 0).description == "Thu, 01 Jan 1970 00:00:00 GMT")
        #expect(HTTPDate(seconds: 951_782_400).description == "Tue, 29 Feb 2000 00:00:00 GMT")
    }
}
