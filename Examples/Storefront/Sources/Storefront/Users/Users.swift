// SPDX-License-Identifier: Apache-2.0

import GRDB
import Larder

/// Users, read through the cache and written past it.
struct Users: Sendable {
    /// A user; nil when there is none.
    let user: CacheFunction<User?, Int>
    /// What other processes have told; nil when there are none.
    let updates: UserUpdates?
    private let database: CatalogueDatabase

    init(
        database: CatalogueDatabase, cache: Cache, consistency: ReadConsistency, sealingKeys: SealingKeys?,
        updates: UserUpdates?
    ) {
        self.database = database
        self.updates = updates
        let user = cache.function("user", .user.consistency(consistency)) { (id: Int) in
            try await database.pool.read { db in try Self.fetch(id, db) }
        }
        // Names and addresses, which nobody who reads the server is to see.
        self.user = sealingKeys.map { user.sealed(with: $0) } ?? user
    }

    /// Renames a user; nil when there is none.
    func rename(_ id: Int, to name: String) async throws -> Written<User>? {
        let user = try await self.database.pool.write { db in
            try db.execute(sql: "UPDATE users SET name = ? WHERE id = ?", arguments: [name, id])
            return try Self.fetch(id, db)
        }
        guard let user else { return nil }
        let invalidation = await self.user.invalidate(id)
        await self.updates?.tell(id)
        return Written(value: user, invalidation: invalidation)
    }

    private static func fetch(_ id: Int, _ db: Database) throws -> User? {
        try Row.fetchOne(
            db,
            sql: """
                SELECT users.*, (SELECT count(DISTINCT orderID) FROM orderLines WHERE userID = users.id) AS orders
                FROM users WHERE id = ?
                """,
            arguments: [id]
        ).map { User(id: $0["id"], name: $0["name"], email: $0["email"], orders: $0["orders"]) }
    }
}
