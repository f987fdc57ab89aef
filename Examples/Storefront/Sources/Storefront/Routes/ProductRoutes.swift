// SPDX-License-Identifier: Apache-2.0

import Hummingbird
import Larder

/// `/products`.
struct ProductRoutes: Sendable {
    let catalogue: Catalogue

    var routes: RouteCollection<StorefrontContext> {
        let routes = RouteCollection(context: StorefrontContext.self)
        routes.get(use: self.list)
        routes.post(use: self.create)
        routes.post("refresh", use: self.refresh)
        routes.get(":id", use: self.page)
        routes.put(":id", use: self.setPrice)
        routes.get(":id/uncached", use: self.uncachedPage)
        return routes
    }

    @Sendable private func page(_ request: Request, _ context: StorefrontContext) async throws -> Response {
        try Response(cached: await self.catalogue.page.bytes(context.id()), orNotFound: "no such product")
    }

    @Sendable private func list(_ request: Request, _ context: StorefrontContext) async throws -> Response {
        let category = try request.number("category")
        let page = try request.number("page", default: 1)
        return try Response(cached: await self.catalogue.list.bytes(category, page), orNotFound: "no such category")
    }

    @Sendable private func refresh(_ request: Request, _ context: StorefrontContext) async throws -> Response {
        struct Answer: Encodable {
            var refreshed: Int
        }
        guard let count = try await self.catalogue.refresh(category: request.number("category")) else {
            throw HTTPError(.notFound, message: "no such category")
        }
        return try Response(encoding: Answer(refreshed: count))
    }

    @Sendable private func uncachedPage(_ request: Request, _ context: StorefrontContext) async throws -> Response {
        guard let page = try await self.catalogue.uncachedPage(context.id()) else {
            throw HTTPError(.notFound, message: "no such product")
        }
        return try Response(encoding: page)
    }

    @Sendable private func setPrice(_ request: Request, _ context: StorefrontContext) async throws -> Response {
        struct Body: Decodable {
            var price: Int
        }
        let id = try context.id()
        let price = try Self.checked(price: await request.json(Body.self).price)
        guard let page = try await self.catalogue.setPrice(price, of: id) else {
            throw HTTPError(.notFound, message: "no such product")
        }
        return try Response(product: page)
    }

    @Sendable private func create(_ request: Request, _ context: StorefrontContext) async throws -> Response {
        let product = try await request.json(NewProduct.self)
        _ = try Self.checked(price: product.price)
        guard !product.name.isEmpty else { throw HTTPError(.badRequest, message: "a product needs a name") }
        guard let page = try await self.catalogue.create(product) else {
            throw HTTPError(.badRequest, message: "no such category")
        }
        var response = try Response(product: page)
        response.status = .created
        response.headers[.location] = "/products/\(page.value.id)"
        return response
    }

    private static func checked(price: Int) throws -> Int {
        guard (0...100_000_000).contains(price) else {
            throw HTTPError(.badRequest, message: "a price is in cents, from 0 to 100000000")
        }
        return price
    }
}
