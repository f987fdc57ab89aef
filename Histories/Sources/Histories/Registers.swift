// SPDX-License-Identifier: Apache-2.0

import GRDB

/// The source of truth: registers in SQLite whose versions rise with every write.
struct Registers: Sendable {
    static let count = 64

    private let pool: DatabasePool

    init(path: String) throws {
        var configuration = Configuration()
        configuration.busyMode = .timeout(20)
        configuration.prepareDatabase { try $0.execute(sql: "PRAGMA synchronous = OFF") }
        self.pool = try DatabasePool(path: path, configuration: configuration)
    }

    func create() throws {
        try self.pool.write { db in
            try db.execute(sql: "CREATE TABLE registers (id INTEGER PRIMARY KEY, version INTEGER NOT NULL)")
            for id in 0..<Self.count { try db.execute(sql: "INSERT INTO registers VALUES (?, 0)", arguments: [id]) }
        }
    }

    func version(_ id: Int) async throws -> Int {
        try await self.pool.read { db in
            try Int.fetchOne(db, sql: "SELECT version FROM registers WHERE id = ?", arguments: [id]) ?? 0
        }
    }

    /// Writes the next version, and returns it once it is committed.
    func write(_ id: Int) async throws -> Int {
        try await self.pool.write { db in
            try Int.fetchOne(
                db, sql: "UPDATE registers SET version = version + 1 WHERE id = ? RETURNING version", arguments: [id])
                ?? 0
        }
    }
}
