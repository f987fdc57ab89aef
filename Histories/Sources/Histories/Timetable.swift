// SPDX-License-Identifier: Apache-2.0

import Foundation
import RedisDriver
import ServerFixtures

/// What happens to the server and to the connections, one thing after the other.
struct Timetable: Sendable {
    struct Fault: Sendable {
        var name: String
        /// Whether it does harm to nobody else who uses the server.
        var isGentle = false
        /// Does harm; the rest of the window is for what comes after it.
        var happen: @Sendable (Timetable) async throws -> Void
    }

    /// The server, if it is this program's own.
    let server: RedisServer?
    let proxies: [FaultProxy]
    let admin: RedisClient

    static let faults: [Fault] = [
        Fault(name: "none", isGentle: true) { _ in },
        Fault(name: "kill -9, old snapshot") { table in
            await table.server?.kill()
            try await Task.sleep(for: .milliseconds(400))
            try await table.server?.restart()
        },
        Fault(name: "stopped for 2 s") { table in
            table.server?.pause()
            try await Task.sleep(for: .seconds(2))
            table.server?.resume()
        },
        Fault(name: "CLIENT KILL") { table in
            for _ in 0..<5 {
                _ = try? await table.admin.execute(RawCommand("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"))
                try await Task.sleep(for: .milliseconds(200))
            }
        },
        Fault(name: "FLUSHALL") { table in
            for _ in 0..<3 {
                _ = try? await table.admin.execute(RawCommand("FLUSHALL"))
                try await Task.sleep(for: .milliseconds(300))
            }
        },
        Fault(name: "SCRIPT FLUSH", isGentle: true) { table in
            for _ in 0..<5 {
                _ = try? await table.admin.execute(RawCommand("SCRIPT", "FLUSH"))
                try await Task.sleep(for: .milliseconds(200))
            }
        },
        Fault(name: "memory full, allkeys-lru") { table in
            _ = try? await table.admin.execute(RawCommand("CONFIG", "SET", "maxmemory-policy", "allkeys-lru"))
            for memory in ["1", "100mb", "1", "0"] {
                _ = try? await table.admin.execute(RawCommand("CONFIG", "SET", "maxmemory", memory))
                try await Task.sleep(for: .milliseconds(400))
            }
        },
        Fault(name: "connections cut", isGentle: true) { table in
            for _ in 0..<10 {
                for proxy in table.proxies { proxy.closeAll() }
                try await Task.sleep(for: .milliseconds(100))
            }
        },
        Fault(name: "replies in trickles", isGentle: true) { table in
            for proxy in table.proxies { proxy.set(.trickle) }
            try await Task.sleep(for: .seconds(1))
            for proxy in table.proxies { proxy.set(.none) }
        },
        Fault(name: "replies late", isGentle: true) { table in
            for proxy in table.proxies { proxy.set(.delay(.milliseconds(150))) }
            try await Task.sleep(for: .seconds(1))
            for proxy in table.proxies { proxy.set(.none) }
        },
        Fault(name: "requests held back", isGentle: true) { table in
            table.proxies.first?.holdRequests(true)
            try await Task.sleep(for: .milliseconds(700))
            table.proxies.first?.holdRequests(false)
        },
    ]
}
