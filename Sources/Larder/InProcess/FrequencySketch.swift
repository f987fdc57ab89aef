// SPDX-License-Identifier: Apache-2.0

/// About how often a key was asked for lately, from 0 to 15, for far more keys than are kept.
///
/// A count-min sketch of 4-bit counters (Einziger, Friedman, Manes: "TinyLFU", ACM Transactions on Storage 2017). The
/// four counters of a key stand in one cache line. Counts age by halving, one line at a time, so that no operation pays
/// for all of them.
@usableFromInline
struct FrequencySketch: ~Copyable {
    /// Eight words of sixteen counters; two words for each of a key's four counters to choose from.
    @usableFromInline static var lineWords: Int { 8 }

    @usableFromInline var words: UnsafeMutablePointer<UInt64>
    @usableFromInline var lines: UInt64
    /// Every so many increments one line ages: with ten for each entry of the cache, each line once.
    @usableFromInline var agingInterval: Int
    @usableFromInline var untilAging: Int
    @usableFromInline var agingLine = 0

    /// Makes a sketch with all counts zero, for a cache of so many entries.
    @inlinable
    init(capacity: Int) {
        let lines = Self.lineCount(capacity)
        self.lines = UInt64(lines)
        self.agingInterval = Self.agingInterval(capacity)
        self.untilAging = self.agingInterval
        self.words = UnsafeMutableRawPointer.allocate(byteCount: lines * 64, alignment: 64)
            .bindMemory(to: UInt64.self, capacity: lines * Self.lineWords)
        self.words.initialize(repeating: 0, count: lines * Self.lineWords)
    }

    @inlinable
    deinit { self.words.deallocate() }

    /// Makes room for a larger cache, and starts from zero if that takes more counters.
    @inlinable
    mutating func grow(capacity: Int) {
        if Self.lineCount(capacity) > Int(self.lines) {
            self = FrequencySketch(capacity: capacity)
        } else {
            self.agingInterval = Self.agingInterval(capacity)
        }
    }

    /// One line serves sixteen entries; small caches get 128 all the same, since few lines are unevenly used.
    @inlinable
    static func lineCount(_ capacity: Int) -> Int { max((capacity + 15) / 16, 128) }

    @inlinable
    static func agingInterval(_ capacity: Int) -> Int { max(10 * capacity / Self.lineCount(capacity), 1) }

    @inlinable
    func frequency(of hash: UInt32) -> UInt64 {
        let place = Place(hash, lines: self.lines)
        var least: UInt64 = 15
        for row in 0..<4 {
            let (word, shift) = place.counter(row)
            least = min(least, self.words[word] >> shift & 15)
        }
        return least
    }

    @inlinable
    mutating func increment(_ hash: UInt32) {
        let place = Place(hash, lines: self.lines)
        var changed = false
        for row in 0..<4 {
            let (word, shift) = place.counter(row)
            guard self.words[word] >> shift & 15 < 15 else { continue }
            self.words[word] += 1 << shift
            changed = true
        }
        guard changed else { return }
        self.untilAging -= 1
        if self.untilAging == 0 { self.ageOneLine() }
    }

    @usableFromInline
    mutating func ageOneLine() {
        self.untilAging = self.agingInterval
        let start = self.agingLine * Self.lineWords
        for word in start..<start + Self.lineWords {
            self.words[word] = self.words[word] >> 1 & 0x7777_7777_7777_7777
        }
        self.agingLine += 1
        if self.agingLine == self.lines { self.agingLine = 0 }
    }

    /// Where the counters of a hash stand.
    @usableFromInline
    struct Place {
        @usableFromInline let start: Int
        @usableFromInline let choices: UInt64

        @inlinable
        init(_ hash: UInt32, lines: UInt64) {
            var mixed = UInt64(hash) &* 0x9E37_79B9_7F4A_7C15
            mixed ^= mixed >> 32
            self.start = Int(truncatingIfNeeded: ((mixed &* 0x85EB_CA6B & 0xFFFF_FFFF) &* lines) >> 32) * 8
            self.choices = (mixed &* 0xD6E8_FEB8_6659_FD93) >> 36
        }

        /// The word of a row's counter and its position in it: of seven bits, one chooses the word, four the counter.
        @inlinable
        func counter(_ row: Int) -> (word: Int, shift: UInt64) {
            let choice = self.choices >> UInt64(row * 7)
            return (self.start + row * 2 + Int(truncatingIfNeeded: choice >> 4 & 1), (choice & 15) * 4)
        }
    }
}
