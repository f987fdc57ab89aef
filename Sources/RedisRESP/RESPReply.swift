// SPDX-License-Identifier: Apache-2.0

/// A complete reply, or a push, as the parser found it.
public struct RESPReply: Sendable, Hashable {
    /// The reply's value: a scalar, or the head of an aggregate.
    public var head: RESPNode
    /// What the aggregate holds, each inner aggregate before its elements. Empty for a scalar.
    public var elements: [RESPNode]
    /// Pushes that stood inside the reply, in the order they came; each begins with its `push` node.
    public var pushes: [[RESPNode]]
    /// How many bytes the reply took.
    public var length: Int

    /// Whether the reply answers no command but is a push.
    public var isPush: Bool {
        if case .push = self.head { true } else { false }
    }
}
