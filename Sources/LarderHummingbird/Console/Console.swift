// SPDX-License-Identifier: Apache-2.0

#if Hummingbird
import HTTPTypes
import Hummingbird
import Larder
import LarderSessions
import Logging
import NIOCore
import NIOFoundationEssentialsCompat

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What a console answers.
struct Console<Context: RequestContext>: Sendable {
    let cache: Cache
    let access: ConsoleAccess<Context>
    let sessions: SessionDirectory?
    /// Tells this process from others of the service.
    private let instance = String(UInt32.random(in: .min ... .max), radix: 16)
    private let start = ContinuousClock.now

    /// How many entries a survey looks at.
    private static var surveySize: Int { 1_000 }
    private static var maximumEntries: Int { 100 }
    private static var maximumBodySize: Int { 16 << 10 }

    init(cache: Cache, access: ConsoleAccess<Context>, sessions: SessionDirectory?) {
        self.cache = cache
        self.access = access
        self.sessions = sessions
    }

    /// The page, under a path with a slash at its end, so that its links need not say where it is mounted.
    @Sendable func page(_ request: Request, _ context: Context) -> Response {
        guard let name = request.uri.path.split(separator: "/").last, !request.uri.path.hasSuffix("/") else {
            return Self.file(ConsolePage.page, "text/html; charset=utf-8")
        }
        return Response(status: .permanentRedirect, headers: [.location: "\(name)/", .cacheControl: "no-store"])
    }

    static func file(_ text: String, _ type: String) -> Response {
        Response(
            status: .ok, headers: [.contentType: type, .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }

    @Sendable func overview(_ request: Request, _ context: Context) async -> Response {
        Response(
            json: await ConsoleOverview(
                of: self.cache, self.instance, since: self.start, csrfToken: self.access.token(context),
                hasSessions: self.sessions != nil))
    }

    // MARK: Entries

    @Sendable func survey(_ request: Request, _ context: Context) async throws -> Response {
        Response(json: ConsoleSurvey(try await self.look()))
    }

    @Sendable func entries(_ request: Request, _ context: Context) async throws -> Response {
        let survey = try await self.look(
            matching: KeyPattern(request.text("pattern") ?? "*"), tag: request.text("tag"))
        return Response(json: ConsoleEntries(survey, atMost: Self.maximumEntries))
    }

    private func look(
        matching pattern: KeyPattern = "*", tag: String? = nil
    ) async throws -> CacheSurvey {
        do {
            return try await Self.acting {
                try await self.cache.survey(matching: pattern, tag: tag, count: Self.surveySize)
            }
        } catch {
            throw HTTPError(.serviceUnavailable, message: "entries cannot be looked through: \(error)")
        }
    }

    @Sendable func explain(_ request: Request, _ context: Context) async throws -> Response {
        guard let text = request.text("key") else { throw HTTPError(.badRequest, message: "the query needs key=") }
        let key = try self.cache.key(stored: text)
        return Response(json: EntryReport(await Self.acting { await self.cache.explain(key) }))
    }

    @Sendable func invalidate(_ request: Request, _ context: Context) async throws -> Response {
        let invalidation = try await Self.body(ConsoleInvalidation.self, of: request)
        let report = try await Self.acting { try await invalidation.carryOut(in: self.cache) }
        context.logger.notice(
            "an operator ended entries",
            metadata: [
                "larder.operator": "\(Self.operator)", "larder.cache": "\(self.cache.name)",
                "larder.subject": "\(invalidation.subject.printable)", "larder.outcome": "\(report.outcome)",
            ])
        return Response(json: report)
    }

    // MARK: Sessions

    @Sendable func listSessions(_ request: Request, _ context: Context) async throws -> Response {
        let user = User(user: request.text("user"), tenant: request.text("tenant"))
        let (directory, principal) = (try self.directory(), try user.principal())
        return Response(json: ["sessions": try await Self.asking { try await directory.list(principal) }])
    }

    @Sendable func endSessions(_ request: Request, _ context: Context) async throws -> Response {
        let user = try await Self.body(User.self, of: request)
        let (directory, principal) = (try self.directory(), try user.principal())
        let ended = try await Self.asking { try await directory.end(principal, user.session.map(SessionDigest.init)) }
        context.logger.notice(
            "an operator ended sessions",
            metadata: [
                "larder.operator": "\(Self.operator)", "larder.user": "\(principal.name)",
                "larder.session": "\(user.session?.printable ?? "all")", "larder.count": "\(ended)",
            ])
        return Response(json: ["ended": ended])
    }

    /// Whose sessions are meant, or which of them.
    private struct User: Decodable {
        var user: String?
        var tenant: String?
        var session: String?

        func principal() throws -> Principal {
            guard let user, !user.isEmpty else { throw HTTPError(.badRequest, message: "say whose sessions: user") }
            return Principal(user: user, tenant: self.tenant.flatMap { $0.isEmpty ? nil : $0 })
        }
    }

    private func directory() throws -> SessionDirectory {
        guard let sessions else { throw HTTPError(.notFound, message: "this console shows no sessions") }
        return sessions
    }

    private static func asking<Answer>(_ call: () async throws -> Answer) async throws -> Answer {
        do {
            return try await call()
        } catch let error as SessionError {
            throw error.httpError
        }
    }

    // MARK: Requests

    /// Does something as the service itself, on behalf of an operator.
    private static func acting<Answer>(_ call: () async throws -> Answer) async rethrows -> Answer {
        try await Identity.$current.withValue(.service, operation: call)
    }

    /// Who asks, for the log.
    private static var `operator`: String {
        let identity = Identity.current
        if let principal = identity.principal { return principal.name }
        return identity.roles.isEmpty ? "on this machine" : identity.roles.sorted().joined(separator: ", ").printable
    }

    private static func body<Body: Decodable>(_ type: Body.Type, of request: Request) async throws -> Body {
        let bytes = try await request.body.collect(upTo: Self.maximumBodySize)
        do {
            return try JSONDecoder().decode(type, from: bytes)
        } catch {
            throw HTTPError(.badRequest, message: "the body is not the JSON that was expected")
        }
    }
}

extension Principal {
    /// For the log: a user, and the tenant that they belong to.
    fileprivate var name: String {
        ((self.user ?? "nobody") + (self.tenant.map { " of \($0)" } ?? "")).printable
    }
}

extension Request {
    /// A parameter of the query that says something.
    fileprivate func text(_ name: Substring) -> String? {
        self.uri.queryParameters[name].flatMap { $0.isEmpty ? nil : String($0) }
    }
}
#endif
