// swift-tools-version:6.2

import CompilerPluginSupport
import PackageDescription

let swiftSettings: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

let package = Package(
    name: "larder",
    platforms: [.macOS(.v15), .iOS(.v18), .tvOS(.v18), .watchOS(.v11), .visionOS(.v2)],
    products: [
        .executable(name: "larder", targets: ["LarderCLI"]),
        .library(name: "Larder", targets: ["Larder"]),
        .library(name: "LarderHTTP", targets: ["LarderHTTP"]),
        .library(name: "LarderHTTPClient", targets: ["LarderHTTPClient"]),
        .library(name: "LarderHummingbird", targets: ["LarderHummingbird"]),
        .library(name: "LarderMacros", targets: ["LarderMacros"]),
        .library(name: "LarderRedis", targets: ["LarderRedis"]),
        .library(name: "LarderSessions", targets: ["LarderSessions"]),
        .library(name: "LarderTesting", targets: ["LarderTesting"]),
        .library(name: "PrometheusExporter", targets: ["PrometheusExporter"]),
        .library(name: "RedisDriver", targets: ["RedisDriver"]),
        .library(name: "RedisRESP", targets: ["RedisRESP"]),
        .library(name: "ServerFixtures", targets: ["ServerFixtures"]),
    ],
    traits: [
        .trait(name: "CLI", description: "The tool larder; compiles swift-argument-parser."),
        .trait(name: "Compression", description: "Compressed values, by the system's zlib."),
        .trait(name: "Configuration", description: "Settings of the Redis client from swift-configuration."),
        .trait(name: "HTTPClient", description: "Responses that AsyncHTTPClient gets, cached."),
        .trait(name: "Hummingbird", description: "Middleware and routes for the Hummingbird web framework."),
        .trait(name: "Macros", description: "@Cached and @CacheInvalidate; compiles swift-syntax."),
        .trait(name: "ServiceLifecycle", description: "The Redis client as a service of swift-service-lifecycle."),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-async-algorithms.git", from: "1.0.0"),
        .package(url: "https://github.com/apple/swift-collections.git", from: "1.1.0"),
        .package(url: "https://github.com/apple/swift-configuration.git", from: "1.0.0"),
        .package(url: "https://github.com/apple/swift-crypto.git", "3.12.3"..<"5.0.0"),
        .package(url: "https://github.com/apple/swift-distributed-tracing.git", from: "1.3.0"),
        .package(url: "https://github.com/apple/swift-http-structured-headers.git", from: "1.7.0"),
        .package(url: "https://github.com/apple/swift-http-types.git", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.14.0"),
        .package(url: "https://github.com/apple/swift-metrics.git", from: "2.7.0"),
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.37.0"),
        .package(url: "https://github.com/apple/swift-nio-extras.git", from: "1.35.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird.git", from: "2.28.0"),
        .package(url: "https://github.com/swift-server/async-http-client.git", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.0.0"),
        .package(url: "https://github.com/swiftlang/swift-syntax.git", "600.0.0"..<"605.0.0"),
    ],
    targets: [
        .systemLibrary(name: "CLarderZlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
        .target(
            name: "Larder",
            dependencies: [
                .target(name: "CLarderZlib", condition: .when(traits: ["Compression"])),
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOFoundationEssentialsCompat", package: "swift-nio"),
            ],
            swiftSettings: swiftSettings
        ),
        .executableTarget(
            name: "LarderCLI",
            dependencies: [
                "Larder",
                "LarderRedis",
                "RedisDriver",
                .product(
                    name: "ArgumentParser", package: "swift-argument-parser", condition: .when(traits: ["CLI"])),
                .product(name: "AsyncHTTPClient", package: "async-http-client", condition: .when(traits: ["CLI"])),
                .product(name: "Crypto", package: "swift-crypto", condition: .when(traits: ["CLI"])),
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio", condition: .when(traits: ["CLI"])),
            ],
            swiftSettings: swiftSettings
        ),
        .target(
            name: "LarderHTTP",
            dependencies: [
                "Larder",
                .product(name: "AsyncAlgorithms", package: "swift-async-algorithms"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOFoundationEssentialsCompat", package: "swift-nio"),
                .product(name: "RawStructuredFieldValues", package: "swift-http-structured-headers"),
            ],
            swiftSettings: swiftSettings
        ),
        .target(
            name: "LarderHTTPClient",
            dependencies: [
                "Larder",
                .target(name: "LarderHTTP", condition: .when(traits: ["HTTPClient"])),
                .product(
                    name: "AsyncHTTPClient", package: "async-http-client", condition: .when(traits: ["HTTPClient"])),
                .product(name: "Crypto", package: "swift-crypto", condition: .when(traits: ["HTTPClient"])),
                .product(name: "HTTPTypes", package: "swift-http-types", condition: .when(traits: ["HTTPClient"])),
                .product(name: "Logging", package: "swift-log", condition: .when(traits: ["HTTPClient"])),
                .product(name: "NIOCore", package: "swift-nio", condition: .when(traits: ["HTTPClient"])),
                .product(name: "NIOHTTP1", package: "swift-nio", condition: .when(traits: ["HTTPClient"])),
                .product(
                    name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras", condition: .when(traits: ["HTTPClient"])),
            ],
            swiftSettings: swiftSettings
        ),
        .target(
            name: "LarderHummingbird",
            dependencies: [
                "Larder",
                .target(name: "LarderHTTP", condition: .when(traits: ["Hummingbird"])),
                .target(name: "LarderSessions", condition: .when(traits: ["Hummingbird"])),
                .target(name: "PrometheusExporter", condition: .when(traits: ["Hummingbird"])),
                .target(name: "RedisDriver", condition: .when(traits: ["Hummingbird"])),
                .product(name: "CoreMetrics", package: "swift-metrics", condition: .when(traits: ["Hummingbird"])),
                .product(name: "HTTPTypes", package: "swift-http-types", condition: .when(traits: ["Hummingbird"])),
                .product(name: "Hummingbird", package: "hummingbird", condition: .when(traits: ["Hummingbird"])),
                .product(name: "Logging", package: "swift-log", condition: .when(traits: ["Hummingbird"])),
                .product(
                    name: "NIOConcurrencyHelpers", package: "swift-nio", condition: .when(traits: ["Hummingbird"])),
                .product(name: "NIOCore", package: "swift-nio", condition: .when(traits: ["Hummingbird"])),
                .product(
                    name: "NIOFoundationEssentialsCompat", package: "swift-nio",
                    condition: .when(traits: ["Hummingbird"])),
            ],
            swiftSettings: swiftSettings
        ),
        .target(name: "LarderMacros", dependencies: ["Larder", "LarderMacrosPlugin"], swiftSettings: swiftSettings),
        .macro(
            name: "LarderMacrosPlugin",
            dependencies: [
                .product(name: "SwiftCompilerPlugin", package: "swift-syntax", condition: .when(traits: ["Macros"])),
                .product(name: "SwiftDiagnostics", package: "swift-syntax", condition: .when(traits: ["Macros"])),
                .product(name: "SwiftParser", package: "swift-syntax", condition: .when(traits: ["Macros"])),
                .product(name: "SwiftSyntax", package: "swift-syntax", condition: .when(traits: ["Macros"])),
                .product(name: "SwiftSyntaxBuilder", package: "swift-syntax", condition: .when(traits: ["Macros"])),
                .product(name: "SwiftSyntaxMacros", package: "swift-syntax", condition: .when(traits: ["Macros"])),
            ],
            swiftSettings: swiftSettings
        ),
        .target(
            name: "LarderRedis",
            dependencies: [
                "Larder",
                "LarderSessions",
                "RedisDriver",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            swiftSettings: swiftSettings
        ),
        .target(
            name: "LarderSessions",
            dependencies: [
                "Larder",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            swiftSettings: swiftSettings
        ),
        .target(
            name: "LarderTesting",
            dependencies: [
                "Larder",
                "LarderSessions",
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            swiftSettings: swiftSettings
        ),
        .target(
            name: "PrometheusExporter",
            dependencies: [
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
            ],
            swiftSettings: swiftSettings
        ),
        .target(
            name: "RedisDriver",
            dependencies: [
                "RedisRESP",
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
                .product(
                    name: "Configuration", package: "swift-configuration", condition: .when(traits: ["Configuration"])),
                .product(
                    name: "ServiceLifecycle", package: "swift-service-lifecycle",
                    condition: .when(traits: ["ServiceLifecycle"])),
            ],
            swiftSettings: swiftSettings
        ),
        .target(name: "RedisRESP", swiftSettings: swiftSettings),
        .target(
            name: "ServerFixtures",
            dependencies: [
                "RedisDriver",
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            path: "Tests/ServerFixtures",
            swiftSettings: swiftSettings
        ),
        .target(
            name: "Simulation",
            dependencies: [
                "Larder",
                "LarderTesting",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            path: "Tests/Simulation",
            swiftSettings: swiftSettings
        ),
        .executableTarget(
            name: "Simulate",
            dependencies: [
                "Simulation",
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
            ],
            path: "Tests/Simulate",
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "LarderCLITests",
            dependencies: [
                "Larder",
                "LarderCLI",
                "LarderRedis",
                "RedisDriver",
                "ServerFixtures",
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
            ],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "LarderTests",
            dependencies: [
                "Larder",
                "LarderTesting",
                "PrometheusExporter",
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            resources: [.copy("Traces")],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "LarderHTTPTests",
            dependencies: [
                "Larder",
                "LarderHTTP",
                "LarderTesting",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "LarderHTTPClientTests",
            dependencies: [
                "Larder",
                "LarderHTTPClient",
                "LarderTesting",
                .target(name: "LarderHTTP", condition: .when(traits: ["HTTPClient"])),
                .product(
                    name: "AsyncHTTPClient", package: "async-http-client", condition: .when(traits: ["HTTPClient"])),
                .product(name: "HTTPTypes", package: "swift-http-types", condition: .when(traits: ["HTTPClient"])),
                .product(name: "Hummingbird", package: "hummingbird", condition: .when(traits: ["Hummingbird"])),
                .product(name: "HummingbirdTesting", package: "hummingbird", condition: .when(traits: ["Hummingbird"])),
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio", condition: .when(traits: ["HTTPClient"])),
                .product(name: "NIOCore", package: "swift-nio", condition: .when(traits: ["HTTPClient"])),
                .product(name: "NIOHTTP1", package: "swift-nio", condition: .when(traits: ["HTTPClient"])),
            ],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "LarderHummingbirdTests",
            dependencies: [
                "Larder",
                "LarderHummingbird",
                "LarderTesting",
                .target(name: "LarderHTTP", condition: .when(traits: ["Hummingbird"])),
                .target(name: "LarderSessions", condition: .when(traits: ["Hummingbird"])),
                .target(name: "PrometheusExporter", condition: .when(traits: ["Hummingbird"])),
                .target(name: "RedisDriver", condition: .when(traits: ["Hummingbird"])),
                .target(name: "ServerFixtures", condition: .when(traits: ["Hummingbird"])),
                .product(name: "HTTPTypes", package: "swift-http-types", condition: .when(traits: ["Hummingbird"])),
                .product(name: "Hummingbird", package: "hummingbird", condition: .when(traits: ["Hummingbird"])),
                .product(name: "HummingbirdTesting", package: "hummingbird", condition: .when(traits: ["Hummingbird"])),
                .product(name: "NIOCore", package: "swift-nio", condition: .when(traits: ["Hummingbird"])),
            ],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "LarderMacrosTests", dependencies: ["Larder", "LarderMacros", "LarderTesting"],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "LarderRedisTests",
            dependencies: [
                "Larder",
                "LarderHTTP",
                "LarderRedis",
                "LarderSessions",
                "LarderTesting",
                "RedisDriver",
                "ServerFixtures",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "LarderSessionsTests",
            dependencies: [
                "Larder",
                "LarderSessions",
                "LarderTesting",
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "PrometheusExporterTests",
            dependencies: [
                "PrometheusExporter",
                "ServerFixtures",
                .product(name: "CoreMetrics", package: "swift-metrics"),
            ],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "RedisDriverTests",
            dependencies: [
                "LarderTesting",
                "RedisDriver",
                "RedisRESP",
                "ServerFixtures",
                .product(
                    name: "Configuration", package: "swift-configuration", condition: .when(traits: ["Configuration"])),
                .product(name: "InMemoryTracing", package: "swift-distributed-tracing"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "MetricsTestKit", package: "swift-metrics"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "RedisRESPTests", dependencies: ["LarderTesting", "RedisRESP"], swiftSettings: swiftSettings),
    ]
)

// Documentation is built by a plugin that users of the package need not resolve: scripts/docs asks for it.
if Context.environment["LARDER_DOCUMENTATION"] != nil {
    package.dependencies.append(
        .package(url: "https://github.com/swiftlang/swift-docc-plugin.git", from: "1.4.0"))
}
