// SPDX-License-Identifier: Apache-2.0

#if CLI
import Foundation
import ServerFixtures

/// The tool as an operator runs it.
enum LarderTool {
    /// What it says, and how it ends.
    struct Result: Sendable {
        var status: Int32
        var output: String
        var errors: String
    }

    static var path: String {
        URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().appending(path: "larder").path
    }

    static func start(_ arguments: [String], environment: [String: String] = [:]) throws -> ChildProcess {
        try ChildProcess(Self.path, arguments, environment: environment)
    }

    static func run(_ arguments: [String], environment: [String: String] = [:]) async throws -> Result {
        let process = try self.start(arguments, environment: environment)
        async let output = process.rest(of: process.output)
        async let errors = process.rest(of: process.errors)
        return Result(status: await process.end(), output: await output, errors: await errors)
    }

    static func run(_ arguments: String..., environment: [String: String] = [:]) async throws -> Result {
        try await self.run(arguments, environment: environment)
    }
}
#endif
