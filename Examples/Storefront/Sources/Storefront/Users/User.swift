// SPDX-License-Identifier: Apache-2.0

/// A user with what the shop knows of their orders.
struct User: Codable, Sendable, Equatable {
    var id: Int
    var name: String
    var email: String
    var orders: Int
}
