// SPDX-License-Identifier: Apache-2.0

/// Something that commands can be written to.
///
/// A command is an array of bulk strings: its count, then its name and arguments.
///
/// ```swift
/// var bytes: [UInt8] = []
/// bytes.writeCommandHeader(count: 2)
/// bytes.writeArgument("GET")
/// bytes.writeArgument("shop:product:i.42")
/// ```
public protocol RESPWriter: ~Copyable {
    /// Appends what `fill` writes.
    ///
    /// - Parameters:
    ///   - capacity: How many bytes it writes at most.
    ///   - fill: Writes from the start of the space it is given, and returns how many bytes these are.
    mutating func write(upTo capacity: Int, _ fill: (UnsafeMutableRawBufferPointer) -> Int)
}

extension Array<UInt8>: RESPWriter {
    public mutating func write(upTo capacity: Int, _ fill: (UnsafeMutableRawBufferPointer) -> Int) {
        let start = self.count
        self.append(contentsOf: repeatElement(0, count: capacity))
        let length = self.withUnsafeMutableBytes { fill(UnsafeMutableRawBufferPointer(rebasing: $0[start...])) }
        self.removeSubrange((start + length)...)
    }
}

extension RESPWriter where Self: ~Copyable {
    /// Begins a command of `count` bulk strings, its name included.
    @inlinable
    public mutating func writeCommandHeader(count: Int) {
        self.write(upTo: RESPLine.longest) { RESPLine.write(UInt8(ascii: "*"), count, to: $0) }
    }

    /// Writes one of the command's bulk strings.
    @inlinable
    public mutating func writeArgument(_ text: String) {
        var text = text
        text.withUTF8 { self.writeArgument(UnsafeRawBufferPointer($0)) }
    }

    /// Writes one of the command's bulk strings: a number in decimal digits.
    @inlinable
    public mutating func writeArgument(_ number: some FixedWidthInteger) {
        self.writeArgument(String(number))
    }

    /// Writes one of the command's bulk strings: any bytes.
    @inlinable
    public mutating func writeArgument(_ bytes: UnsafeRawBufferPointer) {
        self.write(upTo: RESPLine.longest + bytes.count + 2) { space in
            let start = RESPLine.write(UInt8(ascii: "$"), bytes.count, to: space)
            let end = start + bytes.count
            UnsafeMutableRawBufferPointer(rebasing: space[start..<end]).copyMemory(from: bytes)
            space[end] = UInt8(ascii: "\r")
            space[end + 1] = UInt8(ascii: "\n")
            return end + 2
        }
    }
}

/// A line of a type and a number, such as `$42`.
@usableFromInline
enum RESPLine {
    /// The type, twenty digits, and the line's end.
    @usableFromInline static let longest = 23

    /// Writes a line of a number that is not negative; returns its length.
    @inlinable
    static func write(_ type: UInt8, _ number: Int, to space: UnsafeMutableRawBufferPointer) -> Int {
        var digits = 1
        var rest = number.magnitude
        while rest >= 10 {
            rest /= 10
            digits += 1
        }
        space[0] = type
        rest = number.magnitude
        for index in stride(from: digits, to: 0, by: -1) {
            space[index] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
        space[digits + 1] = UInt8(ascii: "\r")
        space[digits + 2] = UInt8(ascii: "\n")
        return digits + 3
    }
}
