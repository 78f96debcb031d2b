/// What a service says of itself: log, metrics and traces, handed to it when it is made. There is no global one, so two
/// services in one process, and two tests, never mix.
public struct Telemetry: Sendable {
    /// The service's name in every log line and span (`OTEL_SERVICE_NAME`).
    public var service: String
    public var logger: Logger
    public var metrics: Metrics
    public var tracer: Tracer

    public init(service: String, logger: Logger, metrics: Metrics = Metrics(), tracer: Tracer = .disabled) {
        self.service = service
        self.logger = logger
        self.metrics = metrics
        self.tracer = tracer
    }

    /// Says nothing to anybody: for tests, and for parts that may be used alone.
    public static var disabled: Telemetry { Telemetry(service: "disabled", logger: .disabled) }
}
