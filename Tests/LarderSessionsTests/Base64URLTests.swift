// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import LarderSessions

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite struct Base64URLTests {
    /// As the standard library writes it, in the other alphabet.
    @Test(arguments: 0..<70) func bytesAreWrittenAndReadBack(_ count: Int) {
        let bytes = [UInt8].random(count: count)
        let text = Base64URL.text(of: bytes)
        let standard = Data(bytes).base64EncodedString().filter { $0 != "=" }
        #expect(text == String(standard.map { $0 == "+" ? "-" : $0 == "/" ? "_" : $0 }))
        if count.isMultiple(of: 3) { #expect(Base64URL.bytes(of: text, count: count) == bytes) }
    }

    @Test func randomBytesAreAsManyAsAreAskedFor() {
        for count in 0..<40 { #expect([UInt8].random(count: count).count == count) }
        #expect([UInt8].random(count: 32) != [UInt8].random(count: 32))
    }
}
