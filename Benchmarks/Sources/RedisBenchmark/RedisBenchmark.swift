// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Foundation
import NIOCore
import NIOPosix
import RedisDriver

/// What `scripts/bench client` runs: one scenario against a server that is running, and one line of result.
@main
enum RedisBenchmark {
    static func main() {
        // An asynchronous main ends the first thread, which valgrind does not survive.
        let isDone = DispatchSemaphore(value: 0)
        Task.detached {
            do {
                try await Self.run()
            } catch {
                FileHandle.standardError.write(Data("\(error)\n".utf8))
                exit(1)
            }
            isDone.signal()
        }
        isDone.wait()
    }

    private static func run() async throws {
        let arguments = CommandLine.arguments.dropFirst().map { $0 }
        guard
            arguments.count == 3, let scenario = Scenario(rawValue: arguments[0]), let port = Int(arguments[1]),
            let amount = Double(arguments[2])
        else {
            let names = Scenario.allCases.map(\.rawValue).joined(separator: "|")
            FileHandle.standardError.write(Data("\(names) PORT SECONDS|COMMANDS\n".utf8))
            exit(2)
        }
        // The caller's loop is known where tasks are to run on it.
        let group =
            scenario.isOnLoop ? MultiThreadedEventLoopGroup(numberOfThreads: 1) : MultiThreadedEventLoopGroup.singleton
        let redis = try RedisClient(
            RedisClientConfiguration(port: port, commandTimeout: .seconds(10)), eventLoopGroup: group)
        try await redis.prepare()
        if scenario.isOnLoop {
            try await withTaskExecutorPreference(LoopExecutor(eventLoop: group.next())) {
                try await redis.run(scenario, amount, port: port)
            }
        } else {
            try await redis.run(scenario, amount, port: port)
        }
        await redis.close()
    }
}

extension RedisClient {
    fileprivate func run(_ scenario: Scenario, _ amount: Double, port: Int) async throws {
        switch scenario {
        case .concurrent50: try await self.measureConcurrent(50, "small", length: 100, seconds: amount)
        case .concurrent200: try await self.measureConcurrent(200, "small", length: 100, seconds: amount)
        case .large: try await self.measureConcurrent(100, "large", length: 10_000, seconds: amount)
        case .pipeline: try await self.measurePipeline("small", length: 100, seconds: amount)
        case .largePipeline: try await self.measurePipeline("large", length: 10_000, seconds: amount)
        case .sequential, .sequentialOnLoop:
            try await self.measureConcurrent(1, "small", length: 100, seconds: amount)
        case .members: try await self.measureMembers()
        case .latency: try await self.measureLatency(port: port, seconds: amount)
        case .instructions: try await self.get("small", times: Int(amount))
        case .instructionsInPipeline: try await self.getInPipelines("small", times: Int(amount))
        }
    }
}

enum Scenario: String, CaseIterable {
    case concurrent50, concurrent200, large, pipeline, largePipeline, sequential, sequentialOnLoop, members, latency
    /// A number of commands and nothing else, for a tool that counts instructions.
    case instructions, instructionsInPipeline

    /// Whether the caller runs on the loop of the connection. Threads that wait for each other make instructions vary.
    var isOnLoop: Bool {
        switch self {
        case .sequentialOnLoop, .instructions, .instructionsInPipeline: true
        default: false
        }
    }
}

/// Runs tasks on an event loop.
final class LoopExecutor: TaskExecutor {
    private let eventLoop: any EventLoop

    init(eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        self.eventLoop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
