// SPDX-License-Identifier: Apache-2.0

import Crypto

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The name of one entry: namespace, region and arguments in canonical text.
///
/// `shop:product:i.42` is the entry for `product(42)` in the cache `shop`. A text of more than 200 bytes is cut after
/// its first part, which the names of a principal are not counted to, and completed by the SHA-256 of the whole, so that keys stay short and still never collide.
public struct CacheKey: Sendable, Hashable, CustomStringConvertible {
    /// The name of the cache, whose invalidation log the entry obeys.
    public let namespace: String
    /// The name of the region; empty for a key that was read back from a store and was cut within that name or before.
    public let region: String
    /// The name under which a store keeps the entry: plain ASCII without spaces.
    public let text: String
    /// Whether it says whose the entry is; false for one that was read back from a store.
    let hasPrincipal: Bool
    /// Hashed once when the key is made, since a request looks the key up more than once.
    public let hashValue: Int

    /// Makes the key for arguments of a region.
    public init<each Component: CacheKeyComponent>(
        namespace: String, region: String, _ component: repeat each Component
    ) {
        self.init(CacheKeyPrefix(namespace: namespace, region: region), repeat each component)
    }

    /// Makes the key of something that is no entry of a cache, such as a limit, and that is told by a plus sign from all that are.
    package init<each Component: CacheKeyComponent>(
        namespace: String, reserved name: String, _ component: repeat each Component
    ) {
        self.init(
            CacheKeyPrefix(namespace: namespace, region: name, isReserved: true), repeat each component)
    }

    /// Makes the key for arguments behind a prefix.
    init<each Component: CacheKeyComponent>(_ prefix: CacheKeyPrefix, _ component: repeat each Component) {
        var encoder = CacheKeyEncoder(after: prefix.text, movesPrincipal: !prefix.isReserved)
        repeat encoder.append(each component)
        let length = encoder.text.count
        if let principal = encoder.principal { encoder.insert(principal, at: prefix.namespaceLength) }
        let namesLength = encoder.text.count - length

        var bytes = encoder.text
        if bytes.count > prefix.namespaceLength + Self.maximumLength {
            let digest = Data(SHA256.hash(data: bytes)).base64EncodedString()
            // Whose it is stays readable too, unless that is no name any more.
            let kept = namesLength <= Self.maximumNamesLength ? namesLength : 0
            bytes.removeSubrange((prefix.namespaceLength + kept + Self.readableLength)...)
            bytes.append(UInt8(ascii: "~"))
            // The URL-safe alphabet, without padding.
            for byte in digest.utf8 where byte != UInt8(ascii: "=") {
                switch byte {
                case UInt8(ascii: "+"): bytes.append(UInt8(ascii: "-"))
                case UInt8(ascii: "/"): bytes.append(UInt8(ascii: "_"))
                default: bytes.append(byte)
                }
            }
        }
        self.namespace = prefix.namespace
        self.hasPrincipal = encoder.principal?.isSomebody ?? false
        self.region = prefix.region
        self.text = String(decoding: bytes, as: UTF8.self)
        self.hashValue = Self.hash(of: bytes)
    }

    /// The key that a store keeps an entry under; nil for a text that is none of the namespace, or of what is no entry.
    package init?(text: String, in namespace: String) {
        let prefix = Self.escaped(namespace) + ":"
        guard text.hasPrefix(prefix) else { return nil }
        var rest = text.utf8.dropFirst(prefix.utf8.count)
        if rest.first == UInt8(ascii: "+") { return nil }
        if rest.first == UInt8(ascii: "@") {
            rest = rest.drop { $0 != UInt8(ascii: ":") }.dropFirst()
        }
        // What a near-cache tries is named after an entry, and has less behind its mark than one that is cut.
        if let mark = rest.lastIndex(of: UInt8(ascii: "~")), rest[mark...].count != Self.digestLength + 1 { return nil }
        let region = rest.prefix { $0 != UInt8(ascii: ":") && $0 != UInt8(ascii: "~") }
        let isCut = rest.dropFirst(region.count).first == UInt8(ascii: "~")
        self.namespace = namespace
        self.hasPrincipal = false
        self.region = isCut ? "" : CacheKeyEncoder.unescaped(region) ?? ""
        self.text = text
        self.hashValue = Self.hash(of: Array(text.utf8))
    }

    public var description: String { self.text }

    /// A namespace as it stands in keys.
    package static func escaped(_ namespace: String) -> String {
        let prefix = CacheKeyPrefix(namespace: namespace, region: "")
        return String(decoding: prefix.text.prefix(prefix.namespaceLength), as: UTF8.self)
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(self.hashValue)
    }

    public static func == (left: CacheKey, right: CacheKey) -> Bool {
        left.hashValue == right.hashValue && left.text == right.text
    }

    private static func hash(of bytes: [UInt8]) -> Int {
        Int(truncatingIfNeeded: bytes.withUnsafeBytes { Self.hash.hash($0).hash })
    }

    /// Secret, and the same for all keys of the process.
    private static let hash = KeyHash.ofProcess

    /// How long the SHA-256 is that completes what is cut.
    private static let digestLength = 43
    /// The longest text after the namespace that is kept as it is.
    private static let maximumLength = 200
    /// How long the names of a principal may be to stay readable in a longer one.
    package static let maximumNamesLength = 128
    /// How much of a longer one stays readable behind them.
    package static let readableLength = 64
}
