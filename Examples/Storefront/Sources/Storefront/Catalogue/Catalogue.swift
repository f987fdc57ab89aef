// SPDX-License-Identifier: Apache-2.0

import GRDB
import Larder

/// Products, read through the cache and written past it: all writes are here, each followed by its invalidation.
struct Catalogue: Sendable {
    /// The page of a product; nil when there is none.
    let page: CacheFunction<ProductPage?, Int>
    /// The pages of many products, by their ids.
    let pages: CacheBatchFunction<Int, ProductPage?>
    /// A page of a category; nil when there is no such category.
    let list: CacheFunction<ProductList?, Int, Int>
    private let database: CatalogueDatabase
    private let cache: Cache
    private let queryDelay: Duration

    init(database: CatalogueDatabase, cache: Cache, consistency: ReadConsistency, queryDelay: Duration) {
        self.database = database
        self.cache = cache
        self.queryDelay = queryDelay
        let product = CachePolicy.product.consistency(consistency)
        self.page = cache.function("product", product) { (id: Int) in
            try await Self.loadPage(id, from: database, delay: queryDelay)
        }.tagged { page, id in Self.tags(of: page, id) }
        self.pages = cache.batch("product", product) { (ids: [Int]) in
            try await Self.loadPages(ids, from: database, delay: queryDelay)
        }.tagged { page, id in Self.tags(of: page, id) }
        self.list = cache.function("products", .list.consistency(consistency)) { (category: Int, page: Int) in
            let list = try await database.pool.read { db in
                try CatalogueQueries.list(category: category, page: page, db)
            }
            try await Task.sleep(for: queryDelay)
            return list
        }.tagged { list, category, _ in
            [Self.tag(category: category)] + (list?.products.map { Self.tag(product: $0.id) } ?? [])
        }
    }

    /// The page as the database has it now.
    func uncachedPage(_ id: Int) async throws -> ProductPage? {
        try await Self.loadPage(id, from: self.database, delay: self.queryDelay)
    }

    /// Loads the pages of all products of a category anew; nil when there is no such category.
    func refresh(category: Int) async throws -> Int? {
        guard let ids = try await self.database.pool.read({ try CatalogueQueries.products(in: category, $0) }) else {
            return nil
        }
        return try await self.pages.refresh(ids).count
    }

    /// Sets a price; nil when there is no such product.
    func setPrice(_ price: Int, of id: Int) async throws -> Written<ProductPage>? {
        let (page, invalidation) = try await self.cache.write { write in
            try self.invalidate(product: id, in: write)
            return try await self.database.pool.write { db in
                try CatalogueQueries.setPrice(price, of: id, db) ? try CatalogueQueries.page(id, db) : nil
            }
        }
        return page.map { Written(value: $0, invalidation: invalidation) }
    }

    /// Creates a product; nil when there is no such category.
    func create(_ product: NewProduct) async throws -> Written<ProductPage>? {
        let (page, invalidation) = try await self.cache.write { write in
            let page = try await self.database.pool.write { db in
                try CatalogueQueries.create(product, db).flatMap { try CatalogueQueries.page($0, db) }
            }
            if let page {
                try self.invalidate(product: page.id, in: write)
                try write.invalidate(tags: [Self.tag(category: page.category)])
            }
            return page
        }
        return page.map { Written(value: $0, invalidation: invalidation) }
    }

    /// The product's page goes by its key, which also ends a load of it at once; lists and other pages that show it
    /// go by its tag.
    private func invalidate(product id: Int, in write: CacheWrite) throws {
        write.invalidate(self.page.key(id))
        try write.invalidate(tags: [Self.tag(product: id)])
    }

    private static func loadPage(_ id: Int, from database: CatalogueDatabase, delay: Duration) async throws
        -> ProductPage?
    {
        try await Self.loadPages([id], from: database, delay: delay)[id] ?? nil
    }

    private static func loadPages(
        _ ids: [Int], from database: CatalogueDatabase, delay: Duration
    ) async throws -> [Int: ProductPage?] {
        let pages = try await database.pool.read { db in
            try Dictionary(uniqueKeysWithValues: ids.map { ($0, try CatalogueQueries.page($0, db)) })
        }
        try await Task.sleep(for: delay)
        return pages
    }

    private static func tags(of page: ProductPage?, _ id: Int) -> [String] {
        // The page shows the prices of its companions too.
        [Self.tag(product: id)]
            + (page.map { [Self.tag(category: $0.category)] + $0.boughtTogether.map { Self.tag(product: $0.id) } } ?? [])
    }

    private static func tag(product id: Int) -> String { "product:\(id)" }
    private static func tag(category id: Int) -> String { "category:\(id)" }
}
