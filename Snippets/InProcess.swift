// SPDX-License-Identifier: Apache-2.0

// Keeps values inside the process, by weight and for a time.

import Larder

// snippet.make
let thumbnails = InProcessCache<Int, [UInt8]>(limit: .weight(64 << 20))
// snippet.end

// snippet.hide
func render(_ id: Int) -> [UInt8] { [UInt8](repeating: 0, count: 2_048) }
// snippet.show
// snippet.use
func thumbnail(_ id: Int) -> [UInt8] {
    if let bytes = thumbnails.value(for: id) { return bytes }
    let bytes = render(id)
    thumbnails.insert(bytes, for: id, weight: bytes.count, lifetime: .seconds(600))
    return bytes
}
// snippet.end

// snippet.listener
let connections = InProcessCache<String, Int>(limit: .entries(1_000)) { batch in
    for removal in batch where removal.cause != .replaced {
        print("closing", removal.key)
    }
}
// snippet.end

// snippet.statistics
let statistics = thumbnails.statistics
print(statistics.hits, statistics.misses, statistics.removals[.size])
// snippet.end

// snippet.hide
print(thumbnail(1).count, thumbnail(1).count, connections.count)
