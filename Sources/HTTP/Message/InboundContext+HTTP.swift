internal import MartletCore

extension InboundContext {
    /// What the fields of a request say of the call: nil for whatever is not there or not valid.
    init(from request: HTTPRequest) {
        self.init(
            trace: request.traceContext,
            timeout: nil,
            idempotencyKey: request.headers.withValue(ofKnown: "idempotency-key") { String(bytes: $0) },
            peer: request.peer)
    }
}

extension HTTPRequest {
    fileprivate var traceContext: TraceContext? { nil }
}
