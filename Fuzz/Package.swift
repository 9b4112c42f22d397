// swift-tools-version: 6.2
import PackageDescription

// The sources are links into the main package. `run.sh` has them instrumented for libFuzzer and AddressSanitizer.

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
    name: "batchin-fuzz",
    targets: [
        .executableTarget(
            name: "FuzzWire",
            dependencies: ["WireOracle"],
            // libFuzzer brings `main`; a single file would otherwise be taken for one.
            swiftSettings: settings + [.unsafeFlags(["-parse-as-library"])]
        ),
        .target(name: "WireOracle", dependencies: ["COTLP", "OTLP"], swiftSettings: settings),
        .target(name: "OTLP", dependencies: ["JSONParsing"], swiftSettings: settings),
        .target(name: "JSONParsing", dependencies: ["CSimdjson"], swiftSettings: settings),
        .target(name: "CSimdjson", linkerSettings: [.linkedLibrary("simdjson")]),
        .target(name: "COTLP", exclude: ["README.md"], linkerSettings: [.linkedLibrary("protobuf-c")]),
    ],
    cxxLanguageStandard: .cxx17
)
