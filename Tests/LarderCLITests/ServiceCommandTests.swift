// SPDX-License-Identifier: Apache-2.0

#if CLI
import Foundation
import Larder
import NIOConcurrencyHelpers
import RedisDriver
import ServerFixtures
import Testing

/// The commands that ask services.
@Suite(.timeLimit(.minutes(1))) struct ServiceCommandTests {
    /// A service of which some pages are cached, and some are not there.
    private final class Service: Sendable {
        let server: ScriptedServer
        private let paths: NIOLockedValueBox<[String]>

        var url: String { "http://127.0.0.1:\(self.server.port)" }
        var asked: [String] { self.paths.withLockedValue { $0 } }

        init(store: String = "up") async throws {
            let paths = NIOLockedValueBox<[String]>([])
            self.paths = paths
            self.server = try await ScriptedServer { request in
                let path = String(request.split(separator: " ").dropFirst().first ?? "")
                let isKnown = paths.withLockedValue { paths in
                    defer { paths.append(path) }
                    return paths.contains(path)
                }
                let body = #"{"status":"healthy","store":{"state":"\#(store)","queuedInvalidations":0}}"#
                let status = path.hasPrefix("/missing") ? "404 Not Found" : "200 OK"
                let cache =
                    path == "/private"
                    ? "" : "Cache-Status: Larder; \(isKnown ? "hit; ttl=30" : "fwd=uri-miss; stored")\r\n"
                return Array("HTTP/1.1 \(status)\r\nContent-Length: \(body.utf8.count)\r\n\(cache)\r\n\(body)".utf8)
            }
        }
    }

    private static func file(_ text: String) throws -> String {
        let url = FileManager.default.temporaryDirectory.appending(path: "urls-\(UUID())")
        try Data(text.utf8).write(to: url)
        return url.path
    }

    @Test func smokeSaysWhatWorks() async throws {
        let service = try await Service()
        let good = try await LarderTool.run("smoke", service.url, "--path", "/products/1")
        #expect(good.status == 0)
        #expect(
            good.output
                == "ok      it is live\nok      it is ready\nok      its store is up\nok      /products/1 is answered\nok      /products/1 is cached\n"
        )
        let bad = try await LarderTool.run("smoke", service.url, "--path", "/private", "--path", "/missing", "--json")
        #expect(bad.status == 1 && bad.output.contains("not from a cache") && bad.output.contains("status 404"))
        let broken = try await Service(store: "down")
        #expect(try await LarderTool.run("smoke", "--live", broken.url).status == 0)
        let down = try await LarderTool.run("smoke", broken.url)
        #expect(down.status == 1 && down.output.contains("failed  its store is up: it is down"))
        let nobody = try await LarderTool.run("smoke", "http://127.0.0.1:1")
        #expect(nobody.status == 1 && nobody.output.contains("failed  it is live: "))
        #expect(try await LarderTool.run("smoke", "localhost:8080").status == 64)
    }

    @Test func warmAsksForEachLine() async throws {
        let service = try await Service()
        let file = try Self.file("# what sells\n/products/1\n\n/products/2\n\(service.url)/products/3\n/products/1\n")
        let result = try await LarderTool.run("warm", file, "--service", service.url, "--workers", "1")
        #expect(result.status == 0 && result.errors.isEmpty)
        #expect(result.output == "asked for: 4, in a cache before: 1, failed: 0\n")
        #expect(service.asked == ["/products/1", "/products/2", "/products/3", "/products/1"])
        let missing = try await LarderTool.run("warm", Self.file("/missing\u{1B}[2J\n"), "--service", service.url)
        #expect(missing.status == 64 || missing.status == 1)
        #expect(!missing.errors.contains("\u{1B}"))
        let failed = try await LarderTool.run("warm", Self.file("/missing"), "--service", service.url)
        #expect(failed.status == 1 && failed.errors == "larder: line 1, /missing: status 404\n")
        let secret = try Self.file("\(service.url.replacing("//", with: "//me:secret@"))/missing?token=secret")
        let quiet = try await LarderTool.run("warm", secret)
        #expect(quiet.status == 1 && !(quiet.errors + quiet.output).contains("secret"))
    }

    @Test func nothingIsAskedForBeforeAllIsUnderstood() async throws {
        let service = try await Service()
        let result = try await LarderTool.run("warm", Self.file("/products/1\nproducts/2\n"), "--service", service.url)
        #expect(result.status == 64 && result.errors.contains("line 2 is no URL") && service.asked.isEmpty)
        let alone = try await LarderTool.run("warm", Self.file("/products/1"))
        #expect(alone.status == 64 && alone.errors.contains("without --service"))
        #expect(try await LarderTool.run("warm", "/nowhere/urls").status == 66)
    }

    @Test func benchTellsHowLongAnswersTake() async throws {
        let service = try await Service()
        let text = try await LarderTool.run("bench", service.url + "/products/1", "--duration", "0.5", "--workers", "4")
        #expect(text.status == 0 && text.output.contains("failed: 0\nhits: ") && text.output.contains("latency: p50 "))
        let rated = try await LarderTool.run(
            "bench", service.url + "/products/1", "--duration", "1", "--rate", "50", "--json")
        let report = try JSONSerialization.jsonObject(with: Data(rated.output.utf8)) as? [String: Any]
        #expect(report?["requests"] as? Int == 50)
        #expect(try await LarderTool.run("bench", service.url, "--rate", "1e-30").status == 64)
        let failing = try await LarderTool.run("bench", service.url + "/missing", "--duration", "0.2")
        #expect(failing.status == 1 && failing.output.contains("the first by: status 404"))
    }

    @Test func benchLeavesNothingOnAServer() async throws {
        let server = try await RedisServer()
        let result = try await LarderTool.run("bench", server.url, "--duration", "0.3")
        #expect(result.status == 0 && result.output.contains("latency: p50 "))
        let client = try RedisClient(RedisClientConfiguration(port: server.port))
        #expect(try await client.execute(DBSIZE()) == 0)
        #expect(try await LarderTool.run("bench", "ftp://localhost").status == 64)
    }

    @Test func sealRotateMakesASecretInThreeSteps() async throws {
        struct Step: Decodable {
            var value: String
        }
        func steps(_ value: String) async throws -> [String] {
            let arguments = ["seal", "rotate", "--json"] + (value.isEmpty ? ["--first"] : [])
            let result = try await LarderTool.run(arguments, environment: ["SEALING_KEYS": value])
            #expect(result.status == 0)
            return try JSONDecoder().decode([Step].self, from: Data(result.output.utf8)).map(\.value)
        }
        let first = try await steps("")
        #expect(first.count == 1 && first[0].hasPrefix("1:"))
        _ = try SealingKeys(text: first[0])
        let next = try await steps(first[0])
        #expect(next.count == 3 && next[0].hasPrefix(first[0] + ",2:") && next[1].hasSuffix("," + first[0]))
        #expect(next[1] == next[2] + "," + first[0] && next[0] == first[0] + "," + next[2])
        for value in next { _ = try SealingKeys(text: value) }
        // One that is not seen is not one that is not there.
        #expect(try await LarderTool.run("seal", "rotate", environment: ["SEALING_KEYS": ""]).status == 64)
        #expect(
            try await LarderTool.run("seal", "rotate", "--first", environment: ["SEALING_KEYS": first[0]]).status == 64)
        let wrong = try await LarderTool.run("seal", "rotate", environment: ["SEALING_KEYS": "1:c2VjcmV0"])
        #expect(wrong.status == 64 && wrong.output.isEmpty && !wrong.errors.contains("c2VjcmV0"))
    }
}
#endif
