// SPDX-License-Identifier: Apache-2.0

/// Writes key components in the canonical form: two different lists of components never give the same text. Types that
/// are written alike on purpose, such as integers of any width, or an enumeration and its raw value, count as equal.
///
/// A scalar is a letter for its type, a point and its text; bytes outside `A-Z a-z 0-9 . _ -` are percent-encoded,
/// so that data can forge neither a separator nor a hash tag. What is made of parts stands in parentheses, after an
/// `a` for an array and an `o` for an optional. Components are joined by colons: `i.42:s.tea%20pot:a(i.1:i.2):n`.
public struct CacheKeyEncoder {
    private(set) var text: [UInt8] = []
    private(set) var principal: Principal?
    /// Whether a principal moves to the front.
    private var movesPrincipal = true
    /// Whether something was written at this level, so that the next component needs a separator.
    private var needsSeparator = false
    /// The level of the component being written: 0 for the arguments themselves.
    private var depth = 0
    /// Whether the component being written was a scalar, or has opened its parentheses.
    private var form = Form.nothing

    private enum Form {
        case nothing, scalar, group
    }

    init() {}

    /// Continues a text.
    init(after text: [UInt8], movesPrincipal: Bool) {
        self.movesPrincipal = movesPrincipal
        self.text.reserveCapacity(text.count + Self.usualLength)
        self.text.append(contentsOf: text)
        self.needsSeparator = true
    }

    /// How many bytes arguments seldom exceed.
    private static let usualLength = 64

    /// Appends one part of a component that is made of parts.
    public mutating func append(_ component: some CacheKeyComponent) {
        if self.depth > 0, self.form != .group {
            self.openGroup()
        }
        if self.needsSeparator {
            self.text.append(UInt8(ascii: ":"))
        }
        let outer = self.form
        self.form = .nothing
        self.depth += 1
        component.encode(into: &self)
        self.depth -= 1
        switch self.form {
        case .nothing:
            self.text.append(contentsOf: "()".utf8)
        case .group:
            self.text.append(UInt8(ascii: ")"))
        case .scalar:
            break
        }
        self.form = outer
        self.needsSeparator = true
    }

    /// Opens the parentheses of the component being encoded, after a letter that tells what it is.
    mutating func openGroup(_ type: Unicode.Scalar? = nil) {
        self.separateScalars()
        if let type { self.text.append(UInt8(ascii: type)) }
        self.text.append(UInt8(ascii: "("))
        self.form = .group
        self.needsSeparator = false
    }

    /// Closes them again, so that nothing is taken for a part of the component that only comes after it.
    mutating func closeGroup() {
        self.text.append(UInt8(ascii: ")"))
        self.form = .scalar
        self.needsSeparator = true
    }

    /// Keeps apart what a component writes by encoding several others into its own place, instead of appending them.
    private mutating func separateScalars() {
        switch self.form {
        case .nothing: self.form = .scalar
        case .scalar, .group: self.text.append(UInt8(ascii: "+"))
        }
    }

    /// Writes the component being encoded as a scalar.
    mutating func scalar(_ type: Unicode.Scalar, _ value: some StringProtocol) {
        self.separateScalars()
        self.text.append(UInt8(ascii: type))
        self.text.append(UInt8(ascii: "."))
        self.escape(value)
    }

    /// Writes the component being encoded as a scalar without text: the absent value.
    mutating func null() {
        self.separateScalars()
        self.text.append(UInt8(ascii: "n"))
    }

    /// Writes a principal: the first among the arguments moves to the front of the key, and leaves a mark behind.
    mutating func identity(_ principal: Principal) {
        self.separateScalars()
        self.text.append(UInt8(ascii: "@"))
        if self.depth == 1, self.principal == nil, self.movesPrincipal {
            self.principal = principal
        } else {
            self.names(of: principal)
        }
    }

    /// Puts a principal's names, behind a colon, into the text.
    mutating func insert(_ principal: Principal, at index: Int) {
        var names = CacheKeyEncoder()
        names.raw(UInt8(ascii: ":"))
        names.names(of: principal)
        self.text.insert(contentsOf: names.text, at: index)
    }

    /// Appends a principal's names, `@tenant@user`, with `!` for a name it has not.
    mutating func names(of principal: Principal) {
        for name in [principal.tenant, principal.user] {
            self.text.append(UInt8(ascii: "@"))
            if let name {
                self.escape(name)
            } else {
                self.text.append(UInt8(ascii: "!"))
            }
        }
    }

    /// Appends text with every byte outside the plain set percent-encoded.
    mutating func escape(_ value: some StringProtocol) {
        if value.utf8.withContiguousStorageIfAvailable({ self.escape($0) }) == nil {
            Array(value.utf8).withUnsafeBufferPointer { self.escape($0) }
        }
    }

    private mutating func escape(_ bytes: UnsafeBufferPointer<UInt8>) {
        // Most of it is plain, and is taken in runs.
        var start = bytes.startIndex
        for index in bytes.indices where !Self.isPlain[Int(bytes[index])] {
            self.text.append(contentsOf: bytes[start..<index])
            let byte = bytes[index]
            self.text.append(UInt8(ascii: "%"))
            self.text.append(Self.hexadecimal(byte >> 4))
            self.text.append(Self.hexadecimal(byte & 0xF))
            start = index + 1
        }
        self.text.append(contentsOf: bytes[start...])
    }

    /// What ``escape(_:)`` was given; nil for what it does not write.
    static func unescaped(_ text: some Sequence<UInt8>) -> String? {
        var bytes: [UInt8] = []
        var iterator = text.makeIterator()
        while let byte = iterator.next() {
            if byte != UInt8(ascii: "%") {
                bytes.append(byte)
            } else if let high = iterator.next(), let low = iterator.next(),
                let byte = UInt8(String(decoding: [high, low], as: UTF8.self), radix: 16)
            {
                bytes.append(byte)
            } else {
                return nil
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }

    mutating func raw(_ byte: UInt8) {
        self.text.append(byte)
    }

    /// For each byte, whether it stands for itself.
    private static let isPlain: [Bool] = (UInt8.min...UInt8.max).map { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default:
            false
        }
    }

    private static func hexadecimal(_ nibble: UInt8) -> UInt8 {
        nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "A") + nibble - 10
    }
}
