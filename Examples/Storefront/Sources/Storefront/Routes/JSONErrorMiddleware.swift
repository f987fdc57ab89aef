// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird
import Logging
import NIOCore

/// Answers every error as JSON with a message; what the client cannot know about goes to the log.
struct JSONErrorMiddleware: RouterMiddleware {
    typealias Context = StorefrontContext

    func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as HTTPError {
            throw HTTPError(
                error.status, headers: error.headers, message: error.body ?? error.status.reasonPhrase.lowercased())
        } catch is NIOTooManyBytesError {
            throw HTTPError(.contentTooLarge, message: "the body is larger than 64 KiB")
        } catch is CancellationError {
            throw HTTPError(.serviceUnavailable, message: "the service is stopping")
        } catch {
            context.logger.error("a request failed", metadata: ["storefront.error": "\(error)"])
            throw HTTPError(.internalServerError, message: "internal error")
        }
    }
}
