// SPDX-License-Identifier: Apache-2.0

import LarderTesting
import RedisDriver
import ServerFixtures
import Testing

/// One server for the suite, and one cluster.
private let server = Task { try await RedisServer() }
private let cluster = Task { try await RedisServerCluster() }

@Suite struct RedisStoreConformanceTests {
    @Test(.timeLimit(.minutes(1)), arguments: StoreConformance.cases)
    func conforms(_ testCase: StoreConformance.Case) async throws {
        let port = try await server.value.port
        try await testCase.run(on: RedisStoreUnderTest(RedisClientConfiguration(port: port)))
    }

    @Test(.timeLimit(.minutes(1)), arguments: StoreConformance.cases)
    func conformsOnACluster(_ testCase: StoreConformance.Case) async throws {
        var configuration = RedisClientConfiguration(reconnectPause: .milliseconds(10))
        configuration.topology = .cluster(try await cluster.value.addresses)
        try await testCase.run(on: RedisStoreUnderTest(configuration))
    }
}
