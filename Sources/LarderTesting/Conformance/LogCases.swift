// SPDX-License-Identifier: Apache-2.0

import Larder
import NIOCore

extension StoreConformance {
    static let logCases: [Case] = [
        Case("a quiet log says so; a changed one says what changed") { subject in
            let (store, key) = try await subject.opened()
            let known = try await store.wholeLog(subject.namespace)
            try expect(try await store.read(key, since: known.position).log, is: .quiet)
            try await store.invalidate(tags: ["a", "b"], in: subject.namespace)
            guard case .changes(let changes) = try await store.read(key, since: known.position).log else {
                throw Failure(description: "nothing changed")
            }
            try expect(changes.position.epoch, is: known.position.epoch)
            try expect(Set(changes.tags.keys), is: ["a", "b"])
            try expect(changes.tags["a"], is: changes.tags["b"])
            try expect(changes.tags.values.allSatisfy { $0 < changes.position.head }, "the head is not alone on top")
            try expect(try await store.read(key, since: changes.position).log, is: .quiet)
        },
        Case("sequences rise, however fast they are asked for") { subject in
            let (store, _) = try await subject.opened()
            var last = try await store.wholeLog(subject.namespace).position.head
            for _ in 0..<100 {
                try await store.invalidate(tags: ["t"], in: subject.namespace)
                let log = try await store.wholeLog(subject.namespace)
                try expect(log.tags["t"].map { $0 > last }, is: true)
                try expect(log.position.head > log.tags["t"] ?? .zero, "the head is not on top")
                last = log.position.head
            }
        },
        Case("clearing raises the floor") { subject in
            let (store, _) = try await subject.opened()
            let known = try await store.wholeLog(subject.namespace)
            try await store.clear(subject.namespace)
            let cleared = try await store.wholeLog(subject.namespace)
            try expect(cleared.floor > known.position.head, "the floor is not above what was known")
            try expect(cleared.floor < cleared.position.head, "the head is not on top")
        },
        Case("a lost log is told, and made anew above what was known") { subject in
            let (store, key) = try await subject.opened()
            try await store.invalidate(tags: ["t"], in: subject.namespace)
            let known = try await store.wholeLog(subject.namespace)
            try await subject.loseLog()
            try expect(try await store.read(key, since: known.position).log, is: .lost)
            // A reader that knew a log from the future, as after a clock that stepped back.
            let ahead = LogPosition(
                epoch: known.position.epoch, head: LogSequence(rawValue: known.position.head.rawValue + 1_000_000_000))
            guard case .changes(let anew) = try await store.log(of: subject.namespace, since: ahead) else {
                throw Failure(description: "the log was not made anew")
            }
            try expect(anew.position.epoch != known.position.epoch, "the same epoch")
            try expect(anew.floor > ahead.head, "the floor is not above what was known")
            try expect(anew.isComplete, is: true)
        },
        Case("a log behind what was known of it is made anew") { subject in
            let (store, _) = try await subject.opened()
            let known = try await store.wholeLog(subject.namespace).position
            let ahead = LogPosition(epoch: known.epoch, head: LogSequence(rawValue: known.head.rawValue + 1_000_000))
            guard case .changes(let anew) = try await store.log(of: subject.namespace, since: ahead) else {
                throw Failure(description: "a log that went back was taken for the same")
            }
            try expect(anew.position.epoch != known.epoch, "the same epoch")
            try expect(anew.floor > ahead.head, "the floor is not above what was known")
        },
        Case("namespaces have logs of their own") { subject in
            let (store, _) = try await subject.opened()
            let known = try await store.wholeLog(subject.namespace)
            let other = subject.namespace + "-other"
            try await store.invalidate(tags: ["t"], in: other)
            try await store.clear(other)
            try expect(try await store.log(of: subject.namespace, since: known.position), is: .quiet)
        },
    ]
}
