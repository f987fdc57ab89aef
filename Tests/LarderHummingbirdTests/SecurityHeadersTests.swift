// SPDX-License-Identifier: Apache-2.0

#if Hummingbird
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import LarderHummingbird
import Testing

@Suite struct SecurityHeadersTests {
    private func headers(
        _ middleware: SecurityHeaders<BasicRequestContext>, from headers: HTTPFields = [:]
    ) async throws -> [String: String] {
        let router = Router()
        router.add(middleware: middleware)
        router.get("/") { _, _ in Response(status: .ok, headers: headers) }
        router.get("error") { _, _ -> Response in throw HTTPError(.conflict, message: "no") }
        let fields = try await Application(router: router).test(.router) { client in
            for (path, status) in [("/error", HTTPResponse.Status.conflict), ("/nowhere", .notFound)] {
                let error = try await client.execute(uri: path, method: .get)
                #expect(error.status == status && error.headers[.xContentTypeOptions] == "nosniff")
            }
            return try await client.execute(uri: "/", method: .get).headers
        }
        return Dictionary(fields.map { ($0.name.canonicalName, $0.value) }) { $0 + " and " + $1 }
    }

    @Test func browsersAreToldToBeCareful() async throws {
        let headers = try await self.headers(SecurityHeaders())
        #expect(headers["content-security-policy"] == SecurityHeaders<BasicRequestContext>.ownContentOnly)
        #expect(headers["x-content-type-options"] == "nosniff")
        #expect(headers["x-frame-options"] == "DENY")
        #expect(headers["referrer-policy"] == "no-referrer")
        #expect(headers["cross-origin-opener-policy"] == "same-origin")
        #expect(headers["strict-transport-security"] == nil)
    }

    @Test func whatIsSaidIsTheServicesToChoose() async throws {
        let headers = try await self.headers(
            SecurityHeaders(
                contentSecurityPolicy: "default-src 'self'; frame-ancestors 'self'", referrerPolicy: "same-origin",
                transportSecurity: .seconds(3_600)))
        #expect(headers["content-security-policy"] == "default-src 'self'; frame-ancestors 'self'")
        #expect(headers["x-frame-options"] == nil)
        #expect(headers["referrer-policy"] == "same-origin")
        #expect(headers["strict-transport-security"] == "max-age=3600")
        #expect(try await self.headers(SecurityHeaders(contentSecurityPolicy: nil))["content-security-policy"] == nil)
    }

    @Test func whatAHandlerSaysStays() async throws {
        let headers = try await self.headers(
            SecurityHeaders(), from: [.contentSecurityPolicy: "default-src 'none'", .xContentTypeOptions: "nosniff"])
        #expect(headers["content-security-policy"] == "default-src 'none'")
        #expect(headers["x-content-type-options"] == "nosniff")
    }
}
#endif
