// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What `scripts/bench near` runs: one measurement for each start, so that none meets what another left behind.
@main
enum NearBenchmark {
    static func main() throws {
        let arguments = CommandLine.arguments.dropFirst()
        switch (arguments.first, arguments.dropFirst().first) {
        case ("ratios", let reference?):
            let isGood = try HitRatios.print(reference: reference, traces: Array(arguments.dropFirst(2)))
            if !isGood { exit(1) }
        case ("speed", nil):
            if !Speed.print() { exit(1) }
        case ("codecs", nil):
            try Codecs.print()
        case ("memory", let holder?):
            Memory.print(holder)
        default:
            FileHandle.standardError.write(Data("ratios REFERENCE TRACE…, speed, codecs, or memory HOLDER\n".utf8))
            exit(2)
        }
    }
}
