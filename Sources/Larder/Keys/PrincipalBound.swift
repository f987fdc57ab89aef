// SPDX-License-Identifier: Apache-2.0

/// A type whose values belong to somebody, so that no key can be made for them without saying whose they are.
///
/// ```swift
/// struct Basket: Codable, Sendable, PrincipalBound { … }
///
/// let basket = cache.function(perPrincipal: "basket", .ttl(.seconds(60))) { (owner: Principal, shop: Int) in
///     try await database.basket(of: owner, in: shop)
/// }
/// ```
///
/// A function that gives such values, or optionals or arrays of them, takes a ``Principal`` first; another cannot be called. What a
/// region of such values, or a macro, has no principal that names anybody in the key for is loaded for each caller and never stored.
public protocol PrincipalBound {}

extension Optional: PrincipalBound where Wrapped: PrincipalBound {}

extension Array: PrincipalBound where Element: PrincipalBound {}

extension Set: PrincipalBound where Element: PrincipalBound {}

extension Dictionary: PrincipalBound where Value: PrincipalBound {}

/// What there is instead of a function whose values belong to somebody, when it does not say to whom: nothing can be done with it.
public struct PrincipalRequired {
    package init() {}
}

// Not unavailable but of no use: the compiler would pass over what is unavailable, and take what is there for other values.
extension Cache {
    /// A function whose results belong to somebody, cached by whose they are and by the other arguments.
    ///
    /// - Parameters:
    ///   - name: The name of its region. Functions of the same name share entries.
    ///   - policy: How long entries live.
    ///   - codec: How values are written.
    ///   - load: The function.
    public func function<Value: Codable & Sendable, each Argument: CacheKeyComponent & Sendable>(
        perPrincipal name: String,
        _ policy: CachePolicy,
        codec: any CacheCodec = .json,
        load: @escaping @Sendable @concurrent (Principal, repeat each Argument) async throws -> Value
    ) -> CacheFunction<Value, Principal, repeat each Argument> {
        let region = self.region(name, of: Value.self, policy, codec: codec)
        return CacheFunction(
            region: region,
            key: { (principal: Principal, argument: repeat each Argument) in
                region.key(principal, repeat each argument)
            }, load: load)
    }

    /// A function whose results belong to somebody, but that does not say to whom.
    @available(*, deprecated, message: "a value that belongs to somebody needs its Principal: function(perPrincipal:)")
    public func function<Value: Codable & Sendable & PrincipalBound, each Argument: CacheKeyComponent & Sendable>(
        _ name: String,
        _ policy: CachePolicy,
        codec: any CacheCodec = .json,
        load: @escaping @Sendable @concurrent (repeat each Argument) async throws -> Value
    ) -> PrincipalRequired {
        PrincipalRequired()
    }

    /// A function whose results belong to somebody, under keys that may not say to whom.
    @available(*, deprecated, message: "a value that belongs to somebody needs its Principal: function(perPrincipal:)")
    public func function<Value: Codable & Sendable & PrincipalBound, each Argument: Sendable, Part: CacheKeyComponent>(
        _ name: String,
        _ policy: CachePolicy,
        codec: any CacheCodec = .json,
        key: @escaping @Sendable (repeat each Argument) -> Part,
        load: @escaping @Sendable @concurrent (repeat each Argument) async throws -> Value
    ) -> PrincipalRequired {
        PrincipalRequired()
    }
}
