// SPDX-License-Identifier: Apache-2.0

import Logging
import NIOCore

extension Cache {
    /// The entry for a value; nil, with a word in the log, when the value is not to be stored.
    ///
    /// - Parameters:
    ///   - value: The value.
    ///   - key: Its key.
    ///   - region: The region's name, for the log.
    ///   - position: What was known of the invalidations when the value was read from its source, or before.
    ///   - created: When its lease was asked for.
    ///   - loadDuration: How long its load took.
    func entry(
        for value: inout LoadedValue, under key: CacheKey, of region: String, stampedWith position: LogPosition,
        created: StoreTime? = nil, loadDuration: Duration? = nil
    ) -> Entry? {
        do {
            try CacheTag.check(value.tags)
            guard !(value.object is any PrincipalBound) || key.hasPrincipal else { return nil }
            return try value.entry(
                under: key, stampedWith: position, created: created, loadDuration: loadDuration)
        } catch {
            self.logger.info(
                "a value could not be stored",
                metadata: ["larder.region": "\(region)", "larder.error": "\(error)"])
            return nil
        }
    }
}
