// SPDX-License-Identifier: Apache-2.0

import Larder
import LarderTesting
import NIOCore
import Testing

@testable import LarderSessions

@Suite struct RememberedLoginTests {
    private static let ann = Principal(user: "ann", tenant: "acme")

    @Test func aTokenIsGoodForOneLoginAndGivesAnother() async throws {
        let sessions = try SessionsUnderTest()
        var token = try await sessions.manager.remember(Self.ann)
        let first = token
        var ids: Set<SessionDigest> = []
        for _ in 0..<3 {
            let login = try #require(try await sessions.manager.login(remembered: token, on: "browser"))
            #expect(login.issued.session.principal == Self.ann && login.issued.session.device == "browser")
            // Whoever holds a token has proved nothing.
            #expect(login.issued.session.authenticated == nil)
            let session = try #require(try await sessions.manager.session(login.issued.id))
            #expect(!session.isAuthenticated(within: .seconds(3_600)))
            ids.insert(session.digest)
            token = try #require(login.token)
            #expect(token.text != first.text && token.digest == first.digest)
        }
        #expect(ids.count == 3)
        #expect(try await sessions.manager.sessions(of: Self.ann).count == 3)
        #expect(sessions.events.map(\.kind) == [.created, .created, .created])
        // A login with a password in a session that began so proves it.
        let id = try #require(try await sessions.manager.login(remembered: token)).issued.id
        let issued = try await sessions.manager.login(Self.ann, from: id)
        #expect(issued.session.isAuthenticated(within: .seconds(1)) && issued.id.text != id.text)
    }

    @Test func aTokenThatWasReplacedBeforeEndsAllOfItsUser() async throws {
        let sessions = try SessionsUnderTest(SessionConfiguration(rememberGrace: .seconds(10)))
        let manager = sessions.manager
        let other = try await manager.login(Principal(user: "ben"))
        let stolen = try await manager.remember(Self.ann)
        let device = try await manager.remember(Self.ann)
        let thief = try #require(try await manager.login(remembered: stolen))
        sessions.clock.advance(by: .seconds(9))
        // A request that was sent before the answer to another came.
        let late = try #require(try await manager.login(remembered: stolen))
        #expect(late.token == nil)
        sessions.clock.advance(by: .seconds(2))
        #expect(try await manager.login(remembered: stolen) == nil)
        #expect(sessions.events.last?.kind == .reused && sessions.events.last?.principal == Self.ann)
        for id in [thief.issued.id, late.issued.id] { #expect(try await manager.session(id) == nil) }
        let next = try #require(thief.token)
        for token in [stolen, next, device] { #expect(try await manager.login(remembered: token) == nil) }
        #expect(try await manager.session(other.id) != nil)
    }

    @Test func ofRequestsAtTheSameTimeOneGetsTheNextToken() async throws {
        let sessions = try SessionsUnderTest()
        let token = try await sessions.manager.remember(Self.ann)
        let logins = try await withThrowingTaskGroup(of: RememberedLogin<Basket>?.self) { group in
            for _ in 0..<20 { group.addTask { try await sessions.manager.login(remembered: token) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(logins.allSatisfy { $0 != nil } && logins.compactMap { $0?.token }.count == 1)
    }

    @Test func aTokenEndsWithItsTimeHoweverOftenItIsUsed() async throws {
        let day = Duration.seconds(86_400)
        let sessions = try SessionsUnderTest(SessionConfiguration(rememberTimeout: day * 3))
        var token = try await sessions.manager.remember(Self.ann)
        for _ in 0..<2 {
            sessions.clock.advance(by: day)
            token = try #require(try await sessions.manager.login(remembered: token)?.token)
        }
        sessions.clock.advance(by: day)
        #expect(try await sessions.manager.login(remembered: token) == nil)
        #expect(sessions.events.last?.kind == .rejected)
    }

    @Test func aTokenEndsWithALogoutAndWithAllThatIsTheUsers() async throws {
        let sessions = try SessionsUnderTest()
        let tokens = [
            try await sessions.manager.remember(Self.ann), try await sessions.manager.remember(Self.ann),
            try await sessions.manager.remember(Principal(user: "ben")),
        ]
        #expect(try await sessions.manager.forget(tokens[0]))
        #expect(try await !sessions.manager.forget(tokens[0]))
        #expect(try await sessions.manager.login(remembered: tokens[0]) == nil)
        try await sessions.manager.revokeAll(of: Self.ann)
        #expect(try await sessions.manager.login(remembered: tokens[1]) == nil)
        #expect(try await sessions.manager.login(remembered: tokens[2]) != nil)
    }

    /// What ends all sessions of a user also ends the one that a token is being taken for.
    @Test func aLoginUnderWayIsOverWhenAllAreEnded() async throws {
        let store = InterceptedSessionStore(EmbeddedSessionStore())
        let manager = SessionManager("shop", initial: Basket(), store: store, keys: try .test(1))
        let token = try await manager.remember(Self.ann)
        store.beforeCreation { try await manager.revokeAll(of: Self.ann) }
        #expect(try await manager.login(remembered: token) == nil)
        #expect(try await manager.sessions(of: Self.ann).isEmpty)
    }

    @Test func whatIsNoTokenIsNone() async throws {
        let sessions = try SessionsUnderTest()
        let token = try await sessions.manager.remember(Self.ann)
        let id = try await sessions.manager.login(Self.ann).id
        #expect(token.text.count == RememberToken.length && RememberToken(token.text)?.text == token.text)
        for text in [
            "", id.text, token.text + "A", String(token.text.dropLast()), token.text.replacing(/^./, with: "é"),
        ] {
            #expect(RememberToken(text) == nil)
        }
        #expect(SessionID(token.text) == nil)
        // Forged from the first byte, and with the name of another's.
        let forged = try #require(RememberToken(String(repeating: "A", count: RememberToken.length)))
        #expect(try await sessions.manager.login(remembered: forged) == nil)
        #expect("\(token)\(String(reflecting: token))".contains(token.text.prefix(20)) == false)
    }

    /// A secret that is made up for a token whose name is known is as good as one that was replaced.
    @Test func aWrongSecretForAnothersTokenIsATheft() async throws {
        let sessions = try SessionsUnderTest()
        let token = try await sessions.manager.remember(Self.ann)
        let middle = token.text.index(token.text.startIndex, offsetBy: 40)
        let character = token.text[middle] == "A" ? "B" : "A"
        let wrong = try #require(RememberToken(token.text.replacingCharacters(at: middle, with: character)))
        #expect(wrong.digest == token.digest)
        #expect(try await sessions.manager.login(remembered: wrong) == nil)
        #expect(sessions.events.last?.kind == .reused)
        #expect(try await sessions.manager.login(remembered: token) == nil)
    }

    @Test func nobodyIsNotRemembered() async throws {
        let sessions = try SessionsUnderTest()
        await #expect(throws: SessionError.self) { try await sessions.manager.remember(Principal(user: nil)) }
    }

    @Test func anotherDeviceIsToldOfOnce() async throws {
        let sessions = try SessionsUnderTest()
        let manager = sessions.manager
        let id = try await manager.login(Self.ann, on: "one").id
        #expect(try await manager.session(id, on: "one")?.device == "one")
        #expect(try await manager.session(id)?.device == "one")
        for _ in 0..<2 { #expect(try await manager.session(id, on: "two")?.device == "two") }
        try await manager.update(id) { $0.items = ["tea"] }
        #expect(try await manager.sessions(of: Self.ann).map(\.device) == ["two"])
        let told = sessions.events.filter { $0.kind == .deviceChanged }
        #expect(told.count == 1 && told.first?.formerDevice == "one" && told.first?.device == "two")
        #expect(told.first?.principal == Self.ann && told.first?.digest == id.digest)
        // Where nobody asked before there is nothing to tell.
        let silent = try await manager.create().id
        #expect(try await manager.session(silent, on: "one")?.device == "one")
        let long = String(repeating: "x", count: 8_192)
        #expect(try await manager.session(silent, on: long)?.device?.utf8.count == 200)
        #expect(try await manager.session(silent, on: long)?.version == 3)
        #expect(sessions.events.filter { $0.kind == .deviceChanged }.count == 2)
    }
}

extension String {
    fileprivate func replacingCharacters(at index: Index, with text: String) -> String {
        self[..<index] + text + self[self.index(after: index)...]
    }
}
