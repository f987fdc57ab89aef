// SPDX-License-Identifier: Apache-2.0

import GRDB

/// The tables of the catalogue.
enum Schema {
    static func create(in db: Database) throws {
        try db.create(table: "categories") { table in
            table.primaryKey("id", .integer)
            table.column("name", .text).notNull()
        }
        try db.create(table: "products") { table in
            table.primaryKey("id", .integer)
            table.column("categoryID", .integer).notNull().references("categories").indexed()
            table.column("name", .text).notNull()
            table.column("brand", .text).notNull()
            table.column("price", .integer).notNull()
            table.column("description", .text).notNull()
        }
        try db.create(table: "users") { table in
            table.primaryKey("id", .integer)
            table.column("name", .text).notNull()
            table.column("email", .text).notNull()
        }
        try db.create(table: "orderLines") { table in
            table.primaryKey("id", .integer)
            table.column("orderID", .integer).notNull()
            table.column("userID", .integer).notNull().references("users")
            table.column("productID", .integer).notNull().references("products")
            table.column("quantity", .integer).notNull()
            table.column("stars", .integer)
        }
    }

    /// What is known of users' passwords.
    static func createCredentials(in db: Database) throws {
        try db.create(table: "credentials") { table in
            table.primaryKey("userID", .integer).references("users")
            table.column("salt", .blob).notNull()
            table.column("hash", .blob).notNull()
        }
    }

    /// The indices of the order lines, made after these are filled.
    static func indexOrderLines(in db: Database) throws {
        try db.create(index: "orderLinesByProduct", on: "orderLines", columns: ["productID", "orderID"])
        try db.create(index: "orderLinesByOrder", on: "orderLines", columns: ["orderID", "productID"])
        try db.create(index: "orderLinesByUser", on: "orderLines", columns: ["userID"])
    }
}
