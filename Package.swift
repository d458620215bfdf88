// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

func target(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
  .target(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
  .testTarget(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: strict)
}

let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")

let package = Package(
  name: "ferry",
  products: [.executable(name: "ferry", targets: ["ferry"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
    .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
  ],
  targets: [
    .systemLibrary(
      name: "CFFmpeg", pkgConfig: "libavformat",
      providers: [
        .apt([
          "libavformat-dev", "libavcodec-dev", "libavutil-dev", "libavfilter-dev", "libswscale-dev",
          "libswresample-dev",
        ])
      ]),
    .systemLibrary(name: "CEBUR128", pkgConfig: "libebur128", providers: [.apt(["libebur128-dev"])]),
    .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    target("FerryCore", []),
    target("FerryYAML", ["FerryCore", "Yams"]),
    target("FerryFiles", ["FerryCore", "COpenSSL"]),
    target("FerryMarkup", ["FerryCore"]),
    target("FerryText", ["FerryCore", "FerryFiles", "FerryMarkup"]),
    target("FerryRules", ["FerryCore", "FerryText", "FerryMarkup"]),
    target("FerryMedia", ["FerryCore", "CFFmpeg", "CEBUR128"]),
    target("FerryBag", ["FerryCore", "FerryFiles"]),
    target(
      "FerryPackage",
      ["FerryCore", "FerryFiles", "FerryMarkup", "FerryBag", .product(name: "Mustache", package: "swift-mustache")],
      exclude: ["Preview/Assets"]),
    target("FerryExchange", ["FerryCore", "FerryFiles", "FerryMarkup", "FerryBag", "FerryPackage", crypto]),
    target("FerryStore", ["FerryCore", grdb]),
    target(
      "FerryPipeline",
      [
        "FerryCore", "FerryFiles", "FerryText", "FerryRules", "FerryMedia", "FerryBag", "FerryPackage", "FerryExchange",
      ]),
    target(
      "FerryExecution",
      [
        "FerryCore", "FerryFiles", "CSandbox", .product(name: "Subprocess", package: "swift-subprocess"),
        .product(name: "SystemPackage", package: "swift-system"),
      ]),
    target(
      "FerryTransport",
      [
        "FerryCore", "FerryFiles", .product(name: "Subprocess", package: "swift-subprocess"),
        .product(name: "SystemPackage", package: "swift-system"),
      ]),
    target(
      "FerryOperations",
      [
        "FerryCore", "FerryFiles", "FerryYAML", "FerryText", "FerryRules", "FerryBag", "FerryPackage", "FerryExchange",
        "FerryPipeline", "FerryStore", "FerryExecution", "FerryTransport",
      ]),
    // System calls that Swift cannot make: Landlock, seccomp, limits, signals.
    .target(name: "CSandbox"),
    .executableTarget(
      name: "ferry",
      dependencies: [
        "FerryCore", "FerryOperations", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict),
    // What the tests of workers and sandboxes start.
    .executableTarget(
      name: "worker-probe", dependencies: ["FerryExecution", "FerryCore"], path: "Tests/WorkerProbe",
      swiftSettings: strict),
    // What the tests of equal bytes start on another processor.
    .executableTarget(
      name: "transcode-probe", dependencies: ["FerryMedia", "FerryCore"], path: "Tests/TranscodeProbe",
      swiftSettings: strict),
    .executableTarget(
      name: "store-bench", dependencies: ["FerryCore", "FerryStore"], path: "Benchmarks/store", swiftSettings: strict),
    // What `make bench` measures reading with.
    .executableTarget(
      name: "text-bench", dependencies: ["FerryCore", "FerryText"], path: "Benchmarks/text", swiftSettings: strict),
    tests("FerryCoreTests", ["FerryCore"]),
    tests("FerryYAMLTests", ["FerryYAML", "FerryCore"], exclude: ["Golden"]),
    tests("FerryTextTests", ["FerryText", "FerryRules", "FerryMarkup", "FerryCore"], exclude: ["Fixtures", "Golden"]),
    tests("FerryMediaTests", ["FerryMedia", "FerryCore", "CFFmpeg", "transcode-probe"]),
    tests(
      "FerryPackageTests", ["FerryPackage", "FerryExchange", "FerryBag", "FerryFiles", "FerryMarkup", "FerryCore"],
      exclude: ["Fixtures", "Golden"]),
    tests(
      "FerryPipelineTests",
      [
        "FerryPipeline", "FerryCore", "FerryPackage", "FerryExchange", "FerryMedia", "FerryText", "FerryRules",
        "FerryFiles", "FerryYAML",
      ]),
    tests("FerryStoreTests", ["FerryStore", "FerryCore", grdb]),
    tests("FerryExecutionTests", ["FerryExecution", "FerryCore", "worker-probe"]),
    tests("FerryTransportTests", ["FerryTransport", "FerryCore"]),
    tests("CommandTests", ["ferry"]),
  ]
)
