// SPDX-License-Identifier: Apache-2.0

/// A product to be created.
struct NewProduct: Codable, Sendable {
    var name: String
    var brand: String
    var category: Int
    /// In cents.
    var price: Int
    var description: String?
}
