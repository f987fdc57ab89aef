// SPDX-License-Identifier: Apache-2.0

extension RedisClientConfiguration {
    /// Whom to authenticate as now; nil for not at all.
    func currentCredentials() async throws -> RedisCredentials? {
        if let credentials { return try await credentials() }
        return self.fixedCredentials
    }

    /// Whom to authenticate as when that does not change.
    var fixedCredentials: RedisCredentials? {
        self.password.map { RedisCredentials(username: self.username, password: $0) }
    }
}
