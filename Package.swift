// swift-tools-version: 6.2
import PackageDescription

/// For every target.
let settings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

/// Sources also mark every use of a pointer with `unsafe`; tests need not.
let strict = settings + [.strictMemorySafety()]

/// Programs have everything linked in: they start faster, and run on hosts that have no library of ours.
///
/// The libraries are those that static FoundationEssentials asks for.
let wholeLinked: [LinkerSetting] = [
  .unsafeFlags(["-static-executable"]), .linkedLibrary("_FoundationCShims"),
  .linkedLibrary("_FoundationCollections"),
]

let argumentParser = Target.Dependency.product(
  name: "ArgumentParser", package: "swift-argument-parser")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let cryptoExtras = Target.Dependency.product(name: "CryptoExtras", package: "swift-crypto")
let hashTrees = Target.Dependency.product(
  name: "HashTreeCollections", package: "swift-collections")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let systemPackage = Target.Dependency.product(name: "SystemPackage", package: "swift-system")

let package = Package(
  name: "tattoo-contest",
  products: [
    .library(name: "CGI", targets: ["CGI"]),
    .library(name: "FastCGI", targets: ["FastCGI"]),
    .library(name: "DurableStore", targets: ["DirectoryStore", "DurableStore", "Files", "JSON"]),
    .executable(name: "tattoo-contest", targets: ["tattoo-contest"]),
    .executable(name: "contestctl", targets: ["contestctl"]),
  ],
  dependencies: [
    // The subcommands and options of contestctl, with their help.
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    // A dictionary whose copies share what they have in common: each batch has a copy of its own.
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    // scrypt for the password, HMAC for cookies and codes, HPKE for ballots, SHA for Cloudinary's signatures.
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
    // Methods, status codes and header fields as types.
    .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
    // One log line format for every module.
    .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
    // Descriptors, paths and error numbers as types.
    .package(url: "https://github.com/apple/swift-system", from: "1.8.0"),
  ],
  targets: [
    .target(name: "ASCII", swiftSettings: strict),
    .target(name: "Threads", swiftSettings: strict),
    .target(name: "JSON", dependencies: ["ASCII"], swiftSettings: strict),
    .target(name: "CGI", dependencies: ["ASCII", httpTypes, systemPackage], swiftSettings: strict),
    .systemLibrary(name: "CFastCGI", pkgConfig: "fcgi", providers: [.apt(["libfcgi-dev"])]),
    .target(name: "FastCGI", dependencies: ["CGI", "CFastCGI", httpTypes], swiftSettings: strict),
    .target(name: "CFiles"),
    .target(name: "Files", dependencies: ["CFiles", systemPackage], swiftSettings: strict),
    .target(name: "DurableStore", dependencies: ["JSON"], swiftSettings: strict),
    .target(
      name: "DirectoryStore",
      dependencies: ["ASCII", "CFiles", "DurableStore", "Files", "JSON", systemPackage],
      swiftSettings: strict),
    .target(name: "Judging", swiftSettings: strict),
    .target(
      name: "Contest", dependencies: ["ASCII", "JSON", "Judging", crypto, hashTrees],
      swiftSettings: strict),
    .target(name: "ChildProcess", dependencies: [systemPackage], swiftSettings: strict),
    .target(
      name: "Photos", dependencies: ["ASCII", "ChildProcess", "Files", "JSON", crypto],
      swiftSettings: strict),
    .target(
      name: "Realtime", dependencies: ["ASCII", "CGI", "DurableStore", "Files", "JSON"],
      swiftSettings: strict),
    .target(
      name: "ContestAPI",
      dependencies: [
        "ASCII", "CGI", "ChildProcess", "Contest", "DurableStore", "Files", "JSON", "Photos",
        "Realtime",
        crypto, cryptoExtras, httpTypes, logging, systemPackage,
      ], swiftSettings: strict),
    .target(
      name: "DirectorySite",
      dependencies: [
        "Contest", "ContestAPI", "DirectoryStore", "DurableStore", "Files", "Photos", logging,
      ], swiftSettings: strict),
    .executableTarget(
      name: "tattoo-contest",
      dependencies: [
        "CGI", "Contest", "ContestAPI", "DirectorySite", "DirectoryStore", "DurableStore",
        "FastCGI", "Realtime", logging, systemPackage,
      ],
      swiftSettings: strict, linkerSettings: wholeLinked),
    .executableTarget(
      name: "contestctl",
      dependencies: [
        "CGI", "ChildProcess", "Contest", "ContestAPI", "DirectorySite", "DirectoryStore",
        "DurableStore", "Files", "JSON",
        "Photos", "Threads", argumentParser, httpTypes, logging, systemPackage,
      ],
      swiftSettings: strict, linkerSettings: wholeLinked),

    .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: settings),
    .testTarget(name: "JSONTests", dependencies: ["JSON"], swiftSettings: settings),
    .testTarget(name: "CGITests", dependencies: ["CGI", httpTypes], swiftSettings: settings),
    // A small store and what is done to it, for the tests and for the process that they kill.
    .target(
      name: "StoreProof",
      dependencies: ["DirectoryStore", "DurableStore", "Files", "JSON", "Threads"],
      path: "Tests/StoreProof",
      swiftSettings: settings),
    .executableTarget(
      name: "store-victim",
      dependencies: ["DirectoryStore", "DurableStore", "Files", "StoreProof"],
      path: "Tests/StoreVictim", swiftSettings: settings, linkerSettings: wholeLinked),
    // Parsers of foreign bytes with what must be true of them: scripts/fuzz, and over its corpus in the
    // tests.
    .target(
      name: "FuzzTargets",
      dependencies: [
        "ASCII", "CGI", "Contest", "ContestAPI", "DirectorySite", "DirectoryStore", "DurableStore",
        "Files", "JSON", "Photos", "Realtime", "StoreProof", httpTypes, logging,
      ], path: "Tests/Fuzz/Targets", swiftSettings: settings),
    .systemLibrary(name: "CFuzzer", path: "Tests/Fuzz/CFuzzer"),
    .executableTarget(
      name: "contest-fuzz", dependencies: ["CFuzzer", "FuzzTargets"], path: "Tests/Fuzz/Driver",
      swiftSettings: settings),
    .testTarget(
      name: "FuzzTests", dependencies: ["FuzzTargets", "TestSupport"], path: "Tests/Fuzz/Tests",
      swiftSettings: settings),
    .testTarget(
      name: "DirectoryStoreTests",
      dependencies: [
        "DirectoryStore", "DurableStore", "Files", "JSON", "StoreProof", "TestSupport", "Threads",
        systemPackage,
      ],
      exclude: ["Mutations"], swiftSettings: settings),
    .testTarget(name: "JudgingTests", dependencies: ["Judging"], swiftSettings: settings),
    .testTarget(
      name: "ContestTests", dependencies: ["Contest", "JSON", "TestSupport"],
      swiftSettings: settings),
    .testTarget(
      name: "RealtimeTests",
      dependencies: [
        "CGI", "DirectoryStore", "DurableStore", "Files", "JSON", "Realtime", "StoreProof",
        "TestSupport",
      ],
      swiftSettings: settings),
    .testTarget(
      name: "PhotosTests", dependencies: ["Files", "Photos", "TestSupport"],
      swiftSettings: settings),
    .testTarget(
      name: "SiteTests",
      dependencies: [
        "CGI", "Contest", "ContestAPI", "DirectorySite", "Files", "JSON", "Photos", "TestSupport",
        "Threads",
        httpTypes,
        logging,
      ], swiftSettings: settings),
  ]
)
