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
        /// The host itself has ended; nothing starts any more.
        var isOver = false
        var running: ShutdownSignal?
        var since = MonotonicTime.now
        /// Triggered, and replaced, with every change.
        var change = ShutdownSignal()
    }

    public let service: SystemService
    public var name: String { service.name }
    private let configuration: Configuration
    private let telemetry: TelemetryHost
    private let condition = Locked(Condition())

    public init(_ service: SystemService, configuration: Configuration, telemetry: TelemetryHost) {
        self.service = service
        self.configuration = configuration
        self.telemetry = telemetry
    }

    public var state: State { condition.withLock { $0.state } }
    /// How long it has been in this state.
    public var age: Duration { MonotonicTime.now.since(condition.withLock { $0.since }) }
    /// Where it listens: `127.0.0.1:8080`.
    public var address: String { address(of: service.port) }
    /// Where else, and what is spoken there: `smtp://127.0.0.1:1025`.
    public var otherAddresses: [String] { service.otherPorts.map { "\($0.name)://\(address(of: $0.key))" } }

    private func address(of port: ConfigurationKey<Int>) -> String {
        let host = configuration[StandardKeys.host]
        return "\(host.contains(":") ? "[\(host)]" : host):\(configuration[port])"
    }
    /// Where it listens, and what it speaks there: `https://0.0.0.0:8080`.
    public var place: String { "\(StandardKeys.speaksTLS(configuration) ? "https" : "http")://\(address)" }
    /// Where it can be called from this machine: `http://127.0.0.1:8080`, also where it listens on every address.
    public var url: String {
        SystemConfiguration.url(
            host: configuration[StandardKeys.host], port: configuration[service.port],
            isSecure: StandardKeys.speaksTLS(configuration))
    }

    // MARK: Requests

    /// Starts the service and returns when it runs; at once if it does.
    /// - Throws: `failedPrecondition` with the service's name and the reason why it could not start; `aborted` when it
    ///   was told to stop before it ran.
    public func start() async throws {
        change { condition in
            guard !condition.isOver else { return }
            condition.isWanted = true
            if condition.running == nil { condition.state = .starting }
        }
        let end = await settled { $0.isOver || !$0.isWanted || $0.state == .running }
        if case .failed(let reason) = end.state { throw ServiceError(.failedPrecondition, "\(name): \(reason)") }
        guard end.state == .running else { throw ServiceError(.aborted, "\(name) was told to stop before it ran") }
    }

    /// Stops the service gracefully and returns when it has stopped, or is started again.
    public func stop() async {
        var running: ShutdownSignal?
        change { condition in
            running = condition.running
            condition.isWanted = false
            if condition.running != nil {
                condition.state = .stopping
            } else if condition.state == .starting {
                condition.state = .stopped
            }
        }
        running?.trigger()
        _ = await settled { $0.isOver || $0.isWanted || $0.running == nil }
    }

    private func settled(_ isSettled: (Condition) -> Bool) async -> Condition {
        while true {
            let now = condition.withLock { $0 }
            if isSettled(now) || Task.isCancelled { return now }
            await now.change.wait()
        }
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
        let registration = asked.onTrigger { [self] in
            condition.withLock { $0.running }?.trigger()
            change { _ in }
        }
        defer { asked.remove(registration) }
        while !asked.isTriggered, !Task.isCancelled {
            let now = condition.withLock { $0 }
            if now.isWanted { await runOnce(until: asked) } else { await now.change.wait() }
        }
        change { condition in
            condition.isOver = true
            condition.isWanted = false
            if condition.state == .starting { condition.state = .stopped }
        }
    }

    private func runOnce(until asked: ShutdownSignal) async {
        let signal = ShutdownSignal()
        change { condition in
            condition.running = signal
            condition.state = .starting
        }
        // Either it is seen here, or whoever asks from now on sees `running`.
        if asked.isTriggered || !condition.withLock({ $0.isWanted }) { signal.trigger() }
        var failure: String?
        // Anew for each run, as for a process: an exporter that was shut down does not come back.
        let (telemetry, companions) = telemetry.telemetry(for: name, configuration: configuration)
        telemetry.logger.info("configuration", metadata: LogMetadata(configuration))
        do {
            let setup = Setup(
                service: name, configuration: configuration, telemetry: telemetry, companions: companions)
            let group = try await ShutdownSignal.$current.withValue(signal) {
                try await service.app.make(setup)
            }
            try await group.start()
            change { if $0.isWanted, !signal.isTriggered { $0.state = .running } }
            // The group triggers its own signal when it ends by itself: ours tells whether it was asked to.
            let ended = ShutdownSignal()
            signal.onTrigger { ended.trigger() }
            try await ShutdownSignal.$current.withValue(ended) { try await group.run() }
            if !signal.isTriggered { failure = "it ended by itself" }
        } catch is CancellationError where signal.isTriggered {
            // Told to stop while it waited for what it needs.
        } catch {
            failure = ServiceProcess.describe(error)
        }
        if let failure { telemetry.logger.critical("\(name) ends: \(failure)") }
        change { condition in
            condition.running = nil
            if let failure {
                condition.isWanted = false
                condition.state = .failed(failure)
            } else {
                // Started again while it stopped.
                condition.state = condition.isWanted ? .starting : .stopped
            }
        }
    }
}
