// SPDX-License-Identifier: Apache-2.0

public import Foundation
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix

/// A Redis or Valkey server on a free port of the loopback interface, with a folder of its own.
///
/// `REDIS_SERVER` names the program; it is `redis-server` otherwise.
public final class RedisServer: Sendable {
    /// How the server is set up.
    public struct Options: Sendable {
        /// Whether it speaks TLS, with the certificate of ``Certificates``.
        public var usesTLS = false
        /// Whether it is a node of a cluster, with a free port for the bus too.
        public var isClusterNode = false
        /// Users with their rights: `["app on >secret ~* +@all"]`.
        public var users: [String] = []
        /// Further settings: `["maxmemory": "4mb"]`.
        public var settings: [String: String] = [:]

        /// Makes options.
        public init(
            usesTLS: Bool = false, isClusterNode: Bool = false, users: [String] = [], settings: [String: String] = [:]
        ) {
            self.usesTLS = usesTLS
            self.isClusterNode = isClusterNode
            self.users = users
            self.settings = settings
        }
    }

    /// The server did not start.
    public struct NotStarted: Error {
        /// What it said.
        public var output: String
    }

    /// The port it listens on; the same after a restart.
    public let port: Int
    /// Where it keeps its snapshot, `dump.rdb`.
    public let directory: URL
    private let options: Options
    private let process: NIOLockedValueBox<ChildProcess?>

    /// Starts a server, and waits until it answers.
    public init(_ options: Options = Options()) async throws {
        self.directory = FileManager.default.temporaryDirectory.appending(path: "redis-\(UUID())")
        try FileManager.default.createDirectory(at: self.directory, withIntermediateDirectories: true)
        if options.usesTLS { try Certificates.write(to: self.directory) }
        let (launched, port, process) = try await Self.launch(options, in: self.directory)
        self.options = launched
        self.port = port
        self.process = NIOLockedValueBox(process)
    }

    deinit {
        self.process.withLockedValue { $0?.signal(SIGKILL) }
        try? FileManager.default.removeItem(at: self.directory)
    }

    /// Where clients find it.
    public var url: String {
        self.options.usesTLS ? "rediss://localhost:\(self.port)" : "redis://127.0.0.1:\(self.port)"
    }

    /// Kills it.
    public func kill() async {
        let process = self.process.withLockedValue { process in
            defer { process = nil }
            return process
        }
        process?.signal(SIGKILL)
        _ = await process?.end()
    }

    /// Starts it again after ``kill()``, with the snapshot that lies in its folder.
    public func restart() async throws {
        let process = try await Self.launch(self.options, port: self.port, in: self.directory)
        self.process.withLockedValue { $0 = process }
    }

    /// Stops it from running; its connections stay open.
    public func pause() {
        self.process.withLockedValue { $0?.signal(SIGSTOP) }
    }

    /// Lets it run again.
    public func resume() {
        self.process.withLockedValue { $0?.signal(SIGCONT) }
    }

    private static func launch(_ options: Options, in directory: URL) async throws -> (Options, Int, ChildProcess) {
        // A port that is free now may be taken before the server has it.
        var attempts = 5
        while true {
            var options = options
            let port = try await Self.freePort()
            if options.isClusterNode {
                options.settings["cluster-enabled"] = "yes"
                // The usual port of the bus, ten thousand above, may be none.
                options.settings["cluster-port"] = "\(try await Self.freePort())"
            }
            do {
                return (options, port, try await Self.launch(options, port: port, in: directory))
            } catch let error as NotStarted where error.output.contains("Address already in use") && attempts > 1 {
                attempts -= 1
            }
        }
    }

    private static func launch(_ options: Options, port: Int, in directory: URL) async throws -> ChildProcess {
        var settings = [
            "port": "\(port)", "bind": "127.0.0.1", "save": "", "appendonly": "no", "dir": directory.path,
            "enable-debug-command": "yes",
        ]
        if options.usesTLS {
            settings["port"] = "0"
            settings["tls-port"] = "\(port)"
            settings["tls-cert-file"] = directory.appending(path: Certificates.serverCertificateName).path
            settings["tls-key-file"] = directory.appending(path: Certificates.serverKeyName).path
            settings["tls-ca-cert-file"] = directory.appending(path: Certificates.trustName).path
            settings["tls-auth-clients"] = "no"
        }
        for name in options.settings.keys { settings[name] = nil }
        var arguments: [String] = []
        for (name, value) in settings { arguments += ["--\(name)", value] }
        // A setting may consist of several words.
        for (name, value) in options.settings {
            arguments += ["--\(name)"] + value.split(separator: " ").map(String.init)
        }
        for user in options.users { arguments += ["--user"] + user.split(separator: " ").map(String.init) }
        return try await Self.start(arguments, isReady: "Ready to accept connections")
    }

    /// Starts the program, and waits until it says that it is ready.
    static func start(_ arguments: [String], isReady sign: String) async throws -> ChildProcess {
        let program = ProcessInfo.processInfo.environment["REDIS_SERVER"] ?? "redis-server"
        let process = try ChildProcess(program, arguments)
        let said = NIOLockedValueBox("")
        let ready = await process.line(of: process.output) { line in
            said.withLockedValue { $0 += line + "\n" }
            return line.contains(sign)
        }
        guard ready != nil else {
            _ = await process.end()
            throw NotStarted(output: said.withLockedValue { $0 })
        }
        process.drain(process.output)
        process.drain(process.errors)
        return process
    }

    static func freePort() async throws -> Int {
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0).get()
        let port = channel.localAddress?.port ?? 0
        try await channel.close()
        return port
    }
}
