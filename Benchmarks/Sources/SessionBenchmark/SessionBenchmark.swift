// SPDX-License-Identifier: Apache-2.0

import Foundation
import Larder
import LarderRedis
import LarderSessions
import Measuring
import RedisDriver

/// What `scripts/bench sessions` runs: users with five sessions each, and the log-out-everywhere of some of them.
@main
struct SessionBenchmark {
    private struct Basket: Codable, Sendable {
        var items: [Int] = [1, 2, 3]
    }

    private static let sessionsPerUser = 5

    static func main() async throws {
        let arguments = CommandLine.arguments.dropFirst().compactMap { Int($0) }
        guard arguments.count == 2 else {
            FileHandle.standardError.write(Data("PORT COUNT\n".utf8))
            exit(2)
        }
        let (redis, count, clock) = (
            try RedisClient(RedisClientConfiguration(port: arguments[0], commandTimeout: .seconds(60))), arguments[1],
            ContinuousClock()
        )
        let secret = Array(repeating: UInt8(1), count: 32)
        let manager = SessionManager(
            "bench", initial: Basket(), store: RedisSessionStore(redis, timeout: .seconds(60)),
            keys: try SessionKeys(sealing: SealingKeys(current: .init(id: 1, secret: secret)), owners: secret))

        @Sendable func user(_ number: Int) -> Principal { Principal(user: "\(number)") }
        let start = clock.now
        try await forEach(count) { _ = try await manager.login(user($0 / Self.sessionsPerUser)) }
        let memory = Int(try await redis.execute(INFO("memory"))["used_memory"] ?? "") ?? 0
        print("beginning \(count) sessions: \(start.duration(to: clock.now).text), \(memory / count) bytes for each")

        var times: [Duration] = []
        let before = try await redis.calls()
        let users = min(100, count / Self.sessionsPerUser)
        for number in 0..<users {
            let start = clock.now
            let ended = try await manager.revokeAll(of: user(number))
            times.append(start.duration(to: clock.now))
            guard ended == Self.sessionsPerUser else { fatalError("\(ended) sessions ended") }
        }
        let after = try await redis.calls()
        let commands = after.filter { $0.value != before[$0.key] && $0.key != "info" }
            .map { "\($0.key) \(Double($0.value - before[$0.key, default: 0]) / Double(users))" }.sorted()
        times.sort()
        print(
            "ending the \(Self.sessionsPerUser) of a user: \(times[users / 2].text), slowest of \(users)",
            "\(times[users - 1].text); commands, with a script's own: \(commands.joined(separator: ", "))")
        var left = 0
        for number in 0..<users { left += try await manager.sessions(of: user(number)).count }
        print("of theirs left: \(left)")
        await redis.close()
    }
}
