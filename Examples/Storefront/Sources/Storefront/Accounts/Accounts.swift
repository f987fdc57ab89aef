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

    /// The user whose name and password these are; nil for any others, after as long a time: one hash each.
    func authenticate(_ name: String, _ password: String) async throws -> Int? {
        let id = name.hasPrefix("user") ? Int(name.dropFirst(4)) : nil
        let known = if let id, name == "user\(id)" { try await self.knowledge(of: id) } else { Knowledge.nobody }
        switch known {
        case .nobody:
            _ = try await self.hasher.hash(password, salt: Data(count: 16))
            return nil
        case .credential(let salt, let hash):
            return Self.isSame(try await self.hasher.hash(password, salt: salt), hash) ? id : nil
        case .initial:
            // Who logs in first has the password that they were given.
            let salt = SymmetricKey(size: .bits128).withUnsafeBytes { Data($0) }
            let hash = try await self.hasher.hash(password, salt: salt)
            guard let id, Self.isSame(Data(password.utf8), Data("password\(id)".utf8)) else { return nil }
            try await self.database.pool.write { db in
                // Another process may have come first.
                try db.execute(
                    sql: "INSERT OR IGNORE INTO credentials (userID, salt, hash) VALUES (?, ?, ?)",
                    arguments: [id, salt, hash])
            }
            return id
        }
    }

    /// What is known of a user's password.
    private enum Knowledge {
        case nobody
        case initial
        case credential(salt: Data, hash: Data)
    }

    private func knowledge(of id: Int) async throws -> Knowledge {
        try await self.database.pool.read { db in
            let row = try Row.fetchOne(
                db,
                sql: "SELECT salt, hash FROM users LEFT JOIN credentials ON userID = users.id WHERE users.id = ?",
                arguments: [id])
            guard let row else { return .nobody }
            guard let salt: Data = row["salt"], let hash: Data = row["hash"] else { return .initial }
            return .credential(salt: salt, hash: hash)
        }
    }

    /// Whether both are the same, in a time that does not tell how much of them is.
    private static func isSame(_ one: Data, _ other: Data) -> Bool {
        one.count == other.count && zip(one, other).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
