// SPDX-License-Identifier: Apache-2.0

import HTTPTypes

/// The URL that a request is for, byte for byte as it came, but for the case of scheme and host.
struct RequestURL: Hashable {
    /// Scheme and authority: `https://example.com`.
    var origin: String
    /// Path and query, as they stand in the request.
    var target: String

    /// As one text.
    var text: String { self.origin + self.target }
    var path: Substring { self.target.prefix { $0 != "?" } }
    /// Behind the question mark; empty without one.
    var query: Substring { self.target[self.path.endIndex...].dropFirst() }

    /// Nil for a request without an authority or a path.
    init?(_ request: HTTPRequest) {
        guard let authority = request.authority, !authority.isEmpty, let target = request.path, target.first == "/"
        else { return nil }
        let scheme = request.scheme?.lowercased() ?? "http"
        self.origin = scheme + "://" + Self.normalized(authority.lowercased(), scheme)
        self.target = target
    }

    private init(origin: String, target: String) {
        self.origin = origin
        self.target = target
    }

    /// Another one of the same origin.
    func with(target: String) -> RequestURL { RequestURL(origin: self.origin, target: target) }

    /// The URL that a reference in a response means; nil for one that cannot be told. Dots in it are resolved (RFC 3986, section 5.2.4).
    func resolving(_ reference: String) -> RequestURL? {
        let reference = reference.prefix { $0 != "#" }
        guard !reference.isEmpty else { return nil }
        if reference.hasPrefix("//") {
            return self.resolving(String(self.origin.prefix { $0 != "/" }) + reference)
        }
        if let colon = reference.firstIndex(of: ":"), reference[colon...].hasPrefix("://"),
            !reference[..<colon].contains("/")
        {
            let scheme = reference[..<colon].lowercased()
            let rest = reference[colon...].dropFirst(3)
            let authority = rest.prefix { $0 != "/" && $0 != "?" }
            let target = rest.dropFirst(authority.count)
            return RequestURL(
                origin: scheme + "://" + Self.normalized(authority.lowercased(), scheme),
                target: Self.withoutDots(target.first == "/" ? String(target) : "/" + target))
        }
        if reference.first == "/" {
            return self.with(target: Self.withoutDots(String(reference)))
        }
        let path = self.path
        if reference.first == "?" { return self.with(target: String(path) + reference) }
        let folder = path.lastIndex(of: "/").map { path[...$0] } ?? "/"
        return self.with(target: Self.withoutDots(String(folder) + reference))
    }

    /// Without the port that the scheme has anyway.
    private static func normalized(_ authority: String, _ scheme: String) -> String {
        let standard = scheme == "https" ? ":443" : ":80"
        return authority.hasSuffix(standard) ? String(authority.dropLast(standard.count)) : authority
    }

    private static func withoutDots(_ target: String) -> String {
        let path = target.prefix { $0 != "?" }
        guard path.contains("/.") else { return target }
        var segments: [Substring] = []
        let parts = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            let isLast = index == parts.count - 1
            switch part {
            case ".": if isLast { segments.append("") }
            case "..":
                _ = segments.popLast()
                if isLast { segments.append("") }
            default: segments.append(part)
            }
        }
        return "/" + segments.joined(separator: "/") + String(target[path.endIndex...])
    }
}
