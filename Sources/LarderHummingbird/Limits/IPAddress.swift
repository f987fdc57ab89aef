// SPDX-License-Identifier: Apache-2.0

#if Hummingbird
import NIOCore

/// An address of version 4 or 6. One of version 4 that is written as one of version 6 is the one that it stands for.
struct IPAddress: Hashable, CustomStringConvertible {
    /// Four bytes, or sixteen.
    let bytes: [UInt8]

    private init(bytes: [UInt8]) {
        let mapped = [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF]
        self.bytes = bytes.count == 16 && bytes.starts(with: mapped) ? Array(bytes.suffix(4)) : bytes
    }

    /// An address and nothing else. Of digits, points and colons alone, for the system reads more than that.
    init?(_ text: some StringProtocol) {
        let isPlain = text.utf8.prefix(46).allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
                UInt8(ascii: "A")...UInt8(ascii: "F"), UInt8(ascii: "."), UInt8(ascii: ":"):
                true
            default: false
            }
        }
        guard isPlain, text.utf8.count <= 45, let socket = try? SocketAddress(ipAddress: String(text), port: 0) else {
            return nil
        }
        self.init(socket)
    }

    init?(_ address: SocketAddress) {
        // Where the address stands in the system's structures, on all systems alike.
        let place: Range<Int>
        switch address {
        case .v4: place = 4..<8
        case .v6: place = 8..<24
        case .unixDomainSocket: return nil
        }
        self.init(
            bytes: address.withSockAddr { pointer, size in
                guard size >= place.upperBound else { return [] }
                return Array(UnsafeRawBufferPointer(start: pointer, count: size)[place])
            })
    }

    /// An address as proxies write it: `192.0.2.1`, `192.0.2.1:8080`, `2001:db8::1`, `[2001:db8::1]:8080`.
    init?(hop: Substring.UTF8View) {
        let colon = UInt8(ascii: ":")
        var (address, port) = (hop, Substring.UTF8View?.none)
        if hop.first == UInt8(ascii: "[") {
            guard let end = hop.firstIndex(of: UInt8(ascii: "]")) else { return nil }
            address = hop[hop.index(after: hop.startIndex)..<end]
            let rest = hop[hop.index(after: end)...]
            guard rest.isEmpty || rest.first == colon else { return nil }
            port = rest.isEmpty ? nil : rest.dropFirst()
        } else if let first = hop.firstIndex(of: colon), first == hop.lastIndex(of: colon) {
            address = hop[..<first]
            port = hop[hop.index(after: first)...]
        }
        if let port {
            guard (1...5).contains(port.count), port.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        }
        self.init(Substring(address))
    }

    /// What one client has: the address of version 4, the first 64 bits of one of version 6.
    var network: IPAddress {
        self.bytes.count == 16 ? IPAddress(bytes: self.bytes.prefix(8) + [UInt8](repeating: 0, count: 8)) : self
    }

    /// Whether it is the machine's own, for itself.
    var isLoopback: Bool {
        self.bytes.count == 4
            ? self.bytes[0] == 127 : self.bytes == [UInt8](repeating: 0, count: 15) + [1]
    }

    var description: String {
        self.bytes.count == 4
            ? self.bytes.map(String.init).joined(separator: ".")
            : stride(from: 0, to: self.bytes.count, by: 2)
                .map { String(Int(self.bytes[$0]) << 8 | Int(self.bytes[$0 + 1]), radix: 16) }.joined(separator: ":")
    }
}

/// Addresses that begin with the same bits.
struct IPNetwork: Sendable {
    private let bytes: [UInt8]
    private let bits: Int

    /// `10.0.0.0/8`, or one address.
    init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, let address = IPAddress(parts[0]) else { return nil }
        let most = address.bytes.count * 8
        let bits = parts.count == 2 ? Int(parts[1]) : most
        guard let bits, (0...most).contains(bits) else { return nil }
        self.bytes = address.bytes
        self.bits = bits
    }

    func contains(_ address: IPAddress) -> Bool {
        guard address.bytes.count == self.bytes.count else { return false }
        return zip(address.bytes, self.bytes).enumerated().allSatisfy { index, pair in
            let rest = min(max(self.bits - index * 8, 0), 8)
            let mask = rest == 0 ? 0 : UInt8.max << UInt8(8 - rest)
            return (pair.0 ^ pair.1) & mask == 0
        }
    }
}
#endif
