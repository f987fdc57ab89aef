// SPDX-License-Identifier: Apache-2.0

extension RedisClient {
    /// Runs a script.
    ///
    /// - Parameters:
    ///   - script: The script.
    ///   - keys: The keys it touches. With a cluster they must be in one slot.
    ///   - arguments: Its other arguments.
    ///   - timeout: How long it may take; nil for what the configuration says.
    public func evaluate(
        _ script: RedisScript, keys: [any RedisKeyConvertible], arguments: [any RedisArgument], timeout: Duration? = nil
    ) async throws(RedisError) -> RedisValue {
        let time = self.time(timeout)
        var call = ScriptCall(script: script, keys: keys.map(\.redisKey), arguments: arguments)
        var reply = try await self.reply(to: call, within: time)
        if reply.isError("NOSCRIPT") {
            call.bySource = true
            reply = try await self.reply(to: call, within: time)
        }
        return try reply.value()
    }

    private func reply(to call: ScriptCall, within time: CallTime) async throws(RedisError) -> RedisReply {
        func send() async throws(RedisError) -> RedisReply {
            switch self.servers.kind {
            case .node(let node): try await node.reply(to: call, within: time)
            case .cluster(let cluster): try await cluster.reply(to: try RoutedCommand(call), within: time)
            }
        }
        guard let telemetry else { return try await send() }
        return try await telemetry.observe(call.name) { () async throws(RedisError) in try await send() }
    }

    /// Runs a script, and further commands after it in the same round trip. A server that does not have the script is
    /// sent its source in a second one; the further commands are then sent again after it.
    ///
    /// - Parameters:
    ///   - keys: The keys it touches, in one slot.
    ///   - lane: Over which connection.
    ///   - further: Writes further commands.
    package func send(
        _ script: RedisScript, keys: [String], arguments: [any RedisArgument], timeout: Duration? = nil,
        over lane: Lane = .any,
        further: (inout RedisCommandEncoder) -> Void = { _ in }
    ) async throws(RedisError) -> Batch {
        var call = ScriptCall(script: script, keys: keys.map(\.redisKey), arguments: arguments)
        func encode(_ encoder: inout RedisCommandEncoder) {
            call.encode(into: &encoder)
            further(&encoder)
        }
        let time = self.time(timeout)
        let batch = try await self.send(call.name, for: keys.first, within: time, over: lane, encode)
        guard batch.replies.first?.isError("NOSCRIPT") == true else { return batch }
        call.bySource = true
        return try await self.send(call.name, for: keys.first, within: time, over: lane, encode)
    }
}
