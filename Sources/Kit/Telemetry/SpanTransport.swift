/// Carries one batch of spans to a collector.
public protocol SpanTransport: Sendable {
    /// Sends an OTLP/JSON body by POST and returns the status that came back. Throws when none came. Honours the deadline
    /// of `CallContext.current`, and cancellation.
    func send(_ body: [UInt8]) async throws -> SpanTransportReply
}

public struct SpanTransportReply: Sendable, Hashable {
    /// The HTTP status.
    public var status: Int
    /// `Retry-After`, where there was one.
    public var retryAfter: Duration?

    public init(status: Int, retryAfter: Duration? = nil) {
        self.status = status
        self.retryAfter = retryAfter
    }
}
