// SPDX-License-Identifier: Apache-2.0

import GRDB
import HTTPTypes
import Hummingbird
import Larder
import LarderHTTP
import LarderHummingbird
import NIOCore

/// Whole responses that are cached, where the other routes cache what they are made of.
struct PageRoutes: Sendable {
    let database: CatalogueDatabase
    let responses: ResponseCache<StorefrontContext>
    let consistency: ReadConsistency

    var routes: RouteCollection<StorefrontContext> {
        let routes = RouteCollection(context: StorefrontContext.self)
        routes.get("bestsellers", cached: self.policy(.bestsellers), in: self.responses, use: self.bestsellers)
        routes.get("catalog/:id", cached: self.policy(.catalogPage), in: self.responses, use: self.catalogPage)
        routes.get("products/:id/image", cached: self.policy(.image), in: self.responses, use: self.image)
        routes.get("export.csv", cached: self.policy(.export), in: self.responses, use: self.export)
        return routes
    }

    /// Those that are for who has logged in.
    func addOwn(to group: RouterGroup<StorefrontContext>) {
        group.get("me/orders", cached: self.policy(.myOrders), in: self.responses, use: self.myOrders)
    }

    private func policy(_ policy: ResponsePolicy) -> ResponsePolicy { policy.consistency(self.consistency) }

    @Sendable @concurrent private func bestsellers(
        _ request: Request, _ context: StorefrontContext
    ) async throws -> Response {
        try Response(encoding: await self.database.pool.read { try PageQueries.bestsellers($0) })
    }

    /// A page of a category in the reader's language, in the group that changes of its products end.
    @Sendable @concurrent private func catalogPage(
        _ request: Request, _ context: StorefrontContext
    ) async throws -> Response {
        let category = try context.id()
        let page = try request.number("page", default: 1)
        let list = try await self.database.pool.read { try CatalogueQueries.list(category: category, page: page, $0) }
        guard let list else { throw HTTPError(.notFound, message: "no such category") }
        let isGerman = request.headers[.acceptLanguage]?.lowercased().hasPrefix("de") ?? false
        let title = isGerman ? "Warengruppe \(category)" : "Category \(category)"
        var response = try Response(encoding: CatalogPage(title: title, list: list))
        response.headers[.vary] = "Accept-Language"
        response.headers[.contentLanguage] = isGerman ? "de" : "en"
        response.headers[.cacheGroups] = "\"\(Self.group(ofCategory: category))\""
        return response
    }

    @Sendable @concurrent private func image(_ request: Request, _ context: StorefrontContext) async throws
        -> Response
    {
        let id = try context.id()
        guard try await self.database.pool.read({ try CatalogueQueries.exists(product: id, $0) }) else {
            throw HTTPError(.notFound, message: "no such product")
        }
        return Response(
            status: .ok, headers: [.contentType: "image/bmp"],
            body: ResponseBody(byteBuffer: ProductImage.bitmap(of: id)))
    }

    @Sendable @concurrent private func myOrders(
        _ request: Request, _ context: StorefrontContext
    ) async throws -> Response {
        guard let user = try context.requirePrincipal().user.flatMap({ Int($0) }) else {
            throw HTTPError(.unauthorized)
        }
        return try Response(encoding: await self.database.pool.read { try PageQueries.orders(of: user, $0) })
    }

    /// All products, some at a time.
    @Sendable @concurrent private func export(
        _ request: Request, _ context: StorefrontContext
    ) async throws -> Response {
        let pool = self.database.pool
        return Response(
            status: .ok, headers: [.contentType: "text/csv"],
            body: ResponseBody { writer in
                try await writer.write(ByteBuffer(string: "id,name,brand,price,description\r\n"))
                var last = 0
                while true {
                    let after = last
                    let (rows, end) = try await pool.read { try PageQueries.export(after: after, $0) }
                    guard let end else { break }
                    try await writer.write(ByteBuffer(string: rows))
                    last = end
                }
                try await writer.finish(nil)
            })
    }

    /// The group of responses that show a category.
    static func group(ofCategory id: Int) -> String { "category-\(id)" }

    /// What `GET /catalog/{id}` answers.
    private struct CatalogPage: Encodable {
        var title: String
        var list: ProductList
    }
}

extension HTTPField.Name {
    // The names are tokens, so this cannot fail.
    // swift-format-ignore: NeverForceUnwrap
    static let cacheGroups = HTTPField.Name("Cache-Groups")!
    // swift-format-ignore: NeverForceUnwrap
    static let cacheGroupInvalidation = HTTPField.Name("Cache-Group-Invalidation")!
}
