internal import Glibc
public import MartletCore
internal import MartletRuntime

/// Where the telemetry of a process goes. One for the process; each service in it gets a `Telemetry` with its own name,
/// metrics and tracer.
public final class TelemetryHost: Sendable {
    private let output: LogOutput
    private let lagWatch: LagWatch

    /// Log lines go to standard output: JSON, or text where a person reads it.
    public init(configuration: Configuration) {
        output = LogOutput(
            descriptor: STDOUT_FILENO,
            format: LogFormat(from: configuration, isTerminal: isatty(STDOUT_FILENO) == 1))
        lagWatch = LagWatch(
            of: .shared,
            logger: Logger(
                label: configuration[StandardKeys.serviceName] ?? "martlet",
                level: configuration[StandardKeys.logLevel], handler: output))
    }

    /// - Returns: what the service reports with, and what has to run beside it: the exporter of its traces, where
    ///   `OTEL_EXPORTER_OTLP_ENDPOINT` says that there is a collector.
    public func telemetry(
        for service: String, configuration: Configuration
    ) -> (telemetry: Telemetry, companions: [any Service]) {
        let name = configuration[StandardKeys.serviceName] ?? service
        let logger = Logger(label: name, level: configuration[StandardKeys.logLevel], handler: output)
        let metrics = Metrics()
        metrics.observeLoops(of: .shared)
        output.register(in: metrics)
        var telemetry = Telemetry(service: name, logger: logger, metrics: metrics)
        let sampler = Sampler(from: configuration)
        guard let endpoint = configuration[StandardKeys.endpoint] else {
            telemetry.tracer = Tracer(sampler: sampler)
            return (telemetry, [])
        }
        let exporter = OTLPExporter(
            service: name, attributes: configuration[StandardKeys.resourceAttributes],
            settings: OTLPExporter.Settings(from: configuration),
            transport: HTTPSpanTransport(endpoint, headers: configuration[StandardKeys.headers]), logger: logger,
            metrics: metrics)
        telemetry.tracer = Tracer(sampler: sampler, sink: exporter)
        return (telemetry, [exporter])
    }

    /// Writes out what is buffered, within a bound. Nothing may be logged after it.
    public func close() { _ = output.close(within: .seconds(2)) }
}

extension Metrics {
    /// The event loops' load and lag, as gauges read when the metrics are.
    func observeLoops(of group: EventLoopGroup) {
        for loop in group.loops {
            observe(
                "martlet_event_loop_connections", help: "Connections that live on the loop.",
                labels: ["loop": loop.name]
            ) { Double(loop.connections) }
            observe(
                "martlet_event_loop_slow_jobs_total", help: "Jobs that held the loop for more than 20 ms.",
                kind: .counter, labels: ["loop": loop.name]
            ) { Double(loop.lag.slowJobs) }
            observe(
                "martlet_event_loop_slow_seconds_total", help: "How long such jobs held the loop, in all.",
                kind: .counter, labels: ["loop": loop.name]
            ) { loop.lag.total.inSeconds }
            observe(
                "martlet_event_loop_slowest_seconds", help: "The longest that one job held the loop.",
                labels: ["loop": loop.name]
            ) { loop.lag.longest.inSeconds }
        }
    }
}
