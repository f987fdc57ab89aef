// SPDX-License-Identifier: Apache-2.0

/// A product with what its page shows.
struct ProductPage: Codable, Sendable, Equatable {
    struct Companion: Codable, Sendable, Equatable {
        var id: Int
        var name: String
        var price: Int
        var orders: Int
    }

    var id: Int
    var name: String
    var brand: String
    var category: Int
    var categoryName: String
    /// In cents.
    var price: Int
    var description: String
    /// The mean of the stars that buyers gave; nil before the first.
    var rating: Double?
    var unitsSold: Int
    /// What was ordered together with it most often.
    var boughtTogether: [Companion]
}
