// SPDX-License-Identifier: Apache-2.0

import Foundation
public import RedisDriver

/// A sentinel on a free port of the loopback interface, which watches over one server and its replicas.
public final class RedisSentinelServer: Sendable {
    /// The port it listens on.
    public let port: Int
    private let directory: URL
    private let process: ChildProcess

    /// Starts a sentinel.
    ///
    /// - Parameters:
    ///   - name: The name by which it knows the server.
    ///   - port: The server's port.
    ///   - password: What clients of the sentinel have to say; nil for nothing.
    public init(of name: String, port: Int, password: String? = nil) async throws {
        self.port = try await RedisServer.freePort()
        self.directory = FileManager.default.temporaryDirectory.appending(path: "sentinel-\(UUID())")
        try FileManager.default.createDirectory(at: self.directory, withIntermediateDirectories: true)
        // It writes what it learns to its file.
        let file = self.directory.appending(path: "sentinel.conf")
        try """
        port \(self.port)
        bind 127.0.0.1
        dir \(self.directory.path)
        \(password.map { "requirepass \($0)" } ?? "")
        sentinel monitor \(name) 127.0.0.1 \(port) 1
        sentinel down-after-milliseconds \(name) 300
        sentinel failover-timeout \(name) 2000
        """.write(to: file, atomically: true, encoding: .utf8)
        self.process = try await RedisServer.start([file.path, "--sentinel"], isReady: "+monitor master")
    }

    deinit {
        self.process.signal(SIGKILL)
        try? FileManager.default.removeItem(at: self.directory)
    }

    /// Where clients find it.
    public var address: RedisAddress { RedisAddress(host: "127.0.0.1", port: self.port) }
}
