// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Foundation
import HTTPTypes
import Larder
import LarderHTTP
import LarderRedis
import NIOCore
import RedisDriver

/// What `scripts/bench pages` counts instructions of: hits of a stored response of two kilobytes, without a server around them.
@main
struct PageBenchmark {
    // An asynchronous main ends the first thread, which valgrind does not survive.
    static func main() {
        let isDone = DispatchSemaphore(value: 0)
        Task.detached {
            do {
                try await Self.run(Array(CommandLine.arguments.dropFirst()))
            } catch {
                FileHandle.standardError.write(Data("\(error)\n".utf8))
                exit(1)
            }
            isDone.signal()
        }
        isDone.wait()
    }

    private static func run(_ arguments: [String]) async throws {
        guard arguments.count >= 2, let times = Int(arguments[1]) else {
            FileHandle.standardError.write(Data("whole, known or varied, TIMES, and the PORT of a Redis server\n".utf8))
            exit(2)
        }
        let http = HTTPCache(try self.cache(port: arguments.dropFirst(2).first.flatMap { Int($0) }))
        let policy = ResponsePolicy.shared(.seconds(3_600))
        var request = HTTPRequest(method: .get, scheme: "http", authority: "127.0.0.1:8080", path: "/catalog/1?page=1")
        if arguments[0] == "varied" { request.headerFields[.acceptLanguage] = "en-GB,en;q=0.5" }
        let answer = {
            try await http.respond(to: request, by: policy) { _ in
                var response = HTTPResponse(status: .ok, headerFields: [.contentType: "application/json"])
                if arguments[0] == "varied" { response.headerFields[.vary] = "Accept-Language" }
                return HTTPAnswer(response, .bytes(ByteBuffer(repeating: UInt8(ascii: "a"), count: 2_048)))
            }
        }
        let tag = try await answer().response.headerFields[.eTag]
        while try await !(answer().response.headerFields[.age] == "0") {}
        if arguments[0] == "known" { request.headerFields[.ifNoneMatch] = tag }
        let start = ContinuousClock.now
        for _ in 0..<times { _ = try await answer() }
        print("\((ContinuousClock.now - start) / .nanoseconds(max(1, times))) ns")
    }

    /// On a server, or in the process.
    private static func cache(port: Int?) throws -> Cache {
        guard let port else { return Cache("bench", store: .embedded) }
        return Cache("bench", store: .redis(try RedisClient(RedisClientConfiguration(port: port))))
    }
}
