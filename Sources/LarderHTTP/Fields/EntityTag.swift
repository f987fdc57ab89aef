// SPDX-License-Identifier: Apache-2.0

/// What tells one representation of a resource from another (RFC 9110, section 8.8.3).
struct EntityTag: Hashable {
    var isWeak: Bool
    /// With its quotes.
    var opaque: Substring

    /// Reads one; nil for what is none.
    init?(_ text: Substring) {
        let opaque = text.hasPrefix("W/") ? text.dropFirst(2) : text
        guard opaque.utf8.count >= 2, opaque.utf8.first == UInt8(ascii: "\""), opaque.utf8.last == UInt8(ascii: "\""),
            opaque.utf8.dropFirst().dropLast().allSatisfy({ $0 == 0x21 || (0x23...0x7E).contains($0) || $0 >= 0x80 })
        else { return nil }
        self.isWeak = opaque.startIndex != text.startIndex
        self.opaque = opaque
    }

    /// Whether both may stand for the same bytes (RFC 9110, section 8.8.3.2).
    func matchesWeakly(_ other: EntityTag) -> Bool { self.opaque == other.opaque }

    /// Whether both stand for the same bytes.
    func matchesStrongly(_ other: EntityTag) -> Bool { !self.isWeak && !other.isWeak && self.opaque == other.opaque }
}
