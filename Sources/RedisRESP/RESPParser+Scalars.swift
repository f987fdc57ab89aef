// SPDX-License-Identifier: Apache-2.0

/// The texts of scalars and lengths.
extension RESPParser {
    static func integer(_ bytes: UnsafeRawBufferPointer, _ line: Range<Int>) throws(RESPError) -> Int64 {
        var index = line.lowerBound
        let isNegative = index < line.upperBound && bytes[index] == UInt8(ascii: "-")
        if isNegative || (index < line.upperBound && bytes[index] == UInt8(ascii: "+")) { index += 1 }
        guard index < line.upperBound else { throw RESPError(.malformedNumber, "a number without digits") }
        var value: Int64 = 0
        while index < line.upperBound {
            let digit = bytes[index] &- UInt8(ascii: "0")
            guard digit <= 9 else { throw RESPError(.malformedNumber, "a number with other bytes than digits") }
            let (tenfold, overflow) = value.multipliedReportingOverflow(by: 10)
            // Negative numbers grow downwards, so that the smallest fits.
            let (sum, carry) =
                isNegative
                ? tenfold.subtractingReportingOverflow(Int64(digit)) : tenfold.addingReportingOverflow(Int64(digit))
            guard !overflow, !carry else { throw RESPError(.malformedNumber, "a number of more than 64 bits") }
            value = sum
            index += 1
        }
        return value
    }

    /// The length of a string or the count of an aggregate; nil for RESP2's null, where it may stand.
    static func length(
        _ bytes: UnsafeRawBufferPointer, _ line: Range<Int>, nullable: Bool
    ) throws(RESPError) -> Int? {
        if line.count == 1, bytes[line.lowerBound] == UInt8(ascii: "?") {
            throw RESPError(.unsupported, "a streamed value")
        }
        let number = try Self.integer(bytes, line)
        if nullable, number == -1 { return nil }
        guard number >= 0, let length = Int(exactly: number) else {
            throw RESPError(.malformedNumber, "a length that is negative or out of range")
        }
        return length
    }

    static func boolean(_ bytes: UnsafeRawBufferPointer, _ line: Range<Int>) throws(RESPError) -> Bool {
        guard line.count == 1 else { throw RESPError(.malformedValue, "a Boolean of \(line.count) bytes") }
        switch bytes[line.lowerBound] {
        case UInt8(ascii: "t"): return true
        case UInt8(ascii: "f"): return false
        default: throw RESPError(.malformedValue, "a Boolean that is neither t nor f")
        }
    }

    static func double(_ bytes: UnsafeRawBufferPointer, _ line: Range<Int>) throws(RESPError) -> Double {
        // Longer than any double that a server writes.
        // Scores mostly are whole numbers, which take no parsing of text to be rounded as it would round them.
        if line.count <= 18, bytes[line].allSatisfy({ $0 &- UInt8(ascii: "0") <= 9 }),
            let whole = try? Self.integer(bytes, line)
        {
            return Double(whole)
        }
        guard line.count <= 400 else { throw RESPError(.malformedValue, "a double of \(line.count) bytes") }
        guard let value = Double(String(decoding: bytes[line], as: UTF8.self)) else {
            throw RESPError(.malformedValue, "a double that is none")
        }
        return value
    }

    static func bigNumber(_ bytes: UnsafeRawBufferPointer, _ line: Range<Int>) throws(RESPError) -> Range<Int> {
        let signed = line.lowerBound < line.upperBound && bytes[line.lowerBound] == UInt8(ascii: "-")
        let digits = (line.lowerBound + (signed ? 1 : 0))..<line.upperBound
        guard !digits.isEmpty, digits.allSatisfy({ bytes[$0] &- UInt8(ascii: "0") <= 9 }) else {
            throw RESPError(.malformedNumber, "a big number with other bytes than digits")
        }
        return line
    }
}
