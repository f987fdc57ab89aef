// SPDX-License-Identifier: Apache-2.0

import Foundation
import ServerFixtures
import Testing

/// The program as an operator runs it; it is killed when the value goes.
final class StorefrontProcess: Sendable {
    private let process: ChildProcess
    private let directory: URL

    /// Starts the program with these variables, and a catalogue of its own unless they name one.
    init(_ environment: [String: String]) throws {
        self.directory = FileManager.default.temporaryDirectory.appending(path: "storefront-\(UUID())")
        try FileManager.default.createDirectory(at: self.directory, withIntermediateDirectories: true)
        let program = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().appending(path: "storefront")
        let catalogue = self.directory.appending(path: "catalogue.sqlite").path
        self.process = try ChildProcess(
            program.path, environment: ["DATABASE_PATH": catalogue].merging(environment) { _, given in given })
    }

    deinit {
        try? FileManager.default.removeItem(at: self.directory)
    }

    /// The address of the line that says it is ready.
    func address() async throws -> String {
        let line = await self.process.line(of: self.process.output)
        let prefix = "listening on "
        guard let line, line.hasPrefix(prefix) else {
            let errors = await self.process.rest(of: self.process.errors)
            throw NotListening(said: (line ?? "") + errors)
        }
        return String(line.dropFirst(prefix.count))
    }

    struct NotListening: Error {
        var said: String
    }

    /// The first line of its log that contains `text`.
    func logged(_ text: String) async -> String? {
        await self.process.line(of: self.process.errors) { $0.contains(text) }
    }

    func terminate() {
        self.process.signal(SIGTERM)
    }

    func kill() {
        self.process.signal(SIGKILL)
    }

    /// How it ended, and what it said on standard error.
    func end() async -> (status: Int32, errors: String) {
        let errors = await self.process.rest(of: self.process.errors)
        return (await self.process.end(), errors)
    }
}
