// SPDX-License-Identifier: Apache-2.0

/// What becomes of commands when as many are under way on a connection as may be.
public struct RedisFullPolicy: Sendable, Hashable {
    /// How much may wait.
    let waiting: (commands: Int, bytes: Int)

    /// They fail at once, with the code ``RedisError/Code/overloaded``.
    public static let fail = RedisFullPolicy(waiting: (0, 0))

    /// They wait in order until there is room, or until their time is over.
    ///
    /// - Parameters:
    ///   - commands: How many may wait; more fail at once.
    ///   - bytes: How many bytes of them may wait; more fail at once.
    public static func wait(commands: Int = 65_536, bytes: Int = 64 << 20) -> RedisFullPolicy {
        RedisFullPolicy(waiting: (max(commands, 0), max(bytes, 0)))
    }

    public static func == (left: RedisFullPolicy, right: RedisFullPolicy) -> Bool { left.waiting == right.waiting }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(self.waiting.commands)
        hasher.combine(self.waiting.bytes)
    }
}
