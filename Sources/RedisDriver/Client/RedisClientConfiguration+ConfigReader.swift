// SPDX-License-Identifier: Apache-2.0

#if Configuration
public import Configuration

extension RedisClientConfiguration {
    /// Reads a configuration.
    ///
    /// It has the key `url`, as for ``init(url:)``, or `host` and `port`; `username`, `password` and `database`, which
    /// go before what the URL says; and every option of a URL's query by its name. Times are whole milliseconds, and their
    /// keys end so: `commandTimeoutMilliseconds`. From environment variables, in the scope `redis`, that is
    /// `REDIS_COMMAND_TIMEOUT_MILLISECONDS`. The URL and the password are read as secrets.
    ///
    /// - Parameter reader: The configuration, in the scope of this client.
    /// - Throws: ``RedisError`` with the code ``RedisError/Code/invalidConfiguration``, whose message names the key that
    ///   is wrong.
    public init(_ reader: ConfigReader) throws(RedisError) {
        if let url = reader.string(forKey: "url", isSecret: true) {
            try self.init(url: url)
        } else {
            self.init()
        }
        if let host = reader.string(forKey: "host") { self.host = host }
        if let port = try Self.number("port", reader) {
            guard (1...65_535).contains(port) else {
                throw RedisError(.invalidConfiguration, "port must be a number from 1 to 65535")
            }
            self.port = port
        }
        if let username = reader.string(forKey: "username") { self.username = username }
        if let password = reader.string(forKey: "password", isSecret: true) { self.password = password }
        if let database = try Self.number("database", reader) { self.database = database }
        for (name, option) in Self.options {
            if option.isNumber {
                guard let number = try Self.number(name, reader) else { continue }
                _ = option.set(number, in: &self)
            } else if let text = reader.string(forKey: ConfigKey(name)) {
                _ = option.set(text, in: &self)
            }
        }
    }

    /// A whole number that is not negative; nil when there is none.
    private static func number(_ name: String, _ reader: ConfigReader) throws(RedisError) -> Int? {
        let key = ConfigKey(name)
        if let number = reader.int(forKey: key), number >= 0 { return number }
        guard reader.int(forKey: key) == nil, reader.string(forKey: key) == nil else {
            throw RedisError(.invalidConfiguration, "\(name) must be a whole number, at least 0")
        }
        return nil
    }
}
#endif
