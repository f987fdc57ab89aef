// SPDX-License-Identifier: Apache-2.0

public import NIOCore

/// What was published on a channel.
public struct RedisMessage: Sendable, Hashable {
    /// The channel.
    public let channel: String
    /// The pattern by which it was subscribed to; nil when it was by name.
    public let pattern: String?
    /// What was sent.
    public let payload: ByteBuffer

    /// Reads a push; nil when it is none of a message.
    init?(push: RedisValue) {
        guard case .array(let parts) = push, case .string(let payload)? = parts.last else { return nil }
        switch (parts.first?.text, parts.count) {
        case ("message", 3), ("smessage", 3): self.pattern = nil
        case ("pmessage", 4): self.pattern = parts[1].text
        default: return nil
        }
        guard let channel = parts[parts.count - 2].text else { return nil }
        self.channel = channel
        self.payload = payload
    }
}
