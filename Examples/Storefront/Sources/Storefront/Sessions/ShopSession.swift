// SPDX-License-Identifier: Apache-2.0

/// What the shop keeps for somebody between their requests.
struct ShopSession: Codable, Sendable {
    /// Some of a product.
    struct Line: Codable, Sendable {
        var product: Int
        var quantity: Int
    }

    var cart: [Line] = []

    /// Puts some of a product into the cart.
    mutating func add(_ line: Line) {
        if let index = self.cart.firstIndex(where: { $0.product == line.product }) {
            self.cart[index].quantity = min(self.cart[index].quantity + line.quantity, 1_000_000)
        } else {
            self.cart.append(line)
        }
    }
}
