// SPDX-License-Identifier: Apache-2.0

import Larder
import RedisDriver

/// What a server says of a log: members with their scores. Members that mean nothing here are passed over.
struct LogReply {
    private var tags: [String: LogSequence] = [:]
    private var floor: LogSequence?
    private var head: LogPosition?

    /// How many members are asked for at once. Whoever is further behind gets the newest tags only, and a floor that stands
    /// for the others: a whole log of a hundred thousand tags would keep the server from everybody else.
    static let maximumTags = 5_000

    /// Reads pairs as RESP3 gives them, and the flat list of a script; nil for what is no log.
    init?(_ value: RedisValue) {
        guard case .array(let items) = value else { return nil }
        if case .array? = items.first {
            for item in items {
                guard case .array(let pair) = item, pair.count == 2, self.take(pair[0], pair[1]) else { return nil }
            }
        } else {
            guard items.count.isMultiple(of: 2) else { return nil }
            for index in stride(from: 0, to: items.count, by: 2) {
                guard self.take(items[index], items[index + 1]) else { return nil }
            }
        }
    }

    /// Takes in a member; false when it is one of the log's with a score that is no sequence.
    private mutating func take(_ member: RedisValue, _ score: RedisValue) -> Bool {
        guard let member = member.text, let score = score.double else { return false }
        // By bytes: a tag may begin with what would make one character with the colon.
        let prefix = String(decoding: member.utf8.prefix(2), as: UTF8.self)
        let name = String(decoding: member.utf8.dropFirst(2), as: UTF8.self)
        guard prefix == "t:" || prefix == "f:" || prefix == "h:" else { return true }
        // Sequences are whole; what lies between two counts as the later one.
        guard let number = UInt64(exactly: max(score, 0).rounded(.up)), number < 1 << 53 else { return false }
        let sequence = LogSequence(rawValue: number)
        switch prefix {
        case "t:": self.tags[name] = sequence
        case "f:": self.floor = max(self.floor ?? .zero, sequence)
        default:
            guard let epoch = UInt64(name, radix: 16) else { return false }
            self.head = LogPosition(epoch: epoch, head: sequence)
        }
        return true
    }

    /// What it means to a reader who asked for what is scored from `known` on.
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
}

extension LogPosition {
    /// The epoch as it stands in the head's member.
    var epochText: String { String(self.epoch, radix: 16) }
}
