// SPDX-License-Identifier: Apache-2.0

import Foundation
import Larder
import LarderTesting
import Testing

@Suite struct CacheKeyTests {
    private func text<each Component: CacheKeyComponent>(_ component: repeat each Component) -> String {
        CacheKey(namespace: "shop", region: "r", repeat each component).text
    }

    @Test func readsAsItsParts() {
        #expect(CacheKey(namespace: "shop", region: "product", 42).text == "shop:product:i.42")
        #expect(CacheKey(namespace: "shop", region: "top").text == "shop:top")
        #expect(self.text(-7, "tea pot", true, 1.5) == "shop:r:i.-7:s.tea%20pot:b.true:d.1.5")
        #expect(self.text(Int?.none, Int?.some(3)) == "shop:r:n:o(i.3)")
        #expect(self.text([1, 2], [String]()) == "shop:r:a(i.1:i.2):a()")
        #expect(CacheKey(namespace: "a b", region: "c:d", "ä").text == "a%20b:c%3Ad:s.%C3%A4")
    }

    @Test func dataForgesNeitherSeparatorNorHashTag() {
        #expect(self.text("a:b", "c") != self.text("a", "b:c"))
        #expect(self.text("{x}") == "shop:r:s.%7Bx%7D")
        #expect(self.text("a%3Ab") != self.text("a:b"))
        #expect(!self.text("*?[]\n\0").contains { "*?[]\n\0".contains($0) })
    }

    @Test func whatPeopleMixUpIsToldApart() {
        let keys = [
            self.text(1), self.text("1"), self.text(1.0), self.text(true), self.text("true"), self.text(Float(1)),
            self.text(""), self.text("nil"), self.text(String?.some("")),
            self.text(String??.none), self.text(String??.some(nil)), self.text(String??.some("")),
            self.text("a", "b"), self.text("ab"), self.text("a,b"), self.text(["a", "b"]), self.text(["a,b"]),
            self.text([["a"], ["b"]]), self.text([["a", "b"]]), self.text([String]()), self.text([[String]()]),
            self.text("e\u{301}"), self.text("\u{e9}"), self.text(),
            self.text([5]), self.text(Int?.some(5)), self.text(Parts(parts: [5])), self.text(Parts(parts: [])),
            self.text(-0.0), self.text(0.0), self.text(Double.nan),
        ]
        #expect(Set(keys).count == keys.count)
    }

    private struct Parts: CacheKeyComponent {
        var parts: [Int]
        func encode(into encoder: inout CacheKeyEncoder) {
            for part in self.parts { encoder.append(part) }
        }
    }

    @Test func partsEncodedIntoTheirOwnersPlaceStayApart() {
        struct Careless: CacheKeyComponent {
            var parts: [any CacheKeyComponent]
            var appended: Int?
            func encode(into encoder: inout CacheKeyEncoder) {
                for part in self.parts { part.encode(into: &encoder) }
                if let appended { encoder.append(appended) }
                for part in self.parts { part.encode(into: &encoder) }
            }
        }
        let keys = [
            self.text(Careless(parts: ["a", "bs.c"])), self.text(Careless(parts: ["as.b", "c"])),
            self.text(Careless(parts: ["a"], appended: 1)), self.text(Careless(parts: ["a", 1])),
            self.text(Careless(parts: []), "a"), self.text(Careless(parts: ["a"])), self.text(Careless(parts: [[1]])),
            self.text(Careless(parts: [], appended: 1), "a"), self.text(Careless(parts: [1, "a"])),
            self.text(Careless(parts: [[1]], appended: 2)), self.text(Careless(parts: [[1, 2]])),
            self.text(Careless(parts: [Int?.some(1)], appended: 2)), self.text(Careless(parts: [[1], [2]])),
        ]
        #expect(Set(keys).count == keys.count)
    }

    @Test func aTypeOfPartsCannotBorrowFromItsNeighbour() {
        let keys = [
            self.text(Parts(parts: [1]), Parts(parts: [2, 3])), self.text(Parts(parts: [1, 2]), Parts(parts: [3])),
            self.text(Parts(parts: []), Parts(parts: [1, 2, 3])), self.text(Parts(parts: [1, 2, 3]), Parts(parts: [])),
            self.text(Parts(parts: [1, 2, 3])), self.text(1, 2, 3),
        ]
        #expect(Set(keys).count == keys.count)
    }

    @Test func anEnumerationIsItsRawValue() {
        enum Colour: String, CacheKeyComponent { case red, green }
        #expect(self.text(Colour.red) == "shop:r:s.red")
        #expect(self.text(Colour.red) != self.text(Colour.green))
    }

    @Test func datesAndIdentifiersAreExact() throws {
        let date = Date(timeIntervalSinceReferenceDate: 800_000_000.123_456_7)
        #expect(self.text(date) != self.text(Date(timeIntervalSinceReferenceDate: 800_000_000.123_456_9)))
        let id = try #require(UUID(uuidString: "DEADBEEF-0000-4000-8000-000000000001"))
        #expect(self.text(id) == "shop:r:u.DEADBEEF-0000-4000-8000-000000000001")
        #expect(self.text(Data([0xFF, 0xFE])) != self.text(Data([0xFF])))
    }

    @Test func aLongKeyIsShortenedByADigestOfAll() {
        let long = String(repeating: "x", count: 5_000)
        let key = self.text(long)
        #expect(key.utf8.count == "shop".utf8.count + 64 + 1 + 43)
        #expect(key.hasPrefix("shop:r:s.xxxx"))
        #expect(key != self.text(long + "y"))
        #expect(key != self.text("y" + long))
        #expect(key == self.text(long))
        #expect(key.utf8.allSatisfy { (33...126).contains($0) })
    }

    @Test func aPrincipalStandsInFront() {
        let ann = Principal(user: "ann", tenant: "acme")
        #expect(self.text(ann, 1) == "shop:@acme@ann:r:@:i.1")
        #expect(self.text(1, ann) == "shop:@acme@ann:r:i.1:@")
        #expect(self.text(Principal(user: "ann")) == "shop:@!@ann:r:@")
        #expect(self.text(ann, Principal(user: "ben")) == "shop:@acme@ann:r:@:@@!@ben")
        let principals = [
            ann, Principal(user: "acme@ann"), Principal(user: "ann", tenant: ""), Principal(user: "ann"),
            Principal(user: nil, tenant: "ann"), Principal(user: "!", tenant: "acme"), Principal(user: nil),
        ]
        #expect(Set(principals.map { self.text($0) }).count == principals.count)
        #expect(self.text(Principal?.some(ann)) == "shop:@acme@ann:r:@")
        #expect(self.text(Principal?.none) == "shop:r:n")
    }

    /// Random argument lists of few distinct values, so that near misses are many.
    @Test func noTwoArgumentListsShareAKey() {
        var random = SeededGenerator(seed: 7)
        var lists: [String: String] = [:]
        for _ in 0..<100_000 {
            let arguments = (0..<Int.random(in: 0...3, using: &random)).map { _ in Argument(&random, depth: 0) }
            let key = CacheKey(namespace: "n", region: "r", Arguments(list: arguments)).text
            let description = "\(arguments)"
            if let other = lists.updateValue(description, forKey: key) {
                #expect(other == description, "\(key)")
            }
        }
        #expect(lists.count > 1_000)
    }

    private struct Arguments: CacheKeyComponent {
        var list: [Argument]
        func encode(into encoder: inout CacheKeyEncoder) {
            for argument in self.list { encoder.append(argument.component) }
        }
    }

    private enum Argument: CustomStringConvertible {
        case text(String)
        case number(Int)
        case truth(Bool)
        case list([Argument])
        case nothing

        init(_ random: inout SeededGenerator, depth: Int) {
            let alphabet = Array("a:%.()@~n{i1")
            switch Int.random(in: 0...(depth < 2 ? 4 : 3), using: &random) {
            case 0: self = .nothing
            case 1: self = .number(Int.random(in: -2...12, using: &random))
            case 2: self = .truth(Bool.random(using: &random))
            case 3:
                let letters = (0..<Int.random(in: 0...3, using: &random)).compactMap { _ in
                    alphabet.randomElement(using: &random)
                }
                self = .text(String(letters))
            default:
                self = .list(
                    (0..<Int.random(in: 0...2, using: &random)).map { _ in Argument(&random, depth: depth + 1) })
            }
        }

        var component: any CacheKeyComponent {
            switch self {
            case .text(let text): text
            case .number(let number): number
            case .truth(let truth): truth
            case .list(let list): Arguments(list: list)
            case .nothing: Int?.none
            }
        }

        var description: String {
            switch self {
            case .text(let text): "\"\(text)\""
            case .number(let number): "\(number)"
            case .truth(let truth): "\(truth)"
            case .list(let list): "\(list)"
            case .nothing: "nil"
            }
        }
    }
}
