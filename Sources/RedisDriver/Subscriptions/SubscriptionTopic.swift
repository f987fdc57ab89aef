// SPDX-License-Identifier: Apache-2.0

/// What can be subscribed to.
struct SubscriptionTopic: Sendable, Hashable {
    enum Kind: Sendable {
        case channel, pattern, shardChannel
    }

    var kind: Kind
    /// Compared by its bytes, as the server does.
    var name: RedisKey

    func encodeSubscribe(into encoder: inout RedisCommandEncoder) {
        switch self.kind {
        case .channel: encoder.command("SUBSCRIBE", self.name)
        case .pattern: encoder.command("PSUBSCRIBE", self.name)
        case .shardChannel: encoder.command("SSUBSCRIBE", self.name)
        }
    }

    func encodeUnsubscribe(into encoder: inout RedisCommandEncoder) {
        switch self.kind {
        case .channel: encoder.command("UNSUBSCRIBE", self.name)
        case .pattern: encoder.command("PUNSUBSCRIBE", self.name)
        case .shardChannel: encoder.command("SUNSUBSCRIBE", self.name)
        }
    }

    /// What a message came by; nil for a push that is no message.
    init?(push: RedisValue) {
        guard case .array(let parts) = push, parts.count > 1, let name = RedisKey(redisValue: parts[1]) else {
            return nil
        }
        switch parts[0].text {
        case "message": self.init(kind: .channel, name: name)
        case "pmessage": self.init(kind: .pattern, name: name)
        case "smessage": self.init(kind: .shardChannel, name: name)
        default: return nil
        }
    }

    init(kind: Kind, name: RedisKey) {
        self.kind = kind
        self.name = name
    }
}
