public import MartletCore
public import MartletRuntime
public import MartletTLS

/// An HTTP/1.1 client (RFC 9110, 9112) with a pool of connections for each event loop and origin.
///
///     let logger = try HTTPBaseURL("http://127.0.0.1:8082")
///     let response = try await client.send(HTTPRequest(.post, "/log", headers: .json, body: .bytes(entry)), to: logger)
///     let answer = try await response.body.collect(upTo: 1 << 20)
///
/// A call made on an event loop stays there; one from elsewhere goes to a loop. The trace, the deadline and the
/// idempotency key of ``CallContext`` go along. Redirects are not followed, there are no cookies, and no coding is
/// asked for.
///
/// The response's body streams. The connection is used again once it has been read to its end; dropping it unread
/// closes the connection.
public final class HTTPClient: Sendable {
    public let limits: Limits
    private let group: EventLoopGroup
    private let tracer: Tracer?
    private let loops: [ClientLoop]

    /// - Parameters:
    ///   - tracer: begins a span of kind client for each call; without one the caller's own span goes along.
    ///   - tls: for `https`: whom to believe, and what to show. By default, the authorities of the system, and nothing.
    public init(
        limits: Limits = Limits(), tracer: Tracer? = nil, tls: TLSClientContext? = nil,
        group: EventLoopGroup = .shared
    ) {
        self.limits = limits
        self.group = group
        self.tracer = tracer
        loops = group.loops.map { ClientLoop($0, limits: limits, tls: tls) }
    }

    deinit { close() }

    /// Closes idle connections now and those in use when they are done with; calls that wait for one, and later ones,
    /// fail with `unavailable`.
    public func close() {
        for loop in loops { loop.close() }
    }

    /// Sends a request and returns when the head of its answer is there, whatever its status.
    ///
    /// A request that finds a kept connection closed under it is sent once more, on a new connection, if that cannot do
    /// harm: its method is idempotent, it has an `Idempotency-Key`, or nothing of it had left (RFC 9110 §9.2.2).
    ///
    /// - Parameters:
    ///   - request: `Host`, the framing and `Connection` are the client's to set; what the request itself says of trace,
    ///     timeout and idempotency key goes before the context's. `Expect: 100-continue` holds the body back.
    ///   - base: the origin, and what goes before the request's path.
    ///   - deadline: for all of the exchange, the body included; by default ``Limits/request`` from now. The context's
    ///     deadline holds as well. `.never` is for streams.
    /// - Throws: ``ServiceError``: `unavailable` when the server cannot be reached or breaks off, `deadlineExceeded`,
    ///   `invalidArgument` for a request that cannot stand on the wire; `CancellationError`; what the request's body
    ///   threw while it was being sent.
    public func send(
        _ request: HTTPRequest, to base: HTTPBaseURL, deadline: MonotonicTime? = nil
    ) async throws -> HTTPResponse {
        let context = CallContext.current
        let span = tracer?.startSpan(request.method.name, kind: .client, parent: context?.trace)
        let call = try ClientCall(
            request, to: base, deadline: deadline ?? .now + limits.request, context: context, trace: span?.context)
        guard let span else { return try await send(call) }
        span.describe(call)
        defer { span.finish() }
        do {
            let response = try await send(call)
            span.describe(response)
            return response
        } catch {
            span.describe(error)
            throw error
        }
    }

    private func send(_ call: ClientCall) async throws -> HTTPResponse {
        if let current = EventLoop.current {
            for loop in loops where loop.loop === current { return try await loop.send(call) }
        }
        return try await group.run { [self] current in
            guard let loop = loops.first(where: { $0.loop === current }) else {
                throw ServiceError(.internal, "no client on this event loop")
            }
            return try await loop.send(call)
        }
    }
}

extension TraceSpan {
    /// Names are OpenTelemetry's semantic conventions for HTTP clients.
    fileprivate func describe(_ call: ClientCall) {
        guard isRecording else { return }
        let server = call.base.origin.server
        set("http.request.method", to: .string(call.request.method.name))
        set("server.address", to: .string(server.address))
        if let port = server.port { set("server.port", to: .integer(Int64(port))) }
        set("url.path", to: .string(call.base.prefix + call.request.rawPath))
    }

    fileprivate func describe(_ response: HTTPResponse) {
        guard isRecording else { return }
        let code = response.status.code
        set("http.response.status_code", to: .integer(Int64(code)))
        guard code >= 400 else { return }
        set("error.type", to: .string(String(code)))
        setStatus(.error(response.status.description))
    }

    fileprivate func describe(_ error: any Error) {
        guard isRecording else { return }
        set("error.type", to: .string(ServiceError(hiding: error).code.rawValue))
        fail(with: error)
    }
}
