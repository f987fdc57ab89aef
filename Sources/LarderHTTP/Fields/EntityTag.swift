// SPDX-License-Identifier: Apache-2.0

/// What tells one representation of a resource from another (RFC 9110, section 8.8.3).
struct EntityTag: Hashable {
    var isWeak: Bool
    /// With its quotes.
    var opaque: Substring

    /// Reads one; nil for what is none.
    init?(_ text: Substring) {
        let isWeak = text.utf8.first == UInt8(ascii: "W") && text.utf8.dropFirst().first == UInt8(ascii: "/")
        let opaque = isWeak ? text.utf8.dropFirst(2) : text.utf8
        let isValid = opaque.withContiguousStorageIfAvailable { Self.isQuoted($0) } ?? Self.isQuoted(Array(opaque))
        guard isValid else { return nil }
        self.isWeak = isWeak
        self.opaque = Substring(opaque)
    }

    private static func isQuoted(_ bytes: some RandomAccessCollection<UInt8>) -> Bool {
        guard bytes.count >= 2, bytes.first == UInt8(ascii: "\""), bytes.last == UInt8(ascii: "\"") else {
            return false
        }
        return bytes.dropFirst().dropLast().allSatisfy { $0 == 0x21 || (0x23...0x7E).contains($0) || $0 >= 0x80 }
    }

    /// Whether both may stand for the same bytes (RFC 9110, section 8.8.3.2).
    func matchesWeakly(_ other: EntityTag) -> Bool { self.opaque == other.opaque }

    /// Whether both stand for the same bytes.
    func matchesStrongly(_ other: EntityTag) -> Bool { !self.isWeak && !other.isWeak && self.opaque == other.opaque }
}
