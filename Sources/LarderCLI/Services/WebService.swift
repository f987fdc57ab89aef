// SPDX-License-Identifier: Apache-2.0

#if CLI
import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1

/// A service that is asked over HTTP.
struct WebService: Sendable {
    /// What came of a request.
    struct Answer: Sendable {
        /// Nil when there was no answer.
        var status: Int?
        /// Why there was none.
        var problem: String?
        var body = ByteBuffer()
        /// Whether the answer was stored somewhere, as it says itself; nil when it does not.
        var isHit: Bool?

        var isGood: Bool { self.status.map { (200..<400).contains($0) } ?? false }

        /// What there is to say of one that is not good.
        var text: String { self.problem ?? "status \(self.status ?? 0)" }
    }

    /// The most of a body that is read.
    private static let maximumBody = 256 << 20

    private let client: HTTPClient
    private let timeout: Duration

    /// Asks services as long as `body` goes on.
    ///
    /// - Parameters:
    ///   - connections: How many to each host at the most.
    ///   - timeout: How long an answer may take.
    static func asking<Result>(
        connections: Int, timeout: Duration, _ body: (WebService) async throws -> Result
    ) async throws -> Result {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = connections
        // An answer that stops half way is given up too.
        configuration.timeout.read = TimeAmount(timeout)
        // Who is not there is said, and not waited for.
        configuration.connectionPool.retryConnectionEstablishment = false
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        do {
            let result = try await body(WebService(client: client, timeout: timeout))
            try await client.shutdown()
            return result
        } catch {
            try? await client.shutdown()
            throw error
        }
    }

    func get(_ url: String) async -> Answer {
        do {
            let response = try await self.client.execute(
                HTTPClientRequest(url: url), timeout: TimeAmount(self.timeout))
            let hit = Self.isHit(response.headers["Cache-Status"], response.headers.first(name: "X-Cache"))
            return Answer(
                status: Int(response.status.code), body: try await response.body.collect(upTo: Self.maximumBody),
                isHit: hit)
        } catch {
            return Answer(problem: "\(error)")
        }
    }

    /// Whether one of those who had the answer had it stored (RFC 9211), or `X-Cache` says so.
    private static func isHit(_ statuses: [String], _ other: String?) -> Bool? {
        let members = statuses.flatMap { $0.split(separator: ",") }
        guard !members.isEmpty else { return other.map { $0.lowercased().hasPrefix("hit") } }
        return members.contains { member in
            member.split(separator: ";").dropFirst().contains {
                ["hit", "hit=?1"].contains($0.trimmingCharacters(in: .whitespaces))
            }
        }
    }

    /// The URL of a path of a service; nil when it is neither that nor a URL.
    static func url(_ text: String, of service: String?) -> String? {
        let isPath = text.hasPrefix("/")
        let whole = isPath ? service.map { ($0.hasSuffix("/") ? String($0.dropLast()) : $0) + text } : text
        guard let whole, let url = URL(string: whole), let scheme = url.scheme, url.host()?.isEmpty == false,
            ["http", "https"].contains(scheme.lowercased())
        else { return nil }
        return whole
    }
}
#endif
