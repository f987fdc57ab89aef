// SPDX-License-Identifier: Apache-2.0

import Foundation
import Larder

/// Hit ratios on traces, beside those of other caches on the same requests.
enum HitRatios {
    /// Prints a line for each cell of the reference table whose trace is there; returns whether all keep their bounds.
    static func print(reference: String, traces: [String]) throws -> Bool {
        let lines = try String(contentsOfFile: reference, encoding: .utf8).split(separator: "\n").map(String.init)
        let columns = lines[0].split(separator: "\t").map(String.init)
        var isGood = true
        Swift.print((["trace", "size", "Larder"] + columns.dropFirst(2) + ["least"]).joined(separator: "\t"))
        for path in traces {
            let trace = try Trace(path: path)
            for line in lines.dropFirst() where line.hasPrefix(trace.name + "\t") {
                let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
                guard let size = Int(fields[1]) else { continue }
                let others = Dictionary(uniqueKeysWithValues: zip(columns, fields).map { ($0, Double($1)) })
                let ratio = self.ratio(of: trace.keys, size: size)
                let least = self.bound(trace.name, size: size, others: others.compactMapValues { $0 })
                // The table has one decimal.
                let isKept = (ratio * 10).rounded() / 10 >= least
                isGood = isGood && isKept
                let mark = isKept ? "" : "\tMISSED"
                let cells = fields.dropFirst(2).map { $0.isEmpty ? "-" : $0 }
                Swift.print(
                    ([trace.name, fields[1], self.text(ratio)] + cells + [self.text(least)]).joined(separator: "\t")
                        + mark)
            }
        }
        return isGood
    }

    private static func ratio(of keys: [Int], size: Int) -> Double {
        let cache = InProcessCache<Int, Bool>(limit: .entries(size))
        var hits = 0
        for key in keys {
            if cache.value(for: key) == nil { cache.insert(true, for: key) } else { hits += 1 }
        }
        return 100 * Double(hits) / Double(keys.count)
    }

    /// What the cache is to reach: on requests for pages, products and rows no less than the real libraries and close to
    /// S3-FIFO; a third where every key comes three times in a row; a part of a loop; and nowhere far below the least
    /// recently used order.
    private static func bound(_ trace: String, size: Int, others: [String: Double]) -> Double {
        var bounds = [(others["LRU"] ?? 0) - 4.5]
        if trace.hasPrefix("cache2k_web") || trace == "scarab_recs" || trace == "arc_oltp" {
            let tolerance = trace == "arc_oltp" && size == 250 ? 1.5 : 0.3
            bounds += ["Caffeine", "moka", "theine"].compactMap { others[$0] }.map { $0 - tolerance }
            bounds.append((others["S3-FIFO"] ?? 0) - 1.5)
        }
        if trace == "corda_vaultservice" { bounds.append(33) }
        if trace == "lirs_loop", size == 512 { bounds.append(40) }
        return (bounds.reduce(0, max) * 10).rounded() / 10
    }

    private static func text(_ percent: Double) -> String { String(format: "%.1f", percent) }
}
