// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB

/// The catalogue that every Storefront starts with: the same on every machine.
enum SampleData {
    static let categories = 40
    static let products = 10_000
    static let users = 5_000
    static let orderLines = 200_000
    private static let linesPerOrder = 4

    static func insert(into db: Database) throws {
        var random = SplitMix64(seed: 1)
        try Self.insertCategories(into: db)
        try Self.insertProducts(into: db, &random)
        try Self.insertUsers(into: db, &random)
        try Self.insertOrderLines(into: db, &random)
        try Schema.indexOrderLines(in: db)
    }

    private static func insertCategories(into db: Database) throws {
        for id in 1...Self.categories {
            try db.execute(
                sql: "INSERT INTO categories VALUES (?, ?)",
                arguments: [id, "\(Self.materials[id % 8]) \(Self.things[id % 10])s".capitalized])
        }
    }

    private static func insertProducts(into db: Database, _ random: inout SplitMix64) throws {
        let statement = try db.makeStatement(sql: "INSERT INTO products VALUES (?, ?, ?, ?, ?, ?)")
        for id in 1...Self.products {
            let name = [Self.adjectives, Self.materials, Self.things].map { random.pick($0) }
                .joined(separator: " ").capitalized
            try statement.execute(arguments: [
                id, (id - 1) % Self.categories + 1, name, random.pick(Self.brands),
                Int.random(in: 199...24_999, using: &random), Self.description(of: name, &random),
            ])
        }
    }

    private static func insertUsers(into db: Database, _ random: inout SplitMix64) throws {
        let statement = try db.makeStatement(sql: "INSERT INTO users VALUES (?, ?, ?)")
        for id in 1...Self.users {
            let (first, last) = (random.pick(Self.firstNames), random.pick(Self.lastNames))
            try statement.execute(arguments: [
                id, "\(first) \(last)", "\(first.lowercased()).\(last.lowercased()).\(id)@example.com",
            ])
        }
    }

    private static func insertOrderLines(into db: Database, _ random: inout SplitMix64) throws {
        let statement = try db.makeStatement(sql: "INSERT INTO orderLines VALUES (?, ?, ?, ?, ?, ?)")
        var user = 1
        for line in 1...Self.orderLines {
            let order = (line - 1) / Self.linesPerOrder + 1
            if line % Self.linesPerOrder == 1 { user = Int.random(in: 1...Self.users, using: &random) }
            // Squaring makes low ids popular.
            let share = Double.random(in: 0..<1, using: &random)
            let product = Int(share * share * Double(Self.products)) + 1
            let stars = Int.random(in: 0...7, using: &random)
            try statement.execute(arguments: [
                line, order, user, product, Int.random(in: 1...3, using: &random), stars == 0 ? nil : min(stars, 5),
            ])
        }
    }

    private static func description(of name: String, _ random: inout SplitMix64) -> String {
        var sentences = ["\(name)."]
        var length = 0
        while length < 1_500 {
            let sentence =
                "\(random.pick(Self.adjectives).capitalized) and \(random.pick(Self.adjectives)), made of "
                + "\(random.pick(Self.materials)) for every \(random.pick(Self.things))."
            length += sentence.utf8.count + 1
            sentences.append(sentence)
        }
        return sentences.joined(separator: " ")
    }

    private static let adjectives = ["sturdy", "quiet", "bright", "plain", "light", "warm", "deep", "round", "fine"]
    private static let materials = ["oak", "linen", "copper", "glass", "wool", "clay", "maple", "brass"]
    private static let things = [
        "kettle", "chair", "lamp", "bowl", "shelf", "basket", "mirror", "blanket", "table", "jar",
    ]
    private static let brands = ["Harbor", "Fern", "Northway", "Emberly", "Tidewell"]
    private static let firstNames = ["Ada", "Ben", "Chloe", "Dan", "Eva", "Finn", "Grace", "Hugo", "Ines", "Jon"]
    private static let lastNames = ["Archer", "Brook", "Cole", "Dale", "Ember", "Frost", "Glenn", "Hart"]
}
