// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird
import NIOCore

/// `/`: what the demo is, and buttons to try it.
struct HomeRoutes: Sendable {
    let hasConsole: Bool

    var routes: RouteCollection<StorefrontContext> {
        let routes = RouteCollection(context: StorefrontContext.self)
        routes.get { _, _ in Self.response(Self.page(hasConsole: self.hasConsole), "text/html; charset=utf-8") }
        routes.get("home.css") { _, _ in Self.response(Self.style, "text/css; charset=utf-8") }
        routes.get("home.js") { _, _ in Self.response(Self.script, "text/javascript; charset=utf-8") }
        return routes
    }

    private static func response(_ text: String, _ type: String) -> Response {
        Response(
            status: .ok, headers: [.contentType: type, .cacheControl: "no-cache"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
}
