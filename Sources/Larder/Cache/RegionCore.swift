// SPDX-License-Identifier: Apache-2.0

/// What a region is made of, behind one reference, so that calls pass it on for nothing.
final class RegionCore<Value: Codable & Sendable>: Sendable {
    let cache: Cache
    let rules: LoadRules
    let coding: ValueCoding<Value>
    let prefix: CacheKeyPrefix
    private let decidePolicy: (@Sendable (Value) -> CachePolicy)?
    private let version: (@Sendable (Value) -> UInt64)?

    init(
        _ cache: Cache, _ rules: LoadRules, _ coding: ValueCoding<Value>,
        decidePolicy: (@Sendable (Value) -> CachePolicy)? = nil, version: (@Sendable (Value) -> UInt64)? = nil
    ) {
        self.cache = cache
        self.rules = rules
        self.coding = coding
        self.prefix = CacheKeyPrefix(namespace: cache.name, region: rules.region)
        self.decidePolicy = decidePolicy
        self.version = version
    }

    func with(policy decide: @escaping @Sendable (Value) -> CachePolicy) -> RegionCore {
        RegionCore(self.cache, self.rules, self.coding, decidePolicy: decide, version: self.version)
    }

    func with(version: @escaping @Sendable (Value) -> UInt64) -> RegionCore {
        RegionCore(self.cache, self.rules, self.coding, decidePolicy: self.decidePolicy, version: version)
    }

    /// The region with another way to write values.
    func with(coding change: (inout ValueCoding<Value>) -> Void) -> RegionCore {
        var coding = self.coding
        change(&coding)
        return RegionCore(self.cache, self.rules, coding, decidePolicy: self.decidePolicy, version: self.version)
    }

    func source(
        _ tags: (@Sendable (Value) -> [String])?, _ load: @escaping @Sendable @concurrent () async throws -> Value
    ) -> LoadSource {
        LoadSource(self.rules) { _ in self.loaded(try await load(), tags) }
    }

    func loaded(_ value: Value, _ tags: (@Sendable (Value) -> [String])?) -> LoadedValue {
        self.coding.loaded(
            value, policy: self.decidePolicy?(value) ?? self.rules.policy, tags: tags?(value) ?? [],
            isTagged: tags != nil, version: self.version?(value))
    }
}
