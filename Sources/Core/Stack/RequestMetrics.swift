/// Counts calls, those in flight, and how long they take:
/// `martlet_requests_total{operation,transport,code}`, `martlet_requests_in_flight{operation,transport}`,
/// `martlet_request_duration_seconds{operation,transport}`.
public struct RequestMetrics: Middleware {
    private let metrics: Metrics

    public init(_ metrics: Metrics) { self.metrics = metrics }

    public func wrap<Request, Response>(_ next: Endpoint<Request, Response>) -> Endpoint<Request, Response> {
        let operation = OperationMetrics(metrics, operation: next.name, transport: next.exchange.transport)
        return next.replacingBody { request in
            let start = MonotonicTime.now
            operation.begin()
            do {
                let response = try await next(request)
                operation.end(
                    next.exchange.outcome(response).failure, nanoseconds: MonotonicTime.now.nanoseconds(since: start))
                return response
            } catch {
                operation.end(
                    next.exchange.failure(error).failure, nanoseconds: MonotonicTime.now.nanoseconds(since: start))
                throw error
            }
        }
    }
}
