// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import Foundation
import GRDB
import Hummingbird
import Logging
import NIOCore
import NIOFoundationEssentialsCompat
import NIOHTTP1
import ServiceLifecycle

@testable import Storefront

/// A Storefront on a free port with a catalogue of its own, and a client with as many connections as it likes.
struct RunningStorefront: Sendable {
    struct Answer: Sendable {
        var status: UInt
        var headers: HTTPHeaders
        var body: ByteBuffer

        /// What the header `X-Cache` says.
        var cache: String? { self.headers.first(name: "X-Cache") }

        var location: String? { self.headers.first(name: "Location") }

        var size: Int { self.body.readableBytes }

        var text: String { String(buffer: self.body) }

        func json<Value: Decodable>(_ type: Value.Type) throws -> Value {
            try JSONDecoder().decode(type, from: self.body)
        }
    }

    private let client: HTTPClient
    private let base: String

    /// Runs a Storefront while `body` runs.
    static func run(
        queryDelay: Duration = .zero, _ body: @escaping @Sendable (RunningStorefront) async throws -> Void
    ) async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "storefront-\(UUID())")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }

        var configuration = StorefrontConfiguration()
        configuration.port = 0
        configuration.databasePath = directory.appending(path: "catalogue.sqlite").path
        configuration.queryDelay = queryDelay
        configuration.logLevel = .error
        try await SampleCatalogue.copy(to: configuration.databasePath)

        var clientConfiguration = HTTPClient.Configuration()
        clientConfiguration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 1_000
        let client = HTTPClient(configuration: clientConfiguration)
        do {
            let (addresses, continuation) = AsyncStream.makeStream(of: String.self)
            let application = try await Storefront.application(configuration) { continuation.yield($0) }
            let service = ServiceGroup(services: [application], logger: application.logger)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    defer { continuation.finish() }
                    try await service.run()
                }
                for await address in addresses.prefix(1) {
                    try await body(RunningStorefront(client: client, base: "http://\(address)"))
                }
                await service.triggerGracefulShutdown()
                try await group.waitForAll()
            }
        } catch {
            try await client.shutdown()
            throw error
        }
        try await client.shutdown()
    }

    func get(_ path: String) async throws -> Answer {
        try await self.send(.GET, path, nil)
    }

    func put(_ path: String, _ body: String) async throws -> Answer {
        try await self.send(.PUT, path, ByteBuffer(string: body))
    }

    func post(_ path: String, _ body: String) async throws -> Answer {
        try await self.send(.POST, path, ByteBuffer(string: body))
    }

    private func send(_ method: HTTPMethod, _ path: String, _ body: ByteBuffer?) async throws -> Answer {
        var request = HTTPClientRequest(url: self.base + path)
        request.method = method
        request.body = body.map { .bytes($0) }
        let response = try await self.client.execute(request, timeout: .seconds(30))
        return Answer(
            status: response.status.code, headers: response.headers,
            body: try await response.body.collect(upTo: 1 << 20))
    }
}

/// The catalogue, made once and copied for each test.
private actor SampleCatalogue {
    private static let shared = SampleCatalogue()
    private var template: Task<CatalogueDatabase, any Error>?

    static func copy(to path: String) async throws {
        let database = try await Self.shared.database()
        try await database.pool.writeWithoutTransaction { db in
            try db.execute(sql: "VACUUM INTO ?", arguments: [path])
        }
    }

    private func database() async throws -> CatalogueDatabase {
        let task =
            self.template
            ?? Task {
                let path = FileManager.default.temporaryDirectory.appending(path: "storefront-\(UUID()).sqlite").path
                defer {
                    // Its descriptors stay open; the names are not needed.
                    for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) }
                }
                return try await CatalogueDatabase.open(at: path, logger: Logger(label: "test"))
            }
        self.template = task
        return try await task.value
    }
}
