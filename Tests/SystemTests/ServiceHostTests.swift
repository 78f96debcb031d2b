import MartletCore
import MartletHTTP
import MartletKit
import MartletRuntime
import TestSupport
import Testing

@testable import LoggerService
@testable import MartletSystem

@Suite("Service host", .timeLimit(.minutes(1)))
struct ServiceHostTests {
    private struct Broken: Error, CustomStringConvertible {
        var description: String { "no money left" }
    }

    private static let logger = SystemService(app: LoggerApp.self, port: LoggerApp.port, calls: [])

    private func anyServer(port: UInt16 = 0) throws -> HTTPServer {
        let server = HTTPServer(
            address: .loopback(port: port), handler: Endpoint(http: "any") { _ in .text("somebody else\n") })
        try server.start()
        return server
    }

    private func get(_ host: ServiceHost, _ path: String) async throws -> Int {
        let client = HTTPClient()
        defer { client.close() }
        let response = try await client.send(HTTPRequest(.get, path), to: try HTTPBaseURL("http://\(host.address)"))
        _ = try await response.body.collect(upTo: 1 << 20)
        return response.status.code
    }

    @Test("a service starts, stops and starts again, with the exporter of its traces")
    func again() async throws {
        let collector = try anyServer()
        defer { collector.stop() }
        let host = try serviceHost(
            Self.logger,
            [
                "PORT": "\(try freePort())", "DSN": "sqlite::memory:",
                "OTEL_EXPORTER_OTLP_ENDPOINT": "http://\(try #require(collector.address))",
            ])
        #expect(host.state == .stopped)
        try await running(host) {
            for _ in 0..<3 {
                try await host.start()
                #expect(host.state == .running)
                #expect(try await get(host, "/readyz") == 200)
                #expect(try await get(host, "/metrics") == 200)
                try await host.start()
                await host.stop()
                #expect(host.state == .stopped)
                await #expect(throws: ServiceError.self) { try await get(host, "/livez") }
            }
            try await host.start()
        }
        #expect(host.state == .stopped)
    }

    @Test("a port that is taken is said, and once it is free the service starts")
    func portTaken() async throws {
        let port = try freePort()
        let other = try anyServer(port: port)
        let host = try serviceHost(Self.logger, ["PORT": "\(port)", "DSN": "sqlite::memory:"])
        try await running(host) {
            let error = await #expect(throws: ServiceError.self) { try await host.start() }
            #expect(error?.code == .failedPrecondition)
            #expect(error?.message.contains("\(port)") == true)
            #expect(host.state.word == "failed")
            await other.drain()
            try await host.start()
            #expect(host.state == .running)
        }
    }

    @Test("a service that cannot be made says why, to whoever starts it and in its state")
    func cannotBeMade() async throws {
        let host = try ScriptedApp.host(#function) { _ in throw Broken() }
        try await running(host) {
            for _ in 0..<2 {
                let error = await #expect(throws: ServiceError.self) { try await host.start() }
                #expect(error == ServiceError(.failedPrecondition, "scripted: no money left"))
                #expect(host.state == .failed("no money left"))
            }
            await host.stop()
        }
    }

    @Test("a service that fails while it runs is failed, with the reason, and can be started again")
    func failsLater() async throws {
        struct Doomed: Service {
            let name = "doomed"
            let fate: ShutdownSignal
            func run() async throws {
                await fate.wait()
                throw Broken()
            }
        }
        let fate = ShutdownSignal()
        let host = try ScriptedApp.host(#function) { setup in
            setup.group { if fate.isTriggered { Lingering() } else { Doomed(fate: fate) } }
        }
        try await running(host) {
            try await host.start()
            fate.trigger()
            await eventually { host.state == .failed("no money left") }
            #expect(host.state == .failed("no money left"))
            try await host.start()
            #expect(host.state == .running)
        }
    }

    @Test("a stop while it starts wins: the start says so, and the service is stopped")
    func stopWhileStarting() async throws {
        let (isMaking, mayGoOn) = (ShutdownSignal(), ShutdownSignal())
        let host = try ScriptedApp.host(#function) { setup in
            isMaking.trigger()
            await mayGoOn.wait()
            return setup.group { Lingering() }
        }
        try await running(host) {
            async let started: Void = host.start()
            await isMaking.wait()
            #expect(host.state == .starting)
            async let stopped: Void = host.stop()
            await eventually { host.state == .stopping }
            mayGoOn.trigger()
            await stopped
            #expect(host.state == .stopped)
            do {
                try await started
                Issue.record("it was stopped")
            } catch let error as ServiceError {
                #expect(error.code == .aborted)
            }
            try await host.start()
            #expect(host.state == .running)
        }
    }

    @Test("a start while it stops is another start, after the stop")
    func startWhileStopping() async throws {
        let mayEnd = ShutdownSignal()
        let runs = Locked(0)
        let host = try ScriptedApp.host(#function) { setup in
            runs.withLock { $0 += 1 }
            return setup.group { Lingering(mayEnd: mayEnd) }
        }
        try await running(host) {
            try await host.start()
            async let stopped: Void = host.stop()
            await eventually { host.state == .stopping }
            async let started: Void = host.start()
            await Task.yield()
            mayEnd.trigger()
            await stopped
            try await started
            #expect(host.state == .running && runs.withLock { $0 } == 2)
        }
    }

    @Test("stopping what does not run changes nothing")
    func stopStopped() async throws {
        let host = try ScriptedApp.host(#function) { $0.group { Lingering() } }
        await host.stop()
        #expect(host.state == .stopped)
        try await running(host) {
            await host.stop()
            try await host.start()
        }
    }

    @Test("a host that has ended starts nothing, and says so")
    func over() async throws {
        let host = try ScriptedApp.host(#function) { $0.group { Lingering() } }
        try await running(host) { try await host.start() }
        #expect(host.state == .stopped)
        let error = await #expect(throws: ServiceError.self) { try await host.start() }
        #expect(error?.code == .aborted)
    }

    @Test("a shutdown of the host stops the service first, and whoever waits for a start is told")
    func shutdownWhileStarting() async throws {
        let (isMaking, mayGoOn) = (ShutdownSignal(), ShutdownSignal())
        let host = try ScriptedApp.host(#function) { setup in
            isMaking.trigger()
            await mayGoOn.wait()
            return setup.group { Lingering() }
        }
        let signal = ShutdownSignal()
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await ShutdownSignal.$current.withValue(signal) { try await host.run() } }
            tasks.addTask {
                let error = await #expect(throws: ServiceError.self) { try await host.start() }
                #expect(error?.code == .aborted)
            }
            await isMaking.wait()
            signal.trigger()
            mayGoOn.trigger()
            try await tasks.waitForAll()
        }
        #expect(host.state == .stopped)
    }
}
