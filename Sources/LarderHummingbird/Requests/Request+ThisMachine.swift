// SPDX-License-Identifier: Apache-2.0

#if Hummingbird
import HTTPTypes
import Hummingbird

extension Request {
    /// Whether the client asks for the machine that it runs on, as far as the request tells.
    var isForThisMachine: Bool {
        // Proxies may ask for this machine on behalf of others.
        let isForwarded = self.headers.contains { field in
            [.forwarded, .via, .xRealIP].contains(field.name)
                || field.name.canonicalName.utf8.starts(with: "x-forwarded-".utf8)
        }
        guard !isForwarded, let authority = self.head.authority?.utf8 else { return false }
        if authority.elementsEqual("[::1]".utf8) || authority.starts(with: "[::1]:".utf8) { return true }
        let host = authority.prefix { $0 != UInt8(ascii: ":") }
        return host.elementsEqual("localhost".utf8)
            || host.starts(with: "127.".utf8)
                && host.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || $0 == UInt8(ascii: ".") }
    }
}

extension HTTPField.Name {
    // The names are tokens, so this cannot fail.
    // swift-format-ignore: NeverForceUnwrap
    static let forwarded = HTTPField.Name("Forwarded")!
    // swift-format-ignore: NeverForceUnwrap
    fileprivate static let via = HTTPField.Name("Via")!
    // swift-format-ignore: NeverForceUnwrap
    fileprivate static let xRealIP = HTTPField.Name("X-Real-IP")!
}
#endif
