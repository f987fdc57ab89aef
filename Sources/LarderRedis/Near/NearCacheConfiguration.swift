// SPDX-License-Identifier: Apache-2.0

/// The copy of a store's entries in the process, for reads that may be a little old (`ReadConsistency.bounded`).
public struct NearCacheConfiguration: Sendable, Hashable {
    /// How a server tells of changes.
    public struct Tracking: Sendable, Hashable {
        enum Kind: Sendable, Hashable {
            case keys, prefixes
        }

        let kind: Kind

        /// The server remembers who has read which key: about 60 bytes for each key and process, `tracking-table-max-keys` (a million
        /// by default) for all. Past that it tells of keys that have not changed.
        public static let keys = Tracking(kind: .keys)
        /// The server tells every process of every change of the namespaces that it reads, and remembers nothing: for more keys
        /// and processes than it could remember, and few writes.
        public static let prefixes = Tracking(kind: .prefixes)
    }

    /// How much keys and entries may take together, in bytes. An entry counts three times its payload, since its value may stand
    /// beside it. What would count more than a sixteenth of this is not kept.
    public var maximumBytes: Int
    /// How a server tells of changes.
    public var tracking: Tracking

    /// Makes a configuration.
    public init(maximumBytes: Int = 64 << 20, tracking: Tracking = .keys) {
        self.maximumBytes = maximumBytes
        self.tracking = tracking
    }
}
