// SPDX-License-Identifier: Apache-2.0

public import Foundation
import NIOConcurrencyHelpers

/// A program that a test runs; it is killed when the value goes, and by `scripts/test` when a run is interrupted.
public final class ChildProcess: Sendable {
    private static let starting = NIOLock()

    private let process: Process
    private let registration: String
    private let exit = Exit()
    /// What it writes to standard output.
    public let output: FileHandle
    /// What it writes to standard error.
    public let errors: FileHandle

    /// Starts a program.
    ///
    /// - Parameters:
    ///   - executable: Its path, or a name to be looked for on `PATH`.
    ///   - arguments: Its arguments.
    ///   - environment: Variables beside those of the test.
    public init(_ executable: String, _ arguments: [String] = [], environment: [String: String] = [:]) throws {
        let (process, output, errors) = (Process(), Pipe(), Pipe())
        let own = ProcessInfo.processInfo.environment
        let registry = own["LARDER_TEST_PIDS"] ?? FileManager.default.temporaryDirectory.path
        // The process names itself to whoever cleans up after an interrupted run, before it becomes the program.
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = ["-c", #": > "$0/$$" && exec "$@""#, registry, executable] + arguments
        process.environment = own.merging(environment) { _, given in given }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = errors
        process.terminationHandler = { [exit] in exit.happened($0.terminationStatus) }
        // Started at the same moment, programs get each other's descriptors, and `Process` does not learn of the end of one before that of
        // the other; it has crashed too.
        try Self.starting.withLock { try process.run() }
        self.process = process
        self.registration = "\(registry)/\(process.processIdentifier)"
        self.output = output.fileHandleForReading
        self.errors = errors.fileHandleForReading
    }

    deinit {
        if self.process.isRunning { self.signal(SIGKILL) }
        try? FileManager.default.removeItem(atPath: self.registration)
    }

    /// The number the system knows it by.
    public var pid: Int32 { self.process.processIdentifier }

    /// Sends it a signal.
    public func signal(_ signal: Int32) {
        kill(self.process.processIdentifier, signal)
    }

    /// Waits for its end. Returns its exit code.
    public func end() async -> Int32 { await self.exit.code() }

    /// The next line of one of its outputs that `isWanted` wants; nil when the output ends before. Every line after it
    /// is read by ``drain(_:)``, or else the program may block on a full pipe.
    public func line(of handle: FileHandle, where isWanted: @escaping @Sendable (String) -> Bool = { _ in true }) async
        -> String?
    {
        await Self.blocking {
            var line = Data()
            while let byte = try? handle.read(upToCount: 1), !byte.isEmpty {
                guard byte == Data("\n".utf8) else {
                    line += byte
                    continue
                }
                let text = String(decoding: line, as: UTF8.self)
                if isWanted(text) { return text }
                line = Data()
            }
            return nil
        }
    }

    /// Reads the rest of an output, until it ends.
    public func rest(of handle: FileHandle) async -> String {
        await Self.blocking { String(decoding: handle.readDataToEndOfFile(), as: UTF8.self) }
    }

    /// Reads away what is left of an output, in the background.
    public func drain(_ handle: FileHandle) {
        Thread.detachNewThread {
            while let data = try? handle.read(upToCount: 4_096), !data.isEmpty {}
        }
    }

    /// The end of a process, and who waits for it.
    private final class Exit: Sendable {
        private let state = NIOLockedValueBox((code: Int32?.none, waiting: [CheckedContinuation<Int32, Never>]()))

        func happened(_ code: Int32) {
            let waiting = self.state.withLockedValue { state in
                state.code = code
                defer { state.waiting = [] }
                return state.waiting
            }
            for continuation in waiting { continuation.resume(returning: code) }
        }

        func code() async -> Int32 {
            await withCheckedContinuation { continuation in
                let code = self.state.withLockedValue { state in
                    if state.code == nil { state.waiting.append(continuation) }
                    return state.code
                }
                if let code { continuation.resume(returning: code) }
            }
        }
    }

    private static func blocking<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: body()) }
        }
    }
}
