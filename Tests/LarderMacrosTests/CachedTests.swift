// SPDX-License-Identifier: Apache-2.0

#if Macros
import Larder
import LarderMacros
import LarderTesting
import Testing

struct Product: Codable, Sendable, Equatable {
    var id: Int
    var category = "tea"
}

/// Counts what the functions below do.
actor Loads {
    private(set) var count = 0

    func add() { self.count += 1 }
}

struct Catalogue: CacheSharing {
    let cache = Cache("shop", store: .embedded)
    let loads = Loads()

    @Cached(.ttl(.seconds(300)), tags: ["product:{id}", "category:{result.category}"], in: \Self.cache)
    func product(id: Int) async throws -> Product {
        await loads.add()
        if id < 0 { throw CancellationError() }
        return Product(id: id)
    }

    @Cached(.ttl(.seconds(300)))
    func product(sku id: Int) async throws -> Product? {
        await loads.add()
        return id == 0 ? nil : Product(id: id)
    }

    @Cached(.ttl(.seconds(300)))
    func product(id: String) async throws -> Product? {
        await loads.add()
        return Int(id).map { Product(id: $0) }
    }

    @Cached(.ttl(.seconds(300)), key: "products", ignoring: ["log"], codec: .messagePack)
    func products(_ ids: Int..., in category: String = "tea", log: @escaping @Sendable (String) -> Void) async throws
        -> [Product]
    {
        log("loading")
        await loads.add()
        return ids.map { Product(id: $0, category: category) }
    }

    @CacheInvalidate(tags: ["product:{id}", "category:{result.category}"])
    func rename(id: Int) async throws -> Product {
        if id < 0 { throw CancellationError() }
        return Product(id: id)
    }

    @CacheInvalidate(tags: ["product:{product.id}"])
    func save(_ product: Product) async throws {}
}

/// Functions that differ in little.
struct Alike: CacheSharing {
    let cache = Cache("shop", store: .embedded)

    @Cached(.ttl(.seconds(300)))
    func same(id: Int) async throws -> Int { 1 }

    @Cached(.ttl(.seconds(300)), in: Alike.cache)
    static func same(id: Int) async throws -> Int { 2 }

    @Cached(.ttl(.seconds(300)))
    func same(id: Int) async throws -> Double { 3 }

    @Cached(.ttl(.seconds(300)), ignoring: ["other"])
    func same(id: Int, other: Int) async throws -> Int { 4 }

    @Cached(.ttl(.seconds(300)), ignoring: ["other"])
    func same(id: Int, other: String) async throws -> Int { 5 }

    @Cached(.ttl(.seconds(300)))
    func width(of number: some FixedWidthInteger & CacheKeyComponent & Sendable) async throws -> Int { number.bitWidth }

    @Cached(.ttl(.seconds(300)))
    func kind<Number: CacheKeyComponent & Sendable>(of number: Number) async throws -> Int where Number: SignedInteger {
        6
    }

    @Cached(.ttl(.seconds(300)))
    func kind<Number: CacheKeyComponent & Sendable>(of number: Number) async throws -> Int where Number: Comparable {
        7
    }

    func anyKind<Number: CacheKeyComponent & Sendable & Comparable>(of number: Number) async throws -> Int {
        try await self.kind(of: number)
    }

    static let cache = Cache("shop", store: .embedded)
}

/// Names that an expansion could mistake for its own.
struct Shadows: CacheSharing {
    let cache = Cache("shop", store: .embedded)

    @Cached(.ttl(.seconds(300)), tags: ["class:{class}", "result:{result.category}", "optional:{optional}"])
    func names(cache: Int, `class`: Int, region: Int, call: Int, optional: Int?) async throws -> Product? {
        // What stands here stays.
        #if DEBUG
        let result = cache + `class` + region + call
        #else
        let result = call + region + `class` + cache
        #endif
        return result == 0 ? nil : Product(id: result)
    }

    @CacheInvalidate(tags: ["class:{class}"])
    func change(`class`: Int) async throws -> Product? { nil }

    @CacheInvalidate(tags: ["optional:{optional}"])
    func change(optional: Int) async throws {}

    @CacheInvalidate(tags: ["result:{result.category}", "none:{id}"])
    func change(id: Int) async throws -> Product? { id == 0 ? nil : Product(id: id) }
}

/// One store of several, each with its own prices.
struct Shop: CacheKeyComponent {
    let name: String
    let cache: Cache

    func encode(into encoder: inout CacheKeyEncoder) {
        encoder.append(self.name)
    }

    @Cached(.ttl(.seconds(300)))
    func price(of id: Int) async throws -> String {
        "\(self.name) \(id)"
    }
}

actor Counter: CacheSharing {
    let cache = Cache("shop", store: .embedded)
    private var count = 0

    @Cached(.ttl(.seconds(300)))
    func next(after number: Int) async throws -> Int {
        count += 1
        let bump = { [self] in count += 1 }
        bump()
        return number + count
    }
}

@MainActor
final class Screen: CacheSharing {
    let cache = Cache("shop", store: .embedded)
    var drawn = 0

    @Cached(.ttl(.seconds(300)))
    func title(of id: Int) async throws -> String {
        drawn += 1
        MainActor.assertIsolated()
        return "title \(id)"
    }
}

class Animal: CacheSharing, @unchecked Sendable {
    let cache: Cache

    init(cache: Cache) { self.cache = cache }

    @Cached(.ttl(.seconds(300)))
    func sound(times: Int) async throws -> String {
        [String](repeating: name, count: times).joined()
    }

    var name: String { "?" }
}

final class Cow: Animal, @unchecked Sendable {
    override var name: String { "moo" }

    @Cached(.ttl(.seconds(300)))
    override func sound(times: Int) async throws -> String {
        try await super.sound(times: times) + "!"
    }
}

struct Box<Element: Codable & Sendable & CacheKeyComponent>: CacheSharing {
    let cache: Cache

    @Cached(.ttl(.seconds(300)))
    func describe(_ element: Element) async throws -> String {
        "\(Element.self) \(element)"
    }
}

extension Box {
    @Cached(.ttl(.seconds(300)))
    func twice(_ element: Int) async throws -> String {
        "\(Element.self) \(element * 2)"
    }
}

protocol Greeting {
    var cache: Cache { get }
    var words: String { get }
}

extension Greeting where Self: CacheSharing & Sendable {
    @Cached(.ttl(.seconds(300)))
    func greet(_ name: String) async throws -> String {
        "\(self.words) \(name)"
    }
}

struct English: Greeting, CacheSharing {
    let cache: Cache
    let words = "hello"
}

struct French: Greeting, CacheSharing {
    let cache: Cache
    let words = "bonjour"
}

enum Shelf {
    static let cache = Cache("shop", store: .embedded)

    @Cached(.ttl(.seconds(300)))
    static func label(_ number: Int) async throws -> String {
        "shelf \(number) \(Int.random(in: 0 ..< .max))"
    }

    @Cached(.ttl(.seconds(300)), in: Shelf.cache)
    static func other(_ number: Int) async throws -> String {
        "shelf \(number) \(Int.random(in: 0 ..< .max))"
    }
}

@Cached(.ttl(.seconds(300)), tags: ["free:{number}"])
func free<Number: FixedWidthInteger & CacheKeyComponent & Codable & Sendable>(
    _ number: Number, cache: Cache
) async throws -> String {
    "\(Number.self) \(number)"
}

@Suite struct CachedTests {
    @Test func aMethodIsCachedByItsArguments() async throws {
        let catalogue = Catalogue()
        for _ in 0..<2 {
            #expect(try await catalogue.product(id: 7) == Product(id: 7))
            #expect(try await catalogue.product(id: 8) == Product(id: 8))
            await catalogue.cache.settle()
        }
        #expect(await catalogue.loads.count == 2)
        await #expect(throws: CancellationError.self) { try await catalogue.product(id: -1) }
    }

    @Test func labelsAndTypesTellFunctionsApart() async throws {
        let catalogue = Catalogue()
        _ = try await catalogue.product(id: 7)
        _ = try await catalogue.product(sku: 7)
        _ = try await catalogue.product(id: "7")
        #expect(
            catalogue.cache.statistics.keys.sorted() == [
                "LarderMacrosTests.Catalogue.product-id.Int--Product",
                "LarderMacrosTests.Catalogue.product-id.String--Product?",
                "LarderMacrosTests.Catalogue.product-sku.Int--Product?",
            ])
        #expect(await catalogue.loads.count == 3)
    }

    @Test func functionsThatDifferInLittleShareNothing() async throws {
        let alike = Alike()
        #expect(try await alike.same(id: 1) as Int == 1)
        #expect(try await Alike.same(id: 1) == 2)
        #expect(try await alike.same(id: 1) as Double == 3)
        #expect(try await alike.same(id: 1, other: 1) == 4)
        #expect(try await alike.same(id: 1, other: "1") == 5)
        #expect(try await alike.width(of: 1 as Int8) == 8)
        #expect(try await alike.width(of: 1 as Int64) == 64)
        #expect(try await alike.anyKind(of: 1) == 7)
        await alike.cache.settle()
        #expect(alike.cache.statistics.count == 7)
        #expect(alike.cache.statistics.values.allSatisfy { $0.hits == 0 })
    }

    @Test func namesOfTheExpansionShadowNothing() async throws {
        let shadows = Shadows()
        func read(_ number: Int) async throws -> Int? {
            let value = try await shadows.names(
                cache: number, class: number, region: number, call: number, optional: number)
            await shadows.cache.settle()
            return value?.id
        }
        func hits() -> Int { shadows.cache.statistics.values.reduce(0) { $0 + Int($1.hits) } }
        #expect(try await read(1) == 4)
        #expect(try await read(0) == nil)
        #expect(try await read(0) == nil)
        #expect(hits() == 1)
        _ = try await shadows.change(class: 1)
        #expect(try await read(1) == 4)
        try await shadows.change(optional: 1)
        #expect(try await read(1) == 4)
        _ = try await shadows.change(id: 5)
        #expect(try await read(1) == 4)
        #expect(hits() == 1)
        // An absence has the tags of the arguments, and none of a result.
        _ = try await shadows.change(id: 0)
        #expect(try await read(0) == nil)
        #expect(hits() == 2)
        try await shadows.change(optional: 0)
        #expect(try await read(0) == nil)
        #expect(hits() == 2)
    }

    @Test func someArgumentsAreIgnored() async throws {
        let catalogue = Catalogue()
        for word in ["a", "b"] {
            #expect(try await catalogue.products(1, 2, log: { _ in _ = word }) == [Product(id: 1), Product(id: 2)])
            await catalogue.cache.settle()
        }
        #expect(await catalogue.loads.count == 1)
        #expect(catalogue.cache.statistics["products"]?.hits == 1)
    }

    @Test func tagsEndWhatCarriesThem() async throws {
        let catalogue = Catalogue()
        _ = try await catalogue.product(id: 7)
        _ = try await catalogue.rename(id: 7)
        _ = try await catalogue.product(id: 7)
        #expect(await catalogue.loads.count == 2)
        try await catalogue.save(Product(id: 7))
        _ = try await catalogue.product(id: 7)
        #expect(await catalogue.loads.count == 3)
    }

    @Test func aChangeThatFailsInvalidatesNothing() async throws {
        let catalogue = Catalogue()
        _ = try await catalogue.product(id: 7)
        await catalogue.cache.settle()
        await #expect(throws: CancellationError.self) { try await catalogue.rename(id: -7) }
        _ = try await catalogue.product(id: 7)
        #expect(await catalogue.loads.count == 1)
    }

    @Test func instancesThatDifferShareNothing() async throws {
        let cache = Cache("shop", store: .embedded)
        #expect(try await Shop(name: "north", cache: cache).price(of: 7) == "north 7")
        #expect(try await Shop(name: "south", cache: cache).price(of: 7) == "south 7")
    }

    @Test func anActorStaysOne() async throws {
        let counter = Counter()
        #expect(try await counter.next(after: 10) == 12)
        await counter.cache.settle()
        #expect(try await counter.next(after: 10) == 12)
        #expect(try await counter.next(after: 20) == 24)
    }

    @MainActor @Test func theMainActorIsKept() async throws {
        let screen = Screen()
        #expect(try await screen.title(of: 7) == "title 7")
        await screen.cache.settle()
        #expect(try await screen.title(of: 7) == "title 7")
        #expect(screen.drawn == 1)
    }

    @Test func genericsAreToldApartByTheirTypes() async throws {
        let cache = Cache("shop", store: .embedded)
        #expect(try await Box<Int>(cache: cache).describe(7) == "Int 7")
        #expect(try await Box<Int8>(cache: cache).describe(7) == "Int8 7")
        #expect(try await Box<Int>(cache: cache).twice(7) == "Int 14")
        #expect(try await Box<Int8>(cache: cache).twice(7) == "Int8 14")
        #expect(try await free(7 as Int, cache: cache) == "Int 7")
        #expect(try await free(7 as Int8, cache: cache) == "Int8 7")
    }

    @Test func subclassesAreToldApart() async throws {
        let cache = Cache("shop", store: .embedded)
        #expect(try await Animal(cache: cache).sound(times: 2) == "??")
        #expect(try await Cow(cache: cache).sound(times: 2) == "moomoo!")
    }

    @Test func conformingTypesAreToldApart() async throws {
        let cache = Cache("shop", store: .embedded)
        #expect(try await English(cache: cache).greet("Ann") == "hello Ann")
        #expect(try await French(cache: cache).greet("Ann") == "bonjour Ann")
    }

    @Test func staticFunctionsAreCached() async throws {
        let (label, other) = (try await Shelf.label(1), try await Shelf.other(1))
        #expect(label != other)
        await Shelf.cache.settle()
        #expect(try await Shelf.label(1) == label)
        #expect(try await Shelf.other(1) == other)
    }
}
#endif
