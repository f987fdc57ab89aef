// SPDX-License-Identifier: Apache-2.0

import Foundation
import Larder
import LarderHTTP
import NIOConcurrencyHelpers
import NIOHTTP1
import Testing

@testable import Edge

/// What the standards ask of a shared cache, seen from outside: through a proxy on real sockets.
@Suite(.timeLimit(.minutes(3))) struct ConformanceTests {
    /// A proxy and an origin for all cases.
    private struct Setting: Sendable {
        let origin: TestOrigin
        let edge: EdgeServer

        static let shared = Task {
            let origin = try await TestOrigin()
            let http = HTTPCache(
                Cache("edge", store: .embedded), configuration: HTTPCacheConfiguration(.sharedCache))
            let edge = try await EdgeServer(
                http, origin: OriginConnector(host: "127.0.0.1", port: origin.port),
                listeningOn: HostPort(host: "127.0.0.1", port: 0))
            return Setting(origin: origin, edge: edge)
        }
    }

    private static let count = NIOLockedValueBox(0)
    /// So many cases run at a time that none is late.
    private static let places = Places(32)

    @Test(arguments: ConformanceCase.all) func conforms(_ conformanceCase: ConformanceCase) async throws {
        let setting = try await Setting.shared.value
        await Self.places.take()
        defer { Self.places.give() }
        let id = Self.count.withLockedValue { count in
            count += 1
            return "case-\(count)"
        }
        setting.origin.expect(conformanceCase.steps, of: id)
        for (index, step) in conformanceCase.steps.enumerated() {
            // What is stored of the step before is stored by then.
            if index > 0 { try await Task.sleep(for: .seconds(max(step.pause, 0.15))) }
            let answer = try await TestClient.send(
                step.request.text(id, index + 1), to: setting.edge.port, isHead: step.request.method == "HEAD")
            let asked = setting.origin.asked(id, index + 1)
            for expectation in step.expectations {
                if let problem = expectation.problem(answer, asked, Placeholders(id: id)) {
                    Issue.record("\(conformanceCase.testDescription), step \(index + 1): \(problem)")
                }
            }
            if let problem = step.statusProblem(answer) {
                Issue.record("\(conformanceCase.testDescription), step \(index + 1): \(problem)")
            }
        }
    }
}

extension ConformanceCase {
    static let all: [ConformanceCase] = [
        Self.storage, Self.freshness, Self.age, Self.vary, Self.requestDirectives, Self.responseDirectives,
        Self.validation,
        Self.invalidation, Self.conditionals, Self.ranges, Self.methods, Self.stale, Self.cacheStatus, Self.targeted,
        Self.groups, Self.messages,
    ].flatMap { $0 }
}

extension Request {
    fileprivate func text(_ id: String, _ step: Int) -> String {
        let placeholders = Placeholders(id: id)
        var text = "\(self.method) /\(id)\(self.suffix) HTTP/\(self.version)\r\n"
        var names: Set<String> = []
        for field in self.fields {
            names.insert(field.name.lowercased())
            text += "\(field.name): \(placeholders.replaced(in: field.value))\r\n"
        }
        if !names.contains("host") { text += "Host: example.com\r\n" }
        text += "X-Case: \(id)\r\nX-Step: \(step)\r\n"
        if !names.contains("connection") { text += "Connection: close\r\n" }
        if let body, !names.contains("transfer-encoding"), !names.contains("content-length") {
            text += "Content-Length: \(body.utf8.count)\r\n"
        }
        return text + "\r\n" + (self.body ?? "")
    }
}

extension Step {
    /// What is wrong with the status, where the step does not say one.
    fileprivate func statusProblem(_ answer: TestClient.Answer?) -> String? {
        var possible: Set<Int> = [200]
        for expectation in self.expectations {
            switch expectation {
            case .status, .broken: return nil
            default: break
            }
        }
        for field in self.request.fields {
            switch field.name.lowercased() {
            case "if-none-match", "if-modified-since": possible.insert(304)
            case "range": possible.insert(206)
            default: break
            }
        }
        guard let answer else { return "no answer" }
        return possible.contains(answer.status) ? nil : "status \(answer.status)"
    }
}

extension Expectation {
    /// Why it is not so; nil when it is.
    fileprivate func problem(
        _ answer: TestClient.Answer?, _ asked: [TestOrigin.Asked], _ placeholders: Placeholders
    ) -> String? {
        func field(_ name: String, _ test: (String) -> Bool, _ wanted: String) -> String? {
            let values = answer?.values(name) ?? []
            return values.contains(where: test) ? nil : "\(name) is \(values) and not \(wanted)"
        }
        switch self {
        case .cached:
            return asked.isEmpty ? nil : "the origin was asked \(asked.map { "\($0.method) \($0.headers)" })"
        case .asked:
            return asked.isEmpty ? "the origin was not asked; \(answer?.values("Cache-Status") ?? [])" : nil
        case .askedWith(let name, let value):
            let wanted = placeholders.replaced(in: value)
            let values = asked.map { $0.headers[canonicalForm: name].map(String.init) }
            return values.contains { $0.contains(wanted) || $0.joined(separator: ", ") == wanted }
                ? nil : "the origin was asked with \(name) \(values) and not \(wanted)"
        case .askedWithout(let name):
            if asked.isEmpty { return "the origin was not asked" }
            return asked.contains { $0.headers.contains(name: name) } ? "the origin was asked with \(name)" : nil
        case .status(let status):
            return answer?.status == status
                ? nil : "status \(answer.map { "\($0.status)" } ?? "none") and not \(status)"
        case .field(let name, let value):
            let wanted = placeholders.replaced(in: value)
            return field(name, { $0 == wanted }, wanted)
        case .fieldContains(let name, let part):
            let wanted = placeholders.replaced(in: part)
            return field(name, { $0.contains(wanted) }, "with " + wanted)
        case .number(let name, let range):
            return field(name, { Int($0).map { range.contains($0) } ?? false }, "in \(range)")
        case .noField(let name):
            return answer?.values(name).isEmpty == true ? nil : "\(name) is \(answer?.values(name) ?? [])"
        case .body(let body):
            return answer?.body == body ? nil : "body '\(answer?.body.prefix(200) ?? "none")' and not '\(body)'"
        case .broken:
            return answer == nil || answer?.isWhole == false ? nil : "the answer is whole"
        }
    }
}
