// SPDX-License-Identifier: Apache-2.0

import Foundation
import Hummingbird
import Larder
import Logging
import ServiceLifecycle

@testable import Storefront

/// A Storefront within the test process, on a free port, with a catalogue of its own.
enum RunningStorefront {
    /// Runs a Storefront while `body` runs.
    static func run(
        queryDelay: Duration = .zero, sealingKeys: SealingKeys? = nil, console: StorefrontConfiguration.Console? = nil,
        _ body: @escaping @Sendable (StorefrontClient) async throws -> Void
    ) async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "storefront-\(UUID())")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }

        var configuration = StorefrontConfiguration()
        configuration.port = 0
        configuration.databasePath = directory.appending(path: "catalogue.sqlite").path
        configuration.queryDelay = queryDelay
        configuration.sealingKeys = sealingKeys
        configuration.console = console
        configuration.logLevel = .error
        try await SampleCatalogue.copy(to: configuration.databasePath)

        try await StorefrontClient.withHTTPClient { client in
            let (addresses, continuation) = AsyncStream.makeStream(of: String.self)
            let application = try await Storefront.application(configuration) { continuation.yield($0) }
            let service = ServiceGroup(services: [application], logger: application.logger)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    defer { continuation.finish() }
                    try await service.run()
                }
                for await address in addresses.prefix(1) {
                    try await body(StorefrontClient(address, over: client))
                }
                await service.triggerGracefulShutdown()
                try await group.waitForAll()
            }
        }
    }
}
