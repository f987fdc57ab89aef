// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Larder
import LarderTesting
import NIOCore
import Testing

@testable import LarderHTTP

@Suite(.timeLimit(.minutes(1))) struct HTTPCacheTests {
    private struct Down: Error {}

    // MARK: Hits

    @Test func aResponseIsServedUntilItIsStale() async throws {
        let site = Site()
        let first = try await site.get()
        #expect(first.cacheStatus == "Larder; fwd=uri-miss; fwd-status=200; stored")
        site.clock.advance(by: .seconds(59))
        let second = try await site.get()
        #expect(second.body == "body 1")
        #expect(second["Age"] == "59")
        #expect(second.cacheStatus == "Larder; hit; ttl=1")
        site.clock.advance(by: .seconds(1))
        #expect(try await site.get().body == "body 2")
    }

    @Test func aStoredResponseHasTheSameTagInAllProcesses() async throws {
        let tags = try await [Site(), Site()].asyncMap { site in
            try await site.get()
            return try await site.get()["ETag"]
        }
        #expect(tags[0] != nil && tags[0] == tags[1])
        let site = Site()
        try await site.get()
        let known = try await site.get("/", [("If-None-Match", tags[0] ?? "")])
        #expect(known.status == 304)
        #expect(known.body.isEmpty)
    }

    @Test func whatSaysNothingIsNotStored() async throws {
        let site = Site()
        site.origin.set([:])
        try await site.get()
        #expect(try await site.get().body == "body 2")
    }

    // MARK: Policies

    @Test func aPolicyGivesALifetimeToWhatSaysNothing() async throws {
        let site = Site()
        site.origin.set([:])
        let policy = ResponsePolicy.shared(.seconds(10))
        try await site.get(by: policy)
        #expect(try await site.get(by: policy).body == "body 1")
        site.clock.advance(by: .seconds(10))
        #expect(try await site.get(by: policy).body == "body 3" || site.origin.count == 2)
        site.origin.set { _, count in .ok("missing \(count)", status: 404) }
        try await site.get("/missing", by: policy)
        let count = site.origin.count
        try await site.get("/missing", by: policy)
        #expect(site.origin.count == count + 1, "errors are not stored unless asked for")
        let lenient = policy.statuses(.notFound)
        try await site.get("/gone", by: lenient)
        #expect(try await site.get("/gone", by: lenient).cacheStatus.contains("hit"))
    }

    @Test func parametersThatDoNotCountReachNobody() async throws {
        let site = Site()
        let policy = ResponsePolicy.asDeclared.vary(by: .query("page"))
        try await site.get("/list?utm=1&page=2&evil=<script>", by: policy)
        #expect(site.origin.requests.last?.path == "/list?page=2")
        #expect(try await site.get("/list?page=2&utm=3", by: policy).body == "body 1")
        #expect(try await site.get("/list?page=3", by: policy).body == "body 2")
        #expect(try await site.get("/list", by: policy).body == "body 3")
        #expect(try await site.get("/list?pages=2", by: policy).body == "body 3")
    }

    @Test func partsOfTheRequestTellResponsesApart() async throws {
        let site = Site()
        let policy = ResponsePolicy.asDeclared.vary(
            by: .header(.acceptLanguage), .value { $0.path?.contains("beta") == true ? "beta" : "" })
        #expect(try await site.get("/", [("Accept-Language", "en")], by: policy).body == "body 1")
        #expect(try await site.get("/", [("Accept-Language", "de")], by: policy).body == "body 2")
        #expect(try await site.get("/", by: policy).body == "body 3")
        #expect(try await site.get("/", [("Accept-Language", "en")], by: policy).body == "body 1")
        #expect(try await site.get("/", [("Accept-Language", "en")], by: policy.version(2)).body == "body 4")
    }

    @Test func whatBelongsToSomebodyIsServedToNobodyElse() async throws {
        let site = Site()
        site.origin.set(["Cache-Control": "private, max-age=60"])
        let policy = ResponsePolicy.private(.seconds(60))
        let (anna, ben) = (Principal(user: "anna"), Principal(user: "ben"))
        #expect(try await site.get(by: policy, identity: anna).body == "body 1")
        #expect(try await site.get(by: policy, identity: ben).body == "body 2")
        #expect(try await site.get(by: policy, identity: anna).body == "body 1")
        #expect(try await site.get(by: policy).cacheStatus == "Larder; fwd=bypass; fwd-status=200; detail=identity")
        #expect(try await site.get().body == "body 4", "nobody's is not somebody's")
    }

    @Test func conditionsAndNoStoreKeepRequestsAway() async throws {
        let site = Site()
        let policy = ResponsePolicy.asDeclared.when { $0.headerFields[.userAgent] == nil }
        try await site.get(by: policy)
        #expect(try await site.get("/", [("User-Agent", "x")], by: policy).body == "body 2")
        #expect(try await site.get(by: .noStore).body == "body 3")
        #expect(try await site.get(by: policy).body == "body 1")
    }

    @Test func tagsEndResponses() async throws {
        let site = Site()
        let policy = ResponsePolicy.asDeclared.tag("orders").tag { ["page:\($0.path ?? "")"] }
        try await site.get("/a", by: policy)
        try await site.get("/b", by: policy)
        try await site.cache.invalidate(tags: ["page:/a"])
        #expect(try await site.get("/a", by: policy).body == "body 3")
        #expect(try await site.get("/b", by: policy).body == "body 2")
        try await site.cache.invalidate(tags: ["orders"])
        #expect(try await site.get("/b", by: policy).body == "body 4")
        await site.http.invalidate(Site.request("/b"))
        #expect(try await site.get("/b", by: policy).body == "body 5")
    }

    @Test func aHandlerHasTheLastWord() async throws {
        let site = Site()
        site.origin.set { request, count in
            var answer = HTTPAnswer.ok("body \(count)", ["Cache-Control": "max-age=60"])
            switch request.path {
            case "/not": answer.notes.doesNotStore = true
            case "/short": answer.notes.lifetime = .seconds(5)
            default: answer.notes.tags = ["mine"]
            }
            return answer
        }
        try await site.get("/not")
        #expect(try await site.get("/not").body == "body 2")
        try await site.get("/short")
        site.clock.advance(by: .seconds(5))
        #expect(try await site.get("/short").body == "body 4")
        try await site.get("/tagged")
        try await site.cache.invalidate(tags: ["mine"])
        #expect(try await site.get("/tagged").body == "body 6")
    }

    // MARK: Stale

    @Test func oneRequestMakesItAnewWhileOthersAreServed() async throws {
        let site = Site()
        site.origin.set(["Cache-Control": "max-age=10, stale-while-revalidate=30"])
        try await site.get()
        site.clock.advance(by: .seconds(15))
        let stale = try await site.get()
        #expect(stale.body == "body 1")
        #expect(stale.cacheStatus == "Larder; hit; ttl=-5")
        #expect(try await site.get().body == "body 2")
        site.clock.advance(by: .seconds(41))
        #expect(try await site.get().body == "body 3", "past the window nothing is served stale")
    }

    @Test func theWindowCountsFromTheEndOfFreshness() async throws {
        let site = Site()
        site.origin.set(["Cache-Control": "max-age=60, stale-while-revalidate=30", "Age": "300"])
        try await site.get()
        #expect(try await site.get().body == "body 2")
    }

    @Test func anOriginThatEndsWithItsRequestIsAskedInIt() async throws {
        let site = Site()
        site.origin.set(["Cache-Control": "max-age=10, stale-while-revalidate=30"])
        try await site.get()
        site.clock.advance(by: .seconds(15))
        let lookup = try await site.http.look(for: Site.request("/"), isOriginLasting: false)
        guard case .missing(let miss) = lookup else {
            Issue.record("it is served without the new one")
            return
        }
        #expect(try await miss.answer(by: site.origin.answer).content.collected() == "body 2")
    }

    @Test(arguments: [500, 502, 503, 504])
    func anErrorOfTheOriginIsAnsweredByWhatIsOld(status: Int) async throws {
        let site = Site()
        site.origin.set(["Cache-Control": "max-age=10, stale-if-error=30"])
        try await site.get()
        site.clock.advance(by: .seconds(15))
        site.origin.set { _, _ in .ok("broken", status: status) }
        let stale = try await site.get()
        #expect(stale.body == "body 1")
        #expect(stale["X-Cache"] == nil)
        site.clock.advance(by: .seconds(26))
        #expect(try await site.get().status == status)
    }

    @Test func anOriginThatThrowsIsAnsweredForByWhatIsOld() async throws {
        let site = Site()
        let policy = ResponsePolicy.shared(.seconds(10)).staleIfError(for: .seconds(30))
        site.origin.set([:])
        try await site.get(by: policy)
        site.clock.advance(by: .seconds(15))
        site.origin.set { _, _ in throw Down() }
        #expect(try await site.get(by: policy).body == "body 1")
        await #expect(throws: Down.self) { try await site.get("/other", by: policy) }
    }

    @Test func anErrorThatIsTheClientsIsPassedOn() async throws {
        let site = Site()
        site.origin.set(["Cache-Control": "max-age=10, stale-if-error=30"])
        try await site.get()
        site.clock.advance(by: .seconds(15))
        site.origin.set { _, _ in .ok("none", status: 404) }
        #expect(try await site.get().status == 404)
    }

    // MARK: Together

    @Test func oneRequestIsPassedOnForAllWhoWantTheSame() async throws {
        let site = Site()
        let gate = Gate()
        site.origin.set { _, count in
            await gate.wait()
            return .ok("body \(count)", ["Cache-Control": "max-age=60"])
        }
        try await withThrowingTaskGroup(of: Site.Page.self) { group in
            for _ in 0..<50 { group.addTask { try await site.page() } }
            while site.origin.count == 0 || site.cache.statistics["http"]?.requests ?? 0 < 50 {
                try await Task.sleep(for: .milliseconds(1))
            }
            gate.open()
            for try await page in group { #expect(page.body == "body 1") }
        }
        #expect(site.origin.count == 1)
    }

    @Test func nobodyWaitsForWhatCannotBeStored() async throws {
        let site = Site()
        site.origin.set(["Cache-Control": "no-store"])
        try await site.get()
        let gate = Gate()
        site.origin.set { _, count in
            await gate.wait()
            return .ok("body \(count)", ["Cache-Control": "no-store"])
        }
        try await withThrowingTaskGroup(of: Site.Page.self) { group in
            for _ in 0..<20 { group.addTask { try await site.page() } }
            // All are asked before one is answered.
            while site.origin.count < 21 { try await Task.sleep(for: .milliseconds(1)) }
            gate.open()
            var bodies: Set<String> = []
            for try await page in group { bodies.insert(page.body) }
            #expect(bodies.count == 20)
        }
    }

    /// A second that passes on the way says nothing about the next response.
    @Test func oneThatComesAMomentTooLateLetsTheNextBeStored() async throws {
        let site = Site()
        site.origin.set(["Cache-Control": "max-age=1", "Age": "1"])
        try await site.get()
        site.origin.set(["Cache-Control": "max-age=100"])
        try await site.get()
        #expect(try await site.get().body == "body 2")
        // Old ones come from where all are old.
        site.origin.set(["Cache-Control": "max-age=1", "Age": "2"])
        try await site.get("/old")
        site.origin.set(["Cache-Control": "max-age=100"])
        try await site.get("/old")
        #expect(try await site.get("/old").body == "body 5")
    }

    @Test func whatCanBeStoredAgainIs() async throws {
        let site = Site()
        site.origin.set(["Cache-Control": "no-store"])
        try await site.get()
        site.origin.set(["Cache-Control": "max-age=60"])
        #expect(try await site.get().cacheStatus.contains("detail=pass"))
        #expect(try await site.get().body == "body 3")
        #expect(try await site.get().body == "body 3")
    }

    @Test func theErrorOfAnotherIsNobodysAnswer() async throws {
        let site = Site()
        let gate = Gate()
        site.origin.set { request, count in
            if count == 1 { await gate.wait() }
            if request.headerFields[.init("X-Bad") ?? .server] != nil { throw Down() }
            return .ok("body \(count)", ["Cache-Control": "max-age=60"])
        }
        let bad = Task { try await site.page("/", [("X-Bad", "1")]) }
        while site.origin.count == 0 { try await Task.sleep(for: .milliseconds(1)) }
        async let good = site.page()
        while site.cache.statistics["http"]?.requests ?? 0 < 2 { try await Task.sleep(for: .milliseconds(1)) }
        gate.open()
        await #expect(throws: Down.self) { try await bad.value }
        #expect(try await good.status == 200)
    }

    @Test func whoGoesAwayTakesNothingFromTheOthers() async throws {
        let site = Site()
        let gate = Gate()
        site.origin.set { _, count in
            await gate.wait()
            return .ok("body \(count)", ["Cache-Control": "max-age=60"])
        }
        let leader = Task { try await site.page() }
        while site.origin.count == 0 { try await Task.sleep(for: .milliseconds(1)) }
        async let follower = site.page()
        while site.cache.statistics["http"]?.requests ?? 0 < 2 { try await Task.sleep(for: .milliseconds(1)) }
        leader.cancel()
        await #expect(throws: CancellationError.self) { try await leader.value }
        gate.open()
        #expect(try await follower.body == "body 1")
        await site.cache.settle()
        #expect(try await site.get().body == "body 1")
        #expect(site.origin.count == 1)
    }

    @Test(arguments: ["max-age=0, must-revalidate", "s-maxage=0", "no-cache, public", "max-age=5"])
    func whatHasToBeValidatedForEachIsNobodyElses(cacheControl: String) async throws {
        let site = Site(.sharedCache)
        let gate = Gate()
        site.origin.set { request, count in
            await gate.wait()
            let user = request.headerFields[.authorization] ?? ""
            return .ok(
                "\(user)", ["Cache-Control": cacheControl, "ETag": "\"\(user)\"", "Age": "10"])
        }
        async let anna = site.page("/me", [("Authorization", "anna")])
        while site.origin.count == 0 { try await Task.sleep(for: .milliseconds(1)) }
        async let ben = site.page("/me", [("Authorization", "ben")])
        while site.cache.statistics["http"]?.requests ?? 0 < 2 { try await Task.sleep(for: .milliseconds(1)) }
        gate.open()
        #expect(try await anna.body == "anna")
        #expect(try await ben.body == "ben")
    }

    @Test func aHEADAddsNothingThatAnotherCouldHaveMadeUp() async throws {
        let site = Site()
        site.origin.set { request, count in
            let host = request.headerFields[.init("X-Forwarded-Host") ?? .server] ?? "none"
            let cookie = request.headerFields[.cookie] ?? "none"
            return .ok(
                request.method == .head ? "" : "body \(count)",
                [
                    "Cache-Control": "public, max-age=10", "ETag": "\"a\"", "X-Host-Seen": host,
                    "X-Cookie-Seen": cookie,
                ])
        }
        try await site.get()
        site.clock.advance(by: .seconds(20))
        try await site.get("/", [("X-Forwarded-Host", "evil"), ("Cookie", "anna")], method: .head)
        try await site.get("/", [("X-Forwarded-Host", "evil")], method: .head)
        let page = try await site.get()
        #expect(page["X-Host-Seen"] == "none" && page["X-Cookie-Seen"] == "none")
        #expect(page.body == "body 1" && page.cacheStatus == "Larder; hit; ttl=10")
    }

    // MARK: Bodies

    @Test func aBodyIsPassedOnAsItComes() async throws {
        let site = Site()
        let content = GatedContent()
        site.origin.set { _, _ in .stream(content, ["Cache-Control": "max-age=60"]) }
        let answer = try await site.http.respond(to: Site.request("/"), origin: site.origin.answer)
        guard case .stream(let reader) = answer.content else {
            Issue.record("the body was waited for")
            return
        }
        content.send("one ")
        #expect(try await reader.next().map { String(buffer: $0) } == "one ")
        content.send("two")
        content.finish()
        #expect(try await reader.next().map { String(buffer: $0) } == "two")
        #expect(try await reader.next() == nil)
        await site.cache.settle()
        #expect(try await site.get().body == "one two")
    }

    @Test func whoReadsNoMoreLosesNothingForOthers() async throws {
        let site = Site()
        let content = GatedContent()
        site.origin.set { _, _ in .stream(content, ["Cache-Control": "max-age=60"]) }
        _ = try await site.http.respond(to: Site.request("/"), origin: site.origin.answer)
        content.send("whole")
        content.finish()
        await site.cache.settle()
        #expect(try await site.get().body == "whole")
    }

    @Test func whatIsTooLargeIsPassedOnAndNotStored() async throws {
        let site = Site { $0.maximumBodySize = 10 }
        site.origin.set { _, _ in
            let content = GatedContent()
            for piece in ["12345", "67890", "12345", "67890"] { content.send(piece) }
            content.finish()
            return .stream(content, ["Cache-Control": "max-age=60"])
        }
        #expect(try await site.get().body == "12345678901234567890")
        #expect(try await site.get().body == "12345678901234567890")
        #expect(site.origin.count == 2)
        site.origin.set(["Cache-Control": "max-age=60", "Content-Length": "100"])
        #expect(try await site.get("/said").cacheStatus.contains("detail=size"))
    }

    @Test func aBodyThatIsCutIsNotStored() async throws {
        let site = Site()
        site.origin.set { _, count in
            let content = GatedContent(length: 10)
            content.send("12345")
            if count == 1 { content.fail(Down()) } else { content.finish() }
            return .stream(content, ["Cache-Control": "max-age=60"])
        }
        for _ in 0..<2 {
            await #expect(throws: (any Error).self) { try await site.get() }
        }
        site.origin.set(["Cache-Control": "max-age=60"])
        #expect(try await site.get().body == "body 3")
    }

    // MARK: Variants

    @Test func variantsAreFoundInOneRead() async throws {
        let site = Site()
        site.origin.set(["Cache-Control": "max-age=60", "Vary": "Accept-Language"])
        for (index, language) in ["en", "de", "fr"].enumerated() {
            #expect(try await site.get("/", [("Accept-Language", language)]).body == "body \(index + 1)")
        }
        for (index, language) in ["en", "de", "fr"].enumerated() {
            #expect(try await site.get("/", [("Accept-Language", language)]).body == "body \(index + 1)")
        }
        #expect(site.origin.count == 3)
    }

    @Test func aFloodOfVariantsIsNotStored() async throws {
        let site = Site()
        site.origin.set(["Cache-Control": "max-age=60", "Vary": "User-Agent"])
        for index in 0..<100 { try await site.get("/", [("User-Agent", "\(index)")]) }
        #expect(try await site.get("/", [("User-Agent", "1")]).cacheStatus.contains("hit"))
        #expect(try await site.get("/", [("User-Agent", "99")]).cacheStatus.contains("detail=variants"))
    }

    @Test func anotherVaryLeadsToWhatBelongsToTheRequest() async throws {
        let site = Site()
        site.origin.set(["Cache-Control": "max-age=60", "Vary": "Accept-Language"])
        try await site.get("/", [("Accept-Language", "en"), ("Accept", "a")])
        site.origin.set(["Cache-Control": "max-age=60", "Vary": "Accept"])
        #expect(try await site.get("/", [("Accept-Language", "de"), ("Accept", "a")]).body == "body 2")
        #expect(try await site.get("/", [("Accept-Language", "de"), ("Accept", "b")]).body == "body 3")
        #expect(try await site.get("/", [("Accept-Language", "en"), ("Accept", "b")]).body == "body 3")
    }

    // MARK: Validation

    @Test func whatHasNotChangedIsMadeFreshByAWord() async throws {
        let site = Site(.sharedCache)
        site.origin.set { request, count in
            request.headerFields[.ifNoneMatch] == "\"a\""
                ? .ok("", ["Cache-Control": "max-age=60", "X-New": "\(count)"], status: 304)
                : .ok("body \(count)", ["Cache-Control": "max-age=10", "ETag": "\"a\"", "X-Old": "1"])
        }
        try await site.get()
        site.clock.advance(by: .seconds(20))
        let validated = try await site.get()
        #expect(validated.body == "body 1")
        #expect(validated.cacheStatus == "Larder; fwd=stale; fwd-status=304; stored")
        site.clock.advance(by: .seconds(50))
        let hit = try await site.get()
        #expect(hit["X-New"] == "2" && hit["X-Old"] == "1" && hit["Age"] == "50")
        #expect(site.origin.count == 2)
    }

    // MARK: Unsafe methods

    @Test(arguments: [HTTPRequest.Method.post, .put, .delete, .patch])
    func whatChangesAURLEndsItsResponses(method: HTTPRequest.Method) async throws {
        let site = Site()
        try await site.get("/a?x=1")
        site.origin.set { _, _ in .ok("", status: 500) }
        try await site.get("/a?x=1", method: method)
        #expect(try await site.get("/a?x=1").cacheStatus.contains("hit"))
        site.origin.set { _, _ in .ok("", status: 204) }
        try await site.get("/a?x=1", method: method)
        #expect(try await site.get("/a?x=1").status == 204)
    }

    @Test func aWriteEndsWhatIsFoundByAPartOfItsQuery() async throws {
        let site = Site()
        let policy = ResponsePolicy.asDeclared.vary(by: .query("page"))
        try await site.get("/list?page=1&utm=x", by: policy)
        try await site.get("/list?page=1&utm=x", method: .post, by: policy)
        #expect(try await site.get("/list?page=1&utm=x", by: policy).body == "body 3")
    }

    @Test func groupsEndTogether() async throws {
        let site = Site()
        site.origin.set(["Cache-Control": "max-age=60", "Cache-Groups": "\"a\", \"b\""])
        try await site.get("/1")
        site.origin.set(["Cache-Group-Invalidation": "\"b\""])
        try await site.get("/2")
        #expect(try await site.get("/1").cacheStatus.contains("hit"), "a safe method ends nothing")
        try await site.get("/2", method: .post)
        #expect(try await site.get("/1").cacheStatus.contains("fwd=uri-miss"))
    }
}

extension Sequence where Element: Sendable {
    fileprivate func asyncMap<Output>(_ transform: (Element) async throws -> Output) async rethrows -> [Output] {
        var outputs: [Output] = []
        for element in self { outputs.append(try await transform(element)) }
        return outputs
    }
}
