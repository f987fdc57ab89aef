// SPDX-License-Identifier: Apache-2.0

import Foundation
import Larder

/// Bytes of resident memory for each of a million small entries.
enum Memory {
    static func print(_ holder: String) {
        let count = 1_000_000
        let before = self.resident
        let kept: Any
        switch holder {
        case "dictionary-Int":
            var dictionary: [Int: Int] = [:]
            for key in 0..<count { dictionary[key] = key }
            kept = dictionary
        case "cache-Int":
            // A tenth more, so that the shards, which keys fill unequally, all have room.
            let cache = InProcessCache<Int, Int>(limit: .entries(count + count / 10))
            for key in 0..<count { cache.insert(key, for: key) }
            precondition(cache.count == count)
            kept = cache
        case "dictionary-String":
            var dictionary: [String: Int] = [:]
            for key in 0..<count { dictionary["k\(key)"] = key }
            kept = dictionary
        case "cache-String":
            let cache = InProcessCache<String, Int>(limit: .entries(count + count / 10))
            for key in 0..<count { cache.insert(key, for: "k\(key)") }
            precondition(cache.count == count)
            kept = cache
        default:
            preconditionFailure("no such holder")
        }
        withExtendedLifetime(kept) {
            Swift.print(String(format: "%.1f", Double(self.resident - before) / Double(count)))
        }
    }

    private static var resident: Int {
        let fields = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ")
        return (fields.flatMap { Int($0[1]) } ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE)))
    }
}
