// SPDX-License-Identifier: Apache-2.0

/// Who subscribes to what, over one connection.
struct SubscriptionTable: Sendable {
    private var subscribers: [SubscriptionTopic: [Int: SubscriptionBuffer]] = [:]
    /// Those whom the server has let in.
    private var confirmed: Set<Int> = []
    private var lastID = 0

    /// What has to be subscribed to again on another connection.
    var topics: [SubscriptionTopic] {
        self.subscribers.filter { !self.confirmed.isDisjoint(with: $0.value.keys) }.map(\.key)
    }

    /// All subscribers, each once.
    var buffers: [SubscriptionBuffer] {
        var buffers: [Int: SubscriptionBuffer] = [:]
        for subscribers in self.subscribers.values { buffers.merge(subscribers) { buffer, _ in buffer } }
        return Array(buffers.values)
    }

    /// Adds a subscriber; returns the number by which it is removed.
    mutating func add(_ buffer: SubscriptionBuffer, to topics: [SubscriptionTopic]) -> Int {
        self.lastID += 1
        for topic in topics { self.subscribers[topic, default: [:]][self.lastID] = buffer }
        return self.lastID
    }

    /// The server has confirmed all topics of a subscriber.
    mutating func confirm(_ id: Int) {
        self.confirmed.insert(id)
    }

    /// Removes a subscriber; returns what nobody subscribes to any more.
    mutating func remove(_ id: Int, from topics: [SubscriptionTopic]) -> [SubscriptionTopic] {
        self.confirmed.remove(id)
        return Set(topics).filter { topic in
            self.subscribers[topic]?[id] = nil
            guard self.subscribers[topic]?.isEmpty == true else { return false }
            self.subscribers[topic] = nil
            return true
        }
    }

    /// Who is to get what came by a topic.
    func buffers(of topic: SubscriptionTopic) -> [SubscriptionBuffer] {
        self.subscribers[topic].map { Array($0.values) } ?? []
    }
}
