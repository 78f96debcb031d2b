// swift-tools-version: 6.1
// The manifest lists the rooms in the order of the house (docs/architecture.md, "The house"): from the ground up.
import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

/// A target `Martlet` + its folder: names never clash in a user's graph, and the tree stays easy to read.
func room(_ folder: String, on dependencies: [Target.Dependency] = []) -> Target {
    .target(name: "Martlet" + folder, dependencies: dependencies, path: "Sources/" + folder, swiftSettings: settings)
}

/// A service is a library and a small executable, so that each builds and ships alone.
func service(_ folder: String, executable: String, on dependencies: [Target.Dependency]) -> [Target] {
    [
        .target(
            name: folder + "Service", dependencies: dependencies, path: "Sources/Services/" + folder,
            exclude: ["Main"], swiftSettings: settings),
        .executableTarget(
            name: executable, dependencies: [.target(name: folder + "Service"), kit],
            path: "Sources/Services/\(folder)/Main", swiftSettings: settings),
    ]
}

func tests(_ folder: String, on dependencies: [Target.Dependency]) -> Target {
    .testTarget(
        name: folder, dependencies: dependencies, path: "Tests/" + folder, swiftSettings: settings)
}

func fuzzer(_ name: String, on dependencies: [Target.Dependency]) -> Target {
    .executableTarget(name: name, dependencies: dependencies, path: "Fuzz/" + name, swiftSettings: settings)
}

// MARK: System libraries

let systemLibraries: [Target] = [
    .systemLibrary(
        name: "CUV", path: "Sources/C/CUV", pkgConfig: "libuv",
        providers: [.apt(["libuv1-dev"]), .brew(["libuv"])]),
    .systemLibrary(
        name: "CAres", path: "Sources/C/CAres", pkgConfig: "libcares",
        providers: [.apt(["libc-ares-dev"]), .brew(["c-ares"])]),
    .systemLibrary(
        name: "CNGHTTP2", path: "Sources/C/CNGHTTP2", pkgConfig: "libnghttp2",
        providers: [.apt(["libnghttp2-dev"]), .brew(["libnghttp2"])]),
    .systemLibrary(
        name: "CZlib", path: "Sources/C/CZlib", pkgConfig: "zlib",
        providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
    .systemLibrary(
        name: "CSQLite", path: "Sources/C/CSQLite", pkgConfig: "sqlite3",
        providers: [.apt(["libsqlite3-dev"]), .brew(["sqlite3"])]),
    .systemLibrary(
        name: "CCrypt", path: "Sources/C/CCrypt", pkgConfig: "libcrypt",
        providers: [.apt(["libcrypt-dev"]), .brew(["libxcrypt"])]),
    .systemLibrary(
        name: "COpenSSL", path: "Sources/C/COpenSSL", pkgConfig: "openssl",
        providers: [.apt(["libssl-dev"]), .brew(["openssl@3"])]),
    .systemLibrary(
        name: "CCurl", path: "Sources/C/CCurl", pkgConfig: "libcurl",
        providers: [.apt(["libcurl4-openssl-dev"]), .brew(["curl"])]),
    // Without pkgConfig, whose flags for GMime the package manager refuses with a warning in every build.
    .systemLibrary(
        name: "CGMime", path: "Sources/C/CGMime", providers: [.apt(["libgmime-3.0-dev"]), .brew(["gmime"])]),
    .systemLibrary(name: "CPosix", path: "Sources/C/CPosix"),
    .target(name: "FrontEndAssets", path: "Sources/C/FrontEndAssets"),
]

// MARK: The rooms

let core: Target.Dependency = "MartletCore"
let runtime: Target.Dependency = "MartletRuntime"
let tls: Target.Dependency = "MartletTLS"
let wire: Target.Dependency = "MartletWire"
let codeGeneration: Target.Dependency = "MartletCodeGeneration"
let http: Target.Dependency = "MartletHTTP"
let netRPC: Target.Dependency = "MartletNetRPC"
let grpc: Target.Dependency = "MartletGRPC"
let sql: Target.Dependency = "MartletSQL"
let messaging: Target.Dependency = "MartletMessaging"
let smtp: Target.Dependency = "MartletSMTP"
let sqlite: Target.Dependency = "MartletSQLite"
let embeddedBus: Target.Dependency = "MartletEmbeddedBus"
let kit: Target.Dependency = "MartletKit"
let system: Target.Dependency = "MartletSystem"

let rooms: [Target] = [
    room("Core"),
    room("Runtime", on: [core, "CUV", "CAres", "CPosix"]),
    room("TLS", on: [core, runtime, "COpenSSL"]),
    room("Wire", on: [core]),
    room("CodeGeneration", on: [wire]),
    room("HTTP", on: [core, runtime, tls, wire, "CNGHTTP2", "CPosix"]),
    room("NetRPC", on: [core, runtime, wire, http]),
    room("GRPC", on: [core, runtime, wire, http, "CZlib"]),
    room("SQL", on: [core]),
    room("Messaging", on: [core, runtime, wire]),
    room("SMTP", on: [core, runtime, "CCurl"]),
    room("SQLite", on: [core, runtime, sql, "CSQLite", "CPosix"]),
    room("EmbeddedBus", on: [core, runtime, messaging, sql, sqlite]),
    room("Kit", on: [core, runtime, tls, wire, http, sql, messaging, sqlite, embeddedBus, "CPosix"]),
]

// MARK: Services and the system

let services: [Target] = [
    service("Bus", executable: "martlet-bus", on: [core, http, messaging, sqlite, embeddedBus, kit]),
    service("Logger", executable: "martlet-logger", on: [core, runtime, wire, http, sql, sqlite, kit]),
    service(
        "Authentication", executable: "martlet-authentication",
        on: [core, runtime, wire, http, sql, messaging, sqlite, kit, "CCrypt", "COpenSSL"]),
    service("Listener", executable: "martlet-listener", on: [core, wire, http, messaging, kit]),
    service(
        "Mail", executable: "martlet-mail",
        on: [core, runtime, wire, http, sql, messaging, smtp, sqlite, kit, "CGMime", "CPosix"]),
    service("Broker", executable: "martlet-broker", on: [core, runtime, wire, http, messaging, kit]),
    service("FrontEnd", executable: "martlet-front-end", on: [core, runtime, wire, http, kit, "FrontEndAssets"]),
].flatMap { $0 }

let everyService: [Target.Dependency] = [
    "BusService", "LoggerService", "ListenerService", "AuthenticationService", "MailService", "BrokerService",
    "FrontEndService",
]

let systemAndCommand: [Target] = [
    room("System", on: everyService + [core, runtime, wire, http, messaging, embeddedBus, kit]),
    .executableTarget(
        name: "martlet", dependencies: [system, core, runtime, wire, http, messaging, embeddedBus, kit, "CPosix"],
        path: "Sources/martlet",
        swiftSettings: settings),
]

/// protoc's plugin, for whoever changes a .proto.
let plugin: Target = .executableTarget(
    name: "protoc-gen-martlet", dependencies: [codeGeneration], path: "Sources/protoc-gen-martlet",
    swiftSettings: settings)

// MARK: Examples, tests and fuzzers

/// The code that README.md and docs/writing-a-service.md show.
let examples: [Target] = [
    .executableTarget(
        name: "greeter", dependencies: [core, wire, http, kit], path: "Examples/Greeter", swiftSettings: settings),
    .executableTarget(
        name: "guestbook", dependencies: [core, wire, http, sql, sqlite, kit], path: "Examples/Guestbook",
        swiftSettings: settings),
]

let testTargets: [Target] = [
    .target(name: "TestSupport", dependencies: ["CPosix"], path: "Tests/TestSupport", swiftSettings: settings),
    tests("HouseTests", on: []),
    tests("CoreTests", on: [core]),
    tests("RuntimeTests", on: [core, runtime, "CPosix"]),
    // Certificates, peers and programs for the tests of TLS, here and over HTTP.
    .target(
        name: "TLSTestSupport", dependencies: [core, runtime, tls, "TestSupport", "COpenSSL"],
        path: "Tests/TLSTestSupport", swiftSettings: settings),
    tests("TLSTests", on: [core, runtime, tls, "TestSupport", "TLSTestSupport", "COpenSSL", "CPosix"]),
    tests("WireTests", on: [core, wire, "WireMessages", "GobVectors"]),
    tests(
        "CodeGenerationTests", on: [core, wire, codeGeneration, "GeneratedCode", "TestSupport", "protoc-gen-martlet"]),
    // What the generator makes of schemas that are as awkward as can be; for the checks that it compiles and works.
    .target(
        name: "GeneratedCode", dependencies: [core, wire], path: "Tests/GeneratedCode",
        exclude: ["calls.proto", "names.proto"], swiftSettings: settings),
    .target(name: "WireMessages", dependencies: [wire], path: "Tests/WireMessages", swiftSettings: settings),
    // For Tests/System/test_protobuf.py: reads and writes what the real library writes and reads.
    .executableTarget(
        name: "wire-peer", dependencies: [wire, "WireMessages"], path: "Tests/WirePeer",
        exclude: ["everything.proto"], swiftSettings: settings),
    // What Go's net/rpc says on the wire, for Wire and for NetRPC.
    .target(name: "GobVectors", path: "Tests/GobVectors", swiftSettings: settings),
    tests("HTTPTests", on: [core, runtime, tls, wire, http, "CNGHTTP2", "TestSupport", "TLSTestSupport", "http-peer"]),
    // For Tests/System: other people's clients against what no service of the system does.
    .executableTarget(
        name: "http-peer", dependencies: [core, runtime, tls, http], path: "Tests/HTTPPeer", swiftSettings: settings),
    tests("NetRPCTests", on: [core, runtime, wire, http, netRPC, "GobVectors", "netrpc-peer"]),
    // The same for net/rpc: serves Go's client, and calls Go's server.
    .executableTarget(
        name: "netrpc-peer", dependencies: [core, runtime, wire, netRPC], path: "Tests/NetRPCPeer",
        swiftSettings: settings),
    tests("GRPCTests", on: [core, runtime, wire, http, grpc, "TestSupport", "InteropMessages"]),
    .target(
        name: "InteropMessages", dependencies: [core, wire], path: "Tests/InteropMessages", swiftSettings: settings),
    // For Tests/System/test_grpc.py: the server and the client of gRPC's interop cases.
    .executableTarget(
        name: "grpc-peer", dependencies: [core, runtime, wire, http, grpc, "InteropMessages"], path: "Tests/GRPCPeer",
        exclude: ["test.proto"], swiftSettings: settings),
    tests("SMTPTests", on: [core, runtime, smtp]),
    // Every driver of SQL passes the same checks; the one that is killed in a test is a process of its own.
    .target(
        name: "SQLDriverChecks", dependencies: [core, sql], path: "Tests/SQLDriverChecks", swiftSettings: settings),
    .executableTarget(
        name: "sqlite-crash-writer", dependencies: [sql, sqlite], path: "Tests/SQLiteCrashWriter",
        swiftSettings: settings),
    // A disk that forgets at a power cut, and what proves a store on it: for every store's tests.
    .target(name: "PowerCutVFS", dependencies: ["CSQLite"], path: "Tests/PowerCutVFS"),
    .target(
        name: "PowerCutChecks", dependencies: [core, sql, sqlite, "CSQLite", "PowerCutVFS"],
        path: "Tests/PowerCutChecks", swiftSettings: settings),
    tests(
        "SQLiteTests",
        on: [
            core, runtime, sql, sqlite, "CSQLite", "SQLDriverChecks", "PowerCutChecks", "TestSupport",
            "sqlite-crash-writer",
        ]),
    // Every driver of Messaging passes the same checks.
    .target(
        name: "MessagingDriverChecks", dependencies: [core, messaging], path: "Tests/MessagingDriverChecks",
        swiftSettings: settings),
    // What holds for any bytes on the bus's socket: for its tests and for Fuzz.
    .target(
        name: "BusProtocolChecks", dependencies: [messaging, embeddedBus], path: "Tests/BusProtocolChecks",
        swiftSettings: settings),
    tests("MessagingTests", on: [core, runtime, wire, messaging]),
    .executableTarget(
        name: "bus-helper", dependencies: [core, messaging, sqlite, embeddedBus], path: "Tests/BusHelper",
        swiftSettings: settings),
    tests(
        "EmbeddedBusTests",
        on: [
            core, runtime, wire, messaging, sql, sqlite, embeddedBus, "MessagingDriverChecks", "BusProtocolChecks",
            "PowerCutChecks", "TestSupport", "bus-helper",
        ]),
    tests(
        "KitTests", on: [core, runtime, wire, http, sql, messaging, sqlite, embeddedBus, kit, "GeneratedCode"]),
    tests("CommandTests", on: ["martlet", system, core, runtime, wire, messaging, sqlite, embeddedBus]),
    tests("SystemTests", on: everyService + [core, runtime, http, messaging, embeddedBus, kit, system, "TestSupport"]),
    tests(
        "ServicesTests",
        on: everyService + [
            core, runtime, wire, http, sql, messaging, smtp, sqlite, embeddedBus, kit, system, "PowerCutChecks",
        ]),
    tests("ExampleTests", on: ["guestbook", core, wire, http, sql, sqlite, kit]),
]

/// Only for Fuzz/run: they link against libFuzzer's main.
let fuzzers: [Target] =
    Context.environment["MARTLET_FUZZ"] == nil
    ? []
    : [
        fuzzer("FuzzJSON", on: [wire]),
        fuzzer("FuzzProtobuf", on: [wire, "WireMessages"]),
        fuzzer("FuzzGob", on: [wire]),
        fuzzer("FuzzHTTP", on: [http]),
        fuzzer("FuzzBus", on: ["BusProtocolChecks"]),
        fuzzer("FuzzSMTP", on: [core, smtp, "MailService"]),
    ]

/// Only for Benchmarks/setup: the server that `make bench` measures.
let benchmarks: [Target] =
    Context.environment["MARTLET_BENCH"] == nil
    ? []
    : [
        .executableTarget(
            name: "StoreBench", dependencies: [core, runtime, sql, sqlite, "CSQLite"], path: "Benchmarks/StoreBench",
            swiftSettings: settings),
        .executableTarget(
            name: "BusBench", dependencies: [core, runtime, messaging, sqlite, embeddedBus],
            path: "Benchmarks/BusBench", swiftSettings: settings),
        .executableTarget(
            name: "martlet-bench-server",
            dependencies: [core, runtime, wire, http, netRPC, sqlite, kit, "LoggerService"], path: "Benchmarks/Server",
            swiftSettings: settings),
    ]

let package = Package(
    name: "martlet",
    products: [
        .library(name: "MartletCore", targets: ["MartletCore"]),
        .library(name: "MartletRuntime", targets: ["MartletRuntime"]),
        .library(name: "MartletTLS", targets: ["MartletTLS"]),
        .library(name: "MartletWire", targets: ["MartletWire"]),
        .library(name: "MartletHTTP", targets: ["MartletHTTP"]),
        .library(name: "MartletNetRPC", targets: ["MartletNetRPC"]),
        .library(name: "MartletGRPC", targets: ["MartletGRPC"]),
        .library(name: "MartletSQL", targets: ["MartletSQL"]),
        .library(name: "MartletMessaging", targets: ["MartletMessaging"]),
        .library(name: "MartletSMTP", targets: ["MartletSMTP"]),
        .library(name: "MartletSQLite", targets: ["MartletSQLite"]),
        .library(name: "MartletEmbeddedBus", targets: ["MartletEmbeddedBus"]),
        .library(name: "MartletKit", targets: ["MartletKit"]),
        .executable(name: "martlet", targets: ["martlet"]),
        .executable(name: "protoc-gen-martlet", targets: ["protoc-gen-martlet"]),
    ],
    targets: systemLibraries + rooms + services + systemAndCommand + [plugin] + examples + testTargets + fuzzers
        + benchmarks,
    swiftLanguageModes: [.v6]
)
