// SPDX-License-Identifier: Apache-2.0

import Foundation
import Larder
import LarderRedis
import NIOCore
import RedisDriver
import ServerFixtures
import Testing

/// What stands on the server can be read by another language from the documentation alone: by a script in Python.
@Suite(.timeLimit(.minutes(1))) struct ForeignReaderTests {
    private struct Product: Codable, Sendable {
        var id: Int
        var name: String
    }

    private let secret = [UInt8](repeating: 0x5A, count: 32)

    /// What the script makes of an entry; nil when it refuses it.
    private func read(_ key: CacheKey, _ entry: ByteBuffer, secret: [UInt8]?) async throws -> String? {
        let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Readers/read_entry.py")
        func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
            bytes.map { $0 < 16 ? "0" + String($0, radix: 16) : String($0, radix: 16) }.joined()
        }
        let python = try ChildProcess(
            "/usr/bin/env",
            [
                "python3", script.path(percentEncoded: false), key.namespace, key.text,
                hexadecimal(entry.readableBytesView),
            ]
                + (secret.map { ["1:\(hexadecimal($0))"] } ?? []))
        let output = await python.rest(of: python.output)
        return await python.end() == 0 ? output.trimmingCharacters(in: .newlines) : nil
    }

    @Test(arguments: [(sealed: false, compressed: false), (false, true), (true, false), (true, true)])
    func anEntryIsReadAndATamperedOneRefused(sealed: Bool, compressed: Bool) async throws {
        let server = try await RedisServer()
        let client = try RedisClient(RedisClientConfiguration(port: server.port))
        let cache = Cache("shop", store: .redis(client))
        var product = cache.function("product", .ttl(.seconds(60))) { (id: Int) in
            id == 0 ? nil : Product(id: id, name: String(repeating: "tea ", count: 500))
        }.tagged(byArguments: { ["product:\($0)", "all"] }).schema(7)
        #if Compression
        if compressed { product = product.compressed() }
        #endif
        if sealed { product = product.sealed(with: try SealingKeys(current: .init(id: 1, secret: self.secret))) }
        for id in [42, 0] {
            // A busy machine may be too slow for a fill's deadline.
            while try await product.result(id).source != .hit, !Task.isCancelled { await cache.settle() }
            let key = product.key(id)
            let entry = try #require(try await client.execute(GET(key.text)))
            let name = String(repeating: "tea ", count: 500)
            let value = id == 0 ? "null" : #"{"id": 42, "name": "\#(name)"}"#
            let kind = id == 0 ? "absence" : "value"
            #expect(
                try await self.read(key, entry, secret: sealed ? self.secret : nil)
                    == #"{"kind": "\#(kind)", "tags": ["product:\#(id)", "all"], "value": \#(value)}"#)
            guard sealed else { continue }
            #expect(try await self.read(product.key(43), entry, secret: self.secret) == nil)
            #expect(try await self.read(key, entry, secret: self.secret.reversed().map { $0 ^ 1 }) == nil)
            for index in [2, 3, entry.readableBytes - 1, entry.readableBytes - 20] {
                var tampered = entry
                tampered.setInteger(
                    (entry.getInteger(at: entry.readerIndex + index) ?? 0) ^ UInt8(1), at: entry.readerIndex + index)
                #expect(try await self.read(key, tampered, secret: self.secret) == nil, "byte \(index)")
            }
        }
        await client.close()
    }
}
