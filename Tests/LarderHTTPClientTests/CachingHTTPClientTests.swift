// SPDX-License-Identifier: Apache-2.0

#if HTTPClient && Hummingbird
import AsyncHTTPClient
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Larder
import LarderHTTP
import LarderHTTPClient
import LarderTesting
import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import Testing

@Suite(.timeLimit(.minutes(1))) struct CachingHTTPClientTests {
    /// The origin says what time it is.
    private let clock = ManualClock(wallTime: Date())
    private let cache: Cache
    private let client: CachingHTTPClient
    private let seen = NIOLockedValueBox<[HTTPRequest]>([])

    init() {
        self.cache = Cache.inMemory(clock: self.clock)
        self.client = CachingHTTPClient(HTTPClient.shared, cache: self.cache)
    }

    /// Serves what `body` asks for: answers count, and have the fields that the query names.
    private func withOrigin(_ body: @escaping @Sendable (_ url: String) async throws -> Void) async throws {
        let router = Router()
        router.on("{path+}", method: .get) { [seen] request, _ in
            let count = seen.withLockedValue { seen in
                seen.append(request.head)
                return seen.count
            }
            let query = request.uri.queryParameters
            if let place = query["to"] { return Response.redirect(to: String(place)) }
            var headers: HTTPFields = [.cacheControl: query["cc"].map(String.init) ?? ""]
            if let cookie = query["cookie"] { headers[.setCookie] = String(cookie) }
            if let tag = query["etag"] {
                headers[.eTag] = "\"\(tag)\""
                if request.headers[.ifNoneMatch] == headers[.eTag] {
                    return Response(status: .notModified, headers: headers)
                }
            }
            return Response(
                status: .ok, headers: headers,
                body: ResponseBody { writer in
                    try await writer.write(ByteBuffer(string: "answer "))
                    try await writer.write(ByteBuffer(string: "\(count)"))
                    try await writer.finish(nil)
                })
        }
        router.on("{path+}", method: .post) { [seen] request, _ in
            seen.withLockedValue { $0.append(request.head) }
            return try await String(buffer: request.body.collect(upTo: 1_000))
        }
        try await Application(router: router).test(.live) { origin in
            try await body("http://localhost:\(origin.port ?? 0)")
        }
    }

    private func get(
        _ url: String, _ fields: [(String, String)] = [], timeout: Duration = .seconds(10)
    ) async throws -> (String, HTTPClientResponse) {
        var request = HTTPClientRequest(url: url)
        for (name, value) in fields { request.headers.add(name: name, value: value) }
        let response = try await self.client.execute(request, timeout: timeout)
        return (String(buffer: try await response.body.collect(upTo: 1_000)), response)
    }

    private func settle() async throws { try await Task.sleep(for: .milliseconds(50)) }

    @Test func aResponseIsAskedForOnce() async throws {
        try await self.withOrigin { url in
            let (first, miss) = try await self.get(url + "/a?cc=max-age=60")
            try await self.settle()
            let (second, hit) = try await self.get(url + "/a?cc=max-age=60")
            #expect(first == "answer 1" && second == "answer 1")
            #expect(miss.headers["Cache-Status"] == ["Larder; fwd=uri-miss; fwd-status=200; stored"])
            #expect(hit.headers["Cache-Status"] == ["Larder; hit; ttl=60"])
            #expect(hit.headers["Age"] == ["0"])
            #expect(self.seen.withLockedValue { $0.count } == 1)
        }
    }

    @Test func usersDoNotGetEachOthersResponses() async throws {
        try await self.withOrigin { url in
            let page = url + "/mine?cc=private,max-age=60"
            #expect(try await self.get(page, [("Authorization", "Bearer a")]).0 == "answer 1")
            #expect(try await self.get(page, [("Authorization", "Bearer b")]).0 == "answer 2")
            #expect(try await self.get(page, [("Cookie", "id=a")]).0 == "answer 3")
            #expect(try await self.get(page).0 == "answer 4")
            try await self.settle()
            #expect(try await self.get(page, [("Authorization", "Bearer a")]).0 == "answer 1")
            #expect(try await self.get(page, [("Cookie", "id=a")]).0 == "answer 3")
        }
    }

    @Test func aHostOfItsOwnCounts() async throws {
        try await self.withOrigin { url in
            let page = url + "/h?cc=max-age=60"
            #expect(try await self.get(page, [("Host", "a.example")]).0 == "answer 1")
            try await self.settle()
            #expect(try await self.get(page, [("Host", "b.example")]).0 == "answer 2")
            #expect(self.seen.withLockedValue { $0.map(\.authority) } == ["a.example", "b.example"])
        }
    }

    @Test func whatMakesSomebodyKnownIsNotStored() async throws {
        try await self.withOrigin { url in
            let page = url + "/k?cc=max-age=60&cookie=id"
            #expect(try await self.get(page).0 == "answer 1")
            try await self.settle()
            #expect(try await self.get(page).0 == "answer 2")
        }
    }

    @Test func aResponseIsValidated() async throws {
        try await self.withOrigin { url in
            let page = url + "/v?cc=max-age=10&etag=x"
            _ = try await self.get(page)
            try await self.settle()
            self.clock.advance(by: .seconds(20))
            let (text, response) = try await self.get(page)
            #expect(text == "answer 1" && response.status == .ok)
            #expect(self.seen.withLockedValue { $0.last?.headerFields[.ifNoneMatch] } == "\"x\"")
        }
    }

    @Test func aChangeEndsWhatIsStored() async throws {
        try await self.withOrigin { url in
            let page = url + "/c?cc=max-age=60"
            _ = try await self.get(page)
            try await self.settle()
            var change = HTTPClientRequest(url: page)
            change.method = .POST
            change.body = .bytes(ByteBuffer(string: "changed"))
            let response = try await self.client.execute(change, timeout: .seconds(10))
            #expect(try await String(buffer: response.body.collect(upTo: 100)) == "changed")
            #expect(try await self.get(page).0 == "answer 3")
        }
    }

    @Test func whereItWasRedirectedToIsNotStored() async throws {
        try await self.withOrigin { url in
            let page = url + "/r?to=/target?cc=max-age=60"
            #expect(try await self.get(page).0 == "answer 2")
            try await self.settle()
            #expect(try await self.get(page).0 == "answer 4")
        }
    }

    @Test func anUnreachableOriginIsAnErrorOrStale() async throws {
        let box = NIOLockedValueBox("")
        try await self.withOrigin { url in
            let page = url + "/s?cc=max-age=10,stale-if-error=60"
            box.withLockedValue { $0 = page }
            _ = try await self.get(page)
            try await self.settle()
        }
        let page = box.withLockedValue { $0 }
        self.clock.advance(by: .seconds(20))
        let short = Duration.milliseconds(300)
        #expect(try await self.get(page, timeout: short).0 == "answer 1")
        await #expect(throws: (any Error).self) { try await self.get(page + "&other", timeout: short) }
        await #expect(throws: (any Error).self) { try await self.get("nothing") }
    }
}
#endif
