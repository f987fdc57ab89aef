// SPDX-License-Identifier: Apache-2.0

#if Hummingbird
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Larder
import LarderHummingbird
import LarderSessions
import LarderTesting
import NIOConcurrencyHelpers
import NIOCore

/// A service with sessions, on a clock that is turned by hand.
struct SessionSite: Sendable {
    struct Basket: Codable, Sendable, Equatable {
        var items: [String] = []
    }

    struct Context: SessionRequestContext {
        var coreContext: CoreRequestContextStorage
        let session = RequestSession<Basket>()

        init(source: ApplicationRequestContextSource) {
            self.coreContext = .init(source: source)
        }
    }

    /// What a client has kept of what it was told.
    struct Browser {
        var cookies: [String: String] = [:]
        var csrfToken: String?
    }

    let clock = ManualClock()
    let manager: SessionManager<Basket>
    let events = NIOLockedValueBox<[SessionEvent]>([])
    private let cookie: SessionCookie

    init(
        _ configuration: SessionConfiguration = SessionConfiguration(), cookie: SessionCookie = SessionCookie(),
        store: (any SessionStore)? = nil
    ) throws {
        let seal = try SealingKeys(current: .init(id: 1, secret: Array(repeating: 1, count: 32)))
        self.manager = SessionManager(
            "shop", initial: Basket(), store: store ?? EmbeddedSessionStore(clock: self.clock),
            keys: try SessionKeys(sealing: seal, owners: Array(repeating: 7, count: 32)), configuration: configuration
        ) { [events] event in events.withLockedValue { $0.append(event) } }
        self.cookie = cookie
    }

    private var router: Router<Context> {
        let router = Router(context: Context.self)
        router.add(
            middleware: WebSessions(self.manager, cookie: self.cookie) { request, _ in request.headers[.userAgent] })
        router.add(middleware: CSRFProtection(trusting: ["https://app.example"]))
        router.get("basket") { _, context in
            Self.response(context, context.session.value?.items.joined(separator: ",") ?? "none")
        }
        router.post("basket/:item") { _, context in
            let item = try context.parameters.require("item")
            let items = try await context.session.update { $0.items.append(item) }.items
            return Self.response(context, items.joined(separator: ","))
        }
        router.post("login/:user") { _, context in
            try await context.session.login(Principal(user: try context.parameters.require("user")))
            return Self.response(context, "welcome")
        }
        router.post("remember/:user") { _, context in
            let user = Principal(user: try context.parameters.require("user"))
            try await context.session.login(user, isRemembered: true)
            return Self.response(context, "welcome")
        }
        router.post("logout") { _, context in
            try await context.session.logout()
            return Self.response(context, "goodbye")
        }
        router.post("logout-everywhere") { _, context in
            Self.response(context, "\(try await context.session.logoutEverywhere())")
        }
        router.post("elevate") { _, context in
            try await context.session.rotate()
            return Self.response(context, "elevated")
        }
        router.post("logout-after-rotation") { request, context in
            // As another request of the same client does at the same time.
            let cookie = request.headers[.cookie] ?? ""
            if let id = SessionID(cookie.dropFirst("__Host-id=".count)) { _ = try await self.manager.rotate(id) }
            try await context.session.logout()
            return Self.response(context, "goodbye")
        }
        router.post("fail-after-login") { _, context -> Response in
            try await context.session.login(Principal(user: "17"))
            throw HTTPError(.badGateway, message: "too late")
        }
        router.group("account").add(middleware: RequireSession())
            .get { _, context in Self.response(context, try context.requirePrincipal().user ?? "") }
        router.group("password").add(middleware: RequireRecentLogin(within: .seconds(300)))
            .get { _, context in Self.response(context, "change it") }
        return router
    }

    private static func response(_ context: Context, _ text: String) -> Response {
        var headers: HTTPFields = [.cacheControl: "max-age=60"]
        headers[.csrf] = context.session.csrfToken
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }

    func run(_ body: @escaping @Sendable (any TestClientProtocol) async throws -> Void) async throws {
        try await Application(router: self.router).test(.router) { try await body($0) }
    }
}

extension SessionSite.Browser {
    /// Sends a request as a page of the service does.
    mutating func send(
        _ method: HTTPRequest.Method, _ path: String, to client: any TestClientProtocol, _ fields: HTTPFields = [:]
    ) async throws -> TestResponse {
        var fields = fields
        if !self.cookies.isEmpty {
            fields[.cookie] = self.cookies.map { "\($0)=\($1)" }.joined(separator: "; ")
        }
        if let csrfToken, fields[.csrf] == nil { fields[.csrf] = csrfToken }
        let response = try await client.execute(uri: path, method: method, headers: fields)
        for field in response.headers[values: .setCookie] {
            let parts = field.split(separator: ";")[0].split(separator: "=", omittingEmptySubsequences: false)
            self.cookies[String(parts[0])] = field.contains("Max-Age=0") ? nil : String(parts[1])
        }
        if let token = response.headers[.csrf] { self.csrfToken = token }
        return response
    }

    var id: String? { self.cookies["__Host-id"] }
    var token: String? { self.cookies["__Host-id-remember"] }
}

extension TestResponse {
    var text: String { String(buffer: self.body) }
}

extension HTTPField.Name {
    // The names are tokens, so this cannot fail.
    // swift-format-ignore: NeverForceUnwrap
    static let csrf = HTTPField.Name("X-CSRF-Token")!
    // swift-format-ignore: NeverForceUnwrap
    static let fetchSite = HTTPField.Name("Sec-Fetch-Site")!
    // swift-format-ignore: NeverForceUnwrap
    static let clearSite = HTTPField.Name("Clear-Site-Data")!
}
#endif
