internal import MartletCore

extension InboundContext {
    /// What the fields of a request say of the call: nil for whatever is not there or not valid.
    init(from request: HTTPRequest) {
        let headers = request.headers
        let state = headers.withValue(ofKnown: "tracestate") { String(bytes: $0) }
        let trace: TraceContext?? = headers.withValue(ofKnown: "traceparent") { value in
            TraceContext(traceparent: value, tracestate: state)
        }
        // A page that calls another origin, or opens a stream, cannot send the header: the originals' CORS does not allow
        // it (contracts, course A.2), and an EventSource sends none at all. It says it in the query.
        let fromQuery = trace == nil ? request.query["traceparent"].flatMap { TraceContext(traceparent: $0) } : nil
        let timeout: Duration?? = headers.withValue(ofKnown: "grpc-timeout") { CallTimeout.parse($0) }
        self.init(
            trace: trace ?? fromQuery, timeout: timeout ?? nil,
            idempotencyKey: headers.withValue(ofKnown: "idempotency-key") { String(bytes: $0) }, peer: request.peer)
    }
}
