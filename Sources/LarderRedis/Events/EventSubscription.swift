// SPDX-License-Identifier: Apache-2.0

import Larder
import RedisDriver

/// The events of a topic as they arrive.
///
/// It is read by one task; of several, each gets what the others do not.
public struct EventSubscription<Event: Codable & Sendable>: AsyncSequence, Sendable {
    public typealias Failure = Never

    /// An event, or the lack of some.
    public enum Element: Sendable {
        /// An event.
        case event(Event)
        /// Events are missing, here or shortly before: the connection was lost and made again, the reader was too slow, or one came
        /// that cannot be read. Whoever keeps something up to date by events has to read it anew.
        case gap
    }

    let subscription: RedisSubscription
    let codec: any CacheCodec

    public func makeAsyncIterator() -> Iterator {
        Iterator(base: self.subscription.makeAsyncIterator(), codec: self.codec)
    }

    /// Reads a subscription.
    public struct Iterator: AsyncIteratorProtocol {
        var base: RedisSubscription.Iterator
        let codec: any CacheCodec

        public mutating func next() async -> Element? {
            self.element(await self.base.next())
        }

        public mutating func next(isolation actor: isolated (any Actor)?) async -> Element? {
            self.element(await self.base.next(isolation: actor))
        }

        private func element(_ element: RedisSubscription.Element?) -> Element? {
            switch element {
            case .message(let message):
                (try? self.codec.decode(Event.self, from: message.payload)).map { .event($0) } ?? .gap
            case .gap: .gap
            case nil: nil
            }
        }
    }
}
