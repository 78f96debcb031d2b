/// Turns whatever is thrown into an error that may cross the service's border: a ``ServiceError``, or one that its
/// transport made for the caller. What an error hides from the caller, the log says in full.
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
    ) -> any Error {
        if error is ServiceError || error is any CallerVisibleError { return error }
        if !(error is CancellationError), logger.isEnabled(.error) {
            logger.write(
                LogRecord(
                    time: .now, level: .error, context: logger.context, message: "unexpected error",
                    metadata: [
                        "operation": .string(operation), "transport": .string(transport),
                        "error": .string(String(describing: error)),
                        "error_type": .string(String(reflecting: type(of: error))),
                    ], trace: trace))
        }
        return ServiceError(hiding: error)
    }
}
