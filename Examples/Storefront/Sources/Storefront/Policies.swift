// SPDX-License-Identifier: Apache-2.0

import Larder

/// How long each kind of data may be served.
extension CachePolicy {
    static let product = CachePolicy.ttl(.seconds(300))
    static let list = CachePolicy.ttl(.seconds(60))
    static let user = CachePolicy.ttl(.seconds(600)).absences(for: .seconds(60))
}
