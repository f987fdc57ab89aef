// SPDX-License-Identifier: Apache-2.0

import Larder
import LarderHTTP

/// How long each kind of data may be served.
extension CachePolicy {
    /// Prices are never old; when the database fails, they are as old as the last load for up to an hour.
    static let product = CachePolicy.ttl(.seconds(300)).refreshedEarly().staleIfError(for: .seconds(3_600))
    /// Lists may lag, and are expensive when nothing is cached.
    static let list = CachePolicy.ttl(.seconds(60)).staleWhileRevalidate(for: .seconds(60)).maximumLoads(8)
    /// Who is here is looked at again and again; who is not need not stay.
    static let user = CachePolicy.sliding(idle: .seconds(600), atMost: .seconds(3_600)).absences(for: .seconds(60))
}

/// How long each kind of response may be served.
extension ResponsePolicy {
    /// Expensive, and nobody minds if it is a minute old.
    static let bestsellers = ResponsePolicy.shared(.seconds(60)).staleWhileRevalidate(for: .seconds(30)).tag("orders")
    /// Told by the group of the category when it has changed.
    static let catalogPage = ResponsePolicy.shared(.seconds(300)).vary(by: .query("page"))
    /// Pictures of products do not change.
    static let image = ResponsePolicy.shared(.seconds(86_400))
    /// Somebody's own.
    static let myOrders = ResponsePolicy.private(.seconds(60)).tag("orders")
    /// Too large to be stored, which is found out as it passes.
    static let export = ResponsePolicy.shared(.seconds(60))
}
