// SPDX-License-Identifier: Apache-2.0

#if Hummingbird
import HTTPTypes
public import Hummingbird
import Larder

/// Who or what is held to a limit.
public struct RateLimitKey<Context: RequestContext>: Sendable {
    let of: @Sendable (Request, Context) throws -> String?

    /// What a closure says; what it gives nil for is not limited.
    public init(_ of: @escaping @Sendable (Request, Context) throws -> String?) {
        self.of = of
    }

    /// All requests to a route together, whatever their method; and all that are to none.
    public static var route: RateLimitKey {
        RateLimitKey { _, context in context.endpointPath ?? "none" }
    }

    /// This and another: a limit for each pair. What one of them does not limit is not limited.
    public func and(_ other: RateLimitKey) -> RateLimitKey {
        RateLimitKey { request, context in
            guard let one = try self.of(request, context), let two = try other.of(request, context) else { return nil }
            return "\(one.utf8.count) \(one) \(two)"
        }
    }
}

extension RateLimitKey where Context: SessionRequestContext {
    /// Who has logged in; others are not limited.
    public static var identity: RateLimitKey {
        RateLimitKey { _, context in
            try context.session.knownPrincipal().map { principal in
                let tenant = principal.tenant ?? ""
                return "\(tenant.utf8.count) \(tenant) \(principal.user ?? "")"
            }
        }
    }
}

extension RateLimitKey where Context: RemoteAddressRequestContext {
    /// The address of the client: of version 6 its first 64 bits, for a client has as many addresses behind them as it wants.
    ///
    /// - Parameter proxies: The proxies whose word is taken for who the client is.
    public static func address(behind proxies: TrustedProxies = .none) -> RateLimitKey {
        RateLimitKey { request, context in
            let peer = context.remoteAddress.flatMap { IPAddress($0) }
            return proxies.client(of: request, from: peer)?.network.description ?? "unknown"
        }
    }
}
#endif
