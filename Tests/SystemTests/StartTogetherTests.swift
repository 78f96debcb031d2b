import MartletCore
import MartletKit
import Testing

@testable import MartletSystem

@Suite("Services that start together", .timeLimit(.minutes(1)))
struct StartTogetherTests {
    private struct Broken: Error, CustomStringConvertible {
        var description: String { "no money left" }
    }

    /// Runs the hosts while `body` does, then shuts them down.
    private func running(_ hosts: [ServiceHost], _ body: () async throws -> Void) async throws {
        let signal = ShutdownSignal()
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for host in hosts {
                tasks.addTask { try await ShutdownSignal.$current.withValue(signal) { try await host.run() } }
            }
            defer { signal.trigger() }
            try await body()
        }
        #expect(hosts.allSatisfy { $0.state != .running })
    }

    @Test("one that waits for its store keeps none of those after it waiting")
    func atTheSameTime() async throws {
        let isStoreThere = ShutdownSignal()
        let slow = try ScriptedApp.host("\(#function) slow") { setup in
            await isStoreThere.wait()
            return setup.group { Lingering() }
        }
        let quick = try ScriptedApp.host("\(#function) quick") { $0.group { Lingering() } }
        try await running([slow, quick]) {
            async let started: Void = [slow, quick].start()
            await eventually { quick.state == .running }
            #expect(slow.state == .starting)
            isStoreThere.trigger()
            try await started
            #expect(slow.state == .running)
        }
    }

    @Test("one that cannot start is named at once, with the reason, though another still waits")
    func failure() async throws {
        let broken = try ScriptedApp.host("\(#function) broken") { _ in throw Broken() }
        let waiting = try ScriptedApp.host("\(#function) waiting") { setup in
            await (ShutdownSignal.current ?? ShutdownSignal()).wait()
            return setup.group { Lingering() }
        }
        try await running([waiting, broken]) {
            let error = await #expect(throws: ServiceError.self) { try await [waiting, broken].start() }
            #expect(error == ServiceError(.failedPrecondition, "scripted: no money left"))
            #expect(waiting.state == .starting)
        }
    }

    @Test("one that is told to stop before it runs ends neither the wait nor the others")
    func stopped() async throws {
        let unwanted = try ScriptedApp.host("\(#function) unwanted") { setup in
            await (ShutdownSignal.current ?? ShutdownSignal()).wait()
            return setup.group { Lingering() }
        }
        let other = try ScriptedApp.host("\(#function) other") { $0.group { Lingering() } }
        try await running([unwanted, other]) {
            async let started: Void = [unwanted, other].start()
            await eventually { other.state == .running }
            await unwanted.stop()
            try await started
            #expect(unwanted.state == .stopped && other.state == .running)
        }
    }
}
