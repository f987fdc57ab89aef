// SPDX-License-Identifier: Apache-2.0

import HTTPTypes

/// The URL that a request is for, byte for byte as it came, but for the case of scheme and host.
struct RequestURL: Hashable {
    var scheme: String
    var authority: String
    /// Path and query, as they stand in the request.
    var target: String

    /// Scheme and authority: `https://example.com`.
    var origin: String { self.scheme + "://" + self.authority }

    /// As one text.
    var text: String { self.origin + self.target }
    var path: Substring { self.target.prefix { $0 != "?" } }
    /// Behind the question mark; empty without one.
    var query: Substring { self.target[self.path.endIndex...].dropFirst() }

    /// Nil for a request without an authority or a path.
    init?(_ request: HTTPRequest) {
        guard let authority = request.authority, !authority.isEmpty, let target = request.path, target.first == "/"
        else { return nil }
        self.init(scheme: request.scheme ?? "http", authority: authority, target: target)
    }

    private init(scheme: String, authority: String, target: String) {
        self.scheme = scheme.lowercased()
        self.authority = Self.normalized(authority.lowercased(), self.scheme)
        self.target = target
    }

    /// Another one of the same origin.
    func with(target: String) -> RequestURL {
        var url = self
        url.target = target
        return url
    }

    /// Whether another one has the same scheme and authority.
    func isOfOrigin(of other: RequestURL) -> Bool { self.scheme == other.scheme && self.authority == other.authority }

    /// The URL that a reference in a response means; nil for one that cannot be told. Dots in it are resolved (RFC 3986, section 5.2.4).
    func resolving(_ reference: String) -> RequestURL? {
        let reference = reference.prefix { $0 != "#" }
        guard !reference.isEmpty else { return nil }
        if reference.hasPrefix("//") {
            return self.resolving(self.scheme + ":" + reference)
        }
        if let colon = reference.firstIndex(of: ":"), reference[colon...].hasPrefix("://"),
            !reference[..<colon].contains("/")
        {
            let rest = reference[colon...].dropFirst(3)
            let authority = rest.prefix { $0 != "/" && $0 != "?" }
            let target = rest.dropFirst(authority.count)
            return RequestURL(
                scheme: String(reference[..<colon]), authority: String(authority),
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
        let length = authority.utf8.count - standard.utf8.count
        guard length >= 0, authority.utf8.dropFirst(length).elementsEqual(standard.utf8) else { return authority }
        return String(authority.utf8.prefix(length)) ?? authority
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
