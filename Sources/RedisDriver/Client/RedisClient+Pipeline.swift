// SPDX-License-Identifier: Apache-2.0

extension RedisClient {
    /// Sends commands together, in one write if they fit, and reads their replies. Nothing else of this client comes
    /// between them; other clients' commands may.
    ///
    /// With a cluster, each node gets its part at the same time as the others.
    ///
    /// - Returns: For each command its response, or the error that the server answered it with.
    /// - Throws: When not all have a reply.
    @inlinable
    public func pipeline<each Command: RedisCommand>(
        _ command: repeat each Command, timeout: Duration? = nil
    ) async throws(RedisError) -> (repeat Result<(each Command).Response, RedisError>) {
        var all = CommandSequence()
        for command in repeat each command { all.take(command) }
        let replies = try await self.replies(all, timeout) { encoder in
            repeat (each command).encode(into: &encoder)
        } routed: { () throws(RedisError) in
            var routed: [RoutedCommand] = []
            for command in repeat each command { routed.append(try RoutedCommand(command)) }
            return routed
        }
        var iterator = replies.makeIterator()
        return (repeat (each Command).result(of: iterator.next()))
    }

    /// Sends any number of commands of one kind together, and reads their replies.
    ///
    /// - Returns: For each command its response, or the error that the server answered it with.
    /// - Throws: When not all have a reply.
    @inlinable
    public func pipeline<Command: RedisCommand>(
        _ commands: some Collection<Command>, timeout: Duration? = nil
    ) async throws(RedisError) -> [Result<Command.Response, RedisError>] {
        guard !commands.isEmpty else { return [] }
        var all = CommandSequence()
        for command in commands { all.take(command) }
        let replies = try await self.replies(all, timeout) { encoder in
            for command in commands { command.encode(into: &encoder) }
        } routed: { () throws(RedisError) in
            var routed: [RoutedCommand] = []
            routed.reserveCapacity(commands.count)
            for command in commands { routed.append(try RoutedCommand(command)) }
            return routed
        }
        var results: [Result<Command.Response, RedisError>] = []
        results.reserveCapacity(replies.count)
        for reply in replies { results.append(Command.result(of: reply)) }
        return results
    }

    /// The replies to commands that go together.
    @usableFromInline
    func replies(
        _ commands: CommandSequence, _ timeout: Duration?, _ encode: (inout RedisCommandEncoder) -> Void,
        routed: () throws(RedisError) -> [RoutedCommand]
    ) async throws(RedisError) -> [RedisReply] {
        if commands.count == 0 { return [] }
        guard let telemetry else { return try await self.unobservedReplies(commands, timeout, encode, routed: routed) }
        return try await telemetry.observe("PIPELINE", count: commands.count) { () async throws(RedisError) in
            try await self.unobservedReplies(commands, timeout, encode, routed: routed)
        }
    }

    private func unobservedReplies(
        _ commands: CommandSequence, _ timeout: Duration?, _ encode: (inout RedisCommandEncoder) -> Void,
        routed: () throws(RedisError) -> [RoutedCommand]
    ) async throws(RedisError) -> [RedisReply] {
        let time = self.time(timeout, blocking: commands.blockingTime)
        let replies: [RedisReply]
        if commands.blockingTime != nil {
            var slot: HashSlot?
            if case .cluster = self.servers.kind {
                slot = try HashSlot.common(to: try routed().compactMap(\.slot))
            }
            replies = try await self.exclusiveReplies(slot, count: commands.count, within: time, encode)
        } else {
            switch self.servers.kind {
            case .node(let node):
                replies = try await node.batch(within: time, over: commands.isBulky ? .bulk : .any, encode).replies
            case .cluster(let cluster):
                replies = try await cluster.batch(try routed(), within: time)
            }
        }
        guard replies.count == commands.count else { throw .unexpectedReply(to: "a pipeline") }
        return replies
    }
}

/// What has to be known of commands that go together.
@usableFromInline
struct CommandSequence {
    @usableFromInline var count = 0
    @usableFromInline var isBulky = false
    /// For how long they may block; nil when none does.
    @usableFromInline var blockingTime: Duration?

    @inlinable
    init() {}

    @inlinable
    mutating func take(_ command: some RedisCommand) {
        self.count += 1
        if command.isBulky { self.isBulky = true }
        if let time = command.blockingTime {
            self.blockingTime = (self.blockingTime ?? .zero) + time
        }
    }
}
