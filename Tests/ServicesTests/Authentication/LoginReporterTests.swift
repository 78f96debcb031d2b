import MartletCore
import Testing

@testable import AuthenticationService

@Suite("Telling the logger of logins", .timeLimit(.minutes(1)))
struct LoginReporterTests {
    private struct Down: Error {}

    /// Closed until it is opened, once; then for all.
    private final class Gate: Sendable {
        private let signal = ShutdownSignal()
        func open() { signal.trigger() }
        func wait() async { await signal.wait() }
    }

    private let metrics = Metrics()
    private var telemetry: Telemetry { Telemetry(service: "test", logger: .disabled, metrics: metrics) }

    private func count(_ outcome: String) -> UInt64 {
        metrics.counters(
            "martlet_login_events_total", help: "Login events for the logger, by what became of them.",
            labels: ["outcome"]
        ).with(outcome).value
    }

    /// Runs the reporter while `body` does, then stops it gracefully.
    private func running(_ reporter: LoginReporter, _ body: () async throws -> Void) async throws {
        let signal = ShutdownSignal()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await ShutdownSignal.$current.withValue(signal) { try await reporter.run() } }
            try await body()
            signal.trigger()
            try await group.waitForAll()
        }
    }

    @Test("events are sent in order, each with a deadline")
    func order() async throws {
        let sent = Locked<[String]>([])
        let reporter = LoginReporter(telemetry: telemetry) { event in
            #expect(CallContext.current?.deadline != nil)
            sent.withLock { $0.append(event.email) }
        }
        try await running(reporter) {
            for number in 0..<1000 { reporter.report(email: "\(number)") }
            await eventually { sent.withLock { $0.count } == 1000 }
        }
        #expect(sent.withLock { $0 } == (0..<1000).map { "\($0)" })
        #expect(count("delivered") == 1000)
    }

    @Test("an event carries the trace of its login")
    func trace() async throws {
        let context = CallContext(trace: .root())
        let seen = Locked<[TraceContext]>([])
        let reporter = LoginReporter(telemetry: telemetry) { _ in
            if let trace = CallContext.current?.trace { seen.withLock { $0.append(trace) } }
        }
        CallContext.$current.withValue(context) { reporter.report(email: "a") }
        try await running(reporter) {}
        #expect(seen.withLock { $0 }.map(\.traceID) == [context.trace.traceID])
    }

    @Test("a slow logger makes nobody wait: what does not fit is dropped and counted")
    func full() async throws {
        let gate = Gate()
        let reporter = LoginReporter(capacity: 10, telemetry: telemetry) { _ in await gate.wait() }
        try await running(reporter) {
            reporter.report(email: "being sent")
            await eventually { reporter.waiting == 0 }
            for number in 0..<25 { reporter.report(email: "\(number)") }
            #expect(reporter.waiting == 10)
            #expect(count("dropped_full") == 15)
            gate.open()
        }
        #expect(count("delivered") == 11)
    }

    @Test("a logger that is down is counted, and taken up again when it is back")
    func down() async throws {
        let isUp = Locked(false)
        let reporter = LoginReporter(telemetry: telemetry) { _ in
            if !isUp.withLock({ $0 }) { throw Down() }
        }
        try await running(reporter) {
            for _ in 0..<5 { reporter.report(email: "a") }
            await eventually { count("dropped_undelivered") == 5 }
            isUp.withLock { $0 = true }
            reporter.report(email: "b")
            await eventually { count("delivered") == 1 }
        }
    }

    @Test("a shutdown sends what waits")
    func flush() async throws {
        let reporter = LoginReporter(telemetry: telemetry) { _ in }
        for number in 0..<100 { reporter.report(email: "\(number)") }
        try await running(reporter) {}
        #expect(count("delivered") == 100)
    }

    @Test("a shutdown does not wait longer than it may for a logger that hangs")
    func bound() async throws {
        let reporter = LoginReporter(flushTimeout: .zero, telemetry: telemetry) { _ in
            Issue.record("sent after the end")
        }
        for number in 0..<100 { reporter.report(email: "\(number)") }
        let signal = ShutdownSignal()
        signal.trigger()
        try await ShutdownSignal.$current.withValue(signal) { try await reporter.run() }
        #expect(count("dropped_undelivered") == 100)
    }

    @Test("cancelling ends it as well")
    func cancelled() async throws {
        let reporter = LoginReporter(telemetry: telemetry) { _ in }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await reporter.run() }
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    @Test("a login succeeds while nobody sends")
    func loginWithoutLogger() async throws {
        let reporter = LoginReporter(capacity: 1, telemetry: telemetry) { _ in throw Down() }
        let service = try await AuthenticationHarness(loggedIn: { reporter.report(email: $0.email) })
        try await service.addUser("ada@example.com")
        for _ in 0..<3 { #expect(try await service.logIn("ada@example.com", "correct horse").status == 202) }
        #expect(count("dropped_full") == 2)
    }
}
