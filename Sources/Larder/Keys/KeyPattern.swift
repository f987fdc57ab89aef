// SPDX-License-Identifier: Apache-2.0

/// Which keys of a namespace are meant, as Redis writes it: `*` for any text, `?` for any byte, `[abc]`, `[a-z]` and `[^a]` for one
/// of some or of all others, `\\` before a byte that means itself.
///
/// It is compared with the whole of a key behind its namespace, as the store has it: `product:*` matches `shop:product:i.42` in the
/// cache `shop`. There an argument has the letter of its type before it, and bytes outside `A-Z a-z 0-9 . _ -` are percent-encoded:
/// `product:s.green%20*`. A key of a ``Principal`` begins with it, `@tenant@user:orders:…`, so `*orders:*` finds those too; and of a
/// key longer than 200 bytes only the first 64 stand there. ``CacheKey/text`` shows how a key is written.
public struct KeyPattern: Sendable, Hashable, ExpressibleByStringLiteral, CustomStringConvertible {
    /// The pattern as it is written.
    public let text: String

    /// Makes a pattern.
    public init(_ text: String) {
        self.text = text
    }

    public init(stringLiteral text: String) {
        self.text = text
    }

    public var description: String { self.text }

    /// Whether a key is meant.
    public func matches(_ key: CacheKey) -> Bool {
        let prefix = CacheKey.escaped(key.namespace).utf8.count + 1
        return self.matches(Array(key.text.utf8.dropFirst(prefix)))
    }

    /// Goes back to the last star only: what an earlier one took does not matter.
    package func matches(_ text: [UInt8]) -> Bool {
        let pattern = Array(self.text.utf8)
        var (at, position) = (0, 0)
        var star: (next: Int, position: Int)?
        while position < text.count {
            if at < pattern.count, pattern[at] == UInt8(ascii: "*") {
                at += 1
                star = (at, position)
            } else if let next = Self.next(pattern, at, matching: text[position]) {
                at = next
                position += 1
            } else if let last = star {
                star = (last.next, last.position + 1)
                (at, position) = (last.next, last.position + 1)
            } else {
                return false
            }
        }
        return pattern[at...].allSatisfy { $0 == UInt8(ascii: "*") }
    }

    /// Where the pattern goes on behind what stands at `at`, if that matches `byte`.
    private static func next(_ pattern: [UInt8], _ at: Int, matching byte: UInt8) -> Int? {
        guard at < pattern.count else { return nil }
        switch pattern[at] {
        case UInt8(ascii: "?"):
            return at + 1
        case UInt8(ascii: "\\") where at + 1 < pattern.count:
            return pattern[at + 1] == byte ? at + 2 : nil
        case UInt8(ascii: "["):
            return Self.set(pattern, at + 1, matching: byte)
        default:
            return pattern[at] == byte ? at + 1 : nil
        }
    }

    /// The same for a set that begins at `start`; one without an end goes to the end of the pattern.
    private static func set(_ pattern: [UInt8], _ start: Int, matching byte: UInt8) -> Int? {
        var at = start
        let isNegated = at < pattern.count && pattern[at] == UInt8(ascii: "^")
        if isNegated { at += 1 }
        var isMember = false
        while at < pattern.count, pattern[at] != UInt8(ascii: "]") {
            if pattern[at] == UInt8(ascii: "\\"), at + 1 < pattern.count {
                isMember = isMember || pattern[at + 1] == byte
                at += 2
            } else if at + 2 < pattern.count, pattern[at + 1] == UInt8(ascii: "-") {
                let (low, high) = (min(pattern[at], pattern[at + 2]), max(pattern[at], pattern[at + 2]))
                isMember = isMember || (low...high).contains(byte)
                at += 3
            } else {
                isMember = isMember || pattern[at] == byte
                at += 1
            }
        }
        return isMember != isNegated ? min(at + 1, pattern.count) : nil
    }
}
