// SPDX-License-Identifier: Apache-2.0

/// One page of a category.
struct ProductList: Codable, Sendable, Equatable {
    struct Item: Codable, Sendable, Equatable {
        var id: Int
        var name: String
        var brand: String
        /// In cents.
        var price: Int
    }

    var category: Int
    var page: Int
    var total: Int
    var products: [Item]
}
