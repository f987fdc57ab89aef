// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import Testing

/// The program as an operator sees it.
@Suite struct ProcessTests {
    /// A running program; it is killed when the value goes.
    private final class Program: Sendable {
        private let process = Process()
        private let output = Pipe()
        private let errors = Pipe()
        private let directory: URL
        private let pids: String

        init(_ environment: [String: String]) throws {
            self.directory = FileManager.default.temporaryDirectory.appending(path: "storefront-\(UUID())")
            try FileManager.default.createDirectory(at: self.directory, withIntermediateDirectories: true)
            let storefront = URL(filePath: CommandLine.arguments[0])
                .deletingLastPathComponent().appending(path: "storefront")
            // The process names itself to whoever cleans up after an interrupted run, before it becomes the service.
            self.pids = ProcessInfo.processInfo.environment["LARDER_TEST_PIDS"] ?? self.directory.path
            self.process.executableURL = URL(filePath: "/bin/sh")
            self.process.arguments = ["-c", #": > "$0/$$" && exec "$1""#, self.pids, storefront.path]
            self.process.environment = environment.merging(
                ["DATABASE_PATH": self.directory.appending(path: "catalogue.sqlite").path]) { given, _ in given }
            self.process.standardOutput = self.output
            self.process.standardError = self.errors
            try self.process.run()
        }

        deinit {
            if self.process.isRunning { kill(self.process.processIdentifier, SIGKILL) }
            try? FileManager.default.removeItem(atPath: "\(self.pids)/\(self.process.processIdentifier)")
            try? FileManager.default.removeItem(at: self.directory)
        }

        /// The address of the line that says it is ready.
        func address() async throws -> String {
            let line = try await self.firstLine(of: self.output)
            let prefix = "listening on "
            try #require(line.hasPrefix(prefix), "\(line)")
            return String(line.dropFirst(prefix.count))
        }

        func terminate() {
            kill(self.process.processIdentifier, SIGTERM)
        }

        /// How it ended, and what it said on standard error.
        func end() async -> (status: Int32, errors: String) {
            await withCheckedContinuation { continuation in
                Thread.detachNewThread {
                    let errors = self.errors.fileHandleForReading.readDataToEndOfFile()
                    self.process.waitUntilExit()
                    continuation.resume(
                        returning: (self.process.terminationStatus, String(decoding: errors, as: UTF8.self)))
                }
            }
        }

        private func firstLine(of pipe: Pipe) async throws -> String {
            try await withCheckedThrowingContinuation { continuation in
                Thread.detachNewThread {
                    var line = Data()
                    while let byte = try? pipe.fileHandleForReading.read(upToCount: 1), byte != Data("\n".utf8) {
                        if byte.isEmpty { break }
                        line += byte
                    }
                    continuation.resume(returning: String(decoding: line, as: UTF8.self))
                }
            }
        }
    }

    @Test(.timeLimit(.minutes(1))) func aTerminatedServiceAnswersWhatItHasBegunAndExitsWithZero() async throws {
        let program = try Program(["PORT": "0", "QUERY_DELAY_MS": "1000"])
        let address = try await program.address()
        let request = Task {
            try await HTTPClient.shared.execute(HTTPClientRequest(url: address + "/products/1"), timeout: .seconds(20))
        }
        // The load has begun when its region counts it.
        while true {
            let response = try await HTTPClient.shared.execute(
                HTTPClientRequest(url: address + "/stats"), timeout: .seconds(20))
            let statistics = String(buffer: try await response.body.collect(upTo: 1 << 20))
            if statistics.contains(#""loads":1"#) { break }
        }
        program.terminate()
        let response = try await request.value
        #expect(response.status == .ok)
        #expect(try await response.body.collect(upTo: 1 << 20).readableBytes > 1_000)
        let (status, errors) = await program.end()
        #expect(status == 0, "\(errors)")
    }

    @Test(.timeLimit(.minutes(1))) func badConfigurationIsOneLineAndStatusTwo() async throws {
        let (status, errors) = await (try Program(["PORT": "http"])).end()
        #expect(status == 2)
        #expect(errors == "storefront: PORT=http: expected a number from 0 to 65535\n")
    }

    @Test(.timeLimit(.minutes(1))) func aDatabaseThatCannotBeMadeIsOneLineAndStatusOne() async throws {
        let (status, errors) = await (try Program(["PORT": "0", "DATABASE_PATH": "/nowhere/catalogue.sqlite"])).end()
        #expect(status == 1)
        #expect(errors.hasPrefix("storefront: ") && errors.split(separator: "\n").count == 1, "\(errors)")
    }
}
