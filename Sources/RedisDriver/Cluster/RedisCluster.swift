// SPDX-License-Identifier: Apache-2.0

import NIOConcurrencyHelpers
import NIOCore

/// The nodes of a cluster: finds the one that has a key, and follows keys that move.
final class RedisCluster: Sendable {
    private struct State: Sendable {
        var map: SlotMap?
        var nodes: [RedisAddress: RedisNode] = [:]
        /// The one that runs now.
        var refresh: Task<Void, Never>?
        /// When the last one began.
        var refreshed: NIODeadline?
        var isClosed = false
    }

    private let seeds: [RedisAddress]
    private let readsFromReplicas: Bool
    /// What the connections are made of; each node has a destination of its own.
    private let maker: ConnectionMaker
    private let group: any EventLoopGroup
    private let state = NIOLockedValueBox(State())

    init(_ seeds: [RedisAddress], readsFromReplicas: Bool, _ maker: ConnectionMaker, on group: any EventLoopGroup) {
        self.seeds = seeds
        self.readsFromReplicas = readsFromReplicas
        self.maker = maker
        self.group = group
    }

    // MARK: Sending

    /// Sends something to the node that has a slot, and again to others for as long as these say that they have it.
    ///
    /// Nothing is sent twice that may have been carried out, unless it changes nothing.
    ///
    /// - Parameters:
    ///   - slot: The slot; nil for any node.
    ///   - isReadOnly: Whether it changes nothing.
    ///   - canAsk: Whether it can be sent behind an `ASKING`.
    ///   - attempt: Sends it to a node, behind an `ASKING` if so told; returns the answer, and the error in it.
    func follow<Answer>(
        _ slot: HashSlot?, isReadOnly: Bool, canAsk: Bool = true, within time: CallTime,
        _ attempt: (RedisNode, _ isAsking: Bool) async throws(RedisError) -> (Answer, RedisError?)
    ) async throws(RedisError) -> Answer {
        var redirected: (address: RedisAddress, isAsking: Bool)?
        var losses = 0
        var hops = 0
        while true {
            let address: RedisAddress
            if let redirected {
                address = redirected.address
            } else {
                address = try await self.address(of: slot, reading: isReadOnly, within: time)
            }
            let isAsking = redirected?.isAsking ?? false
            redirected = nil
            do {
                let (answer, error) = try await attempt(try self.node(at: address), isAsking)
                guard let redirection = Redirection(error, asked: address), hops < Self.maximumHops else {
                    return answer
                }
                hops += 1
                switch redirection {
                case .moved(let slot, let address):
                    self.move(slot, to: address)
                    redirected = (address, false)
                case .ask(let address) where canAsk:
                    redirected = (address, true)
                case .ask, .tryAgain:
                    guard await self.pause(within: time) else { return answer }
                }
            } catch {
                // Without a connection nothing was sent; what changes nothing may be sent again, once.
                if error.code == .connectionClosed { losses += 1 }
                guard
                    error.code == .connectionFailed || error.code == .connectionClosed && isReadOnly && losses == 1
                else { throw error }
                self.refreshSoon()
                guard await self.pause(within: time) else { throw Task.isCancelled ? .cancellation : error }
            }
        }
    }

    /// So often an answer may name another node, or ask for patience.
    private static let maximumHops = 64

    /// Waits a little; false when there is no time left for it.
    private func pause(within time: CallTime) async -> Bool {
        let pause = self.maker.configuration.reconnectPause.asTimeout
        guard let rest = time.rest, rest > pause else { return false }
        return (try? await Task.sleep(for: Duration(pause))) != nil
    }

    /// Sends commands for any slots, those for one node together, and all at the same time.
    func batch(_ commands: [RoutedCommand], within time: CallTime) async throws(RedisError) -> [RedisReply] {
        var groups: [RedisAddress: [Int]] = [:]
        let fallback = try await self.address(of: nil, reading: false, within: time)
        for (index, command) in commands.enumerated() {
            let address =
                command.slot == nil
                ? fallback : try await self.address(of: command.slot, reading: command.isReadOnly, within: time)
            groups[address, default: []].append(index)
        }
        let parts = await withTaskGroup(of: ([Int], Result<[RedisReply], RedisError>).self) { group in
            for (address, indices) in groups {
                group.addTask {
                    let result = await Result { () async throws(RedisError) in
                        try await self.node(at: address).batch(within: time) { encoder in
                            for index in indices { encoder.write(commands[index].encoded) }
                        }.replies
                    }
                    return (indices, result.flatMap { Self.complete($0, count: indices.count) })
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        var replies: [RedisReply?] = Array(repeating: nil, count: commands.count)
        for (indices, result) in parts {
            switch result {
            case .success(let part):
                for (index, reply) in zip(indices, part) {
                    // One that was sent elsewhere is sent again below.
                    if Redirection(reply.error, asked: fallback) == nil { replies[index] = reply }
                }
            case .failure(let error) where error.code == .connectionFailed: break
            case .failure(let error): throw error
            }
        }
        var all: [RedisReply] = []
        all.reserveCapacity(commands.count)
        for (index, command) in commands.enumerated() {
            if let reply = replies[index] {
                all.append(reply)
            } else {
                all.append(try await self.reply(to: command, within: time))
            }
        }
        return all
    }

    private static func complete(_ replies: [RedisReply], count: Int) -> Result<[RedisReply], RedisError> {
        replies.count == count ? .success(replies) : .failure(.unexpectedReply(to: "a pipeline"))
    }

    /// Sends one command to wherever it belongs.
    func reply(to command: RoutedCommand, within time: CallTime) async throws(RedisError) -> RedisReply {
        try await self.follow(command.slot, isReadOnly: command.isReadOnly, within: time) {
            (node, isAsking) async throws(RedisError) in
            let batch = try await node.batch(within: time, over: command.lane) { encoder in
                if isAsking { encoder.command("ASKING") }
                encoder.write(command.encoded)
            }
            guard let reply = batch.replies.last else { throw .unexpectedReply(to: "a command") }
            return (reply, reply.error)
        }
    }

    /// Sends a command to wherever its keys are: one that can be divided in parts, when they are on several nodes.
    func response<Command: RedisCommand>(
        to command: Command, within time: CallTime
    ) async throws(RedisError) -> Command.Response {
        let keys = command.keys
        if keys.count > 1, let divisible = command as? any SlotDivisible, Set(keys.map { HashSlot($0) }).count > 1 {
            let response = try await self.dividedResponse(to: divisible, within: time)
            guard let response = response as? Command.Response else { throw .unexpectedReply(to: command.name) }
            return response
        }
        let slot = try HashSlot.common(to: keys)
        let isReadOnly = command.isReadOnly
        let lane: Lane = command.isBulky ? .bulk : .any
        let reply = try await self.follow(slot, isReadOnly: isReadOnly, within: time) {
            (node, isAsking) async throws(RedisError) in
            if isAsking {
                let batch = try await node.batch(within: time, over: lane) { encoder in
                    encoder.command("ASKING")
                    command.encode(into: &encoder)
                }
                guard let reply = batch.replies.last else { throw .unexpectedReply(to: command.name) }
                return (reply, reply.error)
            }
            let lane: Lane = node.largeKeys.mayHold(command) ? .bulk : lane
            let reply = try await node.reply(within: time, over: lane) { command.encode(into: &$0) }
            if reply.length > RedisNode.bulkLength { node.largeKeys.insert(keys.first) }
            return (reply, reply.error)
        }
        return try Command.decode(reply)
    }

    private func dividedResponse<Command: SlotDivisible>(
        to command: Command, within time: CallTime
    ) async throws(RedisError) -> Command.Response {
        let parts = Dictionary(grouping: command.keys.indices) { HashSlot(command.keys[$0]) }.values
        let commands = try parts.map { (indices) throws(RedisError) in try RoutedCommand(command.part(indices)) }
        let replies = try await self.batch(commands, within: time)
        let responses = try zip(parts, replies).map { (indices, reply) throws(RedisError) in
            (indices: indices, response: try Command.decode(reply))
        }
        return command.whole(of: responses)
    }

    /// Takes in where a slot has gone.
    func learn(from error: RedisError) {
        let unknown = RedisAddress(host: self.seeds[0].host, port: self.seeds[0].port)
        if case .moved(let slot, let address)? = Redirection(error, asked: unknown) { self.move(slot, to: address) }
    }

    // MARK: Nodes

    /// The server that has a slot; nil for any.
    func address(
        of slot: HashSlot?, reading isReadOnly: Bool, within time: CallTime
    ) async throws(RedisError) -> RedisAddress {
        while true {
            let map = try await self.currentMap()
            guard let slot else {
                if let shard = map.shards.randomElement() { return shard.primary }
                throw RedisError(.connectionFailed, "the cluster has no servers")
            }
            if let shard = map.shard(of: slot) {
                guard isReadOnly, self.readsFromReplicas else { return shard.primary }
                // Nothing else would tell of a replica that has come.
                if shard.replicas.isEmpty { self.refresh(atMostEvery: .seconds(1)) }
                return shard.replicas.randomElement() ?? shard.primary
            }
            self.refreshSoon()
            guard await self.pause(within: time) else {
                throw Task.isCancelled
                    ? .cancellation : RedisError(.connectionFailed, "no server has the slot of the key")
            }
        }
    }

    /// All servers that have slots.
    func primaries() async throws(RedisError) -> [RedisNode] {
        var nodes: [RedisNode] = []
        for shard in try await self.currentMap().shards { nodes.append(try self.node(at: shard.primary)) }
        return nodes
    }

    func node(at address: RedisAddress) throws(RedisError) -> RedisNode {
        let node = self.state.withLockedValue { state -> RedisNode? in
            if state.isClosed { return nil }
            if let node = state.nodes[address] { return node }
            var maker = self.maker
            maker.destination = RedisDestination(address)
            if self.readsFromReplicas { maker.configuration.setup.append(RawCommand("READONLY")) }
            var observer = ReconnectingConnection.Observer()
            observer.onLoss = { [weak self] in self?.refreshSoon() }
            let node = RedisNode(maker, on: self.group, observer)
            state.nodes[address] = node
            return node
        }
        guard let node else { throw RedisError(.clientClosed, "the client was closed") }
        return node
    }

    /// All servers there are connections to.
    var nodes: [RedisNode] { self.state.withLockedValue { Array($0.nodes.values) } }

    func close(within grace: Duration) -> [EventLoopFuture<Void>] {
        let nodes = self.state.withLockedValue { state in
            state.isClosed = true
            state.refresh?.cancel()
            return state.nodes.values
        }
        return nodes.flatMap { $0.close(within: grace) }
    }

    // MARK: The map

    private func currentMap() async throws(RedisError) -> SlotMap {
        if let map = self.state.withLockedValue({ $0.map }) { return map }
        await self.refresh()?.value
        guard let map = self.state.withLockedValue({ $0.map }) else {
            throw RedisError(.connectionFailed, "no server of the cluster can be asked who has which keys")
        }
        return map
    }

    /// Notes that a slot has moved.
    func move(_ slot: HashSlot, to address: RedisAddress) {
        self.state.withLockedValue { $0.map?.move(slot, to: address) }
        self.refreshSoon()
    }

    /// Asks anew who has which slots, unless that was just done.
    func refreshSoon() {
        _ = self.refresh(atMostEvery: .milliseconds(100))
    }

    @discardableResult
    private func refresh(atMostEvery pause: TimeAmount = .nanoseconds(0)) -> Task<Void, Never>? {
        self.state.withLockedValue { state in
            if state.isClosed { return nil }
            if let refresh = state.refresh { return refresh }
            let now = NIODeadline.now()
            if let refreshed = state.refreshed, now - refreshed < pause { return nil }
            state.refreshed = now
            let task = Task {
                await self.loadMap()
                self.state.withLockedValue { $0.refresh = nil }
            }
            state.refresh = task
            return task
        }
    }

    private func loadMap() async {
        let known = self.state.withLockedValue { Array($0.nodes.keys) }
        for address in Array(Set(known + self.seeds)).shuffled() {
            let time = CallTime(self.maker.configuration.connectTimeout.asTimeout)
            guard
                let reply = try? await self.node(at: address).reply(
                    within: time, { $0.command("CLUSTER", "SLOTS") }),
                let value = try? reply.value(), let map = SlotMap(value, asked: address)
            else { continue }
            let gone = self.state.withLockedValue { state in
                state.map = map
                let gone = state.nodes.filter { !map.addresses.contains($0.key) && !self.seeds.contains($0.key) }
                for address in gone.keys { state.nodes[address] = nil }
                return gone
            }
            for node in gone.values { node.close(within: self.maker.configuration.commandTimeout) }
            return
        }
    }
}

/// A command with what a cluster has to know of it.
@usableFromInline
struct RoutedCommand: Sendable {
    let encoded: EncodedCommands
    let slot: HashSlot?
    let isReadOnly: Bool
    let lane: Lane

    @usableFromInline
    init(_ command: some RedisCommand) throws(RedisError) {
        self.slot = try HashSlot.common(to: command.keys)
        self.encoded = EncodedCommands { command.encode(into: &$0) }
        self.isReadOnly = command.isReadOnly
        self.lane = command.isBulky ? .bulk : .any
    }
}

extension Result {
    fileprivate init(_ body: () async throws(Failure) -> Success) async {
        do {
            self = .success(try await body())
        } catch {
            self = .failure(error)
        }
    }
}
