/// Writes one line for each call: operation, transport, outcome, status, duration, peer, and the trace it belongs to.
public struct AccessLog: Middleware {
    /// Which calls get a line, and at which level.
    public struct Policy: Sendable {
        /// For calls that did what was asked; nil for no lines about them. Those of a probe are never above debug.
        public var level: Logger.Level?
        /// For those that did not: every one of them gets its line.
        public var failureLevel: Logger.Level
        /// The share of the successful calls that get a line, 0 to 1.
        public var share: Double

        public init(level: Logger.Level? = .info, failureLevel: Logger.Level = .warning, share: Double = 1) {
            self.level = level
            self.failureLevel = failureLevel
            self.share = share
        }
    }

    private let logger: Logger
    private let policy: Policy

    public init(_ logger: Logger, policy: Policy = Policy()) {
        self.logger = logger
        self.policy = policy
    }

    public func wrap<Request, Response>(_ next: Endpoint<Request, Response>) -> Endpoint<Request, Response> {
        let operation = OperationLog(logger, policy, of: next)
        return next.replacingBody { request in
            let start = MonotonicTime.now
            func end(_ outcome: Outcome) {
                operation.end(
                    outcome, nanoseconds: MonotonicTime.now.nanoseconds(since: start),
                    peer: next.exchange.inbound(request).peer, trace: CallContext.current?.trace)
            }
            do {
                let response = try await next(request)
                end(next.exchange.outcome(response))
                return response
            } catch {
                end(next.exchange.failure(error))
                throw error
            }
        }
    }
}

/// The access lines of one operation on one transport.
final class OperationLog: Sendable {
    private let logger: Logger
    private let policy: AccessLog.Policy
    private let threshold: UInt64

    init<Request, Response>(_ logger: Logger, _ policy: AccessLog.Policy, of endpoint: Endpoint<Request, Response>) {
        // What the call's summary says must not be there twice.
        let own = logger.metadata.fields.filter { !["outcome", "status", "duration_ms", "peer"].contains($0.key) }
        self.logger = Logger(
            label: logger.label, level: logger.level,
            metadata: LogMetadata(own).merging([
                "operation": .string(endpoint.name), "transport": .string(endpoint.exchange.transport),
            ]),
            handler: logger.handler)
        var policy = policy
        if endpoint.isProbe { policy.level = policy.level.map { min($0, .debug) } }
        self.policy = policy
        threshold = policy.share >= 1 ? .max : UInt64(max(0, policy.share) * 0x1p64)
    }

    @inline(__always)
    func end(_ outcome: Outcome, nanoseconds: UInt64, peer: String?, trace: TraceContext?) {
        let level: Logger.Level
        if outcome.failure == nil {
            guard let wanted = policy.level, logger.isEnabled(wanted),
                threshold == .max || FastRandom.next() < threshold
            else { return }
            level = wanted
        } else {
            level = policy.failureLevel
            guard logger.isEnabled(level) else { return }
        }
        write(level, outcome, nanoseconds, peer, trace)
    }

    @inline(never)
    private func write(
        _ level: Logger.Level, _ outcome: Outcome, _ nanoseconds: UInt64, _ peer: String?, _ trace: TraceContext?
    ) {
        logger.write(
            LogRecord(
                time: .now, level: level, context: logger.context, message: "request", trace: trace,
                call: CallSummary(
                    failure: outcome.failure, status: outcome.status, nanoseconds: nanoseconds, peer: peer)))
    }
}
