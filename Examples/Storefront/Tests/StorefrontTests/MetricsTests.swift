// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOHTTP1
import ServerFixtures
import Testing

extension StorefrontTests {
    /// What Prometheus reads, and the rules and the dashboard that are made for it.
    @Suite(.timeLimit(.minutes(2))) struct MetricsTests {
        private static let operations = URL(filePath: #filePath).appending(path: "../../../../../Operations")
            .standardized

        private static func promtool(_ arguments: String, _ file: URL) async throws -> (code: Int32, output: String) {
            let tool = try ChildProcess("/bin/sh", ["-c", "promtool \(arguments) 2>&1", file.path])
            let output = await tool.rest(of: tool.output)
            return (await tool.end(), output)
        }

        /// The names of metrics and labels of the project in a text.
        private static func names(in text: String) -> Set<String> {
            Set(text.matches(of: /\b(larder|db|redis|http)_[a-z_]+/).map { String($0.output.0) })
        }

        @Test func whatIsMeasuredIsWhatRulesAndDashboardAskFor() async throws {
            let redis = try await RedisServer()
            let process = try StorefrontProcess([
                "PORT": "0", "REDIS_URL": redis.url, "LOG_LEVEL": "error", "REGION_MODE": "bounded",
            ])
            let address = try await process.address()
            let page = try await StorefrontClient.withHTTPClient { http in
                let storefront = StorefrontClient(address, over: http)
                for _ in 0..<3 { #expect(try await storefront.get("/products/7").status == 200) }
                _ = try await storefront.put("/products/7", #"{"price": 1299}"#)
                #expect(try await storefront.get("/products/none").status == 400)
                let answer = try await storefront.get("/metrics")
                #expect(answer.status == 200)
                #expect(answer.headers.first(name: "Content-Type") == "text/plain; version=0.0.4; charset=utf-8")
                return answer.text
            }
            #expect(page.contains(#"larder_requests_total{cache="storefront",region="product",result="miss"} 1"#))
            #expect(
                page.contains(
                    #"larder_load_duration_seconds_count{cache="storefront",outcome="succeeded",region="product"}"#))

            // What a cache asks of Redis is measured too.
            for name in ["PIPELINE", "EVALSHA"] {
                #expect(page.contains(#"seconds_count{db_operation_name="\#(name)","#))
            }

            let known = Self.names(in: page)
            for path in ["prometheus/larder.rules.yml", "grafana/larder.json"] {
                let asked = Self.names(
                    in: try String(contentsOf: Self.operations.appending(path: path), encoding: .utf8))
                #expect(asked.count > 5 && asked.isSubset(of: known), "\(path): \(asked.subtracting(known))")
            }

            let file = FileManager.default.temporaryDirectory.appending(path: "metrics-\(UUID())")
            try Data(page.utf8).write(to: file)
            defer { try? FileManager.default.removeItem(at: file) }
            let check = try await Self.promtool("check metrics < \"$0\"", file)
            #expect(check.code == 0, "\(check.output)")
        }

        @Test func theRulesFindWhatTheyAreFor() async throws {
            let tests = Self.operations.appending(path: "prometheus/larder.rules.test.yml")
            let result = try await Self.promtool("test rules \"$0\"", tests)
            #expect(result.code == 0, "\(result.output)")
        }
    }
}
