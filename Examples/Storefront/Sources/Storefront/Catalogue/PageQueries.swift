// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB

/// The queries of whole pages.
enum PageQueries {
    /// A product that sells.
    struct Bestseller: Encodable, Sendable {
        var id: Int
        var name: String
        var price: Int
        var unitsSold: Int
    }

    /// A line of an order.
    struct OrderLine: Encodable, Sendable {
        var order: Int
        var product: Int
        var name: String
        var quantity: Int
    }

    static func bestsellers(_ db: Database) throws -> [Bestseller] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT p.id, p.name, p.price, sum(l.quantity) AS unitsSold
                FROM orderLines l JOIN products p ON p.id = l.productID
                GROUP BY p.id ORDER BY unitsSold DESC, p.id LIMIT 20
                """
        ).map { Bestseller(id: $0["id"], name: $0["name"], price: $0["price"], unitsSold: $0["unitsSold"]) }
    }

    static func orders(of user: Int, _ db: Database) throws -> [OrderLine] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT l.orderID, l.productID, p.name, l.quantity
                FROM orderLines l JOIN products p ON p.id = l.productID
                WHERE l.userID = ? ORDER BY l.orderID DESC, l.productID LIMIT 100
                """,
            arguments: [user]
        ).map { OrderLine(order: $0["orderID"], product: $0["productID"], name: $0["name"], quantity: $0["quantity"]) }
    }

    /// The next lines of the export, and the last id in them; nil when there are no more.
    static func export(after id: Int, _ db: Database) throws -> (rows: String, last: Int?) {
        let rows = try Row.fetchAll(
            db, sql: "SELECT id, name, brand, price, description FROM products WHERE id > ? ORDER BY id LIMIT 500",
            arguments: [id])
        let lines = rows.map { row in
            let texts = [row["name"] as String, row["brand"], row["description"]].map(Self.quoted)
            return "\(row["id"] as Int),\(texts[0]),\(texts[1]),\(row["price"] as Int),\(texts[2])\r\n"
        }
        return (lines.joined(), rows.last?["id"])
    }

    private static func quoted(_ text: String) -> String {
        "\"\(text.replacingOccurrences(of: "\"", with: "\"\""))\""
    }
}
