// SPDX-License-Identifier: Apache-2.0

/// What arrives on the channels of a subscription, in the server's order.
///
/// It is read by one task; of several, each gets what the others do not.
public struct RedisSubscription: AsyncSequence, Sendable {
    public typealias Failure = Never

    /// A message, or the lack of some.
    public enum Element: Sendable, Hashable {
        /// A message.
        case message(RedisMessage)
        /// Messages are missing, here or shortly before: the connection was lost and made again, or the reader was too
        /// slow. Whoever keeps something up to date by messages has to read it anew.
        case gap
    }

    let buffer: SubscriptionBuffer

    /// How many messages were dropped because the reader was too slow. How many were lost with a connection nobody knows.
    public var droppedMessages: Int { self.buffer.droppedMessages }

    public func makeAsyncIterator() -> Iterator {
        Iterator(buffer: self.buffer)
    }

    /// Reads a subscription.
    public struct Iterator: AsyncIteratorProtocol {
        let buffer: SubscriptionBuffer

        public mutating func next() async -> Element? {
            await self.buffer.next()
        }

        public mutating func next(isolation actor: isolated (any Actor)?) async -> Element? {
            await self.buffer.next()
        }
    }
}
