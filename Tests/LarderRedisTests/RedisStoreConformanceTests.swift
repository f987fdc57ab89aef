// SPDX-License-Identifier: Apache-2.0

import LarderTesting
import ServerFixtures
import Testing

/// One server for the suite.
private let server = Task { try await RedisServer() }

@Suite struct RedisStoreConformanceTests {
    @Test(.timeLimit(.minutes(1)), arguments: StoreConformance.cases)
    func conforms(_ testCase: StoreConformance.Case) async throws {
        try await testCase.run(on: RedisStoreUnderTest(port: await server.value.port))
    }
}
