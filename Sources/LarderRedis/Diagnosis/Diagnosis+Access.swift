// SPDX-License-Identifier: Apache-2.0

extension Diagnosis {
    /// Who may do what.
    static let access: [Rule] = [
        { facts in
            guard let user = facts.users["default"], user.mayDoEverything, !user.needsPassword,
                facts.settings["protected-mode"] == "no"
            else { return nil }
            return ServerFinding(
                "open", .problem, "Whoever reaches the server may do everything on it: it asks for no password.",
                remedy:
                    "Give each service a user (`larder acl NAMESPACE`), have them use it, then ACL SETUSER default off."
            )
        },
        { facts in
            let users = facts.users.filter { $0.value.connections > 0 && $0.value.mayDoEverything }.keys.sorted()
            guard !users.isEmpty else { return nil }
            return ServerFinding(
                "rights", .advice,
                "Connected clients (of \(users.joined(separator: ", "))) may do everything, such as FLUSHALL, CONFIG and reading all keys.",
                remedy:
                    "Give each service a user with what it needs: `larder acl NAMESPACE` prints it, `--check` proves it."
            )
        },
        { facts in
            guard facts.isReadableOnTheWay else { return nil }
            return ServerFinding(
                "plain", .advice, "Passwords and values can be read on the way to the server.",
                remedy: "Set tls-port and certificates, and ask by rediss://.")
        },
    ]
}
