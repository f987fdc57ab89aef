// SPDX-License-Identifier: Apache-2.0

#if Hummingbird
import HTTPTypes
public import Hummingbird
public import Larder

extension Cache {
    /// A page that shows what the cache does, and lets operators look into it and end entries: mount it where you want.
    ///
    /// ```swift
    /// router.addRoutes(cache.consoleRoutes(for: .thisMachine), atPath: "/console")
    /// ```
    ///
    /// It shows hit ratios, requests, loads, latencies and memory by region, the store, the keys asked for most, the largest entries, tags, and
    /// what stands under a key and why; it ends entries by key, tag, pattern or altogether, and sessions of a user. Whoever may use it acts
    /// for the service itself, whatever the cache's own policy. What is ended is logged, with who did it.
    ///
    /// It costs nothing while nobody looks. While somebody does, requests are counted by key, and the page asks for the figures every two
    /// seconds; through entries it looks by a sample, which takes the same time for a thousand and for millions. Each process tells
    /// of itself: behind a balancer the page adds up those that have answered.
    ///
    /// | route | answer |
    /// |---|---|
    /// | `GET /`, `/console.css`, `/console.js`, `/console.svg` | the page, which loads nothing else |
    /// | `GET /overview` | what the cache does |
    /// | `GET /survey` | memory by region, the largest entries and the tags, by a sample of 1,000 entries |
    /// | `GET /entries?pattern=product:*&tag=…` | entries, at most 100 |
    /// | `GET /explain?key=…` | what stands under a key |
    /// | `POST /invalidate` | ends `{"key":…}`, `{"tag":…}`, `{"pattern":…}` or `{"all":true}` |
    /// | `GET /sessions?user=…&tenant=…` | sessions of a user |
    /// | `POST /sessions/end` | ends those of `{"user":…,"tenant":…}`, or the one that is its `session` |
    ///
    /// - Parameters:
    ///   - access: Who may use it.
    ///   - sessions: The service's sessions; nil to show none.
    ///   - origins: Other origins that the service is reached by than requests say, such as `https://shop.example` behind a proxy.
    public func consoleRoutes<Context: RequestContext>(
        for access: ConsoleAccess<Context>, sessions: SessionDirectory? = nil, trusting origins: Set<String> = []
    ) -> RouteCollection<Context> {
        let console = Console(cache: self, access: access, sessions: sessions)
        let routes = RouteCollection(context: Context.self)
        routes.add(middleware: SecurityHeaders())
        routes.add(middleware: ConsoleGate(access: access, origins: TrustedOrigins(origins)))
        routes.get(use: console.page)
        routes.get("console.css") { _, _ in Console<Context>.file(ConsolePage.style, "text/css; charset=utf-8") }
        routes.get("console.js") { _, _ in Console<Context>.file(ConsolePage.script, "text/javascript; charset=utf-8") }
        routes.get("console.svg") { _, _ in Console<Context>.file(ConsolePage.icon, "image/svg+xml") }
        routes.get("overview", use: console.overview)
        routes.get("survey", use: console.survey)
        routes.get("entries", use: console.entries)
        routes.get("explain", use: console.explain)
        routes.post("invalidate", use: console.invalidate)
        routes.get("sessions", use: console.listSessions)
        routes.post("sessions/end", use: console.endSessions)
        return routes
    }
}
#endif
