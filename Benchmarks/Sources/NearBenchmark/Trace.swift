// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The keys of a trace, in the order they were asked for: decimal numbers, one a line, or LEB128.
struct Trace {
    let name: String
    let keys: [Int]

    /// Reads a trace, of a very long one the first five million requests.
    init(path: String) throws {
        let file = URL(fileURLWithPath: path)
        self.name = file.deletingPathExtension().lastPathComponent
        let data = try Data(contentsOf: file)
        let keys = file.pathExtension == "leb128" ? Self.decodeLEB128(data) : Self.decodeLines(data)
        self.keys = Array(keys.prefix(5_000_000))
    }

    private static func decodeLEB128(_ data: Data) -> [Int] {
        var numbers: [Int] = []
        var (number, shift) = (0, 0)
        for byte in data {
            number |= Int(byte & 0x7F) << shift
            shift += 7
            if byte < 0x80 {
                numbers.append(number)
                (number, shift) = (0, 0)
            }
        }
        return numbers
    }

    private static func decodeLines(_ data: Data) -> [Int] {
        var numbers: [Int] = []
        var number = 0
        for byte in data {
            if byte == UInt8(ascii: "\n") {
                numbers.append(number)
                number = 0
            } else {
                number = number * 10 + Int(byte &- UInt8(ascii: "0"))
            }
        }
        return numbers
    }
}
