// SPDX-License-Identifier: Apache-2.0

import Hummingbird
import Larder

/// `/users`.
struct UserRoutes: Sendable {
    let users: Users

    var routes: RouteCollection<StorefrontContext> {
        let routes = RouteCollection(context: StorefrontContext.self)
        routes.get("updates", use: self.updates)
        routes.get(":id", use: self.user)
        routes.put(":id", use: self.rename)
        return routes
    }

    @Sendable private func user(_ request: Request, _ context: StorefrontContext) async throws -> Response {
        try Response(cached: await self.users.user.bytes(context.id()), orNotFound: "no such user")
    }

    /// The users that were changed lately, in whatever process, newest first; null where some may be missing.
    @Sendable private func updates(_ request: Request, _ context: StorefrontContext) async throws -> Response {
        try Response(encoding: self.users.updates?.recent ?? [])
    }

    @Sendable private func rename(_ request: Request, _ context: StorefrontContext) async throws -> Response {
        struct Body: Decodable {
            var name: String
        }
        let id = try context.id()
        let name = try await request.json(Body.self).name
        guard (1...200).contains(name.count) else {
            throw HTTPError(.badRequest, message: "a name has 1 to 200 characters")
        }
        guard let user = try await self.users.rename(id, to: name) else {
            throw HTTPError(.notFound, message: "no such user")
        }
        return try Response(written: user)
    }
}
