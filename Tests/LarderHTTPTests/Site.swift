// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Larder
import LarderHTTP
import LarderTesting
import NIOConcurrencyHelpers
import NIOCore

/// A cache in front of an origin, on a clock that stands still.
struct Site: Sendable {
    let clock: ManualClock
    let cache: Cache
    let http: HTTPCache
    let origin = ScriptedOrigin()

    init(_ profile: HTTPCacheProfile = .standard, _ change: (inout HTTPCacheConfiguration) -> Void = { _ in }) {
        let clock = ManualClock()
        var configuration = HTTPCacheConfiguration(profile)
        change(&configuration)
        self.clock = clock
        self.cache = Cache.inMemory(clock: clock)
        self.http = HTTPCache(self.cache, configuration: configuration)
    }

    /// A process beside it, with the same store.
    init(beside other: Site, store: any CacheStore) {
        self.clock = other.clock
        self.cache = Cache("test", store: store, clock: other.clock)
        self.http = HTTPCache(self.cache, configuration: other.http.configuration)
    }

    /// An answer with its body.
    struct Page: Sendable {
        var response: HTTPResponse
        var body: String

        var status: Int { self.response.status.code }
        var cacheStatus: String { self.response.headerFields[.init("Cache-Status") ?? .server] ?? "" }
        subscript(_ name: String) -> String? { HTTPField.Name(name).flatMap { self.response.headerFields[$0] } }
    }

    @discardableResult
    func get(
        _ path: String = "/", _ fields: [(String, String)] = [], method: HTTPRequest.Method = .get,
        by policy: ResponsePolicy = .asDeclared, identity: Principal? = nil, hasBody: Bool = false
    ) async throws -> Page {
        let page = try await self.page(path, fields, method: method, by: policy, identity: identity, hasBody: hasBody)
        // The next request finds what this one has brought.
        await self.cache.settle()
        return page
    }

    /// As ``get(_:_:method:by:identity:hasBody:)``, without waiting for what goes on behind it.
    func page(
        _ path: String = "/", _ fields: [(String, String)] = [], method: HTTPRequest.Method = .get,
        by policy: ResponsePolicy = .asDeclared, identity: Principal? = nil, hasBody: Bool = false
    ) async throws -> Page {
        let request = Self.request(path, fields, method: method)
        let answer = try await self.http.respond(
            to: request, by: policy, identity: identity, hasBody: hasBody, origin: self.origin.answer)
        return Page(response: answer.response, body: try await answer.content.collected())
    }

    static func request(
        _ path: String, _ fields: [(String, String)] = [], method: HTTPRequest.Method = .get
    ) -> HTTPRequest {
        var request = HTTPRequest(method: method, scheme: "http", authority: "example.com", path: path)
        for (name, value) in fields {
            guard let name = HTTPField.Name(name) else { continue }
            request.headerFields.append(HTTPField(name: name, value: value))
        }
        return request
    }
}

extension HTTPContent {
    func collected() async throws -> String {
        switch self {
        case .bytes(let bytes): return String(buffer: bytes)
        case .stream(let reader):
            var text = ""
            while let piece = try await reader.next() { text += String(buffer: piece) }
            return text
        }
    }
}

/// An origin that answers as it is told, and remembers what it was asked.
final class ScriptedOrigin: Sendable {
    typealias Script = @Sendable (HTTPRequest, Int) async throws -> HTTPAnswer

    private let state = NIOLockedValueBox<(requests: [HTTPRequest], script: Script)>(
        ([], { _, count in .ok("body \(count)", ["Cache-Control": "max-age=60"]) }))

    var requests: [HTTPRequest] { self.state.withLockedValue { $0.requests } }
    var count: Int { self.requests.count }

    /// Answers from now on by a function of the request and how many there have been.
    func set(_ script: @escaping Script) { self.state.withLockedValue { $0.script = script } }

    /// Answers from now on with 200 and some fields.
    func set(_ fields: [String: String]) { self.set { _, count in .ok("body \(count)", fields) } }

    @Sendable func answer(_ request: HTTPRequest) async throws -> HTTPAnswer {
        let (count, script) = self.state.withLockedValue { state in
            state.requests.append(request)
            return (state.requests.count, state.script)
        }
        return try await script(request, count)
    }
}

extension HTTPAnswer {
    static func ok(_ body: String, _ fields: [String: String] = [:], status: Int = 200) -> HTTPAnswer {
        HTTPAnswer(.init(fields, status: status), .bytes(ByteBuffer(string: body)))
    }

    static func stream(_ stream: some HTTPContentReader, _ fields: [String: String]) -> HTTPAnswer {
        HTTPAnswer(.init(fields, status: 200), .stream(stream))
    }
}

extension HTTPResponse {
    init(_ fields: [String: String], status: Int) {
        self.init(status: .init(code: status))
        for (name, value) in fields {
            guard let name = HTTPField.Name(name) else { continue }
            self.headerFields.append(HTTPField(name: name, value: value))
        }
    }
}

/// A body that comes when the test wants it to.
final class GatedContent: HTTPContentReader {
    let length: Int?
    private let pieces: AsyncStream<Result<ByteBuffer?, any Error>>
    private let continuation: AsyncStream<Result<ByteBuffer?, any Error>>.Continuation

    init(length: Int? = nil) {
        self.length = length
        (self.pieces, self.continuation) = AsyncStream.makeStream()
    }

    func send(_ text: String) { self.continuation.yield(.success(ByteBuffer(string: text))) }
    func finish() { self.continuation.yield(.success(nil)) }
    func fail(_ error: any Error) { self.continuation.yield(.failure(error)) }

    func next() async throws -> ByteBuffer? {
        for await piece in self.pieces { return try piece.get() }
        throw CancellationError()
    }
}
