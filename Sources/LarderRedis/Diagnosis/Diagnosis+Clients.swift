// SPDX-License-Identifier: Apache-2.0

extension Diagnosis {
    /// What it does with its clients.
    static let clients: [Rule] = [
        { facts in
            guard let maximum = facts.setting("maxclients"), let count = facts.number("connected_clients"),
                Double(count) > 0.8 * Double(maximum)
            else { return nil }
            return ServerFinding(
                "maxclients", .problem, "\(count) of \(maximum) connections are in use.",
                remedy: "CONFIG SET maxclients to more, or find who opens them with CLIENT LIST.")
        },
        { facts in
            guard let refused = facts.number("rejected_connections"), refused > 0 else { return nil }
            return ServerFinding(
                "rejected", .advice,
                "\(refused) connections were refused since the server's counts began: too many at a time, or strangers.",
                remedy: "CONFIG SET maxclients to more if they come again.")
        },
        { facts in
            guard let room = facts.setting("tracking-table-max-keys"), room > 0,
                let tracked = facts.number("tracking_total_keys"), Double(tracked) >= 0.9 * Double(room)
            else { return nil }
            return ServerFinding(
                "tracking", .problem,
                "The server watches \(tracked) keys for near-caches and has room for \(room): those in use are thrown out of them.",
                remedy:
                    "CONFIG SET tracking-table-max-keys \(max(2 * tracked, 1_000_000)), or let the near-caches follow prefixes."
            )
        },
        { facts in
            guard let limits = facts.outputLimits else { return nil }
            guard let limit = limits.filter({ $0 > 0 }).min() else {
                if facts.settings["maxmemory-clients"].map({ $0 != "0" }) ?? false { return nil }
                return ServerFinding(
                    "output-unlimited", .advice,
                    "A client that stops reading makes the server's memory grow without end.",
                    remedy: "CONFIG SET client-output-buffer-limit 'normal 256mb 128mb 60'")
            }
            guard limit < 64 << 20 else { return nil }
            return ServerFinding(
                "output-limit", .problem,
                "A connection is closed when \(Self.size(limit)) wait for it: a few large values, or many pushes to a near-cache.",
                remedy: "CONFIG SET client-output-buffer-limit 'normal 256mb 128mb 60'")
        },
        { facts in
            guard let seconds = facts.setting("timeout"), seconds > 0 else { return nil }
            return ServerFinding(
                "timeout", .advice,
                "Connections that are idle for \(seconds) s are closed: the next request waits for a new one, and a near-cache starts empty.",
                remedy: "CONFIG SET timeout 0; tcp-keepalive finds those whose client is gone.")
        },
    ]
}

extension ServerFacts {
    /// The bytes that may wait for a client at the most, and for some time; 0 for any number: of `normal 0 0 0 replica …`.
    fileprivate var outputLimits: [Int]? {
        guard let words = self.settings["client-output-buffer-limit"]?.split(separator: " "),
            let place = words.firstIndex(of: "normal"), words.indices.contains(place + 2),
            let hard = Int(words[place + 1]), let soft = Int(words[place + 2])
        else { return nil }
        return [hard, soft]
    }
}
