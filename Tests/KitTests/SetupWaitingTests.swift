import MartletCore
import Testing

@testable import MartletKit

private struct Taken: TransientError, CustomStringConvertible {
    var mayPass: Bool { true }
    var description: String { "somebody has it" }
}

private struct Broken: Error {}

@Suite("What a service cannot start without", .timeLimit(.minutes(1)))
struct SetupWaitingTests {
    private func setup(timeout: String = "30s", port: Bool = false) throws -> Setup {
        let keys: [any AnyConfigurationKey] = StandardKeys.everyService + (port ? [StandardKeys.httpPort(0)] : [])
        return Setup(
            service: "test",
            configuration: try Configuration.load(
                keys, from: Configuration.Input(environment: ["STARTUP_TIMEOUT": timeout])),
            telemetry: .disabled)
    }

    @Test("is tried again while that may help, and /readyz says what it waits for", arguments: [true, false])
    func waits(port: Bool) async throws {
        let setup = try setup(port: port)
        var said: [String] = []
        let value = try await setup.whenThere("store") {
            said += await setup.readiness.problems().map { "\($0.name): \($0.problem)" }
            if said.count < 3 { throw Taken() }
            return 42
        }
        #expect(value == 42)
        #expect(said == ["service: starting", "store: somebody has it", "store: somebody has it"])
        #expect(await setup.readiness.problems().map(\.problem) == ["starting"])
    }

    @Test("is not tried again when that cannot help, not even after it did once")
    func hopeless() async throws {
        let setup = try setup()
        for first in [true, false] {
            var attempts = 0
            await #expect(throws: Broken.self) {
                try await setup.whenThere("store") {
                    attempts += 1
                    if first || attempts > 1 { throw Broken() }
                    throw Taken()
                }
            }
            #expect(attempts == (first ? 1 : 2))
        }
    }

    @Test("is given up when the time is over, with the last error", arguments: [("0s", 1...1), ("100ms", 2...10)])
    func lateness(timeout: String, expected: ClosedRange<Int>) async throws {
        let setup = try setup(timeout: timeout)
        var attempts = 0
        await #expect(throws: Taken.self) {
            try await setup.whenThere("store") {
                attempts += 1
                throw Taken()
            }
        }
        #expect(expected.contains(attempts))
    }

    @Test("is not waited for any longer when the shutdown is asked for")
    func shutdown() async throws {
        let setup = try setup()
        let signal = ShutdownSignal()
        await #expect(throws: CancellationError.self) {
            try await ShutdownSignal.$current.withValue(signal) {
                try await setup.whenThere("store") {
                    signal.trigger()
                    throw Taken()
                }
            }
        }
    }
}
