/// Turns whatever is thrown into a ``ServiceError`` that may cross the service's border. What an error hides from the
/// caller, the log says in full.
public struct Recovery: Middleware {
    private let logger: Logger

    public init(_ logger: Logger) { self.logger = logger }

    public func wrap<Request, Response>(_ next: Endpoint<Request, Response>) -> Endpoint<Request, Response> {
        let logger = logger
        return next.replacingBody { request in
            do {
                return try await next(request)
            } catch {
                throw Self.recover(
                    error, in: next.name, transport: next.exchange.transport, trace: CallContext.current?.trace, logger)
            }
        }
    }

    static func recover(
        _ error: any Error, in operation: String, transport: String, trace: TraceContext?, _ logger: Logger
    ) -> ServiceError {
        let visible = ServiceError(hiding: error)
        if !(error is ServiceError), !(error is CancellationError), logger.isEnabled(.error) {
            logger.write(
                LogRecord(
                    time: .now, level: .error, context: logger.context, message: "unexpected error",
                    metadata: [
                        "operation": .string(operation), "transport": .string(transport),
                        "error": .string(String(describing: error)),
                        "error_type": .string(String(reflecting: type(of: error))),
                    ], trace: trace))
        }
        return visible
    }
}
