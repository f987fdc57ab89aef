// SPDX-License-Identifier: Apache-2.0

import Larder

extension StoreConformance {
    /// Readers that share a load, and never an answer older than an invalidation that was over when they came.
    static let joinCases: [Case] = [
        Case("who comes after an invalidation by another process does not get what was loaded before") { subject in
            for invalidation in Self.invalidations {
                let source = VersionedSource()
                let (reader, writer) = (try await Process(subject, source), try await Process(subject, source))
                let gate = source.hold(1)
                let first = await reader.heldRead(at: gate)
                source.value = 2
                try expect(try await invalidation(writer), is: .applied)
                let second = await reader.waitingRead()
                gate.open()
                try expect(try await first.value, is: 1)
                try expect(try await second[0].value, is: 2)
                try expect(try await reader.settledRead(), is: 2)
                try expect(try await writer.settledRead(), is: 2)
                await writer.read.invalidate(1)
            }
        },
        Case("who comes between the fill and its answer reads again") { subject in
            let source = VersionedSource()
            let gate = Gate()
            let store = InterceptedStore(
                try await subject.connect(),
                after: { operation in
                    if case .fill = operation { await gate.wait() }
                })
            let reader = try await Process(subject, source, store: store)
            let writer = try await Process(subject, source)
            let first = Task { try await reader.read(1) }
            await gate.arrivals()
            source.value = 2
            try expect(await writer.read.invalidate(1), is: .applied)
            let second = await reader.waitingRead()
            gate.open()
            try expect(try await first.value, is: 1)
            try expect(try await second[0].value, is: 2)
        },
        Case("a read on its way is not shared") { subject in
            let source = VersionedSource()
            let gate = Gate()
            let isHolding = Flag()
            let store = InterceptedStore(
                try await subject.connect(),
                after: { operation in
                    if case .read = operation, isHolding.take() { await gate.wait() }
                })
            let reader = try await Process(subject, source, store: store)
            let writer = try await Process(subject, source)
            try expect(try await reader.storedRead(), is: 1)
            isHolding.set()
            let first = Task { try await reader.read(1) }
            await gate.arrivals()
            source.value = 2
            await writer.read.invalidate(1)
            try expect(try await reader.read(1), is: 2)
            gate.open()
            try expect(try await first.value, is: 1)
        },
        Case("those turned away share the next load") { subject in
            let source = VersionedSource()
            let (reader, writer) = (try await Process(subject, source), try await Process(subject, source))
            let gate = source.hold(1)
            let first = await reader.heldRead(at: gate)
            source.value = 2
            try await writer.cache.invalidate(tags: ["t"])
            let rest = await reader.waitingRead(50)
            gate.open()
            try expect(try await first.value, is: 1)
            for task in rest { try expect(try await task.value, is: 2) }
            try expect(source.loads, is: 2)
        },
        Case("those turned away take the next load even if that one is refused too") { subject in
            let source = VersionedSource()
            let (reader, writer) = (try await Process(subject, source), try await Process(subject, source))
            let (firstGate, secondGate) = (source.hold(1), source.hold(2))
            let first = await reader.heldRead(at: firstGate)
            source.value = 2
            await writer.read.invalidate(1)
            let second = await reader.waitingRead()
            firstGate.open()
            try expect(try await first.value, is: 1)
            await secondGate.arrivals()
            source.value = 3
            await writer.read.invalidate(1)
            secondGate.open()
            try expect(try await second[0].value, is: 2)
            try expect(try await reader.read(1), is: 3)
        },
        Case("an invalidation in the process makes newcomers load anew at once") { subject in
            let source = VersionedSource()
            let process = try await Process(subject, source)
            let gate = source.hold(1)
            let first = await process.heldRead(at: gate)
            source.value = 2
            await process.read.invalidate(1)
            try expect(try await process.read(1), is: 2)
            gate.open()
            try expect(try await first.value, is: 1)
            try expect(try await process.read(1), is: 2)
            try expect(source.loads, is: 2)
        },
        Case("readers that come before the load begins share it whatever becomes of the fill") { subject in
            let source = VersionedSource()
            let gate = Gate()
            let store = InterceptedStore(
                try await subject.connect(),
                before: { operation in
                    if case .acquire = operation { await gate.wait() }
                    if case .fill = operation { throw Unreachable() }
                })
            let process = try await Process(subject, source, store: store)
            let tasks = await process.waitingRead(20)
            gate.open()
            for task in tasks { try expect(try await task.value, is: 1) }
            try expect(source.loads, is: 1)
        },
        Case("who comes after an invalidation does not get the error of a load before it") { subject in
            for invalidation in Self.invalidations {
                let isThere = Flag()
                let gate = Gate()
                let (reader, writer) = (
                    try await Process(subject, VersionedSource()), try await Process(subject, VersionedSource())
                )
                let region = reader.cache.region("register", of: Int.self, .ttl(.seconds(60)))
                let read = Task {
                    try await region.value(for: reader.read.key(1)) {
                        let found = isThere.isRaised
                        await gate.wait()
                        if !found { throw Unreachable() }
                        return 1
                    }
                }
                await gate.arrivals()
                isThere.set()
                try expect(try await invalidation(writer), is: .applied)
                let second = await reader.waitingRead()
                gate.open()
                do {
                    _ = try await read.value
                    throw Failure(description: "an error was lost")
                } catch is Unreachable {}
                try expect(try await second[0].value, is: 1)
                await writer.read.invalidate(1)
            }
        },
        Case("a load without a lease is shared with nobody who comes after it began") { subject in
            let source = VersionedSource()
            let store = InterceptedStore(
                try await subject.connect(),
                before: { operation in
                    if case .acquire = operation { throw Unreachable() }
                })
            let process = try await Process(subject, source, store: store)
            let gate = source.hold(1)
            let first = await process.heldRead(at: gate)
            source.value = 2
            try expect(try await process.read(1), is: 2)
            gate.open()
            try expect(try await first.value, is: 1)
        },
        Case("a value loaded across an invalidation of its tag is stored as ended") { subject in
            let source = VersionedSource()
            let (reader, writer) = (try await Process(subject, source), try await Process(subject, source))
            let gate = source.hold(1)
            let first = await reader.heldRead(at: gate)
            source.value = 2
            try await writer.cache.invalidate(tags: ["t"])
            gate.open()
            try expect(try await first.value, is: 1)
            try expect(try await reader.settledRead(), is: 2)
            try expect(try await writer.settledRead(), is: 2)
            try expect(source.loads, is: 2)
        },
    ]

    /// The ways to end what another process has loaded.
    static var invalidations: [@Sendable (Process) async throws -> InvalidationOutcome] {
        [
            { await $0.read.invalidate(1) },
            { try await $0.cache.invalidate(tags: ["x", "t"]) },
            { await $0.cache.clear() },
        ]
    }
}

/// What a store throws that cannot be reached.
struct Unreachable: Error {}
