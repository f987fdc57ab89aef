// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Logging
import Testing

@testable import Storefront

extension StorefrontTests {
    @Suite struct CatalogueDatabaseTests {
        /// Processes that are started together find no catalogue, all of them.
        @Test(.timeLimit(.minutes(1))) func itIsMadeOnceHoweverManyOpenIt() async throws {
            let directory = FileManager.default.temporaryDirectory.appending(path: "catalogue-\(UUID())")
            try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: directory) }
            let path = directory.appending(path: "catalogue.sqlite").path
            let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
            try await withThrowingTaskGroup(of: Int?.self) { group in
                for _ in 0..<3 {
                    group.addTask {
                        try await CatalogueDatabase.open(at: path, logger: logger).pool.read { db in
                            try Int.fetchOne(db, sql: "SELECT count(*) FROM products")
                        }
                    }
                }
                for try await count in group { #expect(count == 10_000) }
            }
        }
    }
}
