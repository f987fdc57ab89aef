// SPDX-License-Identifier: Apache-2.0

import Foundation
import LarderTesting
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import NIOSSL
import ServerFixtures
import Testing

@testable import RedisDriver

@Suite(.timeLimit(.minutes(1))) struct RedisClientTests {
    private static func client(
        _ port: Int, _ change: (inout RedisClientConfiguration) -> Void = { _ in }
    ) throws -> RedisClient {
        var configuration = RedisClientConfiguration(port: port, reconnectPause: .milliseconds(10))
        change(&configuration)
        return try RedisClient(configuration)
    }

    /// Asks until a command succeeds.
    private static func untilAnswered(_ client: RedisClient) async throws {
        while (try? await client.execute(PING(), timeout: .milliseconds(500))) == nil {
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    private static func code(_ body: () async throws -> Void) async -> RedisError.Code? {
        do {
            try await body()
            return nil
        } catch {
            return (error as? RedisError)?.code
        }
    }

    // MARK: Commands

    @Test func aValueOfAnyBytesComesBack() async throws {
        let server = try await RedisServer()
        let client = try Self.client(server.port)
        for value in ["", "tea", "a\r\nb\0c", String(repeating: "x", count: 100_000)] {
            try await client.execute(SET("key \r\n\0", ByteBuffer(string: value)))
            #expect(try await client.execute(GET("key \r\n\0")) == ByteBuffer(string: value))
        }
        #expect(try await client.execute(GET("missing")) == nil)
        #expect(try await client.execute(UNLINK("key \r\n\0", "missing")) == 1)
        await client.close()
    }

    /// What changed something may have run, and is never sent again; what did not is.
    @Test func onlyReadsAreSentAgainAfterALostConnection() async throws {
        let server = try await RedisServer()
        let proxy = try await FaultProxy(to: server.port)
        let admin = try Self.client(server.port)
        let client = try Self.client(proxy.port) { $0.commandTimeout = .seconds(20) }
        try await client.execute(SET("k", "v"))
        proxy.set(.hang)
        async let value = client.execute(GET("k"))
        let sum = Task { try await client.execute(INCRBY("n")) }
        while try await admin.execute(GET("n")) == nil { try await Task.sleep(for: .milliseconds(2)) }
        proxy.closeAll()
        proxy.set(.none)
        #expect(try await value == ByteBuffer(string: "v"))
        let error = await #expect(throws: RedisError.self) { try await sum.value }
        #expect(error?.code == .connectionClosed && error?.mayHaveRun == true)
        #expect(try await admin.execute(GET("n")) == ByteBuffer(string: "1"))
    }

    /// Not for ever: the server stays away.
    @Test func aReadThatCannotBeSentAgainFailsInTime() async throws {
        let server = try await RedisServer()
        let proxy = try await FaultProxy(to: server.port)
        let client = try Self.client(proxy.port)
        try await client.execute(SET("k", "v"))
        proxy.set(.hang)
        let admin = try Self.client(server.port)
        let value = Task { try await client.execute(GET("k"), timeout: .milliseconds(500)) }
        while try await admin.execute(RawCommand("INFO", "commandstats")).text?.contains("cmdstat_get:") != true {
            try await Task.sleep(for: .milliseconds(2))
        }
        proxy.closeAll()
        proxy.set(.cut(after: 0))
        let start = ContinuousClock.now
        await #expect(throws: RedisError.self) { try await value.value }
        #expect(ContinuousClock.now - start < .seconds(2))
    }

    @Test func aPipelineGivesEachItsOwnResult() async throws {
        let server = try await RedisServer()
        let client = try Self.client(server.port)
        let (set, list, get) = try await client.pipeline(
            SET("k", ByteBuffer(string: "v")), RawCommand("LPUSH", "k", "x"), GET("k"))
        #expect(throws: Never.self) { try set.get() }
        #expect(throws: RedisError.self) { try list.get() }
        if case .failure(let error) = list { #expect(error.prefix == "WRONGTYPE" && error.code == .commandFailed) }
        #expect(try get.get() == ByteBuffer(string: "v"))
    }

    @Test func commandsOfManyTasksGoOutTogetherAndEachGetsItsOwnReply() async throws {
        let server = try await RedisServer()
        let proxy = try await FaultProxy(to: server.port)
        let client = try Self.client(proxy.port)
        try await client.execute(PING())
        proxy.resetCount()
        let texts = try await withThrowingTaskGroup(of: Bool.self, returning: [Bool].self) { group in
            for number in 0..<1_000 {
                group.addTask {
                    try await client.execute(RawCommand("ECHO", "\(number)")).text == "\(number)"
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(texts.count == 1_000 && texts.allSatisfy { $0 })
        #expect(proxy.roundTrips < 500, "\(proxy.roundTrips) round trips for 1,000 commands")
        #expect(proxy.connections == 1)
    }

    @Test func aScriptIsSentInFullWhenTheServerLacksIt() async throws {
        let server = try await RedisServer()
        let proxy = try await FaultProxy(to: server.port)
        let client = try Self.client(proxy.port)
        let script = RedisScript("return KEYS[1] .. ARGV[1] .. redis.call('INCR', KEYS[1])")
        let run = { try await client.evaluate(script, keys: ["k"], arguments: ["a"]).text }
        #expect(try await run() == "ka1")
        proxy.resetCount()
        #expect(try await run() == "ka2")
        #expect(proxy.roundTrips == 1)
        _ = try await client.execute(RawCommand("SCRIPT", "FLUSH"))
        #expect(try await run() == "ka3")
    }

    @Test func aScriptRunsInPipelinesAndTransactions() async throws {
        let server = try await RedisServer()
        let client = try Self.client(server.port)
        let script = RedisScript("return redis.call('INCRBY', KEYS[1], ARGV[1])")
        for _ in 0..<2 {
            try await client.execute(RawCommand("SCRIPT", "FLUSH"))
            let (one, two) = try await client.pipeline(
                EVAL(script, keys: ["a"], arguments: [1]), EVAL(script, keys: ["b"], arguments: [2]))
            #expect(try two.get().integer == 2 * (try one.get().integer ?? 0))
            try await client.execute(RawCommand("SCRIPT", "FLUSH"))
            let (set, three) = try await client.transaction(SET("c", 1), EVAL(script, keys: ["c"], arguments: [3]))
            #expect(try set.get() && three.get() == .integer(4))
        }
    }

    @Test func aScriptMayRunOutOfMemory() async throws {
        let server = try await RedisServer(.init(settings: ["maxmemory": "1"]))
        let client = try Self.client(server.port)
        let error = await #expect(throws: RedisError.self) {
            try await client.execute(SET("k", ByteBuffer(string: "v")))
        }
        #expect(error?.prefix == "OOM")
        let script = RedisScript("return redis.call('SET', KEYS[1], '1')", allowsOutOfMemory: true)
        #expect(try await client.evaluate(script, keys: ["k"], arguments: []).text == "OK")
    }

    // MARK: Connecting

    @Test func passwordUserAndDatabaseAreUsed() async throws {
        let server = try await RedisServer(.init(users: ["app on >secret ~* +@all"]))
        let client = try Self.client(server.port) {
            $0.username = "app"
            $0.password = "secret"
            $0.database = 3
            $0.clientName = "larder"
        }
        #expect(try await client.execute(RawCommand("ACL", "WHOAMI")).text == "app")
        let info = try await client.execute(RawCommand("CLIENT", "INFO")).text ?? ""
        #expect(info.contains(" db=3 ") && info.contains(" name=larder "))

        let wrong = try Self.client(server.port) {
            $0.username = "app"
            $0.password = "hunter2"
        }
        let error = await #expect(throws: RedisError.self) { try await wrong.execute(PING()) }
        #expect(error?.code == .connectionFailed)
        #expect(error.map { "\($0)".contains("WRONGPASS") && !"\($0)".contains("hunter2") } == true)
    }

    @Test func anEncryptedConnectionChecksTheServer() async throws {
        let server = try await RedisServer(.init(usesTLS: true, settings: ["bind": "127.0.0.1 127.0.0.2"]))
        var configuration = try RedisClientConfiguration(url: server.url)
        configuration.tls?.trustRoots = .certificates(
            try NIOSSLCertificate.fromPEMBytes(Array(Certificates.authority.utf8)))
        for host in ["localhost", "127.0.0.2"] {
            configuration.host = host
            let client = try RedisClient(configuration)
            try await client.execute(SET("k", ByteBuffer(repeating: 7, count: 200_000)))
            #expect(try await client.execute(GET("k"))?.readableBytes == 200_000)
        }
        let distrustful = try RedisClient(url: server.url)
        #expect(await Self.code { try await distrustful.execute(PING()) } == .connectionFailed)
        // The same server by an address that its certificate does not name.
        configuration.host = "127.0.0.1"
        let misled = try RedisClient(configuration)
        #expect(await Self.code { try await misled.execute(PING()) } == .connectionFailed)
        // Spoken to without encryption, it hangs up.
        #expect(await Self.code { try await Self.client(server.port).execute(PING()) } == .connectionFailed)
    }

    @Test func aServerMayAskForTheClientsCertificate() async throws {
        let server = try await RedisServer(.init(usesTLS: true, settings: ["tls-auth-clients": "yes"]))
        var configuration = try RedisClientConfiguration(url: server.url)
        configuration.tls?.trustRoots = .certificates(
            try NIOSSLCertificate.fromPEMBytes(Array(Certificates.authority.utf8)))
        let unknown = try RedisClient(configuration)
        #expect(await Self.code { try await unknown.execute(PING()) } == .connectionFailed)
        configuration.tls?.certificateChain = try NIOSSLCertificate.fromPEMBytes(
            Array(Certificates.clientCertificate.utf8)
        ).map { .certificate($0) }
        configuration.tls?.privateKey = .privateKey(
            try NIOSSLPrivateKey(bytes: Array(Certificates.clientKey.utf8), format: .pem))
        let known = try RedisClient(configuration)
        try await known.execute(PING())
    }

    @Test func aServerThatDoesNotSpeakTheProtocolIsNamedAsSuch() async throws {
        let old = try await ScriptedServer { _ in
            Array("-ERR unknown command `HELLO`, with args beginning with: \r\n".utf8)
        }
        let error = await #expect(throws: RedisError.self) { try await Self.client(old.port).execute(PING()) }
        #expect(error?.code == .unsupportedServer)
        #expect(error.map { "\($0)".contains("Redis 6 or later") } == true)
    }

    @Test func withoutAServerCommandsFailAndLaterTheyWork() async throws {
        let server = try await RedisServer()
        await server.kill()
        let client = try Self.client(server.port)
        #expect(await Self.code { try await client.execute(PING()) } == .connectionFailed)
        let start = ContinuousClock.now
        #expect(await Self.code { try await client.execute(PING()) } == .connectionFailed)
        #expect(ContinuousClock.now - start < .milliseconds(500))
        try await server.restart()
        try await Self.untilAnswered(client)
    }

    @Test func aLostConnectionEndsWhatIsUnderWayAndIsMadeAgain() async throws {
        let server = try await RedisServer()
        let client = try Self.client(server.port)
        try await client.execute(PING())
        let blocked = Task {
            try await client.execute(RawCommand("BLPOP", "nothing", "0"), timeout: .seconds(30))
        }
        let other = try Self.client(server.port)
        var isBlocked = false
        while !isBlocked {
            isBlocked = try await other.execute(RawCommand("CLIENT", "LIST")).text?.contains("cmd=blpop") == true
        }
        await server.kill()
        let error = await #expect(throws: RedisError.self) { try await blocked.value }
        #expect(error?.code == .connectionClosed && error?.mayHaveRun == true)
        try await server.restart()
        try await Self.untilAnswered(client)
    }

    @Test func aClosedClientFinishesWhatIsUnderWayAndTakesNoMore() async throws {
        let server = try await RedisServer()
        let proxy = try await FaultProxy(to: server.port)
        let client = try Self.client(proxy.port)
        try await client.execute(PING())
        proxy.set(.delay(.milliseconds(100)))
        let (sent, isSent) = AsyncStream.makeStream(of: Void.self)
        client.send(
            timeout: .seconds(5), { $0.command("ECHO", "last") },
            then: { result in
                if case .success(let batch) = result, (try? batch.replies[0].value())?.text == "last" { isSent.yield() }
                isSent.finish()
            })
        await client.close()
        var answers = 0
        for await _ in sent { answers += 1 }
        #expect(answers == 1)
        #expect(await Self.code { try await client.execute(PING()) } == .clientClosed)
    }

    // MARK: Time and cancellation

    @Test func aTimedOutCommandLeavesTheConnectionToTheOthers() async throws {
        let server = try await RedisServer()
        let proxy = try await FaultProxy(to: server.port)
        let client = try Self.client(proxy.port) { $0.stallTimeout = .seconds(30) }
        try await client.execute(PING())
        proxy.set(.hang)
        let error = await #expect(throws: RedisError.self) {
            try await client.execute(RawCommand("ECHO", "lost"), timeout: .milliseconds(30))
        }
        #expect(error?.code == .timedOut && error?.mayHaveRun == true)
        let other = Task { try await client.execute(RawCommand("ECHO", "found"), timeout: .seconds(10)).text }
        proxy.set(.none)
        #expect(try await other.value == "found")
        #expect(try await client.execute(RawCommand("ECHO", "next")).text == "next")
        #expect(proxy.connections == 1)
    }

    @Test func aSilentConnectionIsGivenUpAndMadeAgain() async throws {
        let server = try await RedisServer()
        let client = try Self.client(server.port) { $0.connectTimeout = .milliseconds(500) }
        try await client.execute(PING())
        server.pause()
        let start = ContinuousClock.now
        #expect(await Self.code { try await client.execute(PING(), timeout: .milliseconds(50)) } == .timedOut)
        #expect(ContinuousClock.now - start < .milliseconds(500))
        while await Self.code({ try await client.execute(PING(), timeout: .milliseconds(50)) }) == .timedOut {}
        server.resume()
        try await Self.untilAnswered(client)
    }

    @Test func aSlowReplyToOneDoesNotCloseTheConnection() async throws {
        let server = try await RedisServer()
        let proxy = try await FaultProxy(to: server.port)
        let client = try Self.client(proxy.port) { $0.stallTimeout = .seconds(10) }
        try await client.execute(PING())
        proxy.set(.delay(.milliseconds(60)))
        for _ in 0..<5 {
            #expect(await Self.code { try await client.execute(PING(), timeout: .milliseconds(40)) } == .timedOut)
        }
        proxy.set(.none)
        try await client.execute(PING())
        #expect(proxy.connections == 1)
    }

    @Test func cancellingOneCommandHarmsNoOther() async throws {
        let server = try await RedisServer()
        let client = try Self.client(server.port)
        try await client.execute(PING())
        let wrong = await withTaskGroup(of: Int.self, returning: Int.self) { group in
            for number in 0..<5_000 {
                group.addTask {
                    let task = Task {
                        try await client.execute(RawCommand("ECHO", "\(number)"), timeout: .seconds(20)).text
                    }
                    if number.isMultiple(of: 3) { task.cancel() }
                    switch await task.result {
                    case .success(let text): return text == "\(number)" ? 0 : 1
                    case .failure(let error):
                        let isExpected = (error as? RedisError)?.code == .cancelled && number.isMultiple(of: 3)
                        return isExpected ? 0 : 1
                    }
                }
            }
            return await group.reduce(0, +)
        }
        #expect(wrong == 0)
    }

    @Test func aCommandThatWasGivenUpBeforeItWasSentIsNotSent() async throws {
        let server = try await RedisServer()
        let proxy = try await FaultProxy(to: server.port)
        proxy.set(.hang)
        let client = try Self.client(proxy.port) { $0.connectTimeout = .seconds(30) }
        let error = await #expect(throws: RedisError.self) {
            try await client.execute(SET("k", ByteBuffer(string: "late")), timeout: .milliseconds(30))
        }
        #expect(error?.code == .timedOut && error?.mayHaveRun == false)
        proxy.set(.none)
        #expect(try await client.execute(GET("k"), timeout: .seconds(10)) == nil)
    }

    @Test func anImpatientCallerClosesNothing() async throws {
        let server = try await RedisServer()
        let proxy = try await FaultProxy(to: server.port)
        let client = try Self.client(proxy.port)
        try await client.execute(PING())
        proxy.set(.delay(.milliseconds(100)))
        let patient = Task { try await client.execute(RawCommand("ECHO", "x"), timeout: .seconds(10)).text }
        for timeout in [Duration.zero, .seconds(-1), .milliseconds(1), .nanoseconds(1)] {
            #expect(await Self.code { try await client.execute(PING(), timeout: timeout) } == .timedOut)
        }
        #expect(try await patient.value == "x")
        #expect(proxy.connections == 1)
        // And one who waits for ever overflows nothing.
        try await client.execute(PING(), timeout: .seconds(Int64.max))
    }

    @Test func aDroppedClientFreesItsConnections() async throws {
        let server = try await RedisServer()
        let observer = try Self.client(server.port)
        func connections() async throws -> Int {
            try await observer.execute(RawCommand("CLIENT", "LIST")).text?.split(separator: "\n").count ?? 0
        }
        do {
            let client = try Self.client(server.port) { $0.connections = 3 }
            for _ in 0..<6 { try await client.execute(PING()) }
            #expect(try await connections() == 4)
        }
        while try await connections() > 1 { await Task.yield() }
    }

    @Test func closingTwiceAndWithNobodyWaitingTakesNoTime() async throws {
        let server = try await RedisServer()
        let proxy = try await FaultProxy(to: server.port)
        let client = try Self.client(proxy.port)
        try await client.execute(PING())
        proxy.set(.hang)
        _ = await Self.code { try await client.execute(PING(), timeout: .milliseconds(10)) }
        let start = ContinuousClock.now
        async let first: Void = client.close(within: .seconds(30))
        async let second: Void = client.close(within: .seconds(30))
        _ = await (first, second)
        #expect(ContinuousClock.now - start < .seconds(10))
    }

    @Test func closingEndsWhatTakesTooLong() async throws {
        let server = try await RedisServer()
        let client = try Self.client(server.port)
        try await client.execute(PING())
        let blocked = Task {
            await Self.code { _ = try await client.execute(RawCommand("BLPOP", "nothing", "0"), timeout: .seconds(60)) }
        }
        while try await Self.client(server.port).execute(RawCommand("CLIENT", "LIST")).text?.contains("cmd=blpop")
            != true
        {}
        await client.close(within: .milliseconds(50))
        #expect(await blocked.value == .clientClosed)
    }

    // MARK: Commands that cannot be

    private struct Miscounting: RedisCommand {
        var announced: Int
        var written: Int

        func encode(into encoder: inout RedisCommandEncoder) {
            encoder.beginCommand("ECHO", argumentCount: self.announced)
            for _ in 0..<self.written { encoder.write("x") }
        }

        static func response(from value: RedisValue) throws(RedisError) -> String? { value.text }
    }

    @Test func aCommandThatWouldPutRepliesOutOfStepIsRefused() async throws {
        let server = try await RedisServer()
        let client = try Self.client(server.port)
        for (announced, written) in [(1, 2), (1, 0), (2, 1), (0, 1)] {
            let command = Miscounting(announced: announced, written: written)
            #expect(await Self.code { _ = try await client.execute(command) } == .invalidCommand)
            #expect(await Self.code { _ = try await client.pipeline(command, PING()) } == .invalidCommand)
        }
        for command in [
            RawCommand("subscribe", "news"), RawCommand("MONITOR"), RawCommand("MULTI"), RawCommand("SELECT", "1"),
            RawCommand("client", "reply", "skip"), RawCommand("QUIT"), RawCommand("HELLO", "2"),
        ] {
            #expect(await Self.code { _ = try await client.execute(command) } == .invalidCommand)
        }
        let nothing: Void? = try? await client.pipeline()
        #expect(nothing != nil)
        #expect(try await client.execute(RawCommand("ECHO", "in step")).text == "in step")
    }

    @Test func theArgumentsOfAnUnknownCommandAreNotRepeated() async throws {
        let server = try await RedisServer()
        let client = try Self.client(server.port)
        let error = await #expect(throws: RedisError.self) {
            try await client.execute(RawCommand("ATUH", "hunter2"))
        }
        #expect(error.map { "\($0)".contains("ATUH") && !"\($0)".contains("hunter2") } == true)
    }

    // MARK: Bounds

    @Test func bytesThatWaitAreBounded() async throws {
        let server = try await RedisServer()
        let proxy = try await FaultProxy(to: server.port)
        proxy.set(.hang)
        let client = try Self.client(proxy.port) {
            $0.connectTimeout = .seconds(30)
            $0.maximumQueuedBytes = 1_000
            $0.whenFull = .fail
        }
        // The connection is being made: nothing is sent, and little is kept.
        let codes = await withTaskGroup(of: RedisError.Code?.self, returning: [RedisError.Code?].self) { group in
            for _ in 0..<10 {
                group.addTask {
                    await Self.code {
                        try await client.execute(
                            SET("k", ByteBuffer(repeating: 1, count: 300)), timeout: .milliseconds(100))
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(codes.filter { $0 == .overloaded }.count == 7)
        #expect(codes.filter { $0 == .timedOut }.count == 3)
    }

    @Test func commandsAndBytesUnderWayAreBounded() async throws {
        let server = try await RedisServer()
        let proxy = try await FaultProxy(to: server.port)
        let client = try Self.client(proxy.port) {
            $0.maximumCommands = 10
            $0.whenFull = .fail
        }
        try await client.execute(PING())
        proxy.set(.hang)
        let codes = await withTaskGroup(of: RedisError.Code?.self, returning: [RedisError.Code?].self) { group in
            for _ in 0..<30 {
                group.addTask { await Self.code { try await client.execute(PING(), timeout: .milliseconds(100)) } }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        // The first reply may not have been counted when its caller goes on.
        #expect((20...21).contains(codes.filter { $0 == .overloaded }.count))
        #expect((9...10).contains(codes.filter { $0 == .timedOut }.count))
    }

    @Test func whatHasNoRoomWaitsInOrder() async throws {
        let server = try await RedisServer()
        let client = try Self.client(server.port) {
            $0.maximumCommands = 10
            $0.maximumQueuedBytes = 500
            $0.whenFull = .wait(commands: 1_000)
            $0.commandTimeout = .seconds(20)
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<500 {
                group.addTask { () async throws -> Void in
                    let text = "\(number)" + String(repeating: "x", count: number)
                    #expect(try await client.execute(RawCommand("ECHO", text)).text == text)
                }
            }
            try await group.waitForAll()
        }
    }

    @Test func noMoreWaitThanMay() async throws {
        let server = try await RedisServer()
        let proxy = try await FaultProxy(to: server.port)
        let client = try Self.client(proxy.port) {
            $0.maximumCommands = 10
            $0.whenFull = .wait(commands: 5)
        }
        try await client.execute(PING())
        proxy.set(.hang)
        let results = await withTaskGroup(of: RedisError?.self, returning: [RedisError].self) { group in
            for number in 0..<30 {
                group.addTask {
                    do throws(RedisError) {
                        try await client.execute(INCRBY("waited", number), timeout: .milliseconds(100))
                        return nil
                    } catch {
                        return error
                    }
                }
            }
            return await group.reduce(into: []) { if let error = $1 { $0.append(error) } }
        }
        let late = results.filter { $0.code == .timedOut }
        #expect(results.count == 30 && (14...15).contains(late.count))
        // Those that waited for room were not sent, and will not be.
        #expect((9...10).contains(late.filter(\.mayHaveRun).count))
    }

    // MARK: Pushes

    @Test func messagesComeInOrderAndSubscribingIsConfirmed() async throws {
        let server = try await RedisServer()
        let (messages, arrived) = AsyncStream.makeStream(of: String.self)
        let subscriber = try RedisClient(RedisClientConfiguration(port: server.port))
        subscriber.onPush { push in
            if case .array(let parts) = push { arrived.yield(parts.compactMap(\.text).joined(separator: " ")) }
        }
        // One reply for each, and none too many for what comes behind.
        for channel in ["news", "weather"] {
            let batch = try await subscriber.send { $0.command("SUBSCRIBE", channel) }
            #expect(batch.replies.count == 1)
        }
        let publisher = try Self.client(server.port)
        for number in 1...3 {
            for channel in ["news", "weather"] {
                let receivers = try await publisher.execute(RawCommand("PUBLISH", channel, "\(number)"))
                #expect(receivers == .integer(1))
            }
        }
        #expect(try await subscriber.execute(RawCommand("ECHO", "in step")).text == "in step")
        var seen: [String] = []
        for await message in messages.prefix(6) { seen.append(message) }
        #expect(seen == (1...3).flatMap { ["message news \($0)", "message weather \($0)"] })
    }

    @Test func pushesAndRepliesComeInWireOrder() async throws {
        let server = try await RedisServer()
        var configuration = RedisClientConfiguration(port: server.port)
        configuration.setup = [RawCommand("CLIENT", "TRACKING", "ON")]
        let events = NIOLockedValueBox<[String]>([])
        let tracked = try RedisClient(configuration)
        tracked.onPush { push in
            if case .array(let parts) = push, case .array(let keys)? = parts.last {
                events.withLockedValue { $0.append("push \(keys.compactMap(\.text))") }
            } else {
                events.withLockedValue { $0.append("push null") }
            }
        }
        let (done, finish) = AsyncStream.makeStream(of: Void.self)
        let record: @Sendable (Result<RedisClient.Batch, RedisError>) -> Void = { result in
            let text = (try? result.get().replies.first?.value())?.text ?? "nothing"
            events.withLockedValue { $0.append("reply \(text)") }
        }
        // The write of the same connection pushes after its own reply and before the next.
        tracked.send({ $0.command("GET", "k") }, then: record)
        tracked.send({ $0.command("SET", "k", "1") }, then: record)
        tracked.send({ $0.command("GET", "k") }, then: record)
        tracked.send({ $0.command("FLUSHALL") }, then: record)
        tracked.send({ $0.command("PING") }, then: { _ in finish.finish() })
        for await _ in done {}
        let seen = events.withLockedValue { $0 }
        #expect(seen.prefix(4) == ["reply nothing", "reply OK", "push [\"k\"]", "reply 1"])
        // Servers differ in whether the push of a flush comes before its own reply.
        #expect(seen.suffix(2).sorted() == ["push null", "reply OK"])
    }
}
