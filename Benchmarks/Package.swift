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
    name: "benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "larder", path: ".."),
        .package(url: "https://github.com/apple/swift-http-types.git", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.0"),
    ],
    targets: [
        .executableTarget(
            name: "HitBenchmark",
            dependencies: [
                .product(name: "Larder", package: "larder"),
                .product(name: "LarderRedis", package: "larder"),
                .product(name: "RedisDriver", package: "larder"),
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            swiftSettings: swiftSettings
        ),
        .executableTarget(
            name: "InvalidationBenchmark",
            dependencies: [
                .product(name: "Larder", package: "larder"),
                .product(name: "LarderRedis", package: "larder"),
                "Measuring",
                .product(name: "RedisDriver", package: "larder"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: swiftSettings
        ),
        .target(
            name: "Measuring",
            dependencies: [.product(name: "RedisDriver", package: "larder")],
            swiftSettings: swiftSettings
        ),
        .executableTarget(
            name: "NearBenchmark",
            dependencies: [
                .product(name: "Larder", package: "larder"),
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            swiftSettings: swiftSettings
        ),
        .executableTarget(
            name: "PageBenchmark",
            dependencies: [
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Larder", package: "larder"),
                .product(name: "LarderHTTP", package: "larder"),
                .product(name: "LarderRedis", package: "larder"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "RedisDriver", package: "larder"),
            ],
            swiftSettings: swiftSettings
        ),
        .executableTarget(
            name: "RedisBenchmark",
            dependencies: [
                .product(name: "RedisDriver", package: "larder"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: swiftSettings
        ),
        .executableTarget(
            name: "SessionBenchmark",
            dependencies: [
                "Measuring",
                .product(name: "Larder", package: "larder"),
                .product(name: "LarderRedis", package: "larder"),
                .product(name: "LarderSessions", package: "larder"),
                .product(name: "RedisDriver", package: "larder"),
            ],
            swiftSettings: swiftSettings
        ),
    ]
)
