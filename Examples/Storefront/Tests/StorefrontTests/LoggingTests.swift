// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import Foundation
import GRDB
import Logging
import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import Testing

@testable import Storefront

extension StorefrontTests {
    @Suite struct LoggingTests {
        private struct Line: Decodable {
            var time: String
            var level: String
            var logger: String
            var message: String
            var metadata: [String: String]?
        }

        private static func lines(_ body: (inout Logger) -> Void) throws -> [Line] {
            let lines = NIOLockedValueBox<[String]>([])
            var logger = Logger(label: "test") { label in
                JSONLogHandler(label: label) { line in lines.withLockedValue { $0.append(line) } }
            }
            body(&logger)
            return try lines.withLockedValue { $0 }.map { line in
                #expect(!line.contains("\n"))
                return try JSONDecoder().decode(Line.self, from: Data(line.utf8))
            }
        }

        @Test func eachMessageIsALineOfJSON() throws {
            let lines = try Self.lines { logger in
                logger[metadataKey: "hb.request.id"] = "7"
                logger[metadataKey: "shop"] = "old"
                logger.error("two\nlines \"quoted\"", metadata: ["shop": "tea"])
                logger.debug("not this one")
                logger[metadataKey: "hb.request.id"] = nil
                logger[metadataKey: "shop"] = nil
                logger.notice("bare")
            }
            #expect(lines.map(\.message) == ["two\nlines \"quoted\"", "bare"])
            #expect(lines.map(\.level) == ["error", "notice"] && lines[0].logger == "test")
            #expect(lines[0].metadata == ["hb.request.id": "7", "shop": "tea"] && lines[1].metadata == nil)
            #expect(lines[0].time.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z/) != nil, "\(lines[0].time)")
        }

        @Test func nestedMetadataStaysNested() throws {
            let lines = NIOLockedValueBox<[String]>([])
            let logger = Logger(label: "test") { label in
                JSONLogHandler(label: label) { line in lines.withLockedValue { $0.append(line) } }
            }
            logger.info("x", metadata: ["list": ["a", "b"], "map": ["c": "d"], "number": .stringConvertible(7)])
            #expect(
                lines.withLockedValue { $0[0] }.contains(#""metadata":{"list":["a","b"],"map":{"c":"d"},"number":"7"}"#)
            )
        }

        /// What is said of a request can be found by it.
        @Test(.timeLimit(.minutes(1))) func aRequestThatFailsIsLoggedWithItsID() async throws {
            let catalogue = FileManager.default.temporaryDirectory.appending(path: "catalogue-\(UUID()).sqlite").path
            defer {
                for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: catalogue + suffix) }
            }
            try await SampleCatalogue.copy(to: catalogue)
            let program = try StorefrontProcess(["PORT": "0", "LOG_FORMAT": "json", "DATABASE_PATH": catalogue])
            let address = try await program.address()
            try await DatabaseQueue(path: catalogue).write {
                try $0.execute(sql: "ALTER TABLE products RENAME TO gone")
            }
            _ = try await HTTPClient.shared.execute(
                HTTPClientRequest(url: address + "/products/1/uncached"), timeout: .seconds(20))
            let said = await program.logged("a request failed")
            let line = try JSONDecoder().decode(Line.self, from: Data((said ?? "").utf8))
            #expect(line.level == "error" && line.metadata?["hb.request.id"]?.isEmpty == false)
            program.terminate()
        }
    }
}
