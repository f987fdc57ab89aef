// SPDX-License-Identifier: Apache-2.0

import NIOConcurrencyHelpers

/// Which URLs a process has seen responses for that are responses for others too, by what they say of their queries: a hint, for whoever
/// finds one looks at what it says itself.
final class KnownSearches: Sendable {
    /// The most paths, and URLs of each, that are remembered, and how long these may be.
    private static let maximum = (paths: 100, urls: 100, length: 1_024)

    private struct Known {
        /// What the newest response for the path said.
        var rule: NoVarySearch
        var targets: [[NoVarySearch.Parameter]: String] = [:]
    }

    private let table = NIOLockedValueBox<[String: Known]>([:])

    /// Another URL whose response may be one for a URL too.
    func other(for url: RequestURL) -> RequestURL? {
        let known = self.table.withLockedValue { $0[url.origin + url.path] }
        guard let known, let target = known.targets[known.rule.simplified(url)], target != url.target else {
            return nil
        }
        return url.with(target: target)
    }

    /// A response for a URL says for which others it is.
    func learn(_ rule: NoVarySearch, of url: RequestURL) {
        guard url.target.utf8.count <= Self.maximum.length else { return }
        let simplified = rule.simplified(url)
        self.table.withLockedValue { table in
            let path = url.origin + url.path
            if table[path] == nil, table.count >= Self.maximum.paths { table.removeAll() }
            var known = table[path] ?? Known(rule: rule)
            if known.rule != rule || known.targets.count >= Self.maximum.urls { known = Known(rule: rule) }
            known.targets[simplified] = url.target
            table[path] = known
        }
    }
}
