// SPDX-License-Identifier: Apache-2.0

#if CLI
import ArgumentParser
import Foundation
import Larder

/// How the tool speaks.
enum Tool {
    /// What a command ends with, as `sysexits.h` numbers it.
    enum Exit: Int32 {
        /// Something is to be changed.
        case finding = 1
        /// What was asked for cannot be.
        case usage = 64
        /// A file cannot be read.
        case noInput = 66
        /// The server cannot be asked.
        case unavailable = 69
    }

    /// Says what went wrong where it does not get into the output.
    static func failure(_ message: String, _ exit: Exit) -> ExitCode {
        Self.say("larder: \(message.printable)\n")
        return ExitCode(exit.rawValue)
    }

    /// Writes to standard error.
    static func say(_ text: String) {
        FileHandle.standardError.write(Data(text.utf8))
    }

    /// Whether somebody reads standard error as it is written.
    static var isWatched: Bool { isatty(STDERR_FILENO) == 1 }

    /// A report as it is printed with `--json`.
    static func json(_ report: some Encodable) throws -> String {
        try Self.json(report, [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
    }

    /// A report that is one of many, on a line of its own.
    static func jsonLine(_ report: some Encodable) throws -> String {
        try Self.json(report, [.sortedKeys, .withoutEscapingSlashes])
    }

    private static func json(_ report: some Encodable, _ format: JSONEncoder.OutputFormatting) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = format
        // A line feed is the encoder's own here: those of texts are escaped.
        return String(decoding: try encoder.encode(report), as: UTF8.self)
            .replacing(/[\u{7F}-\u{9F}\p{Cf}\p{Zl}\p{Zp}]/) { match in
                match.output.utf16.map { unit in
                    let digits = String(unit, radix: 16)
                    return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                }.joined()
            }
    }
}
#endif
