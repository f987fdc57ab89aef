// SPDX-License-Identifier: Apache-2.0

import Larder
import LarderSessions
import NIOCore

extension SessionStoreConformance {
    /// All cases.
    public static let cases: [Case] = Self.lifeCases + Self.changeCases + Self.ownerCases

    private static let lifeCases = [
        Case("what was created is read") { subject in
            guard case .created(let head, let ended) = try await subject.create("a") else {
                throw StoreConformance.Failure(description: "it is refused")
            }
            try expect(head.version == 1 && head.authenticated == nil && ended.isEmpty, "\(head)")
            try expect(head.end == head.created.advanced(by: .milliseconds(2_500)), "\(head)")
            guard case .found(let record, let now) = try await subject.read("a") else {
                throw StoreConformance.Failure(description: "it is not found")
            }
            try expect(record.head == head || record.head.used > head.used, "\(record.head)")
            try expect(record.payload, is: ByteBuffer(string: "a"))
            try expect(now >= head.created, "\(now)")
        },
        Case("what was not created is not read, whatever else is there") { subject in
            try expect(try await subject.read("a"), is: .none)
            _ = try await subject.create("a")
            try expect(try await subject.read("b"), is: .none)
        },
        Case("a session that nobody uses ends") { subject in
            _ = try await subject.create("a")
            try await subject.under.advance(by: .milliseconds(1_100))
            let reading = try await subject.read("a")
            try expect(reading == .expired || reading == .none, "\(reading)")
            try expect(try await subject.read("a"), is: .none)
        },
        Case("an expired session is told from none while others of its owner go on") { subject in
            _ = try await subject.create("a")
            try await subject.under.advance(by: .milliseconds(600))
            _ = try await subject.create("b")
            try await subject.under.advance(by: .milliseconds(500))
            try expect(try await subject.read("a"), is: .expired)
            try expect(try await subject.read("a"), is: .none)
            try expect(try await subject.text("b"), is: "b")
        },
        Case("use keeps a session, up to its end") { subject in
            _ = try await subject.create("a")
            for _ in 0..<4 {
                try await subject.under.advance(by: .milliseconds(500))
                try expect(try await subject.text("a"), is: "a")
            }
            try await subject.under.advance(by: .milliseconds(510))
            try expect(try await subject.text("a"), is: nil)
        },
        Case("a use is written down so often as is told, and not more") { subject in
            guard case .created(let head, _) = try await subject.create("a") else { return }
            var subject = subject
            subject.terms.touchInterval = .milliseconds(300)
            guard case .found(let early, _) = try await subject.read("a") else {
                throw StoreConformance.Failure(description: "it is not found")
            }
            try expect(early.head.used, is: head.used)
            try await subject.under.advance(by: .milliseconds(310))
            guard case .found(let late, let now) = try await subject.read("a") else {
                throw StoreConformance.Failure(description: "it is not found")
            }
            try expect(late.head.used, is: now)
            try expect(late.head.version, is: 1)
        },
    ]

    private static let changeCases = [
        Case("a change is of the version that it names, or of none") { subject in
            _ = try await subject.create("a")
            guard case .done(let head, _) = try await subject.save("a", "one", over: 1) else {
                throw StoreConformance.Failure(description: "it is not saved")
            }
            try expect(head.version, is: 2)
            guard case .conflict(let record, _) = try await subject.save("a", "other", over: 1) else {
                throw StoreConformance.Failure(description: "a change was lost")
            }
            try expect(record.payload, is: ByteBuffer(string: "one"))
            try expect(record.head.version, is: 2)
            try expect(try await subject.text("a"), is: "one")
        },
        Case("what has ended is not saved") { subject in
            try expect(try await subject.save("a", "x", over: 1), is: .none)
            _ = try await subject.create("a")
            _ = try await subject.remove("a")
            try expect(try await subject.save("a", "x", over: 1), is: .none)
            try expect(try await subject.read("a"), is: .none)
            _ = try await subject.create("b")
            _ = try await subject.removeAll()
            try expect(try await subject.save("b", "x", over: 1), is: .none)
            try expect(try await subject.rotate("b", to: "c", over: 1), is: .none)
            try expect(try await subject.names(), is: [])
        },
        Case("what has expired is not saved") { subject in
            _ = try await subject.create("a")
            try await subject.under.advance(by: .milliseconds(1_100))
            try expect(try await subject.save("a", "x", over: 1), is: .none)
            try expect(try await subject.text("a"), is: nil)
        },
        Case("a session that goes on under another name is dead under its own") { subject in
            guard case .created(let head, _) = try await subject.create("a") else { return }
            guard case .done(let rotated, _) = try await subject.rotate("a", to: "b", over: 1) else {
                throw StoreConformance.Failure(description: "it does not go on")
            }
            try expect(rotated.version == 2 && rotated.created == head.created && rotated.end == head.end, "\(rotated)")
            try expect(try await subject.read("a"), is: .none)
            try expect(try await subject.text("b"), is: "b")
            try expect(try await subject.save("a", "x", over: 2), is: .none)
            try expect(try await subject.names(), is: ["b"])
        },
        Case("a session goes on once") { subject in
            _ = try await subject.create("a")
            _ = try await subject.save("a", "x", over: 1)
            guard case .conflict = try await subject.rotate("a", to: "b", over: 1) else {
                throw StoreConformance.Failure(description: "a change was lost")
            }
            guard case .done = try await subject.rotate("a", to: "b", over: 2) else {
                throw StoreConformance.Failure(description: "it does not go on")
            }
            try expect(try await subject.rotate("a", to: "c", over: 2), is: .none)
            try expect(try await subject.names(), is: ["b"])
        },
        Case("who proves who they are begins the time anew") { subject in
            _ = try await subject.create("a")
            try await subject.under.advance(by: .milliseconds(300))
            guard case .done(let head, let now) = try await subject.rotate("a", to: "b", over: 1, authenticates: true)
            else { throw StoreConformance.Failure(description: "it does not go on") }
            try expect(head.authenticated == now && head.created == now, "\(head)")
            try expect(head.end, is: now.advanced(by: .milliseconds(2_500)))
        },
    ]

    private static let ownerCases = [
        Case("of too many the oldest ends") { subject in
            for name in ["a", "b", "c"] {
                _ = try await subject.create(name)
                try await subject.under.advance(by: .milliseconds(2))
            }
            guard case .created(_, let ended) = try await subject.create("d") else {
                throw StoreConformance.Failure(description: "it is refused")
            }
            try expect(ended, is: [SessionDigest("a")])
            try expect(try await subject.names(), is: ["b", "c", "d"])
        },
        Case("one too many is refused where that is wanted, and expired ones do not count") { subject in
            var subject = subject
            subject.terms.refusesExcess = true
            for name in ["a", "b", "c"] { _ = try await subject.create(name) }
            try expect(try await subject.create("d"), is: .refused)
            try expect(try await subject.names(), is: ["a", "b", "c"])
            try await subject.under.advance(by: .milliseconds(1_100))
            guard case .created = try await subject.create("d") else {
                throw StoreConformance.Failure(description: "it is refused")
            }
            try expect(try await subject.names(), is: ["d"])
        },
        Case("all end in one step, but for the one that is kept") { subject in
            for name in ["a", "b", "c"] { _ = try await subject.create(name) }
            try expect(try await subject.removeAll(but: "b"), is: ["a", "c"])
            try expect(try await subject.names(), is: ["b"])
            try expect(try await subject.removeAll(), is: ["b"])
            try expect(try await subject.names(), is: [])
            try expect(try await subject.removeAll(), is: [])
            _ = try await subject.create("d")
            try expect(try await subject.names(), is: ["d"])
        },
        Case("one ends only in the version that is named") { subject in
            try expect(try await subject.remove("a"), is: .none)
            _ = try await subject.create("a")
            _ = try await subject.save("a", "x", over: 1)
            guard case .conflict(let record, _) = try await subject.remove("a", at: 1) else {
                throw StoreConformance.Failure(description: "a change was lost")
            }
            try expect(record.payload, is: ByteBuffer(string: "x"))
            guard case .done = try await subject.remove("a", at: 2) else {
                throw StoreConformance.Failure(description: "it does not end")
            }
            try expect(try await subject.read("a"), is: .none)
        },
    ]

    private static func expect(
        _ condition: Bool, _ message: @autoclosure () -> String, file: StaticString = #fileID, line: Int = #line
    ) throws {
        try StoreConformance.expect(condition, message(), file: file, line: line)
    }

    private static func expect<Value: Equatable>(
        _ value: Value, is expected: Value, file: StaticString = #fileID, line: Int = #line
    ) throws {
        try StoreConformance.expect(value, is: expected, file: file, line: line)
    }
}
