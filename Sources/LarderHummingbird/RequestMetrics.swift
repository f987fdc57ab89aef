// SPDX-License-Identifier: Apache-2.0

#if Hummingbird
public import CoreMetrics
import HTTPTypes
public import Hummingbird
import NIOConcurrencyHelpers
import NIOCore

/// Measures how long requests take until their response is there, by route, method and status: the histogram
/// `http.server.request.duration` of OpenTelemetry.
///
/// Add it before other middleware. It leaves bodies as they are, so that one that is at hand is sent in one piece; how long a stream
/// takes to be sent it does not measure.
public struct RequestMetrics<Context: RequestContext>: RouterMiddleware {
    private struct Kind: Hashable {
        var route: String
        var method: String
        var status: Int
    }

    private let factory: any MetricsFactory
    private let timers = NIOLockedValueBox<[Kind: CoreMetrics.Timer]>([:])

    /// Makes a middleware.
    ///
    /// - Parameters:
    ///   - factory: Where metrics go; nil for what `MetricsSystem` was bootstrapped with.
    ///   - context: The type of the router's request context.
    public init(_ factory: (any MetricsFactory)? = nil, context: Context.Type = Context.self) {
        self.factory = factory ?? MetricsSystem.factory
    }

    public func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        let start = NIODeadline.now()
        do {
            let response = try await next(request, context)
            self.record(request, context, response.status, since: start)
            return response
        } catch {
            let status = (error as? any HTTPResponseError)?.status ?? .internalServerError
            self.record(request, context, status, since: start)
            throw error
        }
    }

    private func record(_ request: Request, _ context: Context, _ status: HTTPResponse.Status, since start: NIODeadline)
    {
        // What clients make up is one: a series for each would be theirs to make.
        let method =
            switch request.method {
            case .get, .head, .post, .put, .patch, .delete, .options, .connect, .trace: request.method.rawValue
            default: "_OTHER"
            }
        let kind = Kind(route: context.endpointPath ?? "NotFound", method: method, status: status.code)
        self.timer(kind).recordNanoseconds((NIODeadline.now() - start).nanoseconds)
    }

    private func timer(_ kind: Kind) -> CoreMetrics.Timer {
        self.timers.withLockedValue { timers in
            if let timer = timers[kind] { return timer }
            let timer = CoreMetrics.Timer(
                label: "http.server.request.duration",
                dimensions: [
                    ("http.route", kind.route), ("http.request.method", kind.method),
                    ("http.response.status_code", "\(kind.status)"),
                ], factory: self.factory)
            timers[kind] = timer
            return timer
        }
    }
}
#endif
