// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A guard in the library's own code: an expression, and what it would be without the guard.
///
/// A copy of the library is woven in which each can be taken out, by its name in the variable `LARDER_TAKEN_OUT`.
struct LibraryGuard {
    /// What it keeps.
    var name: String
    /// Where it stands, below `Sources/Larder`.
    var file: String
    /// The expression, between « and », in text that stands there once.
    var code: String
    /// What takes its place.
    var without: String

    init(_ name: String, _ file: String, _ code: String, without: String) {
        self.name = name
        self.file = file
        self.code = code
        self.without = without
    }

    struct NotFound: Error {
        var name: String
        var count: Int
    }

    /// Copies a package, with a choice in the place of each guard.
    static func weave(from package: URL, into copy: URL) throws {
        let files = FileManager.default
        try? files.removeItem(at: copy)
        try files.createDirectory(at: copy, withIntermediateDirectories: true)
        for name in ["Package.swift", "Package.resolved", "Sources", "Tests", "Snippets"]
        where files.fileExists(atPath: package.appending(path: name).path) {
            try files.copyItem(at: package.appending(path: name), to: copy.appending(path: name))
        }
        let library = copy.appending(path: "Sources/Larder")
        for each in Self.all {
            let file = library.appending(path: each.file)
            let text = try String(contentsOf: file, encoding: .utf8)
            let parts = each.code.split(omittingEmptySubsequences: false) { $0 == "«" || $0 == "»" }
            let places = text.ranges(of: parts.joined())
            guard parts.count == 3, places.count == 1 else { throw NotFound(name: each.name, count: places.count) }
            let choice = "\(parts[0])(isTakenOut(\"\(each.name)\") ? \(each.without) : \(parts[1]))\(parts[2])"
            try text.replacingCharacters(in: places[0], with: choice).write(to: file, atomically: true, encoding: .utf8)
        }
        try """
        import Foundation

        private let takenOut = ProcessInfo.processInfo.environment["LARDER_TAKEN_OUT"]

        func isTakenOut(_ name: String) -> Bool { takenOut == name }
        """.write(to: library.appending(path: "TakenOut.swift"), atomically: true, encoding: .utf8)
    }

    static let all = [
        // Who may share a load.
        LibraryGuard(
            "noJoinersAfterTheFill", "Flights/FlightTable.swift", "isVouched && «!$0.cameLate»", without: "true"),
        LibraryGuard(
            "earlyAnswersAreForThoseBefore", "Flights/FlightTable.swift",
            "return self.unseat(flight) { «$0.arrival < since» }",
            without: "true"),
        LibraryGuard(
            "fillsAreVouchedFor", "Fetch/Flight.swift", "&& «self.cache.mirror.apply(answer.log, asked: asked)»",
            without: "self.cache.mirror.apply(answer.log, asked: asked) || true"),
        LibraryGuard(
            "fillsAreJudgedByTheLog", "Fetch/Flight.swift", "&& «self.cache.mirror.vouches(for: entry)»",
            without: "true"),
        // What a stamp says.
        LibraryGuard(
            "laggingLoadsAreStampedEarlier", "Fetch/Flight.swift", "head: «min(lease.position.head, seen)»",
            without: "lease.position.head"),
        LibraryGuard(
            "writesAreStampedBefore", "Writes/CacheWrite.swift", "stampedWith: «self.position»",
            without: "cache.mirror.position"),
        LibraryGuard(
            "laggingValuesAreNotWritten", "Writes/Cache+Write.swift", "if case .holdOff = «method» {",
            without: ".remove"),
        // What the log says.
        LibraryGuard(
            "epochsCount", "Log/InvalidationLog.swift", "guard «metadata.epoch == self.position.epoch», stamp",
            without: "true"),
        LibraryGuard("floorsCount", "Log/InvalidationLog.swift", ", «stamp >= self.floor» else", without: "true"),
        LibraryGuard(
            "tagsCount", "Log/InvalidationLog.swift", "{ tag in «self.sequences[tag].map { stamp >= $0 } ?? true» }",
            without: "true"),
        LibraryGuard(
            "newTagsAreKept", "Log/InvalidationLog.swift", "changes.floor)\n            self.merge(«changes.tags»)",
            without: "[:]"),
        LibraryGuard(
            "newFloorsAreKept", "Log/InvalidationLog.swift", "self.floor = «max(self.floor, changes.floor)»",
            without: "self.floor"),
        LibraryGuard(
            "forgettingRaisesTheFloor", "Log/InvalidationLog.swift", "self.floor = «max(self.floor, sequence)»",
            without: "self.floor"),
        LibraryGuard(
            "onlyJudgedReadingsAreUsed", "Fetch/Cache+Fetch.swift",
            "if «self.mirror.apply(reading.log, asked: asked, proof: proof)» {",
            without: "self.mirror.apply(reading.log, asked: asked, proof: proof) || true"),
        // What is valid.
        LibraryGuard("onlyValidEntriesAreFresh", "Entry/EntryUse.swift", "if «isValid», !isExpired {", without: "true"),
        LibraryGuard(
            "onlyValidEntriesServeErrors", "Entry/EntryUse.swift",
            "return «isValid && !isExpired» || self.metadata.servesInvalidatedOnError ?", without: "true"),
        // What stands under a key.
        LibraryGuard(
            "expiredValuesAreNotReplaced", "Store/EntrySlot.swift", "«old.freshUntil != .zero»,", without: "true"),
        // While the store is out.
        LibraryGuard(
            "pendingKeysAreNotAsked", "Outage/GuardedStore.swift", "return «self.pending.ends(key)» ? NotAsked",
            without: "false"),
        LibraryGuard(
            "pendingTagsOverrule", "Outage/GuardedStore.swift",
            "reading.isOverruled = «state.pending.ends(entry.metadata, under: key)»", without: "false"),
        LibraryGuard(
            "readsDoNotCrossDeliveries", "Outage/GuardedStore.swift", "guard «state.deliveries == deliveries» else",
            without: "true"),
        LibraryGuard(
            "fillsDoNotCrossPending", "Outage/GuardedStore.swift", "if «isOverruled» {", without: "false"),
        LibraryGuard(
            "failedInvalidationsArePending", "Outage/GuardedStore.swift", "for target in «targets» { state.pending.add",
            without: "[]"),
        LibraryGuard(
            "earlierDeliveriesDoNotStandForLater", "Outage/PendingInvalidations.swift",
            "«pending.generation <= generation»,", without: "true"),
        LibraryGuard(
            "storedWritesEndNothing", "Outage/GuardedStore.swift",
            "try await «!$0.write(key, entry, lifetime: lifetime)» }",
            without: "$0.write(key, entry, lifetime: lifetime) || true"),
    ]
}
