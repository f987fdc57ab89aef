// SPDX-License-Identifier: Apache-2.0

/// What all keys of a region begin with, written once.
struct CacheKeyPrefix: Sendable {
    let namespace: String
    let region: String
    /// Both, as they stand in keys.
    let text: [UInt8]
    /// How much of the text is the namespace.
    let namespaceLength: Int
    /// Whether it is for what is no entry.
    let isReserved: Bool

    /// - Parameter isReserved: Whether it is for what is no region, and marked so that no region can be named alike.
    init(namespace: String, region: String, isReserved: Bool = false) {
        var encoder = CacheKeyEncoder()
        encoder.escape(namespace)
        self.namespaceLength = encoder.text.count
        encoder.raw(UInt8(ascii: ":"))
        if isReserved { encoder.raw(UInt8(ascii: "+")) }
        encoder.escape(region)
        self.isReserved = isReserved
        self.namespace = namespace
        self.region = region
        self.text = encoder.text
    }
}
