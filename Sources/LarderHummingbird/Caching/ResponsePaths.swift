// SPDX-License-Identifier: Apache-2.0

#if Hummingbird
/// Which paths a middleware caches.
///
/// ```swift
/// ResponsePaths(cacheable: ["/catalog", "/images"], excluded: ["/catalog/drafts"])
/// ```
public struct ResponsePaths: Sendable {
    /// All.
    public static let all = ResponsePaths()

    private let cacheable: [String]?
    private let excluded: [String]

    /// Makes a choice.
    ///
    /// - Parameters:
    ///   - cacheable: The paths that are cached with all below them; nil for all.
    ///   - excluded: The paths that are not, with all below them.
    public init(cacheable: [String]? = nil, excluded: [String] = []) {
        self.cacheable = cacheable
        self.excluded = excluded
    }

    /// Whether a path is cached.
    func contains(_ path: String) -> Bool {
        if self.excluded.isEmpty, self.cacheable == nil { return true }
        return self.cacheable?.contains { Self.isPath(path, below: $0) } ?? true
            && !self.excluded.contains { Self.isPath(path, below: $0) }
    }

    /// Whole segments count: what is for `/me` is not for `/menu`.
    private static func isPath(_ path: String, below parent: String) -> Bool {
        guard path.hasPrefix(parent) else { return false }
        return parent.hasSuffix("/") || path.utf8.count == parent.utf8.count
            || path.utf8.dropFirst(parent.utf8.count).first == UInt8(ascii: "/")
    }
}
#endif
