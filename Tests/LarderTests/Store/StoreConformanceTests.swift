// SPDX-License-Identifier: Apache-2.0

import LarderTesting
import Testing

@Suite struct StoreConformanceTests {
    @Test(.timeLimit(.minutes(1)), arguments: StoreConformance.cases)
    func embeddedStore(_ testCase: StoreConformance.Case) async throws {
        try await testCase.run(on: EmbeddedStoreUnderTest())
    }
}
