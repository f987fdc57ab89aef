// SPDX-License-Identifier: Apache-2.0

/// The place of an element in an array, or of a superclass. Small enough to be passed on without an allocation.
struct PositionKey: CodingKey {
    let intValue: Int?

    static let `super` = PositionKey(nil)

    var stringValue: String { self.intValue.map { "[\($0)]" } ?? "super" }

    init(_ index: Int?) {
        self.intValue = index
    }

    init(intValue: Int) { self.init(intValue) }

    init?(stringValue: String) { nil }
}
