// SPDX-License-Identifier: Apache-2.0

import Larder
import RedisDriver

/// What a server says of a log: members with their scores.
struct LogReply {
    private var tags: [String: LogSequence] = [:]
    private var floor: LogSequence?
    private var head: LogPosition?

    /// Reads pairs as RESP3 gives them, and the flat list of a script.
    ///
    /// - Throws: `StoreRefusal` for what is no log.
    init(_ value: RedisValue) throws {
        guard case .array(let items) = value else { throw Self.malformed }
        if case .array? = items.first {
            for item in items {
                guard case .array(let pair) = item, pair.count == 2 else { throw Self.malformed }
                try self.take(pair[0], pair[1])
            }
        } else {
            guard items.count.isMultiple(of: 2) else { throw Self.malformed }
            for index in stride(from: 0, to: items.count, by: 2) { try self.take(items[index], items[index + 1]) }
        }
    }

    private mutating func take(_ member: RedisValue, _ score: RedisValue) throws {
        guard
            let member = member.text, let number = score.double.flatMap({ UInt64(exactly: $0) }), number < 1 << 53
        else {
            throw Self.malformed
        }
        let sequence = LogSequence(rawValue: number)
        switch member.prefix(2) {
        case "t:": self.tags[String(member.dropFirst(2))] = sequence
        case "f:": self.floor = sequence
        case "h:":
            guard let epoch = UInt64(member.dropFirst(2), radix: 16) else { throw Self.malformed }
            self.head = LogPosition(epoch: epoch, head: sequence)
        default: break
        }
    }

    /// What it means to a reader who asked for everything from `known` on.
    func answer(since known: LogPosition?) -> LogAnswer {
        guard let head, head.head >= self.tags.values.max() ?? .zero else { return .lost }
        guard let known else { return self.whole }
        guard head.epoch == known.epoch, head.head >= known.head else { return .lost }
        if head == known { return .quiet }
        return .changes(
            LogChanges(position: head, floor: self.floor ?? .zero, tags: self.tags, isComplete: false))
    }

    /// What it means when it is the whole log.
    var whole: LogAnswer {
        guard let head, let floor else { return .lost }
        return .changes(LogChanges(position: head, floor: floor, tags: self.tags, isComplete: true))
    }

    private static var malformed: StoreRefusal { StoreRefusal("the invalidation log cannot be read") }
}

extension LogPosition {
    /// The epoch as it stands in the head's member.
    var epochText: String { String(self.epoch, radix: 16) }
}
