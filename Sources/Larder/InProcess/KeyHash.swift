// SPDX-License-Identifier: Apache-2.0

/// One 64-bit hash for all uses in an operation: the shard, the slot and the sketch.
///
/// Folded multiplication with secret random factors (Wang Yi's "wyhash"), on text several times as fast as the standard
/// `Hasher`; nobody outside can choose keys that meet. Types it does not know come with their `hashValue`, which
/// Swift seeds at each start, and which a type may keep ready.
@usableFromInline
struct KeyHash: Sendable {
    @usableFromInline let first: UInt64
    @usableFromInline let second: UInt64

    /// Hashes with secrets of its own.
    @usableFromInline
    init() {
        // Odd, so that neither is zero.
        self.first = .random(in: .min ... .max) | 1
        self.second = .random(in: .min ... .max) | 1
    }

    /// The same hash for all who use it in the process; repeatable where Swift's own hashes are.
    static let ofProcess = KeyHash(
        first: UInt64(bitPattern: Int64("first".hashValue)) | 1,
        second: UInt64(bitPattern: Int64("second".hashValue)) | 1)

    private init(first: UInt64, second: UInt64) {
        self.first = first
        self.second = second
    }

    @inlinable @inline(__always)
    func callAsFunction<Key: Hashable>(_ key: Key) -> UInt64 {
        // Decided when the generic code is specialised. Comparing types first keeps wrapped and bridged values out.
        if Key.self == Int.self, let number = key as? Int {
            return self.hash(UInt64(bitPattern: Int64(number)))
        }
        if Key.self == String.self, let text = key as? String {
            return self.hash(text)
        }
        return self.hash(UInt64(bitPattern: Int64(key.hashValue)))
    }

    @inlinable @inline(__always)
    func hash(_ number: UInt64) -> UInt64 {
        // Once is not enough: some factors map neighbours to neighbours.
        Self.fold(Self.fold(number ^ self.first, self.second), self.first)
    }

    /// Equal strings have equal hashes, whatever scalars they are made of.
    @inlinable @inline(__always)
    func hash(_ text: String) -> UInt64 {
        let hash = text.utf8.withContiguousStorageIfAvailable { bytes -> UInt64? in
            let (hash, isASCII) = self.hash(UnsafeRawBufferPointer(bytes))
            return isASCII ? hash : nil
        }
        return (hash ?? nil) ?? self.hashScalars(of: text)
    }

    /// Hashes bytes, and tells whether all of them are ASCII.
    @inlinable
    func hash(_ bytes: UnsafeRawBufferPointer) -> (hash: UInt64, isASCII: Bool) {
        let count = bytes.count
        // Multiplied by a secret, the length cannot be outweighed by a byte.
        var state = self.first &+ self.second &* UInt64(truncatingIfNeeded: count)
        var seen: UInt64 = 0
        var head: UInt64 = 0
        var tail: UInt64 = 0
        if count > 16 {
            for offset in stride(from: 0, to: count - 16, by: 16) {
                head = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
                tail = bytes.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self)
                seen |= head | tail
                state = Self.fold(head ^ self.second, tail ^ state)
            }
            head = bytes.loadUnaligned(fromByteOffset: count - 16, as: UInt64.self)
            tail = bytes.loadUnaligned(fromByteOffset: count - 8, as: UInt64.self)
        } else if count >= 8 {
            head = bytes.loadUnaligned(as: UInt64.self)
            tail = bytes.loadUnaligned(fromByteOffset: count - 8, as: UInt64.self)
        } else if count >= 4 {
            head = UInt64(bytes.loadUnaligned(as: UInt32.self))
            tail = UInt64(bytes.loadUnaligned(fromByteOffset: count - 4, as: UInt32.self))
        } else if count > 0 {
            head = UInt64(bytes[0]) << 16 | UInt64(bytes[count / 2]) << 8 | UInt64(bytes[count - 1])
        }
        seen |= head | tail
        let hash = Self.fold(Self.fold(head ^ self.second, tail ^ state), self.first)
        return (hash, seen & 0x8080_8080_8080_8080 == 0)
    }

    /// Hashes text that may equal text of other scalars, by canonical equivalence.
    @usableFromInline
    func hashScalars(of text: String) -> UInt64 {
        var ascii: [UInt8] = []
        for scalar in text.unicodeScalars {
            switch scalar {
            // The only three outside ASCII that are equivalent to one in it.
            case "\u{37E}": ascii.append(UInt8(ascii: ";"))
            case "\u{1FEF}": ascii.append(UInt8(ascii: "`"))
            case "\u{212A}": ascii.append(UInt8(ascii: "K"))
            case _ where scalar.isASCII: ascii.append(UInt8(truncatingIfNeeded: scalar.value))
            default: return self.hash(UInt64(bitPattern: Int64(text.hashValue)))
            }
        }
        return ascii.withUnsafeBytes { self.hash($0).hash }
    }

    @inlinable @inline(__always)
    static func fold(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let (high, low) = left.multipliedFullWidth(by: right)
        return high ^ low
    }
}
