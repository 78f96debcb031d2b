public import MartletCore
public import MartletKit

/// Runs one service of a system, and starts and stops it on request.
public final class ServiceHost: Service {
    public enum State: Sendable, Equatable {
        case stopped
        case starting
        case running
        case stopping
        /// Why it ended, or could not start.
        case failed(String)

        public var word: String {
            switch self {
            case .stopped: "stopped"
            case .starting: "starting"
            case .running: "running"
            case .stopping: "stopping"
            case .failed: "failed"
            }
        }
    }

    private struct Condition {
        var state = State.stopped
        var isWanted = false
        var running: ShutdownSignal?
        var since = MonotonicTime.now
        /// Triggered, and replaced, with every change.
        var change = ShutdownSignal()
    }

    public let service: SystemService
    public var name: String { service.name }
    private let configuration: Configuration
    private let telemetry: Telemetry
    private let companions: [any Service]
    private let condition = Locked(Condition())

    public init(_ service: SystemService, configuration: Configuration, telemetry host: TelemetryHost) {
        self.service = service
        self.configuration = configuration
        (telemetry, companions) = host.telemetry(for: service.name, configuration: configuration)
    }

    public var state: State { condition.withLock { $0.state } }
    /// How long it has been in this state.
    public var age: Duration { MonotonicTime.now.since(condition.withLock { $0.since }) }
    /// Where it listens: `127.0.0.1:8080`.
    public var address: String {
        let host = configuration[StandardKeys.host]
        return "\(host.contains(":") ? "[\(host)]" : host):\(configuration[service.port])"
    }

    // MARK: Requests

    /// Starts the service and returns when it runs; at once if it does.
    /// - Throws: `failedPrecondition` with the reason why it could not start.
    public func start() async throws {
        change { condition in
            condition.isWanted = true
            if condition.state != .running { condition.state = .starting }
        }
        let state = await settled { $0 == .running || $0.isFailure }
        if case .failed(let reason) = state { throw ServiceError(.failedPrecondition, reason) }
    }

    /// Stops the service gracefully and returns when it has stopped.
    public func stop() async {
        let running = condition.withLock { condition in
            condition.isWanted = false
            if condition.running != nil { condition.state = .stopping }
            return condition.running
        }
        guard let running else { return }
        running.trigger()
        _ = await settled { $0 == .stopped || $0.isFailure }
    }

    private func settled(_ isSettled: (State) -> Bool) async -> State {
        while !Task.isCancelled {
            let (state, change) = condition.withLock { ($0.state, $0.change) }
            if isSettled(state) { return state }
            await change.wait()
        }
        return state
    }

    private func change(_ body: (inout Condition) -> Void) {
        condition.withLock { condition in
            let before = condition.state
            body(&condition)
            if condition.state != before { condition.since = .now }
            let change = condition.change
            condition.change = ShutdownSignal()
            return change
        }.trigger()
    }

    // MARK: The host's life

    /// Until the shutdown is asked for; then the service is stopped first.
    public func run() async throws {
        let asked = ShutdownSignal.current ?? ShutdownSignal()
        asked.onTrigger { [self] in change { _ in } }
        while !asked.isTriggered, !Task.isCancelled {
            let (isWanted, change) = condition.withLock { ($0.isWanted, $0.change) }
            if isWanted {
                await runOnce(until: asked)
            } else if !asked.isTriggered {
                await change.wait()
            }
        }
    }

    private func runOnce(until asked: ShutdownSignal) async {
        let signal = ShutdownSignal()
        asked.onTrigger { signal.trigger() }
        change { condition in
            condition.running = signal
            condition.state = .starting
        }
        var end = State.stopped
        do {
            let setup = Setup(
                service: name, configuration: configuration, telemetry: telemetry, companions: companions)
            let group = try await service.app.make(setup)
            try await group.start()
            change { $0.state = .running }
            try await ShutdownSignal.$current.withValue(signal) { try await group.run() }
        } catch {
            end = .failed(ServiceProcess.describe(error))
            telemetry.logger.critical("\(name) ends: \(ServiceProcess.describe(error))")
        }
        change { condition in
            condition.running = nil
            condition.isWanted = false
            condition.state = end
        }
    }
}

extension ServiceHost.State {
    var isFailure: Bool { if case .failed = self { true } else { false } }
}
