// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Larder
import LarderHTTP
import LarderRedis
import NIOConcurrencyHelpers
import NIOCore
import RedisDriver
import ServerFixtures
import Testing

/// Cached responses on a real server.
@Suite(.timeLimit(.minutes(1))) struct RedisResponseTests {
    /// A process that caches responses, and how often its origin was asked.
    private struct Process: Sendable {
        let cache: Cache
        let http: HTTPCache
        let client: RedisClient
        let asked = NIOLockedValueBox(0)

        init(port: Int, near: NearCacheConfiguration? = nil) throws {
            var store = RedisStoreConfiguration.patient
            store.nearCache = near
            self.client = try RedisClient(RedisClientConfiguration(port: port, commandTimeout: .seconds(5)))
            self.cache = Cache("site", store: .redis(self.client, configuration: store))
            self.http = HTTPCache(self.cache)
        }

        func get(_ language: String, method: HTTPRequest.Method = .get) async throws -> String {
            var request = HTTPRequest(method: method, scheme: "http", authority: "example.com", path: "/page")
            request.headerFields[.acceptLanguage] = language
            let answer = try await self.http.respond(to: request) { [asked] request in
                let count = asked.withLockedValue { count in
                    count += 1
                    return count
                }
                let fields: HTTPFields = [.cacheControl: "max-age=60", .vary: "Accept-Language"]
                return HTTPAnswer(
                    HTTPResponse(status: .ok, headerFields: fields), .bytes(ByteBuffer(string: "\(language) \(count)")))
            }
            await self.cache.settle()
            guard case .bytes(let bytes) = answer.content else { return "" }
            return String(buffer: bytes)
        }
    }

    @Test func aHitIsOneRoundTripWhateverTheVariant() async throws {
        let server = try await RedisServer()
        let proxy = try await FaultProxy(to: server.port)
        let process = try Process(port: proxy.port)
        for language in ["en", "de", "fr"] { #expect(try await process.get(language).hasPrefix(language)) }
        for language in ["en", "de", "fr"] {
            proxy.resetCount()
            #expect(try await process.get(language).hasPrefix(language))
            #expect(proxy.roundTrips == 1, "\(language)")
        }
        #expect(process.asked.withLockedValue { $0 } == 3)
    }

    @Test func processesShareResponsesAndWhatEndsThem() async throws {
        let server = try await RedisServer()
        let (one, other) = (try Process(port: server.port), try Process(port: server.port))
        #expect(try await one.get("en") == "en 1")
        #expect(try await other.get("en") == "en 1")
        #expect(try await other.get("de") == "de 1")
        #expect(try await one.get("de") == "de 1")
        _ = try await other.get("en", method: .put)
        #expect(try await one.get("en") == "en 2")
        #expect(try await one.get("de") == "de 3", "all variants of a URL end together")
    }

    @Test func aNearHitAsksTheServerForNothing() async throws {
        let server = try await RedisServer()
        let process = try Process(port: server.port, near: NearCacheConfiguration())
        _ = try await process.get("en")
        while process.cache.statistics["http"]?.nearHits ?? 0 < 3 { #expect(try await process.get("en") == "en 1") }
    }

    @Test func aServerThatIsGoneCostsNoAnswer() async throws {
        let server = try await RedisServer()
        let process = try Process(port: server.port)
        #expect(try await process.get("en") == "en 1")
        await process.client.close()
        #expect(try await process.get("en") == "en 2")
        #expect(try await process.get("en") == "en 3")
    }
}
