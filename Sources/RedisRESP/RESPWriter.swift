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
public protocol RESPWriter {
    /// Appends bytes as they are.
    mutating func write(_ bytes: UnsafeRawBufferPointer)
}

extension Array<UInt8>: RESPWriter {
    public mutating func write(_ bytes: UnsafeRawBufferPointer) {
        self.append(contentsOf: bytes)
    }
}

extension RESPWriter {
    /// Begins a command of `count` bulk strings, its name included.
    @inlinable
    public mutating func writeCommandHeader(count: Int) {
        self.writeHeader(UInt8(ascii: "*"), count)
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
        self.writeHeader(UInt8(ascii: "$"), bytes.count)
        self.write(bytes)
        self.writeLineEnd()
    }

    @inlinable
    mutating func writeHeader(_ type: UInt8, _ number: Int) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 24) { line in
            // From the end: the line's end, the digits, the type.
            var index = line.count
            func put(_ byte: UInt8) {
                index -= 1
                line[index] = byte
            }
            put(UInt8(ascii: "\n"))
            put(UInt8(ascii: "\r"))
            var rest = number.magnitude
            repeat {
                put(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
                rest /= 10
            } while rest > 0
            put(type)
            self.write(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(line)[index...]))
        }
    }

    @inlinable
    mutating func writeLineEnd() {
        withUnsafeBytes(of: (UInt8(ascii: "\r"), UInt8(ascii: "\n"))) { self.write($0) }
    }
}
