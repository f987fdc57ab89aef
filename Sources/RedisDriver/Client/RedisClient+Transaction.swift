// SPDX-License-Identifier: Apache-2.0

extension RedisClient {
    /// Sends commands that the server carries out as one, with no other client's command between them.
    ///
    /// It is one write and one answer. A command that fails does not undo the others. With a cluster, all keys must be in
    /// one slot. For one that depends on what was read before, see ``watch(_:attempts:_:)``.
    ///
    /// - Returns: For each command its response, or the error that the server answered it with.
    /// - Throws: When nothing was carried out, such as for a command that the server does not know
    ///   (``RedisError/prefix`` is then `EXECABORT`); when there is no answer; and when the user may not use `MULTI`: then the
    ///   commands may have run one by one, as ``RedisError/mayHaveRun`` says.
    public func transaction<each Command: RedisCommand>(
        _ command: repeat each Command, timeout: Duration? = nil
    ) async throws(RedisError) -> (repeat Result<(each Command).Response, RedisError>) {
        let time = self.time(timeout)
        let replies: [RedisReply]
        switch self.servers.kind {
        case .node(let node):
            replies = try await node.batch(within: time) { $0.transaction(repeat each command) }.replies
        case .cluster(let cluster):
            var keys: [RedisKey] = []
            for command in repeat each command { keys += command.keys }
            replies = try await cluster.follow(
                try HashSlot.common(to: keys), isReadOnly: false, within: time
            ) { (node, isAsking) async throws(RedisError) in
                var replies = try await node.batch(within: time) { encoder in
                    // It holds until EXEC.
                    if isAsking { encoder.command("ASKING") }
                    encoder.transaction(repeat each command)
                }.replies
                if isAsking, !replies.isEmpty { replies.removeFirst() }
                // One that was refused keeps the others from being carried out.
                return (replies, replies.lazy.compactMap(\.error).first)
            }
        }
        return try TransactionReply(replies).results(of: repeat each command)
    }
}

extension RedisCommandEncoder {
    /// Writes commands that are carried out as one.
    mutating func transaction<each Command: RedisCommand>(_ command: repeat each Command) {
        self.command("MULTI")
        repeat (each command).encode(into: &self)
        self.command("EXEC")
    }
}

/// What came of the commands of a transaction.
struct TransactionReply {
    private let values: [RedisValue]

    /// Reads the replies to `MULTI`, to each command, and to `EXEC`.
    init(_ replies: [RedisReply]) throws(RedisError) {
        // A server that refuses MULTI has carried out what follows one by one.
        if let error = replies.first?.error { throw error.forCommand(sent: true) }
        // Why nothing was carried out stands before.
        if let error = replies.last?.error {
            throw RedisError(
                error.code, error.message, prefix: error.prefix,
                cause: replies.dropLast().lazy.compactMap(\.error).first)
        }
        switch try replies.last?.value() {
        // Each command was answered with QUEUED; the last reply holds what came of them.
        case .array(let values)? where values.count == replies.count - 2: self.values = values
        case .null?: throw RedisError(.transactionAborted, "a key that is watched has changed")
        default: throw .unexpectedReply(to: "EXEC")
        }
    }

    func results<each Command: RedisCommand>(
        of command: repeat each Command
    ) -> (repeat Result<(each Command).Response, RedisError>) {
        var iterator = self.values.makeIterator()
        return (repeat Self.read(each command, iterator.next()))
    }

    private static func read<Command: RedisCommand>(
        _ command: Command, _ value: RedisValue?
    ) -> Result<Command.Response, RedisError> {
        Result { () throws(RedisError) in
            switch value {
            case .error(let message)?: throw RedisError(answer: message)
            case let value?: try Command.response(from: value)
            case nil: throw .unexpectedReply(to: "EXEC")
            }
        }
    }
}
