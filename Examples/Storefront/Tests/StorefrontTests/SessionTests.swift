// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOCore
import NIOHTTP1
import Testing

@testable import Storefront

extension StorefrontTests {
    /// Who asks, and what is theirs.
    @Suite struct SessionTests {
        struct Entry: Decodable {
            var number: Int
            var id: String
            var isCurrent: Bool
        }

        @Test func whoLogsInIsKnownUntilTheyLogOut() async throws {
            try await RunningStorefront.run { storefront in
                var shopper = Shopper(at: storefront)
                #expect(try await shopper.send(.GET, "/profile").status == 401)
                let answer = try await shopper.send(
                    .POST, "/login", "username=user17&password=password17",
                    ["Content-Type": "application/x-www-form-urlencoded"])
                #expect(answer.status == 200 && answer.headers.first(name: "Cache-Control") == "no-store")
                let cookie = answer.headers.first(name: "Set-Cookie") ?? ""
                #expect(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && cookie.contains("Path=/"))
                let report = try answer.json(Shopper.Report.self)
                #expect(report.user == "user17" && report.csrfToken == shopper.csrfToken && report.csrfToken != nil)
                #expect(try await shopper.send(.GET, "/profile").json(Shopper.Report.self).user == "user17")
                let id = shopper.id
                let farewell = try await shopper.send(.POST, "/logout")
                #expect(farewell.status == 200 && farewell.headers.contains(name: "Clear-Site-Data"))
                #expect(shopper.id == nil)
                let again = try await storefront.get("/profile", headers: ["Cookie": "id=\(id ?? "")"])
                #expect(again.status == 401 && again.text.contains("message"))
            }
        }

        @Test func whatIsNoLoginIsRefusedAndNothingIsStored() async throws {
            try await RunningStorefront.run { storefront in
                for (body, status) in [
                    (#"{"username": "user1", "password": "password2"}"#, UInt(401)),
                    (#"{"username": "user01", "password": "password1"}"#, 401),
                    (#"{"username": "user999999999", "password": "x"}"#, 401),
                    (#"{"username": "", "password": "x"}"#, 400), (#"{"username": "user1"}"#, 400), ("", 400),
                    (#"{"username": "user1", "password": "\#(String(repeating: "x", count: 2_000))"}"#, 400),
                    (#"{"username": "user1", "password": "\#(String(repeating: "x", count: 1 << 20))"}"#, 413),
                ] {
                    let answer = try await storefront.send(.POST, "/login", ByteBuffer(string: body))
                    #expect(answer.status == status, "\(body.prefix(60))")
                    #expect(!answer.headers.contains(name: "Set-Cookie"))
                }
                for body in [
                    "username=user1&password=50%off", "username=user1&password=1&password=2", "user[=x", "%zz",
                ] {
                    let answer = try await storefront.send(
                        .POST, "/login", ByteBuffer(string: body), ["Content-Type": "application/x-www-form-urlencoded"]
                    )
                    #expect(answer.status == 400 && !answer.text.contains("off"), "\(body)")
                }
            }
        }

        @Test func attemptsAtAnAccountAreLimited() async throws {
            try await RunningStorefront.run { storefront in
                // At once, for a hash takes its time, in which attempts come back.
                let answers = try await withThrowingTaskGroup(of: StorefrontClient.Answer.self) { group in
                    for _ in 0..<14 {
                        group.addTask {
                            try await storefront.send(
                                .POST, "/login", ByteBuffer(string: #"{"username": "user3", "password": "x"}"#))
                        }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                let denied = answers.filter { $0.status == 429 }
                #expect(
                    (1...4).contains(denied.count) && answers.count(where: { $0.status == 401 }) == 14 - denied.count)
                for answer in denied {
                    #expect(answer.headers.first(name: "Retry-After") != nil)
                    #expect(answer.headers["RateLimit"].contains { $0.hasPrefix("\"login\"") })
                }
                // Others can log in, and who has may do so again and again.
                for _ in 0..<11 { _ = try await Shopper(logsInAs: 4, at: storefront) }
            }
        }

        @Test func changesNeedTheTokenOfTheSession() async throws {
            try await RunningStorefront.run { storefront in
                var shopper = try await Shopper(logsInAs: 5, at: storefront)
                for token in ["", "wrong"] {
                    let answer = try await shopper.send(.POST, "/cart", #"{"product": 1}"#, ["X-CSRF-Token": token])
                    #expect(answer.status == 403 && answer.text.contains("X-CSRF-Token"))
                }
                let foreign = try await shopper.send(
                    .POST, "/cart", #"{"product": 1}"#, ["Origin": "https://elsewhere.example"])
                #expect(foreign.status == 403)
                #expect(try await shopper.send(.POST, "/cart", #"{"product": 1}"#).status == 200)
                // As curl sends it unless it is told.
                let form = ["Content-Type": "application/x-www-form-urlencoded"]
                #expect(try await shopper.send(.POST, "/cart", #"{"product": 1}"#, form).status == 200)
                #expect(try await shopper.send(.POST, "/cart", "product=1&quantity=2", form).status == 200)
            }
        }

        @Test func whatManyPutIntoTheCartAtOnceIsAllThere() async throws {
            try await RunningStorefront.run { storefront in
                var shopper = Shopper(at: storefront)
                // It begins before anybody has logged in, and goes along.
                #expect(try await shopper.send(.POST, "/cart", #"{"product": 1000}"#).status == 200)
                let anonymous = shopper.id
                try await shopper.send(.POST, "/login", #"{"username": "user6", "password": "password6"}"#)
                #expect(shopper.id != anonymous)
                let one = shopper
                try await withThrowingTaskGroup(of: UInt.self) { group in
                    for product in 1...50 {
                        group.addTask {
                            var other = one
                            return try await other.send(.POST, "/cart", #"{"product": \#(product)}"#).status
                        }
                    }
                    for try await status in group { #expect(status == 200) }
                }
                let cart = try await shopper.send(.GET, "/cart").json(Shopper.Report.self).cart
                #expect(Set(cart.map(\.product)) == Set(1...50).union([1000]))
                for body in [#"{"product": 0}"#, #"{"product": 1, "quantity": 0}"#, "x", "{}"] {
                    #expect(try await shopper.send(.POST, "/cart", body).status == 400)
                }
            }
        }

        @Test func sessionsAreListedAndEnded() async throws {
            try await RunningStorefront.run { storefront in
                var shoppers: [Shopper] = []
                for _ in 0..<4 { shoppers.append(try await Shopper(logsInAs: 7, at: storefront)) }
                let entries = try await shoppers[1].send(.GET, "/sessions").json([Entry].self)
                #expect(entries.map(\.number) == [1, 2, 3, 4])
                #expect(entries.filter(\.isCurrent).count == 1)
                let current = entries.firstIndex { $0.isCurrent } ?? 0
                let other = entries[(current + 1) % 4]
                #expect(try await shoppers[1].send(.DELETE, "/sessions/\(other.id)").status == 200)
                #expect(try await shoppers[1].send(.GET, "/sessions").json([Entry].self).count == 3)
                for wrong in ["0", "9", "x", other.id] {
                    #expect(try await shoppers[1].send(.DELETE, "/sessions/\(wrong)").status == 404)
                }
                #expect(try await shoppers[1].send(.POST, "/logout-everywhere").text == #"{"ended":3}"#)
                for index in shoppers.indices {
                    #expect(try await shoppers[index].send(.GET, "/profile").status == 401)
                }
            }
        }
    }
}
