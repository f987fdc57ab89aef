// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation
import GRDB

/// Who may log in: for each user of the catalogue one account, `user1` with the password `password1`, and so on.
struct Accounts: Sendable {
    private let database: CatalogueDatabase
    private let hasher = PasswordHasher()

    init(database: CatalogueDatabase) {
        self.database = database
    }

    /// The user whose name and password these are; nil for any others, after as long a time.
    func authenticate(_ name: String, _ password: String) async throws -> Int? {
        let id = name.hasPrefix("user") ? Int(name.dropFirst(4)) : nil
        let credential = if let id, name == "user\(id)" { try await self.credential(of: id) } else { Credential?.none }
        let hash = try await self.hasher.hash(password, salt: credential?.salt ?? Data(count: 16))
        guard let credential, let id, Self.isSame(hash, credential.hash) else { return nil }
        return id
    }

    private struct Credential {
        var salt: Data
        var hash: Data
    }

    /// What is known of a user's password. That of a demo user is hashed when it is needed first.
    private func credential(of id: Int) async throws -> Credential? {
        @Sendable func fetch(_ db: Database) throws -> Credential? {
            try Row.fetchOne(db, sql: "SELECT salt, hash FROM credentials WHERE userID = ?", arguments: [id])
                .map { Credential(salt: $0["salt"], hash: $0["hash"]) }
        }
        let known = try await self.database.pool.read { db in
            (try fetch(db), try Int.fetchOne(db, sql: "SELECT 1 FROM users WHERE id = ?", arguments: [id]) != nil)
        }
        if let credential = known.0 { return credential }
        guard known.1 else { return nil }
        let salt = SymmetricKey(size: .bits128).withUnsafeBytes { Data($0) }
        let hash = try await self.hasher.hash("password\(id)", salt: salt)
        return try await self.database.pool.write { db in
            // Another process may have come first.
            try db.execute(
                sql: "INSERT OR IGNORE INTO credentials (userID, salt, hash) VALUES (?, ?, ?)",
                arguments: [id, salt, hash])
            return try fetch(db)
        }
    }

    /// Whether both are the same, in a time that does not tell how much of them is.
    private static func isSame(_ one: Data, _ other: Data) -> Bool {
        one.count == other.count && zip(one, other).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
