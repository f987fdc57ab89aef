// SPDX-License-Identifier: Apache-2.0

#if Hummingbird
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Larder
import LarderHTTP
import LarderHummingbird
import LarderTesting
import NIOConcurrencyHelpers
import NIOCore
import Testing

@Suite(.timeLimit(.minutes(1))) struct ResponseCacheTests {
    struct Context: CachingRequestContext {
        var coreContext: CoreRequestContextStorage
        var caching: ResponseCaching?

        init(source: ApplicationRequestContextSource) {
            self.coreContext = .init(source: source)
        }
    }

    /// What handlers have been asked for.
    private final class Calls: Sendable {
        private let count = NIOLockedValueBox(0)
        var value: Int { self.count.withLockedValue { $0 } }
        func next() -> Int {
            self.count.withLockedValue {
                $0 += 1
                return $0
            }
        }
    }

    /// Shapes errors, as services do outside of everything else.
    private struct ErrorShaper: RouterMiddleware {
        func handle(
            _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
        ) async throws -> Response {
            do {
                return try await next(request, context)
            } catch let error as HTTPError {
                return Response(status: error.status, headers: [.init("X-Shaped") ?? .server: error.body ?? ""])
            }
        }
    }

    private let clock = ManualClock()
    private let calls = Calls()
    private let cache: Cache
    private let responses: ResponseCache<Context>

    init() {
        self.cache = Cache.inMemory(clock: self.clock)
        self.responses = ResponseCache(
            self.cache, paths: ResponsePaths(excluded: ["/excluded"]),
            identify: { request, _ in
                request.headers[.init("X-User") ?? .server].map { Principal(user: $0) }
            })
    }

    private func test(
        _ setup: TestingSetup = .live, _ add: (Router<Context>) -> Void,
        _ body: @escaping @Sendable (any TestClientProtocol) async throws -> Void
    ) async throws {
        let router = Router(context: Context.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: ErrorShaper())
        router.add(middleware: self.responses)
        add(router)
        try await Application(router: router).test(setup, body)
    }

    private func answer(_ fields: HTTPFields = [.cacheControl: "max-age=60"]) -> Response {
        Response(
            status: .ok, headers: fields,
            body: ResponseBody(byteBuffer: ByteBuffer(string: "body \(self.calls.next())")))
    }

    private func get(
        _ client: any TestClientProtocol, _ path: String, _ fields: HTTPFields = [:], method: HTTPRequest.Method = .get
    ) async throws -> (status: Int, fields: HTTPFields, body: String) {
        let response = try await client.execute(uri: path, method: method, headers: fields)
        await self.cache.settle()
        return (response.status.code, response.headers, String(buffer: response.body))
    }

    // MARK: The middleware

    @Test func theMiddlewareStoresWhatMayBeStored() async throws {
        try await self.test { router in
            router.get("page") { _, _ in self.answer() }
            router.get("none") { _, _ in self.answer([:]) }
            router.get("excluded/page") { _, _ in self.answer() }
            router.get("excludedNot") { _, _ in self.answer() }
        } _: { client in
            #expect(try await self.get(client, "/page").body == "body 1")
            let hit = try await self.get(client, "/page")
            #expect(hit.body == "body 1")
            #expect(hit.fields[.age] == "0")
            #expect(hit.fields[.contentLength] == "6")
            #expect(try await self.get(client, "/none").body == "body 2")
            #expect(try await self.get(client, "/none").body == "body 3")
            #expect(try await self.get(client, "/excluded/page").body == "body 4")
            #expect(try await self.get(client, "/excluded/page").body == "body 5")
            #expect(try await self.get(client, "/excludedNot").body == "body 6")
            #expect(try await self.get(client, "/excludedNot").body == "body 6")
        }
    }

    @Test func aClientThatHasItIsToldSo() async throws {
        try await self.test { router in
            router.get("page") { _, _ in self.answer() }
        } _: { client in
            let first = try await self.get(client, "/page")
            let tag = try #require(first.fields[.eTag])
            let known = try await self.get(client, "/page", [.ifNoneMatch: tag])
            #expect(known.status == 304)
            #expect(known.fields[.contentLength] == nil && known.fields[.contentType] == nil)
            #expect(known.fields[.eTag] == tag)
            let head = try await self.get(client, "/page", method: .head)
            #expect(head.fields[.contentLength] == "6" && head.body.isEmpty && head.fields[.age] == "0")
            let part = try await self.get(client, "/page", [.range: "bytes=0-3"])
            #expect(part.status == 206 && part.body == "body" && part.fields[.contentRange] == "bytes 0-3/6")
            #expect(part.fields[.contentLength] == "4")
            #expect(self.calls.value == 1)
        }
    }

    @Test func bytesAndFieldsAreKeptAsTheyAre() async throws {
        let bytes = (0..<70_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        try await self.test { router in
            router.get("image") { _, _ in
                var response = Response(
                    status: .ok, headers: [.cacheControl: "max-age=60", .contentType: "image/png"],
                    body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
                response.headers.append(HTTPField(name: .link, value: "<a>"))
                response.headers.append(HTTPField(name: .link, value: "<b>"))
                _ = self.calls.next()
                return response
            }
        } _: { client in
            for _ in 0..<2 {
                let response = try await client.execute(uri: "/image", method: .get)
                #expect(Array(response.body.readableBytesView) == bytes)
                #expect(response.headers[values: .link] == ["<a>", "<b>"])
                #expect(response.headers[.contentType] == "image/png")
                await self.cache.settle()
            }
            #expect(self.calls.value == 1)
        }
    }

    @Test func aStreamIsStoredAsItPasses() async throws {
        try await self.test { router in
            router.get("export") { _, _ in
                let count = self.calls.next()
                return Response(
                    status: .ok, headers: [.cacheControl: "max-age=60"],
                    body: ResponseBody { writer in
                        for index in 0..<100 { try await writer.write(ByteBuffer(string: "\(count).\(index)\n")) }
                        try await writer.finish(nil)
                    })
            }
        } _: { client in
            let first = try await self.get(client, "/export")
            #expect(first.body.hasSuffix("1.99\n"))
            let second = try await self.get(client, "/export")
            #expect(second.body == first.body && second.fields[.age] == "0")
        }
    }

    @Test func errorsReachWhoDealsWithThem() async throws {
        try await self.test { router in
            router.get("missing") { _, _ -> Response in throw HTTPError(.notFound, message: "no such page") }
        } _: { client in
            for _ in 0..<2 {
                let response = try await self.get(client, "/missing")
                #expect(response.status == 404 && response.fields[.init("X-Shaped") ?? .server] == "no such page")
            }
        }
    }

    @Test func aWriteEndsWhatWasStored() async throws {
        try await self.test { router in
            router.get("page") { _, _ in
                self.answer([.cacheControl: "max-age=60", .init("Cache-Groups") ?? .server: "\"pages\""])
            }
            router.put("page") { _, _ in Response(status: .noContent) }
            router.post("other") { _, _ in
                Response(status: .ok, headers: [.init("Cache-Group-Invalidation") ?? .server: "\"pages\""])
            }
        } _: { client in
            #expect(try await self.get(client, "/page").body == "body 1")
            #expect(try await self.get(client, "/page", method: .put).status == 204)
            #expect(try await self.get(client, "/page").body == "body 2")
            _ = try await self.get(client, "/other", method: .post)
            #expect(try await self.get(client, "/page").body == "body 3")
        }
    }

    @Test func oneRequestOfManyReachesTheHandler() async throws {
        let gate = Gate()
        try await self.test(.router) { router in
            router.get("slow") { _, _ in
                await gate.wait()
                return self.answer()
            }
        } _: { client in
            try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<30 { group.addTask { try await client.execute(uri: "/slow", method: .get).body.text } }
                while self.cache.statistics["http"]?.requests ?? 0 < 30 { try await Task.sleep(for: .milliseconds(1)) }
                gate.open()
                for try await body in group { #expect(body == "body 1") }
            }
        }
    }

    // MARK: Routes

    @Test func aRouteIsCachedByItsPolicy() async throws {
        try await self.test { router in
            router.get(
                "bestsellers", cached: .shared(.seconds(60)).staleWhileRevalidate(for: .seconds(30)).tag("orders"),
                in: self.responses
            ) { _, _ in
                "body \(self.calls.next())"
            }
        } _: { client in
            #expect(try await self.get(client, "/bestsellers", [.cookie: "a=b"]).body == "body 1")
            #expect(try await self.get(client, "/bestsellers").body == "body 1")
            #expect(try await self.get(client, "/bestsellers", method: .head).fields[.contentLength] == "6")
            self.clock.advance(by: .seconds(70))
            #expect(try await self.get(client, "/bestsellers").body == "body 1")
            #expect(try await self.get(client, "/bestsellers").body == "body 2")
            try await self.cache.invalidate(tags: ["orders"])
            #expect(try await self.get(client, "/bestsellers").body == "body 3")
        }
    }

    @Test func aRouteWithAPolicyIsCachedByThatAlone() async throws {
        let user = HTTPField.Name("X-User") ?? .server
        try await self.test { router in
            router.get("open", cached: .asDeclared.expire(.seconds(60)), in: self.responses) { _, _ in self.answer() }
            router.get("closed", cached: .noStore, in: self.responses) { _, _ in self.answer() }
            router.get("mine", cached: .private(.seconds(60)), in: self.responses) { request, _ in
                Response(
                    status: .ok, headers: [.cacheControl: "public, max-age=60"],
                    body: ResponseBody(byteBuffer: ByteBuffer(string: request.headers[user] ?? "")))
            }
        } _: { client async throws in
            #expect(try await self.get(client, "/open").body == "body 1")
            #expect(try await self.get(client, "/open").body == "body 1")
            #expect(try await self.get(client, "/closed").body == "body 2")
            #expect(try await self.get(client, "/closed").body == "body 3")
            for name in ["anna", "ben", "anna"] {
                #expect(try await self.get(client, "/mine", [user: name]).body == name)
            }
        }
    }

    @Test func aRouteOfSomebodyIsForThemAlone() async throws {
        let user = HTTPField.Name("X-User") ?? .server
        try await self.test { router in
            router.get("me", cached: .private(.seconds(60)), in: self.responses) { request, _ in
                "\(request.headers[user] ?? "nobody") \(self.calls.next())"
            }
        } _: { client async throws in
            for _ in 0..<2 {
                #expect(try await self.get(client, "/me", [user: "anna"]).body == "anna 1")
            }
            #expect(try await self.get(client, "/me", [user: "ben"]).body == "ben 2")
            #expect(try await self.get(client, "/me").body == "nobody 3")
            #expect(try await self.get(client, "/me").body == "nobody 4")
        }
    }

    @Test func aHandlerSaysHowItsResponseIsCached() async throws {
        try await self.test { router in
            router.get("tagged", cached: .shared(.seconds(60)), in: self.responses) { _, context in
                context.caching?.tag("mine")
                context.caching?.ttl(.seconds(5))
                return "body \(self.calls.next())"
            }
            router.get("not") { _, context in
                context.caching?.doNotStore()
                return self.answer()
            }
        } _: { client in
            #expect(try await self.get(client, "/tagged").body == "body 1")
            #expect(try await self.get(client, "/tagged").body == "body 1")
            try await self.cache.invalidate(tags: ["mine"])
            #expect(try await self.get(client, "/tagged").body == "body 2")
            self.clock.advance(by: .seconds(5))
            #expect(try await self.get(client, "/tagged").body == "body 3")
            #expect(try await self.get(client, "/not").body == "body 4")
            #expect(try await self.get(client, "/not").body == "body 5")
        }
    }
}

extension HTTPField.Name {
    fileprivate static let age = HTTPField.Name("Age") ?? .server
    fileprivate static let link = HTTPField.Name("Link") ?? .server
}

extension ByteBuffer {
    fileprivate var text: String { String(buffer: self) }
}
#endif
