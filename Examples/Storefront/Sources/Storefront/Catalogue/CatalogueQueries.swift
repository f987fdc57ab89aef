// SPDX-License-Identifier: Apache-2.0

import GRDB

/// The catalogue's queries.
enum CatalogueQueries {
    static let pageSize = 20

    static func page(_ id: Int, _ db: Database) throws -> ProductPage? {
        let product = try Row.fetchOne(
            db,
            sql: """
                SELECT p.*, c.name AS categoryName,
                    (SELECT round(avg(stars), 2) FROM orderLines WHERE productID = p.id) AS rating,
                    (SELECT coalesce(sum(quantity), 0) FROM orderLines WHERE productID = p.id) AS unitsSold
                FROM products p JOIN categories c ON c.id = p.categoryID
                WHERE p.id = ?
                """,
            arguments: [id])
        guard let product else { return nil }
        let companions = try Row.fetchAll(
            db,
            sql: """
                SELECT other.id, other.name, other.price, count(*) AS orders
                FROM orderLines mine
                JOIN orderLines theirs ON theirs.orderID = mine.orderID AND theirs.productID <> mine.productID
                JOIN products other ON other.id = theirs.productID
                WHERE mine.productID = ?
                GROUP BY other.id ORDER BY orders DESC, other.id LIMIT 5
                """,
            arguments: [id])
        return ProductPage(
            id: product["id"],
            name: product["name"],
            brand: product["brand"],
            category: product["categoryID"],
            categoryName: product["categoryName"],
            price: product["price"],
            description: product["description"],
            rating: product["rating"],
            unitsSold: product["unitsSold"],
            boughtTogether: companions.map {
                ProductPage.Companion(id: $0["id"], name: $0["name"], price: $0["price"], orders: $0["orders"])
            }
        )
    }

    /// One page of a category; nil when there is no such category.
    static func list(category: Int, page: Int, _ db: Database) throws -> ProductList? {
        guard try Int.fetchOne(db, sql: "SELECT 1 FROM categories WHERE id = ?", arguments: [category]) != nil else {
            return nil
        }
        let total = try Int.fetchOne(
            db, sql: "SELECT count(*) FROM products WHERE categoryID = ?", arguments: [category])
        let products = try Row.fetchAll(
            db,
            sql: """
                SELECT id, name, brand, price FROM products WHERE categoryID = ?
                ORDER BY id LIMIT ? OFFSET ?
                """,
            arguments: [category, Self.pageSize, (page - 1) * Self.pageSize])
        return ProductList(
            category: category,
            page: page,
            total: total ?? 0,
            products: products.map {
                ProductList.Item(id: $0["id"], name: $0["name"], brand: $0["brand"], price: $0["price"])
            }
        )
    }

    /// The ids of a category's products; nil when there is no such category.
    static func products(in category: Int, _ db: Database) throws -> [Int]? {
        guard try Int.fetchOne(db, sql: "SELECT 1 FROM categories WHERE id = ?", arguments: [category]) != nil else {
            return nil
        }
        return try Int.fetchAll(db, sql: "SELECT id FROM products WHERE categoryID = ?", arguments: [category])
    }

    static func exists(product id: Int, _ db: Database) throws -> Bool {
        try Int.fetchOne(db, sql: "SELECT 1 FROM products WHERE id = ?", arguments: [id]) != nil
    }

    /// Sets a price; false when there is no such product.
    static func setPrice(_ price: Int, of id: Int, _ db: Database) throws -> Bool {
        try db.execute(sql: "UPDATE products SET price = ? WHERE id = ?", arguments: [price, id])
        return db.changesCount > 0
    }

    /// Creates a product; nil when there is no such category.
    static func create(_ product: NewProduct, _ db: Database) throws -> Int? {
        try db.execute(
            sql: """
                INSERT INTO products (categoryID, name, brand, price, description)
                SELECT id, ?, ?, ?, ? FROM categories WHERE id = ?
                """,
            arguments: [product.name, product.brand, product.price, product.description ?? "", product.category])
        return db.changesCount > 0 ? Int(db.lastInsertedRowID) : nil
    }
}
