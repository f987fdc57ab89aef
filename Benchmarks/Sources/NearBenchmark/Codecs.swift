// SPDX-License-Identifier: Apache-2.0

import Larder
import NIOCore

/// Microseconds for writing and reading a value, and its bytes, by each codec: a page of twenty products.
enum Codecs {
    private struct Product: Codable {
        var id: Int
        var name: String
        var price: Int
        var rating: Double
        var isAvailable: Bool
        var tags: [String]
    }

    static func print() throws {
        let page = (0..<20).map { number in
            Product(
                id: number * 977, name: "Darjeeling First Flush \(number)", price: 1_299 + number,
                rating: 4.5 - Double(number) / 100, isAvailable: number % 3 > 0, tags: ["tea", "black", "loose"])
        }
        try self.print("JSON", JSONCacheCodec(), page)
        try self.print("MessagePack", MessagePackCacheCodec(), page)
    }

    private static func print(_ name: String, _ codec: some CacheCodec, _ page: [Product]) throws {
        let bytes = try codec.encode(page)
        let writing = try self.time { _ = try codec.encode(page) }
        let reading = try self.time { _ = try codec.decode([Product].self, from: bytes) }
        Swift.print("\(name): \(bytes.readableBytes) bytes, written in \(writing) µs, read in \(reading) µs")
    }

    /// The median of several rounds, in whole microseconds.
    private static func time(_ body: () throws -> Void) rethrows -> Int {
        let (rounds, times) = (9, 500)
        let durations = try (0..<rounds).map { _ in
            try ContinuousClock().measure { for _ in 0..<times { try body() } } / times
        }
        return Int(durations.sorted()[rounds / 2] / .microseconds(1))
    }
}
