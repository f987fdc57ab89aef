// SPDX-License-Identifier: Apache-2.0

#if Hummingbird
import HTTPTypes
public import Hummingbird
public import Larder
import LarderSessions

/// Who may use a console: nobody whom it does not name.
public struct ConsoleAccess<Context: RequestContext>: Sendable {
    /// Lets a request pass.
    ///
    /// - Throws: `HTTPError` for one that may not.
    let check: @Sendable (Request, Context) throws -> Void
    /// What requests that change something have to bring in `X-CSRF-Token`, as the page is told.
    let token: @Sendable (Context) -> String
    /// Whether they bring it.
    let isToken: @Sendable (String, Context) throws -> Bool

    /// A header that other sites' pages cannot add, whatever it says, protects by itself where there are no sessions to make tokens for.
    private static var plainToken: String { "console" }

    private init(
        check: @escaping @Sendable (Request, Context) throws -> Void,
        token: @escaping @Sendable (Context) -> String = { _ in Self.plainToken },
        isToken: @escaping @Sendable (String, Context) throws -> Bool = { token, _ in token == Self.plainToken }
    ) {
        self.check = check
        self.token = token
        self.isToken = isToken
    }

    /// Those whom a policy allows `AccessPolicy.Operation.operate` for everything. Whoever it is has to be known before, by ``Identification``; others
    /// are answered with 401 or 403.
    public static func operators(of policy: AccessPolicy) -> ConsoleAccess {
        ConsoleAccess(check: { _, _ in try Self.check(policy) })
    }

    private static func check(_ policy: AccessPolicy) throws {
        let identity = Identity.current
        guard policy.allowsEverything(identity, to: .operate) else {
            if identity.principal == nil { throw HTTPError.unauthenticated }
            throw HTTPError(.forbidden, message: "the console is for operators")
        }
    }
}

extension ConsoleAccess where Context: SessionRequestContext {
    /// Those whom a policy allows `AccessPolicy.Operation.operate` for everything, in a session of theirs: what changes something has to bring its
    /// token, as for ``CSRFProtection``. Inside of ``WebSessions`` and ``Identification``; others are answered with 401 or 403.
    public static func operators(of policy: AccessPolicy) -> ConsoleAccess {
        ConsoleAccess(
            check: { _, _ in try Self.check(policy) },
            token: { context in context.session.csrfToken ?? Self.plainToken },
            isToken: { token, context in
                // Who is known otherwise, outside of sessions, has none.
                (try? context.session.id()).map { $0.isCSRFToken(token) } ?? (token == Self.plainToken)
            })
    }
}

extension ConsoleAccess where Context: RemoteAddressRequestContext {
    /// Whoever is on the machine that the service runs on: asks from it, by a name that is only its own, and not through a proxy that says so. For a
    /// service that is tried, or reached through `ssh -L`; all users of that machine are let in. The context has to know the client's address:
    ///
    /// ```swift
    /// struct AppContext: RemoteAddressRequestContext {
    ///     var coreContext: CoreRequestContextStorage
    ///     let remoteAddress: SocketAddress?
    ///
    ///     init(source: ApplicationRequestContextSource) {
    ///         self.coreContext = .init(source: source)
    ///         self.remoteAddress = source.channel.remoteAddress
    ///     }
    /// }
    /// ```
    ///
    /// - Warning: A proxy on this machine that does not say that it is one, such as nginx without `proxy_set_header X-Forwarded-For`, lets everybody in whom it
    ///   serves. Behind a proxy use `operators(of:)`.
    public static var thisMachine: ConsoleAccess {
        ConsoleAccess(check: { request, context in
            let peer = context.remoteAddress.flatMap { IPAddress($0) }
            guard request.isForThisMachine, peer?.isLoopback == true else {
                throw HTTPError(.forbidden, message: "the console is for this machine alone")
            }
        })
    }
}
#endif
