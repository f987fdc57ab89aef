// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOHTTP1
import Testing

@testable import Storefront

/// Somebody with a browser that keeps its cookie.
struct Shopper: Sendable {
    /// What `GET /profile` and others of its kind answer.
    struct Report: Decodable {
        struct Line: Decodable {
            var product: Int
            var quantity: Int
        }
        var user: String?
        var cart: [Line]
        var csrfToken: String?
    }

    private(set) var storefront: StorefrontClient
    private(set) var id: String?
    private(set) var csrfToken: String?

    init(at storefront: StorefrontClient) {
        self.storefront = storefront
    }

    init(logsInAs user: Int, at storefront: StorefrontClient) async throws {
        self.init(at: storefront)
        let answer = try await self.send(
            .POST, "/login", #"{"username": "user\#(user)", "password": "password\#(user)"}"#)
        #expect(answer.status == 200)
        _ = try #require(self.id)
    }

    /// What the browser sends with each request.
    var fields: [String: String] {
        var fields: [String: String] = [:]
        fields["Cookie"] = self.id.map { "id=\($0)" }
        fields["X-CSRF-Token"] = self.csrfToken
        return fields
    }

    @discardableResult
    mutating func send(
        _ method: HTTPMethod, _ path: String, _ body: String? = nil, _ fields: [String: String] = [:]
    ) async throws -> StorefrontClient.Answer {
        let answer = try await self.storefront.send(
            method, path, body.map { ByteBuffer(string: $0) }, self.fields.merging(fields) { $1 })
        for cookie in answer.headers["Set-Cookie"] where cookie.hasPrefix("id=") {
            let id = cookie.dropFirst(3).prefix { $0 != ";" }
            self.id = id.isEmpty ? nil : String(id)
        }
        if let token = answer.headers.first(name: "X-CSRF-Token") { self.csrfToken = token }
        return answer
    }

    /// The same browser at another process of the service.
    func moved(to storefront: StorefrontClient) -> Shopper {
        var other = self
        other.storefront = storefront
        return other
    }
}
