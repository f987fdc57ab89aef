// SPDX-License-Identifier: Apache-2.0

import Larder
import LarderSessions
import NIOCore
import RedisDriver

/// What a script of sessions answers: what came of it, the time, and more.
struct SessionReply {
    let outcome: Int64
    let now: StoreTime
    private let parts: [RedisValue]

    init(_ value: RedisValue) throws {
        guard case .array(let parts) = value, parts.count >= 2, let outcome = parts[0].integer,
            let now = parts[1].integer.flatMap(UInt64.init(exactly:))
        else { throw Self.unexpected }
        self.outcome = outcome
        self.now = StoreTime(milliseconds: now)
        self.parts = parts
    }

    static var unexpected: SessionError {
        SessionError(.unavailable, "the session store answers with something else than it was asked for")
    }

    var unexpected: SessionError { Self.unexpected }

    func array(_ index: Int) throws -> [RedisValue] {
        guard self.parts.count > index, case .array(let values) = self.parts[index] else { throw Self.unexpected }
        return values
    }

    func head() throws -> SessionRecord.Head {
        guard self.parts.count > 2 else { throw Self.unexpected }
        return try Self.head(self.parts[2])
    }

    func record() throws -> SessionRecord {
        guard self.parts.count > 3 else { throw Self.unexpected }
        return try Self.record(self.parts[2], self.parts[3])
    }

    func change() throws -> SessionChange {
        switch self.outcome {
        case 0: .none
        case 1: .done(try self.head(), now: self.now)
        case 3: .conflict(try self.record(), now: self.now)
        default: throw Self.unexpected
        }
    }

    static func text(_ value: RedisValue) throws -> String {
        guard let text = value.text else { throw Self.unexpected }
        return text
    }

    /// A session whose payload is missing is read with none, which no key opens.
    static func record(_ head: RedisValue, _ payload: RedisValue) throws -> SessionRecord {
        var bytes = ByteBuffer()
        if case .string(let payload) = payload { bytes = payload }
        return SessionRecord(head: try Self.head(head), payload: bytes)
    }

    /// Numbers in digits with one space between them, as each request brings them; nil for anything else.
    private static func numbers(in text: ByteBuffer) -> [UInt64]? {
        var numbers: [UInt64] = []
        numbers.reserveCapacity(5)
        var number: UInt64?
        for byte in text.readableBytesView {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                let (product, overflow) = (number ?? 0).multipliedReportingOverflow(by: 10)
                let (sum, isTooLarge) = product.addingReportingOverflow(UInt64(byte - UInt8(ascii: "0")))
                guard !overflow, !isTooLarge else { return nil }
                number = sum
            case UInt8(ascii: " "):
                guard let complete = number else { return nil }
                numbers.append(complete)
                number = nil
            default: return nil
            }
        }
        guard let number else { return nil }
        return numbers + [number]
    }

    private static func head(_ value: RedisValue) throws -> SessionRecord.Head {
        guard case .string(let text) = value, let numbers = Self.numbers(in: text), numbers.count == 5 else {
            throw Self.unexpected
        }
        return SessionRecord.Head(
            version: numbers[0], created: StoreTime(milliseconds: numbers[1]),
            used: StoreTime(milliseconds: numbers[2]),
            authenticated: numbers[3] == 0 ? nil : StoreTime(milliseconds: numbers[3]),
            end: StoreTime(milliseconds: numbers[4]))
    }
}
