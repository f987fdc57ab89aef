// SPDX-License-Identifier: Apache-2.0

import Crypto
import NIOConcurrencyHelpers

/// A type that tells what its values are made of, so that entries of another shape of it are not read but loaded anew.
///
/// A region of such values, or of optionals, arrays and dictionaries of them, carries the fingerprint by itself. The macro of the
/// same name in `LarderMacros` writes the conformance.
public protocol CacheSchema {
    /// Adds the parts of the type, always in the same order.
    static func describe(to schema: inout SchemaFingerprint)
}

/// What a type is made of, put together to one number.
public struct SchemaFingerprint {
    private var text = ""
    private var described: [ObjectIdentifier: Int] = [:]

    /// Adds a part by its name and type.
    public mutating func add(_ name: String, _ type: Any.Type) {
        self.text += "\(name.utf8.count):\(name):"
        self.add(type)
        self.text += ";"
    }

    /// Adds a part that is told in words.
    public mutating func add(_ part: String) {
        self.text += "\(part.utf8.count):\(part);"
    }

    /// Adds a type: by its parts if it tells them, else by its name.
    public mutating func add(_ type: Any.Type) {
        guard let described = type as? any CacheSchema.Type else {
            self.text += stableName(of: type)
            return
        }
        if let number = self.described[ObjectIdentifier(type)] {
            // It is made of itself.
            self.text += "#\(number)"
            return
        }
        self.described[ObjectIdentifier(type)] = self.described.count
        self.text += "("
        described.describe(to: &self)
        self.text += ")"
    }

    /// The fingerprint of a type that tells its parts; nil for others.
    static func of(_ type: Any.Type) -> UInt64? {
        self.known.withLockedValue { known in
            if let fingerprint = known[ObjectIdentifier(type)] { return fingerprint }
            let fingerprint = self.make(of: type)
            known[ObjectIdentifier(type)] = .some(fingerprint)
            return fingerprint
        }
    }

    private static func make(of type: Any.Type) -> UInt64? {
        // Whether there may be none is no matter of the value's own shape.
        let type = (type as? any AbsenceRepresentable.Type)?.present ?? type
        guard type is any CacheSchema.Type else { return nil }
        var fingerprint = SchemaFingerprint()
        fingerprint.add(type)
        return SHA256.hash(data: Array(fingerprint.text.utf8)).prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// What was worked out already: regions are made again and again.
    private static let known = NIOLockedValueBox<[ObjectIdentifier: UInt64?]>([:])
}

extension Optional: CacheSchema where Wrapped: CacheSchema {
    public static func describe(to schema: inout SchemaFingerprint) {
        schema.add("optional", Wrapped.self)
    }
}

extension Array: CacheSchema where Element: CacheSchema {
    public static func describe(to schema: inout SchemaFingerprint) {
        schema.add("array", Element.self)
    }
}

extension Set: CacheSchema where Element: CacheSchema {
    public static func describe(to schema: inout SchemaFingerprint) {
        schema.add("set", Element.self)
    }
}

extension Dictionary: CacheSchema where Value: CacheSchema {
    public static func describe(to schema: inout SchemaFingerprint) {
        schema.add("key", Key.self)
        schema.add("value", Value.self)
    }
}
