internal import MartletCore

/// One call with all that is to be known before the first byte of it is written.
struct ClientCall: Sendable {
    let request: HTTPRequest
    let base: HTTPBaseURL
    let deadline: MonotonicTime
    let context: HTTPRequestEncoder.Context
    /// Sending it twice does no more than sending it once.
    let isRepeatable: Bool

    /// - Throws: `invalidArgument` for what cannot stand on the wire; `deadlineExceeded` when it is too late already.
    init(
        _ request: HTTPRequest, to base: HTTPBaseURL, deadline: MonotonicTime, context: CallContext?,
        trace: TraceContext?
    ) throws(ServiceError) {
        guard !request.headers.isMalformed else {
            throw ServiceError(.invalidArgument, "a header field of the request cannot stand on the wire")
        }
        guard HTTPRequestEncoder.isSendable(request) else {
            throw ServiceError(.invalidArgument, "\(request.method) \(request.target) cannot be sent to a server")
        }
        let key = context?.idempotencyKey
        if var key {
            guard key.withUTF8({ UnsafeRawBufferPointer($0).isFieldValue }) else {
                throw ServiceError(.invalidArgument, "the idempotency key cannot stand in a header field")
            }
        }
        self.request = request
        self.base = base
        let limit = min(deadline, context?.deadline ?? .never)
        self.deadline = limit
        self.context = HTTPRequestEncoder.Context(
            trace: trace ?? context?.trace, deadline: context?.deadline == nil ? nil : limit, idempotencyKey: key)
        isRepeatable =
            request.method.isIdempotent || key != nil
            || request.headers.withValue(ofKnown: "idempotency-key") { _ in true } ?? false
    }

    /// Whether the body can be had a second time.
    var hasReplayableBody: Bool {
        switch request.body.storage {
        case .empty, .bytes, .string: true
        case .source, .producer: false
        }
    }

    var lateness: ServiceError {
        ServiceError(.deadlineExceeded, "\(base.origin): no answer before the deadline")
    }
}
