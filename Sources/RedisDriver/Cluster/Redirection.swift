// SPDX-License-Identifier: Apache-2.0

/// What a node answers that did not carry out a command because it is not the one to ask, or not now.
enum Redirection: Sendable, Hashable {
    /// Another has the slot.
    case moved(HashSlot, RedisAddress)
    /// Another has the key, this time: it takes the command behind an `ASKING`.
    case ask(RedisAddress)
    /// The slot moves: the same again a little later.
    case tryAgain
    /// The server cannot serve, or does not know who does: others may know more.
    case askOthers

    /// Reads an answer; nil when it is something else.
    ///
    /// - Parameter asked: The server that answered.
    init?(_ error: RedisError?, asked: RedisAddress) {
        guard let error, let prefix = error.prefix else { return nil }
        let words = error.message.split(separator: " ")
        switch prefix {
        case "MOVED":
            guard words.count == 3, let slot = Int(words[1]).flatMap({ HashSlot($0) }),
                let address = Self.address(words[2], asked: asked)
            else { return nil }
            self = address.host == "?" ? .askOthers : .moved(slot, address)
        case "ASK":
            guard words.count == 3, let address = Self.address(words[2], asked: asked) else { return nil }
            self = address.host == "?" ? .tryAgain : .ask(address)
        case "TRYAGAIN": self = .tryAgain
        case "CLUSTERDOWN", "LOADING", "MASTERDOWN": self = .askOthers
        default:
            return nil
        }
    }

    /// Reads `host:port`; the host may be missing or an address with colons.
    private static func address(_ text: Substring, asked: RedisAddress) -> RedisAddress? {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (1...65_535).contains(port)
        else { return nil }
        let host = text[..<colon]
        return RedisAddress(host: host.isEmpty ? asked.host : String(host), port: port)
    }
}

extension RedisError {
    /// Whether the server carried nothing out because it is not the one to ask, or not now.
    var isRedirection: Bool { Redirection(self, asked: RedisAddress()) != nil }
}

extension RedisReply {
    /// Whether it says that the key is, or will be, on another server.
    package var isRedirection: Bool { self.error?.isRedirection ?? false }
}
