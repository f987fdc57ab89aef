// swift-tools-version:6.2

import PackageDescription

let swiftSettings: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

let package = Package(
    name: "histories",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "larder", path: "..", traits: ["Hummingbird", "ServiceLifecycle"]),
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.0"),
        .package(url: "https://github.com/groue/GRDB.swift.git", from: "7.10.0"),
    ],
    targets: [
        .executableTarget(
            name: "Histories",
            dependencies: [
                .product(name: "Larder", package: "larder"),
                .product(name: "LarderRedis", package: "larder"),
                .product(name: "RedisDriver", package: "larder"),
                .product(name: "ServerFixtures", package: "larder"),
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            swiftSettings: swiftSettings
        )
    ]
)
