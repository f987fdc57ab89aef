// SPDX-License-Identifier: Apache-2.0

/// Something about a server that is better changed.
package struct ServerFinding: Sendable, Equatable {
    package enum Weight: String, Sendable, Encodable {
        /// It loses something, or will.
        case problem
        /// It costs something, or is a risk.
        case advice
    }

    /// Its name, for whoever reads by program: `maxmemory`.
    package var name: String
    package var weight: Weight
    /// What is so, and what comes of it.
    package var text: String
    /// What to change.
    package var remedy: String

    package init(_ name: String, _ weight: Weight, _ text: String, remedy: String) {
        self.name = name
        self.weight = weight
        self.text = text
        self.remedy = remedy
    }
}
