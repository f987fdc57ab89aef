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
        /// Servers that are in no map, and since when: they may be about to join.
        var absent: [RedisAddress: NIODeadline] = [:]
        /// Those that were left, and whose connections have not ended.
        var leaving: [RedisNode] = []
        /// Servers that said that they cannot serve, and when; what they know of others may be old.
        var doubtful: [RedisAddress: NIODeadline] = [:]
        var isClosed = false
    }

    private let seeds: [RedisAddress]
    private let readsFromReplicas: Bool
    /// What the connections are made of; each node has a destination of its own.
    private let maker: ConnectionMaker
    private let group: any EventLoopGroup
    private let onPush: @Sendable (RedisValue) -> Void
    private let state = NIOLockedValueBox(State())

    init(
        _ seeds: [RedisAddress], readsFromReplicas: Bool, _ maker: ConnectionMaker, on group: any EventLoopGroup,
        onPush: @escaping @Sendable (RedisValue) -> Void
    ) {
        self.onPush = onPush
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
        var mayUseReplica = true
        var losses = 0
        var hops = 0
        while true {
            let address: RedisAddress
            if let redirected {
                address = redirected.address
            } else {
                address = try await self.address(of: slot, reading: isReadOnly && mayUseReplica, within: time)
            }
            let isAsking = redirected?.isAsking ?? false
            redirected = nil
            do {
                let (answer, error) = try await attempt(try self.node(at: address), isAsking)
                guard let redirection = Redirection(error, asked: address) else { return answer }
                switch redirection {
                case .moved(let slot, let address):
                    hops += 1
                    self.move(slot, to: address)
                    redirected = (address, false)
                case .ask(let address) where canAsk:
                    hops += 1
                    redirected = (address, true)
                case .ask, .tryAgain:
                    hops = Self.hopsAtOnce
                case .askOthers:
                    hops = Self.hopsAtOnce
                    mayUseReplica = false
                    self.doubt(address)
                }
                // Servers that send each other's callers to and fro are about to agree.
                if hops >= Self.hopsAtOnce, try await !self.pause(within: time) { return answer }
            } catch {
                // What was not sent may be; what changes nothing may be sent again, once.
                if error.code == .connectionClosed, error.mayHaveRun { losses += 1 }
                guard error.wasNotSent || error.code == .connectionClosed && isReadOnly && losses == 1 else {
                    throw error
                }
                mayUseReplica = false
                self.refreshSoon()
                guard try await self.pause(within: time) else { throw error }
            }
        }
    }

    /// So many servers in a row are asked without a pause.
    private static let hopsAtOnce = 5

    /// Waits a little; false when there is no time left for it.
    private func pause(within time: CallTime) async throws(RedisError) -> Bool {
        let pause = max(self.maker.configuration.reconnectPause, .milliseconds(1))
        guard let rest = time.rest, rest > pause.asTimeout else { return false }
        do {
            try await Task.sleep(for: pause)
            return true
        } catch {
            throw .cancellation
        }
    }

    /// Sends commands for any slots, those for one node together, and all at the same time.
    func batch(_ commands: [RoutedCommand], within time: CallTime) async throws(RedisError) -> [RedisReply] {
        // One map for all: commands on one slot go to one server, in order.
        let map = try await self.currentMap(within: time)
        guard let fallback = map.primaries.randomElement() else { throw Self.noServers }
        let written = Set(commands.lazy.filter { !$0.isReadOnly }.compactMap(\.slot))
        var addresses: [HashSlot: RedisAddress] = [:]
        var groups: [RedisAddress: [Int]] = [:]
        for (index, command) in commands.enumerated() {
            var address = fallback
            if let slot = command.slot, let shard = map.shard(of: slot) {
                address = addresses[slot] ?? self.address(in: shard, reading: !written.contains(slot))
                addresses[slot] = address
            }
            groups[address, default: []].append(index)
        }
        let parts = await withTaskGroup(of: ([Int], Result<[RedisReply], RedisError>).self) { group in
            for (address, indices) in groups {
                group.addTask {
                    let result = await Result { () async throws(RedisError) in
                        let lane: Lane = indices.contains { commands[$0].isBulky } ? .bulk : .any
                        return try await self.node(at: address).batch(within: time, over: lane) { encoder in
                            for index in indices { encoder.write(commands[index].encoded) }
                        }.replies
                    }
                    return (indices, result.flatMap { Self.complete($0, count: indices.count) })
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        var replies: [RedisReply?] = Array(repeating: nil, count: commands.count)
        var failure: RedisError?
        var mayHaveRun = false
        for (indices, result) in parts {
            switch result {
            case .success(let part):
                for (index, reply) in zip(indices, part) {
                    // One that was sent elsewhere is sent again below.
                    if reply.error?.isRedirection != true { replies[index] = reply }
                }
            // Nothing of it was sent.
            case .failure(let error) where error.wasNotSent: break
            case .failure(let error):
                failure = error
                if error.mayHaveRun, indices.contains(where: { !commands[$0].isReadOnly }) { mayHaveRun = true }
            }
        }
        do throws(RedisError) {
            if let failure { throw failure }
            for (index, command) in commands.enumerated() where replies[index] == nil {
                replies[index] = try await self.reply(to: command, within: time)
            }
        } catch {
            // A part of a whole that fails may have been carried out.
            let hasRun = zip(commands, replies).contains { !$0.isReadOnly && $1 != nil }
            throw error.forCommand(sent: error.mayHaveRun || mayHaveRun || hasRun)
        }
        return replies.compactMap { $0 }
    }

    /// Sends commands to the server of a key, which the first of them is about.
    func batch(
        for key: String?, within time: CallTime, over lane: Lane, observe: (@Sendable (RedisClient.Batch) -> Void)?,
        _ encode: (inout RedisCommandEncoder) -> Void
    ) async throws(RedisError) -> RedisClient.Batch {
        try await self.follow(key.map { HashSlot(RedisKey($0)) }, isReadOnly: false, within: time) {
            (node, isAsking) async throws(RedisError) in
            var observeAsked = observe
            if isAsking, let observe {
                observeAsked = { batch in observe(batch.withoutFirst) }
            }
            let batch = try await node.batch(within: time, over: lane, observe: observeAsked) { encoder in
                if isAsking { encoder.command("ASKING") }
                encode(&encoder)
            }
            let answer = isAsking ? batch.withoutFirst : batch
            return (answer, answer.replies.first?.error)
        }
    }

    private static func complete(_ replies: [RedisReply], count: Int) -> Result<[RedisReply], RedisError> {
        replies.count == count ? .success(replies) : .failure(.unexpectedReply(to: "a pipeline"))
    }

    /// Sends one command to wherever it belongs.
    func reply(to command: RoutedCommand, within time: CallTime) async throws(RedisError) -> RedisReply {
        try await self.follow(command.slot, isReadOnly: command.isReadOnly, within: time) {
            (node, isAsking) async throws(RedisError) in
            let reply = try await Self.reply(
                of: node, isAsking: isAsking, within: time, over: command.isBulky ? .bulk : .any
            ) { $0.write(command.encoded) }
            return (reply, reply.error)
        }
    }

    /// Sends one command to a node, behind an `ASKING` if so told.
    private static func reply(
        of node: RedisNode, isAsking: Bool, within time: CallTime, over lane: Lane,
        _ encode: (inout RedisCommandEncoder) -> Void
    ) async throws(RedisError) -> RedisReply {
        guard isAsking else { return try await node.reply(within: time, over: lane, encode) }
        let batch = try await node.batch(within: time, over: lane) { encoder in
            encoder.command("ASKING")
            encode(&encoder)
        }
        guard let reply = batch.replies.last else { throw .unexpectedReply(to: "a command") }
        return reply
    }

    /// Sends a command to wherever its keys are: one that can be divided in parts, when they are on several nodes.
    func response<Command: RedisCommand>(
        to command: Command, within time: CallTime
    ) async throws(RedisError) -> Command.Response {
        let keys = command.keys
        if keys.isEmpty, let whole = command as? any ClusterWide {
            let response = try await self.wholeResponse(to: whole, within: time)
            guard let response = response as? Command.Response else { throw .unexpectedReply(to: command.name) }
            return response
        }
        guard !(command is SCAN) else {
            throw RedisError(.invalidCommand, "SCAN asks one server: keys(matching:) asks all of a cluster")
        }
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
            let isLarge = node.largeKeys.mayHold(command)
            let reply = try await Self.reply(
                of: node, isAsking: isAsking, within: time, over: isLarge ? .bulk : lane
            ) { command.encode(into: &$0) }
            node.largeKeys.note(reply, to: command, wasLarge: isLarge)
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
        do throws(RedisError) {
            let responses = try zip(parts, replies).map { (indices, reply) throws(RedisError) in
                (indices: indices, response: try Command.decode(reply))
            }
            return command.whole(of: responses)
        } catch {
            throw error.forCommand(sent: !command.isReadOnly)
        }
    }

    private func wholeResponse<Command: ClusterWide>(
        to command: Command, within time: CallTime
    ) async throws(RedisError) -> Command.Response {
        var parts: [Command.Response] = []
        do throws(RedisError) {
            for node in try await self.primaries(within: time) {
                parts.append(try Command.decode(try await node.reply(to: command, within: time)))
            }
        } catch {
            self.refreshSoon()
            throw error.forCommand(sent: error.mayHaveRun || !command.isReadOnly && !parts.isEmpty)
        }
        return Command.whole(of: parts)
    }

    /// Takes in where a slot has gone.
    func learn(from error: RedisError) {
        switch Redirection(error, asked: RedisAddress()) {
        case .moved(let slot, let address)? where !address.host.isEmpty: self.move(slot, to: address)
        case .moved?, .askOthers?: self.refreshSoon()
        case .ask?, .tryAgain?, nil: break
        }
    }

    // MARK: Nodes

    /// The server that has a slot; nil for any.
    func address(
        of slot: HashSlot?, reading isReadOnly: Bool, within time: CallTime
    ) async throws(RedisError) -> RedisAddress {
        while true {
            let map = try await self.currentMap(within: time)
            guard let slot else {
                if let address = map.primaries.randomElement() { return address }
                throw Self.noServers
            }
            if let shard = map.shard(of: slot) { return self.address(in: shard, reading: isReadOnly) }
            self.refreshSoon()
            guard try await self.pause(within: time) else {
                throw RedisError(.connectionFailed, "no server has the slot of the key")
            }
        }
    }

    /// The servers that have slots, and others that may be about to get some.
    func addresses(within time: CallTime) async throws(RedisError) -> [RedisAddress] {
        let primaries = try await self.primaryAddresses(within: time)
        return self.state.withLockedValue { Array(Set(primaries).union($0.nodes.keys)) }
    }

    /// The servers that take writes for slots.
    func primaryAddresses(within time: CallTime) async throws(RedisError) -> [RedisAddress] {
        try await self.currentMap(within: time).primaries
    }

    /// The server that takes writes for a slot, as far as is known.
    func primary(of slot: HashSlot) -> RedisAddress? {
        self.state.withLockedValue { $0.map?.shard(of: slot)?.primary }
    }

    private func address(in shard: SlotMap.Shard, reading isReadOnly: Bool) -> RedisAddress {
        guard isReadOnly, self.readsFromReplicas else { return shard.primary }
        // Nothing else would tell of a replica that has come.
        if shard.replicas.isEmpty { self.refresh(atMostEvery: .seconds(1)) }
        return shard.replicas.randomElement() ?? shard.primary
    }

    private static let noServers = RedisError(.connectionFailed, "the cluster has no servers")

    /// All servers that have slots.
    func primaries(within time: CallTime) async throws(RedisError) -> [RedisNode] {
        try await self.currentMap(within: time).primaries.map { (address) throws(RedisError) in
            try self.node(at: address)
        }
    }

    func node(at address: RedisAddress) throws(RedisError) -> RedisNode {
        let node = self.state.withLockedValue { state -> RedisNode? in
            if state.isClosed { return nil }
            if let node = state.nodes[address] { return node }
            var maker = self.maker
            maker.destination = RedisDestination(address)
            if self.readsFromReplicas { maker.configuration.setup.append(RawCommand("READONLY")) }
            var observer = ReconnectingConnection.Observer()
            observer.onPush = self.onPush
            observer.onLoss = { [weak self] in self?.refreshSoon() }
            let node = RedisNode(maker, on: self.group, observer)
            state.nodes[address] = node
            return node
        }
        guard let node else { throw .clientClosed }
        return node
    }

    /// All servers there are connections to.
    var nodes: [RedisNode] { self.state.withLockedValue { Array($0.nodes.values) } }

    func close(within grace: Duration) -> [EventLoopFuture<Void>] {
        let nodes = self.state.withLockedValue { state in
            state.isClosed = true
            state.refresh?.cancel()
            return Array(state.nodes.values) + state.leaving
        }
        return nodes.flatMap { $0.close(within: grace) }
    }

    // MARK: The map

    private func currentMap(within time: CallTime) async throws(RedisError) -> SlotMap {
        if let map = self.state.withLockedValue({ $0.map }) { return map }
        self.refresh(atMostEvery: .nanoseconds(0))
        while true {
            let (map, isLoading) = self.state.withLockedValue { ($0.map, $0.refresh != nil) }
            if let map { return map }
            guard isLoading, try await self.pause(within: time) else {
                throw RedisError(.connectionFailed, "no server of the cluster can be asked who has which keys")
            }
        }
    }

    /// A server cannot serve: asks others.
    private func doubt(_ address: RedisAddress) {
        self.state.withLockedValue { $0.doubtful[address] = .now() }
        self.refreshSoon()
    }

    /// Notes that a slot has moved.
    func move(_ slot: HashSlot, to address: RedisAddress) {
        self.state.withLockedValue { $0.map?.move(slot, to: address) }
        self.refreshSoon()
    }

    /// Asks anew who has which slots, unless that was just done.
    func refreshSoon() {
        self.refresh(atMostEvery: .milliseconds(100))
    }

    private func refresh(atMostEvery pause: TimeAmount) {
        self.state.withLockedValue { state in
            if state.isClosed || state.refresh != nil { return }
            let now = NIODeadline.now()
            if let refreshed = state.refreshed, now - refreshed < pause { return }
            state.refreshed = now
            state.refresh = Task {
                await self.loadMap()
                self.state.withLockedValue { $0.refresh = nil }
            }
        }
    }

    /// Asks some servers at a time, until one answers.
    private func loadMap() async {
        let now = NIODeadline.now()
        var candidates = self.state.withLockedValue { state in
            state.doubtful = state.doubtful.filter { now - $0.value < .seconds(5) }
            let all = Set(state.nodes.keys).union(state.map?.addresses ?? []).union(self.seeds)
            return all.shuffled().sorted { state.doubtful[$0] == nil && state.doubtful[$1] != nil }[...]
        }
        let map = await withTaskGroup(of: SlotMap?.self) { group in
            for address in candidates.prefix(Self.askedAtOnce) { group.addTask { await self.map(of: address) } }
            candidates = candidates.dropFirst(Self.askedAtOnce)
            while let map = await group.next() {
                if let map {
                    group.cancelAll()
                    return Optional(map)
                }
                if let address = candidates.popFirst() { group.addTask { await self.map(of: address) } }
            }
            return nil
        }
        guard let map else { return }
        let gone = self.state.withLockedValue { state in
            state.map = map
            let absent = Set(state.nodes.keys).subtracting(map.addresses)
            let now = NIODeadline.now()
            state.absent = Dictionary(uniqueKeysWithValues: absent.map { ($0, state.absent[$0] ?? now) })
            let gone = state.absent.filter { now - $0.value > Self.patience }
                .compactMap { state.nodes.removeValue(forKey: $0.key) }
            state.leaving += gone
            return gone
        }
        for node in gone {
            let ends = node.close(within: self.maker.configuration.commandTimeout, because: RedisConnection.replaced)
            EventLoopFuture.andAllComplete(ends, on: self.group.any()).whenComplete { [weak self] _ in
                self?.state.withLockedValue { state in state.leaving.removeAll { $0 === node } }
            }
        }
    }

    /// For how long a server that is in no map is kept.
    private static let patience = TimeAmount.seconds(5)

    private static let askedAtOnce = 3

    private func map(of address: RedisAddress) async -> SlotMap? {
        let time = CallTime(self.maker.configuration.connectTimeout.asTimeout)
        let reply = try? await self.node(at: address).reply(within: time) { $0.command("CLUSTER", "SLOTS") }
        return (try? reply?.value()).flatMap { SlotMap($0, asked: address) }
    }
}

/// A command with what a cluster has to know of it.
@usableFromInline
struct RoutedCommand: Sendable {
    let encoded: EncodedCommands
    let slot: HashSlot?
    let isReadOnly: Bool
    let isBulky: Bool

    @usableFromInline
    init(_ command: some RedisCommand) throws(RedisError) {
        self.slot = try HashSlot.common(to: command.keys)
        self.encoded = EncodedCommands { command.encode(into: &$0) }
        self.isReadOnly = command.isReadOnly
        self.isBulky = command.isBulky
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
