/// The metrics of one operation on one transport, looked up once when the endpoint is wrapped.
final class OperationMetrics: Sendable {
    private let operation: String
    private let transport: String
    private let requests: Counters
    private let durations: Histogram
    private let inFlight: Gauge
    /// A counter for success and each code, made when the first such call ends. `unsafe`: a pointer is
    /// not Sendable, but this one never changes and leads to atomic references, which this object frees with itself.
    private nonisolated(unsafe) let counters: UnsafeMutablePointer<OnceReference<Counter>>
    private static let outcomes = ServiceError.Code.allCases.count + 1

    init(_ metrics: Metrics, operation: String, transport: String) {
        self.operation = operation
        self.transport = transport
        let labels = ["operation", "transport"]
        requests = metrics.counters(
            "martlet_requests_total", help: "Calls that ended, by outcome: ok, or the error's code.",
            labels: labels + ["code"])
        durations = metrics.histograms(
            "martlet_request_duration_seconds", help: "How long calls took.", labels: labels, buckets: .durations
        ).with(operation, transport)
        inFlight = metrics.gauges(
            "martlet_requests_in_flight", help: "Calls that have begun and not ended.", labels: labels
        ).with(operation, transport)
        counters = .allocate(capacity: Self.outcomes)
        for index in 0..<Self.outcomes { (counters + index).initialize(to: OnceReference()) }
    }

    deinit {
        counters.deinitialize(count: Self.outcomes)
        counters.deallocate()
    }

    func begin() { inFlight.increment() }

    func end(_ failure: ServiceError.Code?, nanoseconds: UInt64) {
        inFlight.decrement()
        durations.record(nanoseconds)
        counter(for: failure).increment()
    }

    private func counter(for failure: ServiceError.Code?) -> Counter {
        let slot = counters + (failure?.index ?? 0)
        return slot.pointee.load()
            ?? slot.pointee.storeIfNil(requests.with(operation, transport, failure.label))
    }
}

extension ServiceError.Code? {
    /// The outcome of a call in metrics and logs.
    var label: String { self?.rawValue ?? "ok" }
}

extension ServiceError.Code {
    /// From 1, dense: gRPC's own number of the code.
    var index: Int {
        switch self {
        case .cancelled: 1
        case .unknown: 2
        case .invalidArgument: 3
        case .deadlineExceeded: 4
        case .notFound: 5
        case .alreadyExists: 6
        case .permissionDenied: 7
        case .resourceExhausted: 8
        case .failedPrecondition: 9
        case .aborted: 10
        case .outOfRange: 11
        case .unimplemented: 12
        case .internal: 13
        case .unavailable: 14
        case .dataLoss: 15
        case .unauthenticated: 16
        }
    }

    /// Whether the service is to blame: then the span is an error. What a caller did wrong is an answer, not an error of
    /// the server (OpenTelemetry's rule for server spans, HTTP 5xx and gRPC alike).
    var isServerFault: Bool {
        switch self {
        case .unknown, .deadlineExceeded, .unimplemented, .internal, .unavailable, .dataLoss: true
        default: false
        }
    }
}
