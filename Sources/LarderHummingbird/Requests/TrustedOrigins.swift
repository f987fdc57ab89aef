// SPDX-License-Identifier: Apache-2.0

#if Hummingbird
import HTTPTypes
import Hummingbird

/// The origins whose pages may have browsers send requests that change something: that of the request, and others that are named.
struct TrustedOrigins: Sendable {
    private let others: Set<String>

    /// - Parameter others: Such as `https://shop.example`.
    init(_ others: Set<String>) {
        self.others = Set(others.map(Self.normal))
    }

    /// - Throws: `HTTPError` with the status 403 for a request that says that it was caused by a page of another origin.
    func check(_ request: Request) throws {
        guard self.isTrusted(request) else {
            throw HTTPError(.forbidden, message: "the request comes from another site")
        }
    }

    private func isTrusted(_ request: Request) -> Bool {
        if let origin = request.headers[.origin].map(Self.normal) {
            if self.others.contains(origin) { return true }
            guard let authority = request.head.authority,
                ["https", "http"].contains(where: { origin == Self.normal("\($0)://\(authority)") })
            else { return false }
        }
        switch request.headers[.secFetchSite] {
        case nil, "same-origin", "none": return true
        default: return false
        }
    }

    /// An origin as browsers write it: in lowercase, without the port that goes without saying.
    private static func normal(_ origin: String) -> String {
        var origin = origin.lowercased()
        if origin.hasSuffix("/") { origin.removeLast() }
        for (scheme, port) in [("https://", ":443"), ("http://", ":80")]
        where origin.hasPrefix(scheme) && origin.hasSuffix(port) {
            origin.removeLast(port.count)
        }
        return origin
    }
}

extension HTTPField.Name {
    // The names are tokens, so this cannot fail.
    // swift-format-ignore: NeverForceUnwrap
    static let csrfToken = HTTPField.Name("X-CSRF-Token")!
    // swift-format-ignore: NeverForceUnwrap
    fileprivate static let secFetchSite = HTTPField.Name("Sec-Fetch-Site")!
}

extension HTTPRequest.Method {
    /// Whether it changes nothing (RFC 9110, section 9.2.1).
    var isSafe: Bool { [.get, .head, .options, .trace].contains(self) }
}
#endif
