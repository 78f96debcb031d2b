import MartletCore
import MartletHTTP
import MartletKit
import Testing

@testable import MartletSystem

/// A service that does what the test says, found by the value of its one variable.
enum ScriptedApp: ServiceApp {
    typealias Script = @Sendable (Setup) async throws -> ServiceGroup

    static let name = "scripted"
    static let summary = "does what a test says"
    static let port = StandardKeys.httpPort(1)
    private static let script = ConfigurationKey("SCRIPT", .string, default: "", "The test.")
    static let keys: [any AnyConfigurationKey] = [port, script]

    private static let scripts = Locked<[String: Script]>([:])

    static func make(_ setup: Setup) async throws -> ServiceGroup {
        let test = setup.configuration[script]
        guard let make = scripts.withLock({ $0[test] }) else { throw ServiceError(.notFound, "no such script") }
        return try await make(setup)
    }

    static func host(_ test: String, _ script: @escaping Script) throws -> ServiceHost {
        scripts.withLock { $0[test] = script }
        return try serviceHost(SystemService(app: Self.self, port: port, calls: []), ["SCRIPT": test])
    }
}

func serviceHost(_ service: SystemService, _ environment: [String: String]) throws -> ServiceHost {
    let environment = ["LOG_LEVEL": "critical"].merging(environment) { $1 }
    let configuration = try Configuration.load(
        StandardKeys.everyService + service.app.keys, from: Configuration.Input(environment: environment))
    return ServiceHost(service, configuration: configuration, telemetry: TelemetryHost(configuration: configuration))
}

/// Runs the host while `body` does, then shuts it down.
func running(_ host: ServiceHost, _ body: () async throws -> Void) async throws {
    let signal = ShutdownSignal()
    try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask { try await ShutdownSignal.$current.withValue(signal) { try await host.run() } }
        do {
            try await body()
        } catch {
            signal.trigger()
            throw error
        }
        signal.trigger()
        try await tasks.waitForAll()
    }
}

/// A part that runs until it is asked to end, and then until it may.
struct Lingering: Service {
    let name = "lingering"
    var mayEnd: ShutdownSignal?

    func run() async throws {
        await ShutdownSignal.wait()
        await mayEnd?.wait()
    }
}

/// Yields until `condition` holds. The suite's time limit ends a wait in vain.
func eventually(_ condition: () -> Bool) async {
    while !condition(), !Task.isCancelled { await Task.yield() }
}
