// SPDX-License-Identifier: Apache-2.0

/// Where a value stands, put together only when somebody wants to know.
struct MessagePackPath {
    var container: [any CodingKey] = []
    var key: (any CodingKey)?

    var keys: [any CodingKey] { self.key.map { self.container + [$0] } ?? self.container }
}
