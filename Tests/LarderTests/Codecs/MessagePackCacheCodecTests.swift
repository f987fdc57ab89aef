// SPDX-License-Identifier: Apache-2.0

import Foundation
import LarderTesting
import NIOCore
import Testing

@testable import Larder

@Suite(.timeLimit(.minutes(1))) struct MessagePackCacheCodecTests {
    private let codec = MessagePackCacheCodec()

    private func roundTrip<Value: Codable>(_ value: Value) throws -> Value {
        try self.codec.decode(Value.self, from: try self.codec.encode(value))
    }

    private func decode<Value: Decodable>(_ type: Value.Type, _ bytes: [UInt8]) throws -> Value {
        try self.codec.decode(type, from: ByteBuffer(bytes: bytes))
    }

    // MARK: Values

    private enum Shape: Codable, Equatable {
        case circle(radius: Double)
        case named(String, UInt8)
        case nothing
    }

    private struct Everything: Codable, Equatable {
        var flag = false
        var small: Int8 = 0
        var number = 0
        var large: UInt64 = 0
        var single: Float = 0
        var fraction = 0.0
        var text = ""
        var maybe: Int??
        var data = Data()
        var date = Date(timeIntervalSinceReferenceDate: 0)
        var numbers: [Int] = []
        var gaps: [String?] = []
        var names: [String: [Int16]] = [:]
        var byNumber: [Int: Bool] = [:]
        var shapes: [Shape] = []
        var children: [Everything] = []
    }

    private static func everything(_ random: inout SeededGenerator, depth: Int = 0) -> Everything {
        func count(_ most: Int) -> Int { .random(in: 0...most, using: &random) }
        func text() -> String {
            let scalars = (0..<count(40)).map { _ in
                Unicode.Scalar(UInt32.random(in: 0x20...0xD7FF, using: &random)) ?? "x"
            }
            return String(String.UnicodeScalarView(scalars))
        }
        func integer<Number: FixedWidthInteger>() -> Number {
            Number(truncatingIfNeeded: Int64.random(in: .min ... .max, using: &random) >> count(63))
        }
        var value = Everything()
        value.flag = .random(using: &random)
        value.small = integer()
        value.number = integer()
        value.large = UInt64.random(in: 0 ... .max, using: &random)
        value.single = Float.random(in: -1e9...1e9, using: &random)
        value.fraction = Double.random(in: -1e300...1e300, using: &random)
        value.text = text()
        value.maybe = count(1) == 0 ? nil : integer()
        value.data = Data((0..<count(300)).map { _ in integer() })
        value.date = Date(timeIntervalSinceReferenceDate: Double.random(in: -1e10...1e10, using: &random))
        value.numbers = (0..<count(20)).map { _ in integer() }
        value.gaps = (0..<count(5)).map { _ in count(1) == 0 ? nil : text() }
        for _ in 0..<count(20) { value.names[text()] = (0..<count(3)).map { _ in integer() } }
        for _ in 0..<count(3) { value.byNumber[integer()] = .random(using: &random) }
        value.shapes = (0..<count(3)).map { _ in
            switch count(2) {
            case 0: .circle(radius: Double(count(100)) / 8)
            case 1: .named(text(), integer())
            default: .nothing
            }
        }
        if depth < 3 { value.children = (0..<count(2)).map { _ in Self.everything(&random, depth: depth + 1) } }
        return value
    }

    @Test func whatIsWrittenComesBack() throws {
        var random = SeededGenerator(seed: 1)
        for _ in 0..<500 {
            let value = Self.everything(&random)
            #expect(try self.roundTrip(value) == value)
        }
    }

    @Test func boundsComeBack() throws {
        for number in [Int64.min, .min + 1, -1 << 31, -1 << 15, -129, -128, -33, -32, -1, 0, 127, 128, 1 << 32, .max] {
            #expect(try self.roundTrip(number) == number)
        }
        for shift in 0..<64 {
            #expect(try self.roundTrip(UInt64(1) << shift) == 1 << shift)
            #expect(try self.roundTrip(UInt64.max >> shift) == .max >> shift)
        }
        for length in [0, 1, 31, 32, 255, 256, 65_535, 65_536, 200_000] {
            let text = String(repeating: "ä", count: length / 2) + (length.isMultiple(of: 2) ? "" : "x")
            #expect(try self.roundTrip(text) == text)
            #expect(try self.roundTrip(Data(repeating: 7, count: length)) == Data(repeating: 7, count: length))
            #expect(try self.roundTrip(Array(repeating: 7, count: length)) == Array(repeating: 7, count: length))
        }
        let names = Dictionary(uniqueKeysWithValues: (0..<70_000).map { ("n\($0)", [$0]) })
        #expect(try self.roundTrip([names, [:]]) == [names, [:]])
        for number in [Double.infinity, -.infinity, -0.0, .leastNonzeroMagnitude, 0.1] {
            #expect(try self.roundTrip(number).bitPattern == number.bitPattern)
        }
        #expect(try self.roundTrip(Double.nan).isNaN && self.roundTrip(Float.nan).isNaN)
    }

    private class Animal: Codable {
        var name = "animal"
    }

    private final class Dog: Animal {
        var barks = 0

        private enum CodingKeys: CodingKey { case barks }

        override init() { super.init() }

        required init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            self.barks = try container.decode(Int.self, forKey: .barks)
            try super.init(from: try container.superDecoder())
        }

        override func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try super.encode(to: container.superEncoder())
            try container.encode(self.barks, forKey: .barks)
        }
    }

    @Test func superclassesHaveAPlaceOfTheirOwn() throws {
        let dog = Dog()
        (dog.name, dog.barks) = ("Rex", 3)
        let again = try self.roundTrip(dog)
        #expect((again.name, again.barks) == ("Rex", 3))
    }

    private struct Empty: Codable, Equatable {}

    @Test func nothingIsSomethingToo() throws {
        #expect(try self.roundTrip(Empty()) == Empty())
        #expect(try self.roundTrip([Empty(), Empty()]).count == 2)
        #expect(try self.roundTrip(Int?.none) == nil)
        #expect(try self.roundTrip([1, nil]) == [1, nil])
    }

    // MARK: Bytes

    /// The example of the format's home page, and values as other writers make them.
    @Test func othersBytesAreRead() throws {
        struct Home: Decodable, Equatable {
            var compact: Bool
            var schema: Int
        }
        let bytes: [UInt8] = [0x82, 0xA7] + "compact".utf8 + [0xC3, 0xA6] + "schema".utf8 + [0x00]
        #expect(try self.decode(Home.self, bytes) == Home(compact: true, schema: 0))
        #expect(try self.decode([Int].self, [0x93, 0x01, 0xFF, 0xD1, 0xFF, 0x00]) == [1, -1, -256])
        #expect(try self.decode(Int.self, [0xD3, 0, 0, 0, 0, 0, 0, 0, 5]) == 5)
        #expect(try self.decode(Double.self, [0x07]) == 7)
        #expect(try self.decode(Double.self, [0xCA, 0x3F, 0x80, 0, 0]) == 1)
        #expect(try self.decode([String: Int].self, [0x81, 0xD9, 0x01, 0x61, 0x02]) == ["a": 2])
    }

    @Test func fieldsMayComeAndGo() throws {
        struct Before: Codable {
            var id: Int
            var old: [String: [Int]]
        }
        struct After: Codable, Equatable {
            var new: String?
            var id: Int
        }
        let bytes = try self.codec.encode(Before(id: 7, old: ["x": [1, 2, 3]]))
        #expect(try self.codec.decode(After.self, from: bytes) == After(new: nil, id: 7))
        #expect(throws: DecodingError.self) {
            try self.codec.decode(Before.self, from: try self.codec.encode(After(new: "x", id: 7)))
        }
    }

    @Test(
        arguments: [
            [], [0xC1], [0xD9], [0xA2, 0x61], [0x01, 0x01], [0x91], [0xDD, 0xFF, 0xFF, 0xFF, 0xFF],
            [0xC6, 0xFF, 0xFF, 0xFF, 0xFF],
            [0xDF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], [0xC7, 0x00], [0xA1, 0xFF],
        ] as [[UInt8]])
    func badBytesAreAnError(_ bytes: [UInt8]) {
        #expect(throws: (any Error).self) { try self.decode(String.self, bytes) }
        #expect(throws: (any Error).self) { try self.decode([Int].self, bytes) }
        #expect(throws: (any Error).self) { try self.decode([String: Int].self, bytes) }
    }

    @Test func numbersThatDoNotFitAreAnError() {
        #expect(throws: DecodingError.self) { try self.decode(UInt8.self, [0xCD, 0x01, 0x00]) }
        #expect(throws: DecodingError.self) { try self.decode(UInt.self, [0xFF]) }
        #expect(throws: DecodingError.self) { try self.decode(Int64.self, [0xCF] + Array(repeating: 0xFF, count: 8)) }
        #expect(throws: DecodingError.self) { try self.decode(Double.self, [0xCF] + Array(repeating: 0xFF, count: 8)) }
        #expect(throws: DecodingError.self) { try self.decode(Int.self, [0xCA, 0x3F, 0x80, 0, 0]) }
        #expect(throws: DecodingError.self) { try self.decode(Bool.self, [0x01]) }
    }

    /// A million levels would be a million frames.
    @Test func depthIsBounded() throws {
        indirect enum Nest: Codable {
            case end
            case more(Nest)

            init(from decoder: any Decoder) throws {
                var container = try decoder.unkeyedContainer()
                self = container.isAtEnd ? .end : .more(try container.decode(Nest.self))
            }

            func encode(to encoder: any Encoder) throws {
                var container = encoder.unkeyedContainer()
                if case .more(let inner) = self { try container.encode(inner) }
            }
        }
        #expect(throws: Undecodable.self) {
            try self.decode(Nest.self, Array(repeating: 0x91, count: 1_000_000) + [0x90])
        }
        _ = try self.decode(Nest.self, Array(repeating: 0x91, count: 127) + [0x90])
        let deep = (0..<1_000).reduce(Nest.end) { nest, _ in .more(nest) }
        #expect(throws: EncodingError.self) { try self.codec.encode(deep) }
        let shallow = (0..<100).reduce(Nest.end) { nest, _ in .more(nest) }
        _ = try self.roundTrip(shallow)
    }

    @Test func whateverTheBytesAreItEnds() throws {
        var random = SeededGenerator(seed: 2)
        let good = Array(try self.codec.encode(Self.everything(&random)).readableBytesView)
        var decoded = 0
        for _ in 0..<5_000 {
            var bytes = good
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = .random(in: 0...255, using: &random)
            }
            if .random(using: &random) { bytes.removeLast(Int.random(in: 0..<bytes.count, using: &random)) }
            if (try? self.decode(Everything.self, bytes)) != nil { decoded += 1 }
        }
        #expect(decoded > 0 && decoded < 5_000)
    }

    // MARK: Writers that do what none should

    @Test func whatIsWrittenOutOfOrderIsAnError() {
        struct Interleaved: Encodable {
            func encode(to encoder: any Encoder) throws {
                var container = encoder.unkeyedContainer()
                var (first, second) = (container.nestedUnkeyedContainer(), container.nestedUnkeyedContainer())
                try second.encode(2)
                try first.encode(1)
            }
        }
        struct Mixed: Encodable {
            func encode(to encoder: any Encoder) throws {
                var array = encoder.unkeyedContainer()
                try array.encode(1)
                var map = encoder.container(keyedBy: PositionKey.self)
                try map.encode(1, forKey: .super)
            }
        }
        #expect(throws: EncodingError.self) { try self.codec.encode(Interleaved()) }
        #expect(throws: EncodingError.self) { try self.codec.encode(Mixed()) }
    }

    @Test func halfAValueIsAnError() {
        struct Half: Encodable {
            struct Broken: Error, Encodable {
                func encode(to encoder: any Encoder) throws { throw self }
            }
            func encode(to encoder: any Encoder) throws {
                var container = encoder.unkeyedContainer()
                try? container.encode(Broken())
            }
        }
        struct Twice: Encodable {
            func encode(to encoder: any Encoder) throws {
                var container = encoder.singleValueContainer()
                try container.encode(1)
                try container.encode(2)
            }
        }
        #expect(throws: EncodingError.self) { try self.codec.encode(Half()) }
        #expect(throws: EncodingError.self) { try self.codec.encode(Twice()) }
    }

    @Test func aFieldIsAsItWasWrittenLast() throws {
        #expect(try self.decode([String: Int].self, [0x82, 0xA1, 0x61, 0x01, 0xA1, 0x61, 0x02]) == ["a": 2])
        struct One: Decodable {
            var a: Int
        }
        #expect(try self.decode(One.self, [0x82, 0xA1, 0x61, 0x01, 0xA1, 0x61, 0x02]).a == 2)
    }

    /// Twice the same name at each level would be read two to the power of a hundred times.
    @Test func namesThatComeTwiceCostNothing() throws {
        struct Nest: Decodable {
            var inner: [String: Nest]

            init(from decoder: any Decoder) throws {
                self.inner = try decoder.singleValueContainer().decode([String: Nest].self)
            }
        }
        var bytes: [UInt8] = [0x80]
        for _ in 0..<100 { bytes = [0x82, 0xA1, 0x61, 0x80, 0xA1, 0x61] + bytes }
        _ = try self.decode(Nest.self, bytes)
    }

    @Test func anotherKindOfValueIsAMismatch() throws {
        struct Either: Decodable, Equatable {
            var text: String

            init(from decoder: any Decoder) throws {
                let container = try decoder.singleValueContainer()
                do {
                    self.text = "\(try container.decode(Int.self))"
                } catch DecodingError.typeMismatch {
                    self.text = try container.decode(String.self)
                }
            }
        }
        #expect(try self.decode([Either].self, [0x92, 0x07, 0xA1, 0x78]).map(\.text) == ["7", "x"])
    }

    @Test func aSuperclassThatWritesNothingComesBack() throws {
        class Base: Codable {
            init() {}
            required init(from decoder: any Decoder) throws { _ = try decoder.container(keyedBy: PositionKey.self) }
            func encode(to encoder: any Encoder) throws {}
        }
        final class Derived: Base {
            override init() { super.init() }
            required init(from decoder: any Decoder) throws {
                var container = try decoder.unkeyedContainer()
                try super.init(from: try container.superDecoder())
                guard try container.decode(Int.self) == 5 else { throw Undecodable(reason: "not five") }
            }
            override func encode(to encoder: any Encoder) throws {
                var container = encoder.unkeyedContainer()
                try super.encode(to: container.superEncoder())
                try container.encode(5)
            }
        }
        _ = try self.roundTrip(Derived())
    }

    // MARK: In a cache

    @Test func aCacheKeepsIt() async throws {
        let cache = Cache("test", store: .embedded)
        var random = SeededGenerator(seed: 3)
        let value = Self.everything(&random)
        let function = cache.function("f", .ttl(.seconds(60)), codec: .messagePack) { (_: Int) in value }
        #expect(try await function(1) == value)
        await cache.settle()
        #expect(try await function.result(1) == CacheResult(value: value, source: .hit))
        // Another codec cannot read it, and loads anew.
        let other = cache.function("f", .ttl(.seconds(60))) { (_: Int) in value }
        #expect(try await other.result(1).source == .miss)
    }
}
