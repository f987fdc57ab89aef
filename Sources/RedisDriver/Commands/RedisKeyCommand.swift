// SPDX-License-Identifier: Apache-2.0

/// A command on one key.
public protocol RedisKeyCommand<Response>: RedisCommand {
    /// The key.
    var key: RedisKey { get }
}

extension RedisKeyCommand {
    public var keys: [RedisKey] { [self.key] }
}
