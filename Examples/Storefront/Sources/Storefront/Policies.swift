// SPDX-License-Identifier: Apache-2.0

import Larder

/// How long each kind of data may be served.
extension CachePolicy {
    /// Prices are never old; when the database fails, they are as old as the last load for up to an hour.
    static let product = CachePolicy.ttl(.seconds(300)).refreshedEarly().staleIfError(for: .seconds(3_600))
    /// Lists may lag, and are expensive when nothing is cached.
    static let list = CachePolicy.ttl(.seconds(60)).staleWhileRevalidate(for: .seconds(60)).maximumLoads(8)
    /// Who is here is looked at again and again; who is not need not stay.
    static let user = CachePolicy.sliding(idle: .seconds(600), atMost: .seconds(3_600)).absences(for: .seconds(60))
}
