/// What every endpoint of a service is wrapped in unless it says otherwise: tracing, context, metrics, access log,
/// recovery and deadline, in this order from the outside.
///
/// It does what the six do one after the other (``separately``), in one closure: one context object bound once, each
/// clock read once for all. Recovery is inside those that observe, so that they see the error the caller gets; the
/// deadline is innermost, so that a call refused for it is traced, counted and logged like any other.
public struct DefaultStack: Middleware {
    private let telemetry: Telemetry
    private let maximumDuration: Duration?
    private let accessLog: AccessLog.Policy

    /// `maximumDuration` limits what a caller may ask for, and callers who ask for nothing; nil sets no limit.
    public init(
        _ telemetry: Telemetry, maximumDuration: Duration? = .seconds(30), accessLog: AccessLog.Policy = .init()
    ) {
        self.telemetry = telemetry
        self.maximumDuration = maximumDuration
        self.accessLog = accessLog
    }

    /// The six, for whoever wants to leave one out or put one in between.
    public var separately: [any Middleware] {
        [
            Tracing(telemetry.tracer), ContextBinding(), RequestMetrics(telemetry.metrics),
            AccessLog(telemetry.logger, policy: accessLog), Recovery(telemetry.logger),
            Deadline(maximum: maximumDuration),
        ]
    }

    public func wrap<Request, Response>(_ next: Endpoint<Request, Response>) -> Endpoint<Request, Response> {
        let exchange = next.exchange
        let operation = ObservedOperation(telemetry, maximumDuration, accessLog, of: next)
        return next.replacingBody { request in
            let call = operation.begin(exchange.inbound(request))
            do {
                guard call.isInTime else { throw Deadline.passed }
                let response = try await CallContext.$current.withValue(call.context) { try await next(request) }
                operation.end(call, exchange.outcome(response))
                return response
            } catch {
                throw operation.fail(call, error, exchange.failure)
            }
        }
    }
}

/// What the stack knows of an operation before the first call: everything that need not be looked up again.
private final class ObservedOperation: Sendable {
    private let tracer: Tracer
    private let logger: Logger
    private let metrics: OperationMetrics
    private let log: OperationLog
    private let maximumDuration: Duration?
    private let name: String
    private let transport: String
    private let kind: TraceSpan.Kind

    init<Request, Response>(
        _ telemetry: Telemetry, _ maximumDuration: Duration?, _ accessLog: AccessLog.Policy,
        of endpoint: Endpoint<Request, Response>
    ) {
        name = endpoint.name
        transport = endpoint.exchange.transport
        tracer = telemetry.tracer
        logger = telemetry.logger
        metrics = OperationMetrics(telemetry.metrics, operation: name, transport: transport)
        log = OperationLog(telemetry.logger, accessLog, of: endpoint)
        self.maximumDuration = maximumDuration
        kind = TraceSpan.Kind(transport: transport)
    }

    struct Call {
        let context: CallContext
        let span: TraceSpan
        let start: MonotonicTime
        let peer: String?

        var isInTime: Bool {
            guard let deadline = context.deadline else { return true }
            return start < deadline
        }
    }

    func begin(_ inbound: InboundContext) -> Call {
        let current = CallContext.current
        let start = MonotonicTime.now
        let span = tracer.startSpan(name, kind: kind, parent: inbound.trace ?? current?.trace)
        metrics.begin()
        let context = CallContext(
            trace: span.context,
            deadline: Deadline.earliest(current?.deadline, inbound.timeout, maximumDuration, from: start),
            identity: current?.identity, idempotencyKey: inbound.idempotencyKey ?? current?.idempotencyKey)
        return Call(context: context, span: span, start: start, peer: inbound.peer)
    }

    func end(_ call: Call, _ outcome: Outcome) {
        let nanoseconds = MonotonicTime.now.nanoseconds(since: call.start)
        log.end(outcome, nanoseconds: nanoseconds, peer: call.peer, trace: call.span.context)
        metrics.end(outcome.failure, nanoseconds: nanoseconds)
        call.span.end(outcome, transport: transport, peer: call.peer)
    }

    func fail(_ call: Call, _ error: any Error, _ outcome: (any Error) -> Outcome) -> any Error {
        let visible = Recovery.recover(
            error, in: name, transport: transport, trace: call.span.context, logger)
        end(call, outcome(visible))
        return visible
    }
}
