// SPDX-License-Identifier: Apache-2.0

import GRDB
import Logging

/// The catalogue's SQLite database, made at the first start.
struct CatalogueDatabase: Sendable {
    let pool: DatabasePool

    /// Opens the database at `path`, and makes and fills it when there is none.
    ///
    /// Several processes may do so at once: SQLite's own waiting does not cover how the journal is set up.
    static func open(at path: String, logger: Logger) async throws -> CatalogueDatabase {
        var attempts = 100
        while true {
            do {
                return try Self.openOnce(at: path, logger: logger)
            } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY && attempts > 0 {
                attempts -= 1
                try await Task.sleep(for: .milliseconds(100))
            }
        }
    }

    private static func openOnce(at path: String, logger: Logger) throws -> CatalogueDatabase {
        var configuration = Configuration()
        // Other processes may write to the same file.
        configuration.busyMode = .timeout(5)
        let database = CatalogueDatabase(pool: try DatabasePool(path: path, configuration: configuration))
        var migrator = DatabaseMigrator()
        migrator.registerMigration("catalogue") { db in
            logger.notice("filling the catalogue", metadata: ["storefront.database": "\(path)"])
            try Schema.create(in: db)
            try SampleData.insert(into: db)
        }
        migrator.registerMigration("credentials") { db in try Schema.createCredentials(in: db) }
        try database.migrate(by: migrator)
        return database
    }

    /// Does what is not done yet, which others may be about to do.
    private func migrate(by migrator: DatabaseMigrator) throws {
        while true {
            let done = try self.pool.read(migrator.appliedIdentifiers)
            do {
                return try migrator.migrate(self.pool)
            } catch {
                // What another process has done meanwhile cannot be done again.
                guard try self.pool.read(migrator.appliedIdentifiers) != done else { throw error }
            }
        }
    }

    /// Whether queries are answered.
    var isReachable: Bool {
        get async {
            let answer = try? await self.pool.read { db in try Int.fetchOne(db, sql: "SELECT 1") }
            return answer == 1
        }
    }
}
