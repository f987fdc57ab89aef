// SPDX-License-Identifier: Apache-2.0

extension RedisClientConfiguration {
    /// A setting that a URL or a configuration file can have, by its name. Times are in whole milliseconds, as the names
    /// say.
    enum Option {
        case text(WritableKeyPath<RedisClientConfiguration, String?>)
        case number(WritableKeyPath<RedisClientConfiguration, Int>)
        case milliseconds(WritableKeyPath<RedisClientConfiguration, Duration>)
        case optionalMilliseconds(WritableKeyPath<RedisClientConfiguration, Duration?>)

        var isNumber: Bool {
            if case .text = self { false } else { true }
        }

        /// Sets it; false when the text is none for it.
        func set(_ text: String, in configuration: inout RedisClientConfiguration) -> Bool {
            guard case .text(let path) = self else {
                return Int(text).map { self.set($0, in: &configuration) } ?? false
            }
            configuration[keyPath: path] = text
            return true
        }

        /// Sets it; false when the number is none for it.
        func set(_ number: Int, in configuration: inout RedisClientConfiguration) -> Bool {
            guard number >= 0 else { return false }
            switch self {
            case .text: return false
            case .number(let path): configuration[keyPath: path] = number
            case .milliseconds(let path): configuration[keyPath: path] = .milliseconds(number)
            case .optionalMilliseconds(let path): configuration[keyPath: path] = .milliseconds(number)
            }
            return true
        }
    }

    /// All of them.
    static var options: [String: Option] {
        [
            "clientName": .text(\.clientName),
            "connections": .number(\.connections),
            "connectTimeoutMilliseconds": .milliseconds(\.connectTimeout),
            "commandTimeoutMilliseconds": .milliseconds(\.commandTimeout),
            "stallTimeoutMilliseconds": .optionalMilliseconds(\.stallTimeout),
            "reconnectPauseMilliseconds": .milliseconds(\.reconnectPause),
            "maximumReconnectPauseMilliseconds": .milliseconds(\.maximumReconnectPause),
            "healthCheckIntervalMilliseconds": .optionalMilliseconds(\.healthCheckInterval),
            "slowCommandThresholdMilliseconds": .optionalMilliseconds(\.slowCommandThreshold),
            "maximumCommands": .number(\.maximumCommands),
            "maximumQueuedBytes": .number(\.maximumQueuedBytes),
            "minimumPoolConnections": .number(\.pool.minimumConnections),
            "maximumPoolConnections": .number(\.pool.maximumConnections),
            "acquireTimeoutMilliseconds": .milliseconds(\.pool.acquireTimeout),
            "idleTimeoutMilliseconds": .milliseconds(\.pool.idleTimeout),
        ]
    }
}
