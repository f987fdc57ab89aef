// SPDX-License-Identifier: Apache-2.0

import Larder
import LarderTesting
import NIOConcurrencyHelpers
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
            token = login.token
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

    @Test func aTokenWhoseSuccessorWasUsedEndsAllOfItsUser() async throws {
        let sessions = try SessionsUnderTest(SessionConfiguration(rememberGrace: .seconds(10)))
        let manager = sessions.manager
        let other = try await manager.login(Principal(user: "ben"))
        let stolen = try await manager.remember(Self.ann)
        let device = try await manager.remember(Self.ann)
        let thief = try #require(try await manager.login(remembered: stolen))
        let thiefs = try #require(try await manager.login(remembered: thief.token))
        sessions.clock.advance(by: .seconds(9))
        // It could be a request that is late.
        #expect(try await manager.login(remembered: stolen) == nil)
        #expect(try await manager.session(thiefs.issued.id) != nil)
        sessions.clock.advance(by: .seconds(2))
        #expect(try await manager.login(remembered: stolen) == nil)
        #expect(
            sessions.events.contains {
                $0.kind == .reused && $0.principal == Self.ann && $0.remembered == stolen.digest
            })
        for id in [thief.issued.id, thiefs.issued.id] { #expect(try await manager.session(id) == nil) }
        for token in [stolen, thief.token, thiefs.token, device] {
            #expect(try await manager.login(remembered: token) == nil)
        }
        #expect(try await manager.session(other.id) != nil)
    }

    /// The answer was lost, or a thief has it.
    @Test func aTokenIsGoodAsLongAsItsSuccessorWasNotUsed() async throws {
        let sessions = try SessionsUnderTest(SessionConfiguration(rememberGrace: .seconds(10)))
        let manager = sessions.manager
        let token = try await manager.remember(Self.ann)
        let lost = try #require(try await manager.login(remembered: token))
        let again = try #require(try await manager.login(remembered: token))
        #expect(again.token.text == lost.token.text && again.issued.id.text == lost.issued.id.text)
        var last = again
        for _ in 0..<3 {
            sessions.clock.advance(by: .seconds(3_600))
            last = try #require(try await manager.login(remembered: token))
            #expect(last.token.text != lost.token.text && last.issued.id.text != lost.issued.id.text)
        }
        #expect(try await manager.login(remembered: last.token) != nil)
        // Whoever has what was given out instead shows up.
        #expect(try await manager.login(remembered: lost.token) == nil)
        #expect(sessions.events.contains { $0.kind == .reused })
        #expect(try await manager.session(last.issued.id) == nil)
    }

    @Test func requestsAtTheSameTimeGetTheSame() async throws {
        let sessions = try SessionsUnderTest(SessionConfiguration(maximumPerUser: 100))
        let token = try await sessions.manager.remember(Self.ann)
        let logins = try await withThrowingTaskGroup(of: RememberedLogin<Basket>?.self) { group in
            for _ in 0..<20 { group.addTask { try await sessions.manager.login(remembered: token) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(logins.allSatisfy { $0 != nil })
        #expect(Set(logins.compactMap { $0?.token.text }).count == 1)
        #expect(Set(logins.compactMap { $0?.issued.id.text }).count == 1)
        #expect(try await sessions.manager.sessions(of: Self.ann).count == 1)
    }

    @Test func aLoginThatIsRefusedCostsNoToken() async throws {
        let sessions = try SessionsUnderTest(
            SessionConfiguration(maximumPerUser: 1, excess: .refuse, rememberGrace: .milliseconds(1)))
        let manager = sessions.manager
        let other = try await manager.login(Self.ann)
        let token = try await manager.remember(Self.ann)
        for _ in 0..<2 {
            #expect(try await manager.login(remembered: token) == nil)
            sessions.clock.advance(by: .seconds(60))
        }
        #expect(try await manager.sessions(of: Self.ann).count == 1)
        #expect(try await manager.session(other.id) != nil)
        try await manager.revoke(other.id)
        #expect(try await manager.login(remembered: token) != nil)
    }

    /// The token that shows it is the last to go.
    @Test(arguments: 0..<3)
    func aTheftIsShownUntilAllThatIsTheUsersHasEnded(_ steps: Int) async throws {
        let clock = ManualClock()
        let store = InterceptedSessionStore(EmbeddedSessionStore(clock: clock))
        let manager = SessionManager("shop", initial: Basket(), store: store, keys: try .test(1))
        let stolen = try await manager.remember(Self.ann)
        var thief = try #require(try await manager.login(remembered: stolen))
        thief = try #require(try await manager.login(remembered: thief.token))
        clock.advance(by: .seconds(60))
        store.before(.removeAll, skipping: steps) { throw SessionError(.unavailable, "a test") }
        await #expect(throws: SessionError.self) { try await manager.login(remembered: stolen) }
        #expect(try await manager.login(remembered: stolen) == nil)
        #expect(try await manager.session(thief.issued.id) == nil)
        #expect(try await manager.login(remembered: thief.token) == nil)
    }

    /// Those that lose take no place.
    @Test func requestsAtTheSameTimeEndNoOtherSession() async throws {
        let sessions = try SessionsUnderTest(SessionConfiguration(maximumPerUser: 2))
        let manager = sessions.manager
        let oldest = try await manager.login(Self.ann)
        let other = try await manager.login(Self.ann)
        let token = try await manager.remember(Self.ann)
        let logins = try await withThrowingTaskGroup(of: RememberedLogin<Basket>?.self) { group in
            for _ in 0..<8 { group.addTask { try await manager.login(remembered: token) } }
            return try await group.reduce(into: [RememberedLogin<Basket>?]()) { $0.append($1) }
        }
        let id = try #require(logins.compactMap(\.self).first).issued.id
        let digests = Set(try await manager.sessions(of: Self.ann).map(\.digest))
        #expect(digests == [other.id.digest, id.digest] || digests == [oldest.id.digest, id.digest])
        #expect(sessions.events.filter { $0.kind == .revoked }.count == 1)
    }

    @Test func aSessionThatIsEndedElsewhereIsNotBegunAgainByItsToken() async throws {
        let sessions = try SessionsUnderTest()
        let manager = sessions.manager
        let token = try await manager.remember(Self.ann)
        let lost = try await manager.login(Self.ann, remembered: token)
        #expect(try await manager.revoke(lost.session.digest, of: Self.ann))
        #expect(try await manager.login(remembered: token) == nil)
        // Nor one that has begun by it.
        let second = try await manager.remember(Self.ann)
        let login = try #require(try await manager.login(remembered: second))
        let rotated = try await manager.rotate(login.issued.id)
        #expect(try await manager.revoke(rotated.session.digest, of: Self.ann))
        #expect(try await manager.login(remembered: login.token) == nil)
    }

    /// So that a thief who logs out leaves nothing behind.
    @Test func aLogoutEndsAllThatBeganByItsToken() async throws {
        let sessions = try SessionsUnderTest()
        let manager = sessions.manager
        let token = try await manager.remember(Self.ann)
        let own = try await manager.login(Self.ann, remembered: token)
        let thief = try #require(try await manager.login(remembered: token))
        let other = try await manager.login(Self.ann)
        #expect(try await manager.forget(thief.token))
        for id in [own.id, thief.issued.id] { #expect(try await manager.session(id) == nil) }
        #expect(try await manager.session(other.id) != nil)
    }

    @Test func aTokenIsRenewedForItsUserAlone() async throws {
        let sessions = try SessionsUnderTest()
        let manager = sessions.manager
        let token = try await manager.remember(Self.ann)
        #expect(try await manager.renew(token, of: Principal(user: "ben")) == nil)
        let next = try #require(try await manager.renew(token, of: Self.ann))
        #expect(next.digest == token.digest && next.text != token.text)
        // A request on its way with both begins nothing.
        #expect(try await manager.login(remembered: token) == nil)
        #expect(try await manager.sessions(of: Self.ann).isEmpty)
        let login = try #require(try await manager.login(remembered: next))
        sessions.clock.advance(by: .seconds(61))
        // One that is void is not renewed.
        #expect(try await manager.renew(token, of: Self.ann) == nil)
        #expect(try await manager.login(remembered: login.token) != nil)
    }

    /// A session begins by a token that was made and shown between the steps that end all.
    @Test func whatBeganBetweenTheStepsThatEndAllIsOver() async throws {
        let store = InterceptedSessionStore(EmbeddedSessionStore())
        let manager = SessionManager("shop", initial: Basket(), store: store, keys: try .test(1))
        store.before(.removeAll, skipping: 2) {
            let token = try await manager.remember(Self.ann)
            _ = try #require(try await manager.login(remembered: token))
        }
        try await manager.revokeAll(of: Self.ann)
        #expect(try await manager.sessions(of: Self.ann).isEmpty)
    }

    @Test func nobodyIsRememberedUnderAnotherSecretOfOwners() async throws {
        let store = EmbeddedSessionStore()
        func manager(_ owners: UInt8) throws -> SessionManager<Basket> {
            let seal = try SealingKeys(current: .init(id: 1, secret: Array(repeating: 1, count: 32)))
            let keys = try SessionKeys(sealing: seal, owners: Array(repeating: owners, count: 32))
            return SessionManager("shop", initial: Basket(), store: store, keys: keys)
        }
        let token = try await manager(1).remember(Self.ann)
        #expect(try await manager(2).login(remembered: token) == nil)
        #expect(try await manager(1).login(remembered: token) != nil)
    }

    @Test func aTokenEndsWithItsTimeHoweverOftenItIsUsed() async throws {
        let day = Duration.seconds(86_400)
        let sessions = try SessionsUnderTest(SessionConfiguration(rememberTimeout: day * 3))
        var token = try await sessions.manager.remember(Self.ann)
        for _ in 0..<2 {
            sessions.clock.advance(by: day)
            token = try #require(try await sessions.manager.login(remembered: token)).token
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
    @Test(arguments: [InterceptedSessionStore.Step.create, .save, .read])
    func aLoginUnderWayIsOverWhenAllAreEnded(_ step: InterceptedSessionStore.Step) async throws {
        let store = InterceptedSessionStore(EmbeddedSessionStore())
        let manager = SessionManager("shop", initial: Basket(), store: store, keys: try .test(1))
        let token = try await manager.remember(Self.ann)
        store.before(step) { try await manager.revokeAll(of: Self.ann) }
        #expect(try await manager.login(remembered: token) == nil)
        #expect(try await manager.sessions(of: Self.ann).isEmpty)
        #expect(try await manager.login(remembered: token) == nil)
    }

    /// Also where it ends them in two steps, between which the token is taken.
    @Test func aLoginBetweenTheStepsThatEndAllIsOver() async throws {
        let store = InterceptedSessionStore(EmbeddedSessionStore())
        let manager = SessionManager("shop", initial: Basket(), store: store, keys: try .test(1))
        for steps in 0..<3 {
            let token = try await manager.remember(Self.ann)
            store.before(.removeAll, skipping: steps) { _ = try await manager.login(remembered: token) }
            try await manager.revokeAll(of: Self.ann)
            #expect(try await manager.sessions(of: Self.ann).isEmpty)
        }
        // Somebody who is logging in and is to be remembered, after the tokens have gone and before the sessions do.
        let made = NIOLockedValueBox<RememberToken?>(nil)
        store.before(.removeAll, skipping: 1) {
            let token = try await manager.remember(Self.ann)
            made.withLockedValue { $0 = token }
        }
        try await manager.revokeAll(of: Self.ann)
        let orphan = try #require(made.withLockedValue { $0 })
        #expect(try await manager.login(remembered: orphan) == nil)
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
        #expect(sessions.events.contains { $0.kind == .reused })
        #expect(try await sessions.manager.login(remembered: token) == nil)
    }

    @Test func nobodyIsNotRemembered() async throws {
        let sessions = try SessionsUnderTest()
        await #expect(throws: SessionError.self) { try await sessions.manager.remember(Principal(user: nil)) }
    }

    @Test func aNewDeviceIsToldOfOnce() async throws {
        let sessions = try SessionsUnderTest()
        let manager = sessions.manager
        let id = try await manager.login(Self.ann, on: "one").id
        #expect(try await manager.session(id, on: "one")?.device == "one")
        #expect(try await manager.session(id)?.device == "one")
        // Of all that come at the same time one is told of; and those that alternate are known.
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<20 { group.addTask { _ = try #require(try await manager.session(id, on: "two")) } }
            try await group.waitForAll()
        }
        for device in ["one", "two", "one"] { #expect(try await manager.session(id, on: device)?.device == "two") }
        try await manager.update(id) { $0.items = ["tea"] }
        #expect(try await manager.session(id)?.version == 3)
        #expect(try await manager.sessions(of: Self.ann).map(\.device) == ["two"])
        let told = sessions.events.filter { $0.kind == .deviceChanged }
        #expect(told.count == 1 && told.first?.formerDevice == "one" && told.first?.device == "two")
        #expect(told.first?.principal == Self.ann && told.first?.digest == id.digest)
        // Where nobody asked before there is nothing to tell.
        let silent = try await manager.create().id
        #expect(try await manager.session(silent, on: "one")?.device == "one")
        let long = String(repeating: "é", count: 4_096)
        #expect(try await manager.session(silent, on: long)?.device == String(repeating: "é", count: 100))
        #expect(try await manager.session(silent, on: long)?.version == 3)
        #expect(sessions.events.filter { $0.kind == .deviceChanged }.count == 2)
    }

    @Test func aRequestDoesNotFailForANoteOfItsDevice() async throws {
        let store = InterceptedSessionStore(EmbeddedSessionStore())
        let manager = SessionManager("shop", initial: Basket(), store: store, keys: try .test(1))
        let id = try await manager.login(Self.ann, on: "one").id
        store.before(.save) { throw SessionError(.unavailable, "a test") }
        #expect(try await manager.session(id, on: "two")?.device == "one")
        #expect(try await manager.session(id, on: "two")?.device == "two")
    }
}

extension String {
    fileprivate func replacingCharacters(at index: Index, with text: String) -> String {
        self[..<index] + text + self[self.index(after: index)...]
    }
}
