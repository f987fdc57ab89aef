// SPDX-License-Identifier: Apache-2.0

#if CLI
import ArgumentParser
import Foundation
import Larder
import NIOCore
import RedisDriver

/// `larder get`: the value of an entry.
struct GetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "get", abstract: "Prints the value of an entry, whether a call would still take it or not.",
        discussion: """
            JSON and MessagePack are printed as JSON, other bytes as text. A sealed value stays sealed: the tool has no keys. Whether a \
            call would take it is told by `larder explain`.
            """)

    @Argument(help: "The key, as the server has it: shop:product:i.42.")
    var key: String

    @OptionGroup var server: Server

    @Flag(help: "Write the bytes as they are.")
    var raw = false

    @Flag(help: "Print JSON: the codec, and the value or its bytes in Base64.")
    var json = false

    /// The largest value that is made of a compressed one.
    private static let maximumSize = 512 << 20

    private struct Report: Encodable {
        var key: String
        var codec: String
        var value: PlainValue?
        var base64: String?
    }

    func validate() throws {
        guard !self.raw || !self.json else { throw ValidationError("--raw and --json say different things") }
    }

    func run() async throws {
        let key = try CacheKey(stored: self.key)
        let record = try await self.server.withClient { client in
            StoredRecord(decoding: try await client.execute(GET(RedisKey(key.text))))
        }
        guard case .entry(let entry) = record, entry.kind == .value else {
            throw Tool.failure("\(key.text) \(Self.name(record))", .finding)
        }
        let payload: ByteBuffer
        do {
            payload = try entry.openPayload(upTo: Self.maximumSize, under: key)
        } catch {
            throw Tool.failure("\(key.text) cannot be read: \(error)", .finding)
        }
        let value = self.raw ? nil : PlainValue(payload, codec: entry.codec)
        if self.json {
            let base64 = value == nil ? Data(payload.readableBytesView).base64EncodedString() : nil
            print(try Tool.json(Report(key: key.text, codec: entry.codec.name, value: value, base64: base64)))
        } else if let value {
            print(try Tool.json(value))
        } else if self.raw {
            FileHandle.standardOutput.write(Data(payload.readableBytesView))
        } else {
            for line in String(buffer: payload).split(separator: "\n", omittingEmptySubsequences: false) {
                print(line.printable)
            }
        }
    }

    private static func name(_ record: StoredRecord) -> String {
        switch record {
        case .absent: "is not there"
        case .unreadable: "is no entry"
        case .entry(let entry):
            switch entry.kind {
            case .lease: "is being loaded"
            case .absence: "stands for something that there is not"
            case .tombstone: "has been invalidated"
            case .value: "is a value"
            }
        }
    }
}
#endif
