// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import Foundation
import NIOCore
import NIOFoundationEssentialsCompat
import NIOHTTP1

/// A Storefront as its clients see it, over as many connections as it takes.
struct StorefrontClient: Sendable {
    struct Answer: Sendable {
        var status: UInt
        var headers: HTTPHeaders
        var body: ByteBuffer

        /// What the header `X-Cache` says.
        var cache: String? { self.headers.first(name: "X-Cache") }

        /// What the header `X-Invalidation` says.
        var invalidation: String? { self.headers.first(name: "X-Invalidation") }

        var location: String? { self.headers.first(name: "Location") }

        var size: Int { self.body.readableBytes }

        var text: String { String(buffer: self.body) }

        func json<Value: Decodable>(_ type: Value.Type) throws -> Value {
            try JSONDecoder().decode(type, from: self.body)
        }
    }

    private let client: HTTPClient
    private let base: String

    /// A client for the Storefront at a URL.
    init(_ base: String, over client: HTTPClient) {
        self.base = base
        self.client = client
    }

    /// Runs `body` with an HTTP client that opens as many connections as there are requests.
    static func withHTTPClient<Value>(_ body: (HTTPClient) async throws -> Value) async throws -> Value {
        var configuration = HTTPClient.Configuration()
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 1_000
        let client = HTTPClient(configuration: configuration)
        do {
            let value = try await body(client)
            try await client.shutdown()
            return value
        } catch {
            try await client.shutdown()
            throw error
        }
    }

    func get(_ path: String, headers: [String: String] = [:]) async throws -> Answer {
        try await self.send(.GET, path, nil, headers)
    }

    func put(_ path: String, _ body: String) async throws -> Answer {
        try await self.send(.PUT, path, ByteBuffer(string: body))
    }

    func post(_ path: String, _ body: String) async throws -> Answer {
        try await self.send(.POST, path, ByteBuffer(string: body))
    }

    func send(
        _ method: HTTPMethod, _ path: String, _ body: ByteBuffer? = nil, _ headers: [String: String] = [:]
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: self.base + path)
        request.headers = HTTPHeaders(headers.map { ($0.key, $0.value) })
        request.method = method
        request.body = body.map { .bytes($0) }
        let response = try await self.client.execute(request, timeout: .seconds(30))
        return Answer(
            status: response.status.code, headers: response.headers,
            body: try await response.body.collect(upTo: 32 << 20))
    }
}
