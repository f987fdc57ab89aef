// SPDX-License-Identifier: Apache-2.0

import Larder
import LarderSessions
import Testing

@Suite struct SessionIDTests {
    @Test func anIDIsReadBackAsItWasWritten() async throws {
        let id = try await SessionsUnderTest().manager.create().id
        #expect(id.text.utf8.count == SessionID.length)
        let read = try #require(SessionID(id.text))
        #expect(read.text == id.text && read.digest == id.digest && read.owner == id.owner)
    }

    @Test(arguments: [
        "", "a", String(repeating: "a", count: 63), String(repeating: "a", count: 65),
        String(repeating: "a", count: 8_192), String(repeating: "a", count: 62) + "==",
        String(repeating: "a", count: 63) + "=", String(repeating: "a", count: 63) + "+",
        String(repeating: "a", count: 63) + "/", String(repeating: "a", count: 63) + " ",
        String(repeating: "a", count: 63) + "\n", String(repeating: "a", count: 62) + "é",
        String(repeating: "é", count: 32), String(repeating: "a", count: 63) + "\0",
        String(repeating: "a", count: 31) + "%00" + String(repeating: "a", count: 30),
    ])
    func whatCannotBeAnIDIsNone(_ text: String) {
        #expect(SessionID(text) == nil)
    }

    @Test func everyTextOfTheAlphabetIsWrittenInOneWay() throws {
        var generator = SystemRandomNumberGenerator()
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        for _ in 0..<100 {
            let text = String((0..<64).map { _ in alphabet[Int.random(in: 0..<64, using: &generator)] })
            #expect(SessionID(text)?.text == text)
        }
    }

    @Test func nothingThatShowsAnIDShowsItsSecret() async throws {
        let id = try await SessionsUnderTest().manager.create().id
        var dumped = ""
        dump(id, to: &dumped)
        for text in ["\(id)", String(reflecting: id), dumped] {
            #expect(!text.contains(id.text.prefix(20)) && !text.contains(id.text.suffix(20)))
            #expect(text.contains(id.digest.text))
        }
    }

    @Test func idsOfOneUserHaveNothingInCommon() async throws {
        let sessions = try SessionsUnderTest()
        let one = try await sessions.manager.login(Principal(user: "17")).id
        let other = try await sessions.manager.login(Principal(user: "17")).id
        #expect(one.owner == other.owner)
        #expect(!other.text.contains(one.owner.text) && !one.text.contains(one.owner.text))
        let shared = zip(one.text, other.text).filter { $0 == $1 }.count
        #expect(shared < 16, "\(shared) of 64 characters")
    }
}
