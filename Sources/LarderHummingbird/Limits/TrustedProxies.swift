// SPDX-License-Identifier: Apache-2.0

#if Hummingbird
import HTTPTypes
import Hummingbird

/// The proxies in front of a service, whose word is taken for who the client is.
///
/// Only what trusted proxies have written is read: from the end of the field on, as long as the address before is one of theirs. What a client
/// writes into the field itself is not believed.
public struct TrustedProxies: Sendable {
    /// The field in which proxies say who asked them.
    public enum Field: Sendable {
        /// `X-Forwarded-For`.
        case xForwardedFor
        /// `Forwarded` (RFC 7239).
        case forwarded
    }

    /// A list that cannot be used.
    public struct Invalid: Error, CustomStringConvertible {
        /// What is wrong with it.
        public let description: String
    }

    private let networks: [IPNetwork]
    private let field: Field

    /// No proxies: whoever made the connection is the client.
    public static let none = TrustedProxies()

    private init() {
        self.networks = []
        self.field = .xForwardedFor
    }

    /// Makes a list.
    ///
    /// - Parameters:
    ///   - networks: Addresses and networks, such as `10.0.0.0/8` and `2001:db8::1`.
    ///   - field: The one field that the proxies set. They must not pass on the client's.
    /// - Throws: ``Invalid`` for what is neither address nor network.
    public init(_ networks: [String], field: Field = .xForwardedFor) throws {
        self.networks = try networks.map { text in
            guard let network = IPNetwork(text) else {
                throw Invalid(description: "\(text) is no address and no network")
            }
            return network
        }
        self.field = field
    }

    /// The first address, counted from here, that is none of the proxies'.
    func client(of request: Request, from peer: IPAddress?) -> IPAddress? {
        guard var address = peer, !self.networks.isEmpty else { return peer }
        var hops = self.hops(of: request)
        while self.networks.contains(where: { $0.contains(address) }), let hop = hops.popLast() {
            // What is no address was hidden, or is a lie: the proxy that tells it is all that is known.
            guard let next = IPAddress(hop: hop) else { return address }
            address = next
        }
        return address
    }

    private func hops(of request: Request) -> [Substring.UTF8View] {
        switch self.field {
        case .xForwardedFor:
            request.headers[values: .xForwardedFor].flatMap { $0.parted(at: ",") }
        case .forwarded:
            request.headers[values: .forwarded].flatMap { $0.parted(at: ",") }.map { element in
                let pair = Substring(element).parted(at: ";").first {
                    $0.prefix(4).elementsEqual("for=".utf8, by: Self.isSame)
                }
                return (pair?.dropFirst(4) ?? Substring().utf8).unquoted
            }
        }
    }

    private static func isSame(_ byte: UInt8, _ lowercase: UInt8) -> Bool {
        byte == lowercase || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) && byte | 0x20 == lowercase
    }
}

extension StringProtocol where SubSequence == Substring {
    /// The parts between separators, without blanks around them. Bytes are looked at, and not characters: what stands before a
    /// separator can make one character with it.
    fileprivate func parted(at separator: Unicode.Scalar) -> [Substring.UTF8View] {
        Substring(self).utf8.split(separator: UInt8(ascii: separator)).map { part in
            var part = part.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
            while let last = part.last, last == UInt8(ascii: " ") || last == UInt8(ascii: "\t") { part.removeLast() }
            return part
        }
    }
}

extension Substring.UTF8View {
    fileprivate var unquoted: Substring.UTF8View {
        let quote = UInt8(ascii: "\"")
        return self.count >= 2 && self.first == quote && self.last == quote ? self.dropFirst().dropLast() : self
    }
}

extension HTTPField.Name {
    // The names are tokens, so this cannot fail.
    // swift-format-ignore: NeverForceUnwrap
    fileprivate static let xForwardedFor = HTTPField.Name("X-Forwarded-For")!
}
#endif
