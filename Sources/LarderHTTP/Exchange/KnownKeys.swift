// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Larder
import NIOConcurrencyHelpers

/// The keys of plain requests that were answered before: nothing counts of one but its URL, so that what it is found by need not be made
/// anew, nor looked at for what keeps it away from the cache.
final class KnownKeys: Sendable {
    /// A plain request, as far as it counts.
    struct Request: Hashable, Sendable {
        private let scheme: String?
        private let authority: String?
        private let path: String?
        private let query: [String]?
        private let version: Int
        private let isShared: Bool
        private let isOriginLasting: Bool

        /// Fields that change nothing of what a request is answered by.
        private static let plain: RequestFields = [.validators, .range]

        /// Nil for a request that is not plain.
        init?(
            _ request: HTTPRequest, _ fields: RequestFields, by policy: ResponsePolicy, hasBody: Bool,
            isSomebodys: Bool, isOriginLasting: Bool
        ) {
            // Texts are compared as characters, which are others than their bytes where these are not plain.
            guard Self.isShortASCII(request.path), Self.isShortASCII(request.authority),
                request.method == .get || request.method == .head, fields.isSubset(of: Self.plain), !hasBody,
                policy.sharing == .shared || policy.sharing == .asDeclared && !isSomebodys,
                policy.fields.isEmpty, policy.values.isEmpty, policy.conditions.isEmpty
            else { return nil }
            self.scheme = request.scheme
            self.authority = request.authority
            self.path = request.path
            self.query = policy.query
            self.version = policy.version
            self.isShared = policy.sharing == .shared
            self.isOriginLasting = isOriginLasting
        }

        private static func isShortASCII(_ text: String?) -> Bool {
            guard let bytes = text?.utf8, bytes.count <= 1_024 else { return false }
            return bytes.allSatisfy { $0 < 0x80 }
        }

        func hash(into hasher: inout Hasher) {
            // These tell requests apart, as a rule.
            hasher.combine(self.authority)
            hasher.combine(self.path)
        }
    }

    /// The most that are remembered.
    private static let maximumCount = 4_096

    private let table = NIOLockedValueBox<[Request: CacheKey]>([:])

    /// The key of a request.
    func key(of request: Request) -> CacheKey? { self.table.withLockedValue { $0[request] } }

    /// A request was answered by what stands under a key.
    func learn(_ key: CacheKey, of request: Request) {
        self.table.withLockedValue { table in
            if table.count >= Self.maximumCount { table.removeAll(keepingCapacity: true) }
            table[request] = key
        }
    }
}
