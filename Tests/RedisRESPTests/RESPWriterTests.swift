// SPDX-License-Identifier: Apache-2.0

import RedisRESP
import Testing

@Suite struct RESPWriterTests {
    @Test func aCommandIsAnArrayOfBulkStrings() {
        var bytes: [UInt8] = []
        bytes.writeCommandHeader(count: 5)
        bytes.writeArgument("SET")
        bytes.writeArgument("ä")
        [UInt8]([0, 255, 13, 10]).withUnsafeBytes { bytes.writeArgument($0) }
        bytes.writeArgument("")
        bytes.writeArgument(Int64.min)
        let expected =
            Array("*5\r\n$3\r\nSET\r\n$2\r\nä\r\n$4\r\n".utf8) + [0, 255, 13, 10]
            + Array("\r\n$0\r\n\r\n$20\r\n-9223372036854775808\r\n".utf8)
        #expect(bytes == expected)
    }

    @Test func whatIsWrittenCanBeRead() throws {
        for length in [0, 1, 9, 10, 99, 100, 65_536] {
            let text = String(repeating: "x", count: length)
            var bytes: [UInt8] = []
            bytes.writeCommandHeader(count: 1)
            bytes.writeArgument(text)
            #expect(try Replies.parse(bytes, cutting: []) == ["['\(text)']"])
        }
    }
}
