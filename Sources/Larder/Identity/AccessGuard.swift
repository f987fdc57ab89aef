// SPDX-License-Identifier: Apache-2.0

/// The policy of one cache, asked about whoever the task runs for.
struct AccessGuard: Sendable {
    private let policy: AccessPolicy
    private let namespace: String
    private let namespaceLength: Int

    init(_ policy: AccessPolicy, namespace: String) {
        self.policy = policy
        self.namespace = namespace
        self.namespaceLength = CacheKey.escaped(namespace).utf8.count
    }

    /// - Throws: ``CacheError`` with the code ``CacheError/Code/denied``.
    func check(_ operation: AccessPolicy.Operation, _ key: CacheKey) throws(CacheError) {
        guard Identity.current.isService || key.namespace.isSame(as: self.namespace),
            self.policy.allows(.current, to: operation, key, behind: self.namespaceLength)
        else {
            throw CacheError(.denied, "\(operation.rawValue) is not allowed in the region \(key.region)")
        }
    }

    /// - Throws: ``CacheError`` with the code ``CacheError/Code/denied``.
    func checkEverything(_ operation: AccessPolicy.Operation) throws(CacheError) {
        guard self.policy.allowsEverything(.current, to: operation) else {
            throw CacheError(.denied, "\(operation.rawValue) is not allowed for all entries")
        }
    }
}
