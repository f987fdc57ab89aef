// SPDX-License-Identifier: Apache-2.0

#if Configuration
import Configuration
import RedisDriver
import Testing

@Suite struct ConfigurationTests {
    private static func read(_ variables: [String: String]) throws -> RedisClientConfiguration {
        let reader = ConfigReader(provider: EnvironmentVariablesProvider(environmentVariables: variables))
        return try RedisClientConfiguration(reader.scoped(to: "redis"))
    }

    @Test func whatIsNamedIsSet() throws {
        let read = try Self.read([
            "REDIS_URL": "redis://u:p@cache:6380/2?connections=3", "REDIS_PASSWORD": "secret",
            "REDIS_COMMAND_TIMEOUT_MILLISECONDS": "250", "REDIS_CLIENT_NAME": "web",
            "REDIS_MAXIMUM_POOL_CONNECTIONS": "7",
        ])
        #expect(read.host == "cache" && read.port == 6_380 && read.database == 2 && read.connections == 3)
        #expect(read.username == "u" && read.password == "secret" && read.clientName == "web")
        #expect(read.commandTimeout == .milliseconds(250) && read.pool.maximumConnections == 7)
        let plain = try Self.read([:])
        #expect(plain.host == "127.0.0.1" && plain.port == 6_379)
    }

    @Test(arguments: [
        ("REDIS_PORT", "70000", "port"), ("REDIS_DATABASE", "x", "database"), ("REDIS_URL", "http://hunter2", "scheme"),
        ("REDIS_COMMAND_TIMEOUT_MILLISECONDS", "1s", "commandTimeoutMilliseconds"),
        ("REDIS_CONNECTIONS", "-1", "connections"),
    ])
    func whatIsWrongIsNamed(variable: String, value: String, name: String) {
        let error = #expect(throws: RedisError.self) { try Self.read([variable: value]) }
        #expect(error?.code == .invalidConfiguration && error?.message.contains(name) == true)
        #expect(error?.message.contains("hunter2") == false)
    }
}
#endif
