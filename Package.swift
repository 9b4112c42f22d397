// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
]

let package = Package(
    name: "batchin",
    platforms: [.macOS(.v26)],
    products: [
        .executable(name: "batchin", targets: ["batchin"]),
        .library(name: "OTLP", targets: ["OTLP"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        .executableTarget(
            name: "batchin",
            dependencies: [
                "APIServer", "Accounts", "Audit", "AuditLog", "Database",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "APIServer",
            dependencies: [
                "Accounts", "Audit", "AuditLog", "Compression", "Database", "Inference", "JSONParsing", "OTLP",
                "Sodium",
                "TraceStore",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "Accounts",
            dependencies: ["Database", "Sodium", .product(name: "Crypto", package: "swift-crypto")],
            resources: [.embedInCode("Migrations")],
            swiftSettings: settings
        ),
        .target(
            name: "Audit", dependencies: ["Sodium", .product(name: "Crypto", package: "swift-crypto")],
            swiftSettings: settings
        ),
        .target(
            name: "AuditLog", dependencies: ["Audit", "Database", "Sodium"], resources: [.embedInCode("Migrations")],
            swiftSettings: settings
        ),
        .target(
            name: "Inference",
            dependencies: [
                "OTLP",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOTLS", package: "swift-nio"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "TraceStore",
            dependencies: [
                "Checksum", "Compression", "OTLP",
                .product(name: "HeapModule", package: "swift-collections"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "Database",
            dependencies: [
                "Postgres", .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ],
            swiftSettings: settings
        ),
        .target(name: "OTLP", dependencies: ["JSONParsing"], swiftSettings: settings),

        .target(name: "Checksum", dependencies: ["CISAL"], swiftSettings: settings),
        .target(name: "Compression", dependencies: ["CZlib", "CZstd"], swiftSettings: settings),
        .target(name: "JSONParsing", dependencies: ["CSimdjson"], swiftSettings: settings),
        .target(name: "Postgres", dependencies: ["CPostgres"], swiftSettings: settings),
        .target(name: "Sodium", dependencies: ["CSodium"], swiftSettings: settings),

        .systemLibrary(name: "CISAL", providers: [.apt(["libisal-dev"])]),
        .systemLibrary(name: "CPostgres", providers: [.apt(["libpq-dev"])]),
        .systemLibrary(name: "CSodium", providers: [.apt(["libsodium-dev"])]),
        .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CZstd", providers: [.apt(["libzstd-dev"])]),
        .target(name: "CSimdjson", linkerSettings: [.linkedLibrary("simdjson")]),

        .target(name: "COTLP", exclude: ["README.md"], linkerSettings: [.linkedLibrary("protobuf-c")]),
        .target(
            name: "WireOracle", dependencies: ["COTLP", "OTLP"], path: "Tests/WireOracle", swiftSettings: settings),
        .target(
            name: "TestSupport",
            dependencies: ["Database", "OTLP", "Postgres", .product(name: "GRDB", package: "GRDB.swift")],
            path: "Tests/TestSupport",
            swiftSettings: settings
        ),
        .executableTarget(
            name: "ledger-torture", dependencies: ["Accounts", "Database", "TestSupport"], path: "Tests/LedgerTorture",
            swiftSettings: settings),

        .testTarget(
            name: "AccountsTests",
            dependencies: [
                "Accounts", "Database", "Sodium", "TestSupport", .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "APIServerTests",
            dependencies: [
                "APIServer", "Accounts", "Audit", "AuditLog", "Database", "Inference", "OTLP", "Sodium", "TestSupport",
                "TraceStore",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "AuditLogTests", dependencies: ["Audit", "AuditLog", "Database", "Sodium", "TestSupport"],
            swiftSettings: settings),
        .testTarget(name: "AuditTests", dependencies: ["Audit", "Sodium"], swiftSettings: settings),
        .testTarget(name: "ChecksumTests", dependencies: ["Checksum"], swiftSettings: settings),
        .testTarget(name: "CompressionTests", dependencies: ["Compression"], swiftSettings: settings),
        .testTarget(
            name: "DatabaseTests", dependencies: ["Database", "Postgres", "TestSupport"], swiftSettings: settings),
        .testTarget(
            name: "InferenceTests",
            dependencies: [
                "Inference", "JSONParsing", "OTLP", "TestSupport",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            swiftSettings: settings
        ),
        .testTarget(name: "JSONParsingTests", dependencies: ["JSONParsing"], swiftSettings: settings),
        .testTarget(name: "PostgresTests", dependencies: ["Postgres", "TestSupport"], swiftSettings: settings),
        .testTarget(name: "SodiumTests", dependencies: ["Sodium"], swiftSettings: settings),
        .testTarget(name: "OTLPTests", dependencies: ["OTLP"], swiftSettings: settings),
        .testTarget(
            name: "TraceStoreTests",
            dependencies: ["OTLP", "TestSupport", "TraceStore", .product(name: "Logging", package: "swift-log")],
            swiftSettings: settings
        ),
        .testTarget(name: "WireOracleTests", dependencies: ["OTLP", "WireOracle"], swiftSettings: settings),
    ],
    cxxLanguageStandard: .cxx17
)
