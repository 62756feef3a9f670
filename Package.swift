// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

let package = Package(
    name: "spillway",
    products: [
        .executable(name: "spillway", targets: ["spillway"]),
        .executable(name: "cloudsim", targets: ["cloudsim"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        // The simulated cloud alone uses these two: its HTTP server, and a YAML reader that is not the product's own.
        .package(url: "https://github.com/swhitty/FlyingFox", from: "0.27.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(name: "CSSH2", pkgConfig: "libssh2", providers: [.apt(["libssh2-1-dev"])]),
        .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        .systemLibrary(name: "CExpat", pkgConfig: "expat", providers: [.apt(["libexpat1-dev"])]),
        .systemLibrary(name: "CMalloc"),
        .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),

        .target(name: "SpillwayCore", exclude: ["README.md"], swiftSettings: strict),
        .target(
            name: "SpillwayTransport", dependencies: ["SpillwayCore", "CCurl", "CSSH2", "CYAML", "CExpat", "CCrypto"],
            exclude: ["README.md"], swiftSettings: strict),
        .target(
            name: "SpillwayProviders", dependencies: ["SpillwayCore"], exclude: ["README.md"], swiftSettings: strict),
        .target(
            name: "SpillwayEngine", dependencies: ["SpillwayCore"], exclude: ["README.md"], swiftSettings: strict),
        .target(
            name: "SpillwayCLI",
            dependencies: [
                "SpillwayCore", "SpillwayTransport", "SpillwayProviders", "SpillwayEngine",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            exclude: ["README.md"], swiftSettings: strict),
        .executableTarget(
            name: "spillway", dependencies: ["SpillwayCLI", "CMalloc"], exclude: ["README.md"], swiftSettings: strict),

        .target(
            name: "CloudSim",
            dependencies: [
                .product(name: "FlyingFox", package: "FlyingFox"),
                .product(name: "FlyingSocks", package: "FlyingFox"),
                .product(name: "Yams", package: "Yams"),
            ],
            exclude: ["README.md"], swiftSettings: strict),
        .executableTarget(
            name: "cloudsim",
            dependencies: ["CloudSim", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            exclude: ["README.md"], swiftSettings: strict),

        .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: strict),
        .testTarget(
            name: "CoreTests", dependencies: ["SpillwayCore", "SpillwayTransport", "TestSupport"], exclude: ["Golden"],
            swiftSettings: strict),
        .testTarget(
            name: "TransportTests", dependencies: ["SpillwayCore", "SpillwayTransport", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "ProvidersTests",
            dependencies: [
                "SpillwayCore", "SpillwayProviders", "SpillwayTransport", "SpillwayEngine", "TestSupport", "cloudsim",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "EngineTests", dependencies: ["SpillwayCore", "SpillwayEngine", "SpillwayTransport", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "CLITests", dependencies: ["SpillwayCLI", "TestSupport", "spillway", "cloudsim"], exclude: ["Golden"],
            swiftSettings: strict),
        .testTarget(
            name: "CrashTests", dependencies: ["TestSupport", "spillway", "cloudsim"], exclude: ["Misfortune"],
            swiftSettings: strict),
        .testTarget(
            name: "CloudSimTests", dependencies: ["CloudSim", "TestSupport", "cloudsim"], swiftSettings: strict),
        .testTarget(name: "LayeringTests", dependencies: ["TestSupport"], swiftSettings: strict),
    ]
)
