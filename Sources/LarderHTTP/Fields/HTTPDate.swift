// SPDX-License-Identifier: Apache-2.0

/// A point in time as fields give it, to the second (RFC 9110, section 5.6.7).
struct HTTPDate: Hashable, Comparable, CustomStringConvertible {
    /// Since the beginning of 1970, UTC.
    var seconds: Int

    static func < (left: HTTPDate, right: HTTPDate) -> Bool { left.seconds < right.seconds }

    private static let days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    private static let longDays = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    init(seconds: Int) {
        self.seconds = seconds
    }

    /// Reads one of the three forms there are, in letters of either case (RFC 9111, section 4.2); nil for anything else, be it nearly
    /// one: what cannot be read is not fresh.
    ///
    /// - Parameters:
    ///   - text: The field's value.
    ///   - now: Decides the century of a year of two digits, which is at most 50 years ahead.
    init?(_ text: String, now: HTTPDate) {
        let text = text.lowercased()
        var scanner = Scanner(text.utf8[...])
        guard let seconds = Self.fixed(&scanner) ?? Self.obsolete(text, now) ?? Self.asctime(text) else { return nil }
        self.seconds = seconds
    }

    /// `Sun, 06 Nov 1994 08:49:37 GMT`
    var description: String {
        let (day, second) = self.seconds.quotientAndRemainder(dividingFloorBy: 86_400)
        let (year, month, date) = Self.civil(fromDay: day)
        let weekday = Self.days[(day + 3).quotientAndRemainder(dividingFloorBy: 7).remainder]
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let years = String(repeating: "0", count: max(0, 4 - "\(year)".count)) + "\(year)"
        return "\(weekday), \(two(date)) \(Self.months[month - 1]) \(years) "
            + "\(two(second / 3_600)):\(two(second / 60 % 60)):\(two(second % 60)) GMT"
    }

    // MARK: The three forms

    /// `Sun, 06 Nov 1994 08:49:37 GMT`
    private static func fixed(_ scanner: inout Scanner) -> Int? {
        guard scanner.word(of: Self.days) != nil, scanner.take(", "), let date = scanner.number(2), scanner.take(" "),
            let month = scanner.word(of: Self.months), scanner.take(" "), let year = scanner.number(4),
            scanner.take(" "), let time = scanner.time(), scanner.take(" gmt"), scanner.isAtEnd
        else { return nil }
        return Self.seconds(year, month + 1, date, time)
    }

    /// `Sunday, 06-Nov-94 08:49:37 GMT`
    private static func obsolete(_ text: String, _ now: HTTPDate) -> Int? {
        var scanner = Scanner(text.utf8[...])
        guard scanner.word(of: Self.longDays) != nil, scanner.take(", "), let date = scanner.number(2),
            scanner.take("-"), let month = scanner.word(of: Self.months), scanner.take("-"),
            let short = scanner.number(2), scanner.take(" "), let time = scanner.time(), scanner.take(" gmt"),
            scanner.isAtEnd
        else { return nil }
        let thisYear = Self.civil(fromDay: now.seconds.quotientAndRemainder(dividingFloorBy: 86_400).quotient).year
        var year = thisYear / 100 * 100 + short
        if year > thisYear + 50 { year -= 100 }
        return Self.seconds(year, month + 1, date, time)
    }

    /// `Sun Nov  6 08:49:37 1994`
    private static func asctime(_ text: String) -> Int? {
        var scanner = Scanner(text.utf8[...])
        guard scanner.word(of: Self.days) != nil, scanner.take(" "), let month = scanner.word(of: Self.months),
            scanner.take(" "), let date = scanner.take(" ") ? scanner.number(1) : scanner.number(2), scanner.take(" "),
            let time = scanner.time(), scanner.take(" "), let year = scanner.number(4), scanner.isAtEnd
        else { return nil }
        return Self.seconds(year, month + 1, date, time)
    }

    // MARK: The calendar

    private static func seconds(_ year: Int, _ month: Int, _ date: Int, _ time: Int) -> Int? {
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        guard (1...lengths[month - 1]).contains(date) else { return nil }
        return Self.day(year, month, date) * 86_400 + time
    }

    /// Days since the beginning of 1970 in the Gregorian calendar, counted in eras of 400 years that begin in March.
    private static func day(_ year: Int, _ month: Int, _ date: Int) -> Int {
        let year = month <= 2 ? year - 1 : year
        let (era, yearOfEra) = year.quotientAndRemainder(dividingFloorBy: 400)
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + date - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func civil(fromDay day: Int) -> (year: Int, month: Int, date: Int) {
        let (era, dayOfEra) = (day + 719_468).quotientAndRemainder(dividingFloorBy: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shifted + 2) / 5 + 1)
    }

    /// Takes a date in small letters apart.
    private struct Scanner {
        private var rest: Substring.UTF8View

        init(_ text: Substring.UTF8View) {
            self.rest = text
        }

        var isAtEnd: Bool { self.rest.isEmpty }

        mutating func take(_ text: StaticString) -> Bool {
            let matches = text.withUTF8Buffer { self.rest.starts(with: $0) }
            if matches { self.rest = self.rest.dropFirst(text.utf8CodeUnitCount) }
            return matches
        }

        /// The place of the word that comes next.
        mutating func word(of words: [String]) -> Int? {
            guard let index = words.firstIndex(where: { self.rest.starts(with: $0.lowercased().utf8) }) else {
                return nil
            }
            self.rest = self.rest.dropFirst(words[index].utf8.count)
            return index
        }

        /// A number of just so many digits.
        mutating func number(_ digits: Int) -> Int? {
            let text = self.rest.prefix(digits)
            guard text.count == digits, text.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
            self.rest = self.rest.dropFirst(digits)
            return text.reduce(0) { $0 * 10 + Int($1 - 0x30) }
        }

        /// The second of the day; a leap second counts as the one before it.
        mutating func time() -> Int? {
            guard let hour = self.number(2), self.take(":"), let minute = self.number(2), self.take(":"),
                let second = self.number(2), hour < 24, minute < 60, second <= 60
            else { return nil }
            return hour * 3_600 + minute * 60 + min(second, 59)
        }
    }
}

extension Int {
    fileprivate func quotientAndRemainder(dividingFloorBy divisor: Int) -> (quotient: Int, remainder: Int) {
        let (quotient, remainder) = self.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
