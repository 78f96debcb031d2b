// The server that Benchmarks/run measures. It does what the Go peers do (Benchmarks/peers): GET /hello, and POST /log
// with JSON both ways; RPCServer.LogInfo over net/rpc; with a store, each entry is on disk before it is answered. Bare or with the default
// stack, which is what `Setup.httpServer` gives every service. It is no example of a service: Sources/Services are.

import Glibc
import LoggerService
import MartletCore
import MartletHTTP
import MartletKit
import MartletNetRPC
import MartletRuntime
import MartletSQLite

@main
struct BenchServer {
    static func main() async {
        do {
            let options = try Options(CommandLine.arguments.dropFirst())
            exit(await ServiceProcess.withTerminationSignal { signal in await serve(options, until: signal) })
        } catch {
            ProcessFiles.writeError("martlet-bench-server: \(error)\n")
            exit(ServiceProcess.ExitCode.usage)
        }
    }

    static func serve(_ options: Options, until signal: ShutdownSignal) async -> Int32 {
        do {
            try await ShutdownSignal.$current.withValue(signal) { try await run(options) }
            return ServiceProcess.ExitCode.success
        } catch {
            ProcessFiles.writeError("martlet-bench-server: \(error)\n")
            return ServiceProcess.ExitCode.failure
        }
    }

    static func run(_ options: Options) async throws {
        var database: SQLiteDatabase?
        var store: SQLLogStore?
        if let path = options.store {
            let opened = try await SQLiteDatabase.open(.file(path: path))
            database = opened
            store = try await SQLLogStore(opened)
        }
        let routes = Routes(store: store)
        switch options.stack {
        case .bare:
            let server = try HTTPServer(host: options.host, port: options.port, routes: routes.declare)
            try netRPC(options, [])?.start()
            try await server.run()
        case .default:
            try await runAsService(options, routes)
        }
        await database?.close()
    }

    /// With the telemetry of a service's own process: the access log on standard output, metrics, traces.
    static func runAsService(_ options: Options, _ routes: Routes) async throws {
        var input = Configuration.Input.process(arguments: [])
        input.environment["HOST"] = options.host
        let configuration = try Configuration.load(
            StandardKeys.everyService, from: input, checks: StandardKeys.checks)
        let host = TelemetryHost(configuration: configuration)
        let (telemetry, companions) = host.telemetry(for: "bench", configuration: configuration)
        let setup = Setup(
            service: "bench", configuration: configuration, telemetry: telemetry, companions: companions)
        let server = try setup.httpServer(port: Int(options.port), routes.declare)
        try netRPC(options, [setup.defaults])?.start()
        try await setup.group { server }.run()
        host.close()
    }

    /// The course's logger over net/rpc; it ends with the process.
    static func netRPC(_ options: Options, _ middlewares: [any Middleware]) -> NetRPCServer? {
        guard let address = options.netRPC else { return nil }
        var methods = NetRPCMethods(middlewares)
        methods.method("RPCServer.LogInfo", Endpoint("writeLog") { (_: LogEntry) in }) { entry, _ in
            "Processed payload via RPC:" + entry.name
        }
        return NetRPCServer(address: address, methods: methods)
    }
}
