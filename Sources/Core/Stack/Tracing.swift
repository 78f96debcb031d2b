/// Runs each call in a span of its own, under the caller's where the transport brought one.
public struct Tracing: Middleware {
    private let tracer: Tracer

    public init(_ tracer: Tracer) { self.tracer = tracer }

    public func wrap<Request, Response>(_ next: Endpoint<Request, Response>) -> Endpoint<Request, Response> {
        let tracer = tracer
        let kind = TraceSpan.Kind(transport: next.exchange.transport)
        return next.replacingBody { request in
            let inbound = next.exchange.inbound(request)
            let current = CallContext.current
            let span = tracer.startSpan(next.name, kind: kind, parent: inbound.trace ?? current?.trace)
            let context = current?.traced(as: span.context) ?? CallContext(trace: span.context)
            do {
                let response = try await CallContext.$current.withValue(context) { try await next(request) }
                span.end(next.exchange.outcome(response), transport: next.exchange.transport, peer: inbound.peer)
                return response
            } catch {
                span.end(next.exchange.failure(error), transport: next.exchange.transport, peer: inbound.peer)
                throw error
            }
        }
    }
}

extension TraceSpan.Kind {
    init(transport: String) {
        switch transport {
        case "local": self = .internal
        case "bus": self = .consumer
        default: self = .server
        }
    }
}

extension TraceSpan {
    /// Names are OpenTelemetry's semantic conventions where these have one.
    @inline(__always)
    func end(_ outcome: Outcome, transport: String, peer: String?) {
        if isRecording { describe(outcome, transport, peer) }
        finish()
    }

    @inline(never)
    private func describe(_ outcome: Outcome, _ transport: String, _ peer: String?) {
        set("martlet.transport", to: .string(transport))
        if let peer { set("network.peer.address", to: .string(peer)) }
        if outcome.status != 0 {
            let key = transport == "grpc" ? "rpc.grpc.status_code" : "\(transport).response.status_code"
            set(key, to: .integer(Int64(outcome.status)))
        }
        guard let failure = outcome.failure else { return }
        set("error.type", to: .string(failure.rawValue))
        if failure.isServerFault { setStatus(.error(failure.rawValue)) }
    }
}
