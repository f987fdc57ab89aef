// SPDX-License-Identifier: Apache-2.0

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// A value that can be part of a cache key.
///
/// A type of your own names the parts that tell its values apart:
///
/// ```swift
/// struct Page: CacheKeyComponent {
///     var category: String
///     var number: Int
///
///     func encode(into encoder: inout CacheKeyEncoder) {
///         encoder.append(category)
///         encoder.append(number)
///     }
/// }
/// ```
///
/// Parts are appended; calling their own `encode(into:)` would let two of them run into each other. An enumeration with raw values
/// needs no more than the conformance.
public protocol CacheKeyComponent {
    /// Appends the parts that tell this value apart from every other of its type, always in the same order.
    func encode(into encoder: inout CacheKeyEncoder)
}

extension CacheKeyComponent where Self: RawRepresentable, RawValue: CacheKeyComponent {
    public func encode(into encoder: inout CacheKeyEncoder) {
        self.rawValue.encode(into: &encoder)
    }
}

extension CacheKeyComponent where Self: FixedWidthInteger {
    public func encode(into encoder: inout CacheKeyEncoder) {
        encoder.scalar("i", String(self))
    }
}

extension Int: CacheKeyComponent {}
extension Int8: CacheKeyComponent {}
extension Int16: CacheKeyComponent {}
extension Int32: CacheKeyComponent {}
extension Int64: CacheKeyComponent {}
extension UInt: CacheKeyComponent {}
extension UInt8: CacheKeyComponent {}
extension UInt16: CacheKeyComponent {}
extension UInt32: CacheKeyComponent {}
extension UInt64: CacheKeyComponent {}

extension String: CacheKeyComponent {
    public func encode(into encoder: inout CacheKeyEncoder) {
        encoder.scalar("s", self)
    }
}

extension Substring: CacheKeyComponent {
    public func encode(into encoder: inout CacheKeyEncoder) {
        encoder.scalar("s", self)
    }
}

extension Bool: CacheKeyComponent {
    public func encode(into encoder: inout CacheKeyEncoder) {
        encoder.scalar("b", self ? "true" : "false")
    }
}

extension Double: CacheKeyComponent {
    public func encode(into encoder: inout CacheKeyEncoder) {
        encoder.scalar("d", self.description)
    }
}

extension Float: CacheKeyComponent {
    public func encode(into encoder: inout CacheKeyEncoder) {
        encoder.scalar("f", self.description)
    }
}

extension UUID: CacheKeyComponent {
    public func encode(into encoder: inout CacheKeyEncoder) {
        encoder.scalar("u", self.uuidString)
    }
}

extension Date: CacheKeyComponent {
    /// Dates are told apart to the last bit of their seconds since 2001.
    public func encode(into encoder: inout CacheKeyEncoder) {
        encoder.scalar("t", self.timeIntervalSinceReferenceDate.description)
    }
}

extension Data: CacheKeyComponent {
    public func encode(into encoder: inout CacheKeyEncoder) {
        encoder.scalar("x", self.base64EncodedString())
    }
}

extension Optional: CacheKeyComponent where Wrapped: CacheKeyComponent {
    public func encode(into encoder: inout CacheKeyEncoder) {
        if Wrapped.self == Principal.self, let principal = self as? Principal {
            principal.encode(into: &encoder)
        } else if let self {
            encoder.openGroup("o")
            encoder.append(self)
            encoder.closeGroup()
        } else {
            encoder.null()
        }
    }
}

extension Array: CacheKeyComponent where Element: CacheKeyComponent {
    public func encode(into encoder: inout CacheKeyEncoder) {
        encoder.openGroup("a")
        for element in self {
            encoder.append(element)
        }
        encoder.closeGroup()
    }
}
