// Core: what a service author's code is made of, and nothing that touches the outside world. No I/O, no C, no threads:
// values, protocols and small functions that every other room may use. What is *done* with them (a socket, a file, a
// log line on standard output) belongs to the rooms above.

/// One operation of a service: a name and a function from a request to a response.
///
/// The same endpoint is mounted on HTTP, gRPC, net/rpc or a queue. A ``Middleware`` wraps it without knowing which.
///
///     let greet = Endpoint("greet") { (name: String) in "Hello, \(name)!" }
///     try await greet("Ada")
public struct Endpoint<Request: Sendable, Response: Sendable>: Sendable {
    /// The operation, as it appears in spans, metrics and logs: `writeLog`, `GET /logs`. Of low cardinality.
    public let name: String

    /// How middleware reads the two values it otherwise knows nothing about.
    public let exchange: Exchange<Request, Response>

    /// Machines ask it every few seconds whether the service is well: the access log has its successes at debug.
    public private(set) var isProbe = false

    @usableFromInline let body: @Sendable (Request) async throws -> Response

    public init(
        _ name: String, exchange: Exchange<Request, Response> = .plain,
        _ body: @escaping @Sendable (Request) async throws -> Response
    ) {
        self.name = name
        self.exchange = exchange
        self.body = body
    }

    @inlinable
    public func callAsFunction(_ request: Request) async throws -> Response {
        try await body(request)
    }

    /// The same endpoint with another body: what a middleware returns.
    public func replacingBody(_ body: @escaping @Sendable (Request) async throws -> Response) -> Self {
        replacing(exchange, body)
    }

    /// The same endpoint, read otherwise: for a transport that knows more of its answers than the endpoint does.
    public func replacingExchange(_ exchange: Exchange<Request, Response>) -> Self {
        replacing(exchange, body)
    }

    /// The same endpoint as a probe.
    public func asProbe() -> Self {
        var probe = self
        probe.isProbe = true
        return probe
    }

    private func replacing(
        _ exchange: Exchange<Request, Response>, _ body: @escaping @Sendable (Request) async throws -> Response
    ) -> Self {
        var endpoint = Endpoint(name, exchange: exchange, body)
        endpoint.isProbe = isProbe
        return endpoint
    }

    /// The endpoint inside these middlewares; the first is the outermost.
    public func with(_ middlewares: any Middleware...) -> Self { with(middlewares) }

    /// The endpoint inside these middlewares; the first is the outermost.
    public func with(_ middlewares: [any Middleware]) -> Self {
        middlewares.reversed().reduce(self) { endpoint, middleware in middleware.wrap(endpoint) }
    }
}

/// Wraps any endpoint in behaviour that does not depend on what the endpoint does: a time limit, a span, a retry.
public protocol Middleware: Sendable {
    func wrap<Request, Response>(_ next: Endpoint<Request, Response>) -> Endpoint<Request, Response>
}

/// How a transport's request and response are read by a middleware that knows neither type.
///
/// A transport that mounts an endpoint says here where a request carries its trace and deadline, whether a response is a
/// failure although nothing was thrown (an HTTP 404, say), and how it will answer what was thrown.
public struct Exchange<Request: Sendable, Response: Sendable>: Sendable {
    /// `http`, `grpc`, `netrpc`, `bus`; `local` where there is none.
    public var transport: String
    public var inbound: @Sendable (Request) -> InboundContext
    public var outcome: @Sendable (Response) -> Outcome
    /// What becomes of a thrown error: asked only when one was.
    public var failure: @Sendable (any Error) -> Outcome

    public init(
        transport: String, inbound: @escaping @Sendable (Request) -> InboundContext,
        outcome: @escaping @Sendable (Response) -> Outcome,
        failure: @escaping @Sendable (any Error) -> Outcome = { Outcome(failure: ServiceError(hiding: $0).code) }
    ) {
        self.transport = transport
        self.inbound = inbound
        self.outcome = outcome
        self.failure = failure
    }

    /// A call in this process: the caller's own context goes on, and a response is a success.
    public static var plain: Self {
        Exchange(transport: "local", inbound: { _ in InboundContext() }, outcome: { _ in .ok })
    }
}

/// What a response says of the call, for metrics, spans and the access log.
public struct Outcome: Sendable, Equatable {
    /// The failure, or nil when the call did what was asked.
    public var failure: ServiceError.Code?
    /// The transport's own status: the HTTP status, the gRPC code. 0 where there is none.
    public var status: Int

    public init(failure: ServiceError.Code? = nil, status: Int = 0) {
        self.failure = failure
        self.status = status
    }

    public static let ok = Outcome()
}
