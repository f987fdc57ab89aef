// SPDX-License-Identifier: Apache-2.0

import Larder
import LarderTesting
import NIOConcurrencyHelpers
import NIOCore
import Testing

@testable import LarderSessions

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite struct SessionManagerTests {
    @Test func aSessionHoldsWhatWasPutIntoIt() async throws {
        let sessions = try SessionsUnderTest()
        let id = try await sessions.manager.create { $0.items = ["tea"] }.id
        try await sessions.manager.update(id) { $0.items.append("cup") }
        let session = try #require(try await sessions.manager.session(id))
        #expect(session.value.items == ["tea", "cup"] && session.principal == nil && session.authenticated == nil)
        #expect(sessions.events.map(\.kind) == [.created])
    }

    @Test func changesAtTheSameTimeAreAllMade() async throws {
        let sessions = try SessionsUnderTest()
        let id = try await sessions.manager.create().id
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<50 {
                group.addTask { try await sessions.manager.update(id) { $0.items.append("\(number)") } }
            }
            try await group.waitForAll()
        }
        let items = try await sessions.manager.session(id)?.value.items ?? []
        #expect(Set(items) == Set((0..<50).map(String.init)) && items.count == 50)
    }

    @Test func aChangeThatChangesNothingWritesNothing() async throws {
        let sessions = try SessionsUnderTest()
        let issued = try await sessions.manager.create { $0.items = ["tea"] }
        for session in [nil, issued.session] {
            let session = try await sessions.manager.update(issued.id, from: session) { $0.items = ["tea"] }
            #expect(session.version == 1)
        }
    }

    /// What changes nothing of what a request has read may well change what is there by now.
    @Test func aChangeIsMadeOnWhatIsThereAndNotOnWhatWasKnown() async throws {
        let sessions = try SessionsUnderTest()
        let issued = try await sessions.manager.create { $0.items = ["tea"] }
        try await sessions.manager.update(issued.id) { $0.items = ["cup"] }
        try await sessions.manager.update(issued.id, from: issued.session) { $0.items = ["tea"] }
        #expect(try await sessions.manager.session(issued.id)?.value.items == ["tea"])
        // Nor is what is known of another session taken for this one.
        let other = try await sessions.manager.login(Principal(user: "18")) { $0.items = ["pot"] }
        try await sessions.manager.update(issued.id, from: other.session) { $0.items.append("pan") }
        let session = try #require(try await sessions.manager.session(issued.id))
        #expect(session.value.items == ["tea", "pan"] && session.principal == nil)
    }

    @Test func aUserWithAsManySessionsAsMayBeCanLogInAgain() async throws {
        for excess in [SessionConfiguration.Excess.refuse, .endOldest] {
            let sessions = try SessionsUnderTest(SessionConfiguration(maximumPerUser: 2, excess: excess))
            let user = Principal(user: "17")
            let first = try await sessions.manager.login(user) { $0.items = ["tea"] }
            let second = try await sessions.manager.login(user)
            let again = try await sessions.manager.login(user, from: first.id) { $0.items.append("cup") }
            #expect(again.session.value.items == ["tea", "cup"])
            #expect(try await sessions.manager.session(second.id) != nil)
            #expect(try await sessions.manager.session(first.id) == nil)
            #expect(try await sessions.manager.sessions(of: user).count == 2)
        }
    }

    @Test func twoLoginsAtOnceBothLogIn() async throws {
        for _ in 0..<100 {
            let sessions = try SessionsUnderTest()
            let user = Principal(user: "17")
            let id = try await sessions.manager.login(user).id
            async let one = sessions.manager.login(user, from: id)
            async let other = sessions.manager.login(user, from: id)
            for issued in try await [one, other] {
                #expect(try await sessions.manager.session(issued.id)?.principal == user)
            }
            #expect(try await sessions.manager.session(id) == nil)
        }
    }

    @Test func nobodyCannotLogIn() async throws {
        let sessions = try SessionsUnderTest()
        await #expect { _ = try await sessions.manager.login(Principal(user: nil)) } throws: {
            ($0 as? SessionError)?.code == .invalidConfiguration
        }
        let anonymous = try await sessions.manager.create()
        let rotated = try await sessions.manager.rotate(anonymous.id, isAuthenticated: true)
        #expect(rotated.session.authenticated == nil && !rotated.session.isAuthenticated(within: .seconds(60)))
    }

    @Test func eventsTellWhoseSessionsBeganAndEnded() async throws {
        let sessions = try SessionsUnderTest()
        let (one, other) = (Principal(user: "17"), Principal(user: "18"))
        let visitor = try await sessions.manager.create()
        let first = try await sessions.manager.login(one, from: visitor.id)
        let second = try await sessions.manager.login(other, from: first.id)
        let third = try await sessions.manager.login(other, from: second.id)
        #expect(
            sessions.events == [
                SessionEvent(.created, digest: visitor.id.digest),
                SessionEvent(.rotated, digest: first.id.digest, former: visitor.id.digest, principal: one),
                SessionEvent(.created, digest: second.id.digest, principal: other),
                SessionEvent(.revoked, digest: first.id.digest, principal: one),
                SessionEvent(.rotated, digest: third.id.digest, former: second.id.digest, principal: other),
            ])
    }

    @Test func whatIsTooLargeOrCannotBeEncodedLeavesTheSessionAsItWas() async throws {
        let sessions = try SessionsUnderTest(SessionConfiguration(maximumSize: 1_000))
        let id = try await sessions.manager.create { $0.items = ["tea"] }.id
        await #expect {
            try await sessions.manager.update(id) { $0.items.append(String(repeating: "x", count: 1_000)) }
        } throws: { ($0 as? SessionError)?.code == .tooLarge }
        await #expect {
            _ = try await sessions.manager.create { $0.items.append(String(repeating: "x", count: 1_000)) }
        } throws: { ($0 as? SessionError)?.code == .tooLarge }
        #expect(try await sessions.manager.session(id)?.value.items == ["tea"])
    }

    @Test func whatAChangeThrowsComesOutAndNothingIsChanged() async throws {
        struct Refused: Error {}
        let sessions = try SessionsUnderTest()
        let id = try await sessions.manager.create().id
        await #expect(throws: Refused.self) {
            try await sessions.manager.update(id) { basket in
                basket.items = ["tea"]
                throw Refused()
            }
        }
        #expect(try await sessions.manager.session(id)?.value.items == [])
    }

    @Test func whatWasPutInBeforeTheLoginGoesAlong() async throws {
        let sessions = try SessionsUnderTest()
        let id = try await sessions.manager.create { $0.items = ["tea"] }.id
        let issued = try await sessions.manager.login(Principal(user: "17"), from: id) { $0.items.append("cup") }
        #expect(issued.session.value.items == ["tea", "cup"] && issued.session.principal == Principal(user: "17"))
        #expect(try await sessions.manager.session(id) == nil)
    }

    /// What is put into a session while its user logs in is either seen by the login, or told to have come too late.
    @Test func whatIsPutInDuringTheLoginIsNotLostInSilence() async throws {
        for _ in 0..<200 {
            let sessions = try SessionsUnderTest()
            let id = try await sessions.manager.create().id
            async let added = Self.add("tea", to: id, of: sessions.manager)
            let issued = try await sessions.manager.login(Principal(user: "17"), from: id)
            let items = try await sessions.manager.session(issued.id)?.value.items
            #expect(try await items == (added ? ["tea"] : []))
        }
    }

    private static func add(_ item: String, to id: SessionID, of manager: SessionManager<Basket>) async throws -> Bool {
        do {
            try await manager.update(id) { $0.items.append(item) }
            return true
        } catch let error as SessionError where error.code == .ended {
            return false
        }
    }

    @Test func whatAnotherUserPutInDoesNotGoAlong() async throws {
        let sessions = try SessionsUnderTest()
        let first = try await sessions.manager.login(Principal(user: "17")) { $0.items = ["secret"] }.id
        let second = try await sessions.manager.login(Principal(user: "18"), from: first)
        #expect(second.session.value.items == [])
        #expect(try await sessions.manager.session(first) == nil)
        // Nor does that of a user of the same name of another tenant.
        let third = try await sessions.manager.login(Principal(user: "17", tenant: "acme")) { $0.items = ["acme"] }
        let fourth = try await sessions.manager.login(Principal(user: "17", tenant: "other"), from: third.id)
        #expect(fourth.session.value.items == [])
        #expect(try await sessions.manager.sessions(of: Principal(user: "17", tenant: "acme")).isEmpty)
    }

    @Test func theSessionsOfAUserAreListedAndEnded() async throws {
        let sessions = try SessionsUnderTest()
        let user = Principal(user: "17")
        var ids: [SessionID] = []
        for number in 0..<3 {
            ids.append(try await sessions.manager.login(user) { $0.items = ["\(number)"] }.id)
            sessions.clock.advance(by: .seconds(120))
        }
        _ = try await sessions.manager.session(ids[0])
        _ = try await sessions.manager.login(Principal(user: "18"))
        let listed = try await sessions.manager.sessions(of: user)
        #expect(listed.map(\.value.items) == [["0"], ["2"], ["1"]])
        #expect(listed[0].lastUsed == listed[0].created + 360)
        #expect(try await sessions.manager.revoke(ids[1].digest, of: user))
        #expect(try await !sessions.manager.revoke(ids[1].digest, of: user))
        #expect(try await !sessions.manager.revoke(ids[0].digest, of: Principal(user: "18")))
        #expect(try await sessions.manager.revokeAll(of: user, but: ids[2].digest) == 1)
        #expect(try await sessions.manager.sessions(of: user).map(\.digest) == [ids[2].digest])
        #expect(try await sessions.manager.revokeAll(of: user) == 1)
        #expect(try await sessions.manager.session(ids[2]) == nil)
        #expect(try await sessions.manager.sessions(of: Principal(user: "18")).count == 1)
    }

    @Test func principalsThatReadAlikeAreDifferentOnes() async throws {
        let sessions = try SessionsUnderTest()
        let principals = [
            Principal(user: "a"), Principal(user: "a", tenant: ""), Principal(user: nil, tenant: "a"),
            Principal(user: "1:a", tenant: "b"), Principal(user: "a", tenant: "b:1"), Principal(user: ""),
        ]
        for principal in principals { _ = try await sessions.manager.login(principal) }
        for principal in principals {
            #expect(try await sessions.manager.sessions(of: principal).map(\.principal) == [principal])
        }
    }

    @Test func sessionsOpenWithTheKeyTheyWereSealedWithUntilTheyAreSealedAnew() async throws {
        let old = try SessionsUnderTest(keys: .test(1))
        let both = try SessionsUnderTest(keys: .test(2, 1), store: old.store)
        let new = try SessionsUnderTest(keys: .test(2), store: old.store)
        let id = try await old.manager.login(Principal(user: "17")) { $0.items = ["tea"] }.id
        #expect(try await both.manager.session(id)?.value.items == ["tea"])
        #expect(try await new.manager.session(id) == nil)
        #expect(new.events.map(\.kind) == [.rejected])
        try await both.manager.update(id) { $0.items.append("cup") }
        #expect(try await new.manager.session(id)?.value.items == ["tea", "cup"])
        #expect(try await new.manager.sessions(of: Principal(user: "17")).count == 1)
    }

    @Test func aSecretThatIsTooShortIsRefused() throws {
        let sealing = try SealingKeys(current: .init(id: 1, secret: Array(repeating: 1, count: 32)))
        #expect { _ = try SessionKeys(sealing: sealing, owners: Array(repeating: 1, count: 31)) } throws: {
            ($0 as? SessionError)?.code == .invalidConfiguration
        }
    }

    /// A value that is copied to another session, or to another time of the same one, opens nowhere.
    @Test func aPayloadOpensWhereItWasPutAndNowhereElse() async throws {
        let sessions = try SessionsUnderTest()
        let terms = SessionConfiguration().terms
        let victim = try await sessions.manager.login(Principal(user: "1"))
        func key(_ id: SessionID) -> String { "shop:+session:\(id.owner.text)" }
        func payload() async throws -> ByteBuffer {
            guard
                case .found(let record, _) = try await sessions.store.read(
                    victim.id.digest, under: key(victim.id), terms)
            else { throw SessionError(.ended, "it is not there") }
            return record.payload
        }
        let first = try await payload()
        try await sessions.manager.update(victim.id) { $0.items = ["tea"] }
        let second = try await payload()
        // Into a session of somebody else, and into another of the same user, in the same version.
        for user in ["2", "1"] {
            let thief = try await sessions.manager.login(Principal(user: user))
            _ = try await sessions.store.save(
                thief.id.digest, payload: second, over: 1, under: key(thief.id), terms)
            #expect(try await sessions.manager.session(thief.id) == nil)
        }
        // Under another service's keys of the same secrets.
        let other = SessionManager(
            "other", initial: Basket(), store: sessions.store, keys: try SessionKeys.test(1))
        let foreign = try await other.login(Principal(user: "1"))
        _ = try await sessions.store.save(
            foreign.id.digest, payload: second, over: 1, under: "other:+session:\(foreign.id.owner.text)", terms)
        #expect(try await other.session(foreign.id) == nil)
        // Over a later one of the same session.
        _ = try await sessions.store.save(victim.id.digest, payload: first, over: 2, under: key(victim.id), terms)
        #expect(try await sessions.manager.session(victim.id) == nil)
        #expect(sessions.events.last?.kind == .rejected)
    }
}
