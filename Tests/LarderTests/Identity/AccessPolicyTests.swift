// SPDX-License-Identifier: Apache-2.0

import Foundation
import Larder
import Testing

@Suite struct AccessPolicyTests {
    private static let policy = AccessPolicy([
        .allow(.everyone, to: .read, in: .shared.regions("product", "page")),
        .allow(.users, to: .read, .invalidate, in: .own),
        .allow(.role("manager"), to: .read, in: .ownTenant),
        .allow(.tenant("acme"), to: .read, in: .shared.regions("prices")),
        .allow(.user("root", of: "acme"), to: .invalidate, in: .shared),
        .allow(.role("editor"), to: .read, .invalidate, in: .everything),
    ])

    private let ann = Principal(user: "ann", tenant: "acme")
    private let ben = Principal(user: "ben", tenant: "acme")
    private let cat = Principal(user: "ann", tenant: "other")

    private func cache(_ policy: AccessPolicy? = Self.policy) -> Cache {
        Cache("shop", store: .embedded, configuration: CacheConfiguration(access: policy))
    }

    private func key(_ region: String, _ principal: Principal? = nil) -> CacheKey {
        principal.map { CacheKey(namespace: "shop", region: region, $0, 1) }
            ?? CacheKey(namespace: "shop", region: region, 1)
    }

    @Test func whatNoRuleAllowsIsDenied() {
        let nothing = AccessPolicy([])
        for identity in [Identity.anonymous, Identity(self.ann), Identity(self.ann, roles: ["editor"])] {
            for operation in AccessPolicy.Operation.allCases {
                #expect(!nothing.allows(identity, to: operation, self.key("product")))
                #expect(!nothing.allowsEverything(identity, to: operation))
            }
        }
        #expect(nothing.allows(.service, to: .read, self.key("product")))
    }

    @Test func aRuleReachesAsFarAsItSays() {
        let policy = Self.policy
        func reads(_ identity: Identity, _ region: String, _ owner: Principal? = nil) -> Bool {
            policy.allows(identity, to: .read, self.key(region, owner))
        }
        let nobody = Identity.anonymous
        #expect(reads(nobody, "product") && !reads(nobody, "orders") && !reads(nobody, "product", self.ann))
        // Empty names are nobody's.
        #expect(!reads(Identity(Principal(user: "", tenant: "")), "orders", Principal(user: "", tenant: "")))
        let ann = Identity(self.ann)
        #expect(reads(ann, "orders", self.ann) && reads(ann, "orders", Principal(user: nil, tenant: "acme")))
        #expect(!reads(ann, "orders", self.ben) && !reads(ann, "orders", self.cat) && !reads(ann, "orders"))
        #expect(
            !reads(ann, "orders", Principal(user: "ann"))
                && !reads(ann, "orders", Principal(user: "anna", tenant: "acme")))
        let manager = Identity(self.ann, roles: ["manager"])
        #expect(reads(manager, "orders", self.ben) && !reads(manager, "orders", self.cat))
        #expect(!reads(manager, "orders", Principal(user: "x", tenant: "acme2")))
        #expect(!reads(Identity(Principal(user: "ann"), roles: ["manager"]), "orders", Principal(user: "ben")))
        #expect(reads(ann, "prices") && !reads(Identity(self.cat), "prices"))
        let root = Identity(Principal(user: "root", tenant: "acme"))
        #expect(policy.allows(root, to: .invalidate, self.key("x")))
        #expect(!policy.allows(Identity(Principal(user: "root")), to: .invalidate, self.key("x")))
        #expect(!policy.allows(root, to: .invalidate, self.key("x", self.ben)))
        let editor = Identity(roles: ["editor"])
        #expect(reads(editor, "whatever", self.cat) && policy.allowsEverything(editor, to: .invalidate))
        #expect(!policy.allowsEverything(root, to: .invalidate))
    }

    @Test func theCacheAsksForWhomItWorks() async throws {
        let cache = self.cache()
        let product = cache.function("product", .ttl(.seconds(60))) { (id: Int) in id }
        let orders = cache.function("orders", .ttl(.seconds(60))) { (owner: Principal, id: Int) in id }
        let many = cache.batch("orders", .ttl(.seconds(60))) { (ids: [Int]) in
            Dictionary(uniqueKeysWithValues: ids.map { ($0, $0) })
        }
        #expect(try await product(1) == 1)
        await self.expectDenied { _ = try await orders(self.ann, 1) }
        await self.expectDenied { _ = try await many.values(for: [1, 2]) }
        await self.expectDenied { _ = try await orders.refresh(self.ann, 1) }
        await self.expectDenied { _ = try await orders.bytes(self.ann, 1) }
        try await Identity.$current.withValue(Identity(self.ann)) {
            let order = try await orders(self.ann, 1)
            #expect(order == 1)
            await self.expectDenied { _ = try await orders(self.ben, 1) }
            #expect(await orders.cached(self.ann, 1) == 1)
            #expect(await orders.invalidate(self.ann, 1) == .applied)
            #expect(await product.invalidate(1) == .denied)
        }
        await cache.settle()
        #expect(await product.cached(1) == 1)
        #expect(await orders.cached(self.ann, 1) == nil)
        #expect(await cache.explain(orders.key(self.ann, 1)).verdict == .denied)
    }

    @Test func whatIsAskedForAsAWholeNeedsTheWhole() async throws {
        let cache = self.cache()
        for (identity, outcome) in [
            (Identity(Principal(user: "root", tenant: "acme")), InvalidationOutcome.denied),
            (Identity(roles: ["editor"]), .applied), (.service, .applied),
        ] {
            try await Identity.$current.withValue(identity) {
                let ended = try await cache.invalidate(tags: ["t"])
                #expect(ended == outcome)
                #expect(await cache.invalidate(matching: "*").outcome == outcome)
                #expect(await cache.clear() == outcome)
            }
        }
    }

    /// A value is for all who may read it, so it must not depend on who asked first.
    @Test func aLoadRunsOnNobodysBehalf() async throws {
        let cache = self.cache()
        let secret = cache.function("secret", .ttl(.seconds(60))) { (id: Int) in "\(Identity.current == .service)" }
        let page = cache.function("page", .ttl(.seconds(60))) { (id: Int) in try await secret(id) }
        let pages = cache.batch("page", .ttl(.seconds(60))) { (ids: [Int]) in
            var pages: [Int: String] = [:]
            for id in ids { pages[id] = try await secret(id) }
            return pages
        }
        await self.expectDenied { _ = try await secret(1) }
        #expect(try await page(1) == "true")
        #expect(try await pages.values(for: [2]) == [2: "true"])
        #expect(Identity.current == .anonymous)
    }

    /// Who may make a change is for its source to say; what was cached before it must end.
    @Test func whatFollowsAChangeIsNotAskedAbout() async throws {
        let cache = self.cache()
        let product = cache.function("product", .ttl(.seconds(60))) { (id: Int) in id }
        _ = try await product(1)
        await cache.settle()
        let (_, outcome) = try await cache.write { write in
            write.invalidate(product.key(1))
            try write.invalidate(tags: ["t"])
        }
        #expect(outcome == .applied)
        #expect(await product.cached(1) == nil)
    }

    @Test func tenantsWithNamespacesOfTheirOwnShareNothing() async throws {
        let store = EmbeddedStore()
        let caches = ["acme", "other"].map { Cache("shop.\($0)", store: store) }
        for (tenant, cache) in zip(["acme", "other"], caches) {
            let product = cache.function("product", .ttl(.seconds(60))) { (id: Int) in tenant }
            #expect(try await product(1) == tenant)
        }
        for cache in caches { await cache.settle() }
        // What one does with all that is its own does not reach the other.
        #expect(await caches[0].invalidate(matching: "*").count == 1)
        #expect(try await caches[0].invalidate(tags: ["t"]) == .applied)
        #expect(await caches[0].clear() == .applied)
        let other = caches[1].function("product", .ttl(.seconds(60))) { (id: Int) in "" }
        #expect(await other.cached(1) == "other")
    }

    @Test func aPolicyCanBeWrittenDown() throws {
        let coder = (encoder: JSONEncoder(), decoder: JSONDecoder())
        #expect(try coder.decoder.decode(AccessPolicy.self, from: coder.encoder.encode(Self.policy)) == Self.policy)
        let text = """
            {"rules": [{"subject": {"user": "17", "of": "acme"}, "operations": ["read"], "space": {"owner": "nobody", "regions": ["product"]}}]}
            """
        let expected = AccessPolicy([.allow(.user("17", of: "acme"), to: .read, in: .shared.regions("product"))])
        #expect(try coder.decoder.decode(AccessPolicy.self, from: Data(text.utf8)) == expected)
        for subject in [
            "{}", #"{"everyone": false}"#, #"{"role": "a", "tenant": "b"}"#, #"{"of": "acme"}"#,
            #"{"everyone": true, "role": "a"}"#,
            #"{"somebody": true}"#, #"{"user": "17", "off": "acme"}"#, #"{"everyone": true, "roles": ["a"]}"#,
        ] {
            let text = #"{"rules": [{"subject": \#(subject), "operations": ["read"], "space": {"owner": "anybody"}}]}"#
            #expect(throws: DecodingError.self) { try coder.decoder.decode(AccessPolicy.self, from: Data(text.utf8)) }
        }
    }

    /// A rule that is misspelt must not be one that says less.
    @Test(arguments: [
        #"{"subject": {"everyone": true}, "operations": ["read"], "space": {"owner": "anybody", "region": ["a"]}}"#,
        #"{"subject": {"everyone": true}, "operations": ["read"], "space": {"owner": "anybody", "regions": null}}"#,
        #"{"subject": {"everyone": true}, "operations": ["read", "all"], "space": {"owner": "anybody"}}"#,
        #"{"subject": {"everyone": true}, "operations": ["read"], "space": {"owner": "anybody"}, "unless": {}}"#,
    ])
    func whatIsNotUnderstoodIsNoRule(_ rule: String) {
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(AccessPolicy.self, from: Data("{\"rules\": [\(rule)]}".utf8))
        }
    }

    /// Two names that look alike are two in keys, and so they are here.
    @Test func namesAreTheirBytes() {
        let (composed, decomposed) = ("\u{E9}", "e\u{301}")
        let policy = AccessPolicy([
            .allow(.user(composed), to: .read, in: .everything), .allow(.tenant(composed), to: .read, in: .everything),
            .allow(.role(composed), to: .read, in: .everything),
            .allow(.everyone, to: .invalidate, in: .everything.regions(composed)),
        ])
        for identity in [
            Identity(Principal(user: decomposed)), Identity(Principal(user: "a", tenant: decomposed)),
            Identity(roles: [decomposed]), Identity(Principal(user: composed, tenant: "a")),
        ] { #expect(!policy.allows(identity, to: .read, self.key("x"))) }
        #expect(policy.allows(Identity(Principal(user: composed)), to: .read, self.key("x")))
        #expect(!policy.allows(.anonymous, to: .invalidate, self.key(decomposed)))
    }

    @Test func longNamesAndArgumentsAreStillOnesOwn() {
        let long = String(repeating: "x", count: 300)
        let (tenant, user) = (String(repeating: "t", count: 60), String(repeating: "u", count: 60))
        let owner = Principal(user: user, tenant: tenant)
        for argument in ["", long] {
            let key = CacheKey(namespace: "shop", region: "orders", owner, argument)
            #expect(Self.policy.allows(Identity(owner), to: .read, key))
            #expect(!Self.policy.allows(Identity(Principal(user: user, tenant: "t")), to: .read, key))
            #expect(key.text.utf8.count <= 250)
        }
        // What is no name any more is nobody's own.
        let endless = Principal(user: long)
        #expect(!Self.policy.allows(Identity(endless), to: .read, self.key("orders", endless)))
    }

    @Test func aLoadOfACacheWithoutAPolicyRunsOnNobodysBehalfToo() async throws {
        let inner = self.cache().function("secret", .ttl(.seconds(60))) { (id: Int) in id }
        let outer = self.cache(nil).function("page", .ttl(.seconds(60))) { (id: Int) in try await inner(id) }
        #expect(try await outer(1) == 1)
    }

    private func expectDenied(
        sourceLocation: SourceLocation = #_sourceLocation, _ body: () async throws -> Void
    ) async {
        await #expect(sourceLocation: sourceLocation) {
            try await body()
        } throws: {
            ($0 as? CacheError)?.code == .denied
        }
    }
}
