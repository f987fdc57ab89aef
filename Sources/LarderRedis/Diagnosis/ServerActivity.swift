// SPDX-License-Identifier: Apache-2.0

/// What a server has done between two looks at it, by the second.
package struct ServerActivity: Sendable, Equatable {
    /// What it has spent on a command.
    package struct Command: Sendable, Equatable {
        package var name: String
        package var callsPerSecond: Double
        /// The time of the server that a call took.
        package var meanDuration: Duration
        /// Of the time that has passed, from 0 to 1.
        package var share: Double
    }

    package var commandsPerSecond: Double
    package var hitsPerSecond: Double
    package var missesPerSecond: Double
    package var evictedPerSecond: Double
    package var expiredPerSecond: Double
    /// Bytes.
    package var inputPerSecond: Double
    /// Bytes.
    package var outputPerSecond: Double
    /// Those that took the most time first.
    package var commands: [Command]

    package var hitRatio: Double? {
        let lookups = self.hitsPerSecond + self.missesPerSecond
        return lookups > 0 ? self.hitsPerSecond / lookups : nil
    }

    /// - Parameters:
    ///   - before: The first look.
    ///   - after: The second.
    ///   - duration: How long after the first.
    package init(from before: ServerFacts, to after: ServerFacts, over duration: Duration) {
        let seconds = max(duration / .seconds(1), 0.001)
        // A server that has started anew counts from zero.
        let isSame = before.info["run_id"] == after.info["run_id"]
        func rate(_ name: String) -> Double {
            let earlier = isSame ? before.number(name) ?? 0 : 0
            return Double(max((after.number(name) ?? 0) - earlier, 0)) / seconds
        }
        self.commandsPerSecond = rate("total_commands_processed")
        self.hitsPerSecond = rate("keyspace_hits")
        self.missesPerSecond = rate("keyspace_misses")
        self.evictedPerSecond = rate("evicted_keys")
        self.expiredPerSecond = rate("expired_keys")
        self.inputPerSecond = rate("total_net_input_bytes")
        self.outputPerSecond = rate("total_net_output_bytes")
        let earlier = isSame ? before.commands : [:]
        self.commands = after.commands.compactMap { name, cost in
            let calls = cost.calls - (earlier[name]?.calls ?? 0)
            let microseconds = max(cost.microseconds - (earlier[name]?.microseconds ?? 0), 0)
            guard calls > 0 else { return nil }
            return Command(
                name: name, callsPerSecond: Double(calls) / seconds,
                meanDuration: .nanoseconds(Int64(Double(microseconds) * 1_000 / Double(calls))),
                share: Double(microseconds) / 1e6 / seconds)
        }.sorted { ($1.share, $0.name) < ($0.share, $1.name) }
    }
}

extension ServerFacts {
    /// What the server has spent on each command since its counts began: `cmdstat_get:calls=5,usec=20,usec_per_call=4.00`.
    var commands: [String: (calls: Int, microseconds: Int)] {
        var commands: [String: (calls: Int, microseconds: Int)] = [:]
        for (name, text) in self.info where name.hasPrefix("cmdstat_") {
            let numbers = text.split(separator: ",").map { $0.split(separator: "=") }
            func number(_ name: String) -> Int? {
                numbers.first { $0.first.map(String.init) == name }?.last.flatMap { Int($0) }
            }
            if let calls = number("calls"), let time = number("usec") {
                commands[String(name.dropFirst("cmdstat_".count))] = (calls, time)
            }
        }
        return commands
    }
}
