// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Logging

@testable import Storefront

/// The catalogue, made once and copied for each test.
actor SampleCatalogue {
    private static let shared = SampleCatalogue()
    private var template: Task<CatalogueDatabase, any Error>?

    static func copy(to path: String) async throws {
        let database = try await Self.shared.database()
        try await database.pool.writeWithoutTransaction { db in
            try db.execute(sql: "VACUUM INTO ?", arguments: [path])
        }
    }

    private func database() async throws -> CatalogueDatabase {
        let task =
            self.template
            ?? Task {
                let path = FileManager.default.temporaryDirectory.appending(path: "storefront-\(UUID()).sqlite").path
                defer {
                    // Its descriptors stay open; the names are not needed.
                    for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) }
                }
                return try await CatalogueDatabase.open(at: path, logger: Logger(label: "test"))
            }
        self.template = task
        return try await task.value
    }
}
