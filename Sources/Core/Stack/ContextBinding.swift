/// Binds a ``CallContext`` with what the transport read off the wire: trace and idempotency key. What an enclosing call
/// in this process has bound already goes on.
public struct ContextBinding: Middleware {
    public init() {}

    public func wrap<Request, Response>(_ next: Endpoint<Request, Response>) -> Endpoint<Request, Response> {
        next.replacingBody { request in
            let context = Self.context(for: next.exchange.inbound(request), in: CallContext.current)
            return try await CallContext.$current.withValue(context) { try await next(request) }
        }
    }

    static func context(for inbound: InboundContext, in current: CallContext?) -> CallContext {
        CallContext(
            trace: trace(for: inbound, in: current), deadline: current?.deadline, identity: current?.identity,
            idempotencyKey: inbound.idempotencyKey ?? current?.idempotencyKey)
    }

    /// A current span of the same trace is nearer than the caller's: a tracing middleware outside has begun it.
    private static func trace(for inbound: InboundContext, in current: CallContext?) -> TraceContext {
        guard let received = inbound.trace else { return current?.trace ?? .root(isSampled: false) }
        if let current, current.trace.traceID == received.traceID { return current.trace }
        return received
    }
}
