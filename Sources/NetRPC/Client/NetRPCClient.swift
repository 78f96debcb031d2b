public import MartletCore
public import MartletRuntime
public import MartletWire

/// A client of a net/rpc server (contracts, go-net-rpc), written in Go or here.
///
///     let logger = NetRPCClient(HostPort(host: "127.0.0.1", port: 5001))
///     let text = try await logger.call("RPCServer.LogInfo", payload, reply: String.self)
///
/// Calls share a few connections on each event loop, as many at a time as there are; replies come in any order. A call
/// made on an event loop stays there; one from elsewhere goes to a loop. A connection that breaks is made anew with the
/// next call. The trace, the deadline and the idempotency key of ``CallContext`` go along, in fields of the request's
/// header that a Go server passes over.
public final class NetRPCClient: Sendable {
    public let server: HostPort
    public let limits: Limits
    private let tracer: Tracer?
    private let group: EventLoopGroup
    private let pools: [NetRPCPool]

    /// - Parameters:
    ///   - httpPath: for servers that are reached through `rpc.HandleHTTP`: ``NetRPC/httpPath``.
    ///   - tracer: begins a span of kind client for each call; without one the caller's own span goes along.
    public init(
        _ server: HostPort, httpPath: String? = nil, limits: Limits = Limits(), tracer: Tracer? = nil,
        group: EventLoopGroup = .shared
    ) {
        self.server = server
        self.limits = limits
        self.tracer = tracer
        self.group = group
        pools = group.loops.map { NetRPCPool(server, httpPath: httpPath, on: $0, limits: limits) }
    }

    deinit { close() }

    /// Ends every connection; calls in progress, and later ones, fail with `unavailable`.
    public func close() {
        for pool in pools { pool.close() }
    }

    /// Calls `method` and returns its reply.
    /// - Parameters:
    ///   - method: `Service.Method`.
    ///   - deadline: by default ``Limits/call`` from now. The context's deadline holds as well.
    /// - Throws: ``ServiceError``: of the server's own text and, where that is one of ours, its code, else `unknown`;
    ///   `unavailable` when it cannot be reached (`cannot connect to …`), breaks off (`unexpected EOF`) or the client
    ///   was closed (`connection is shut down`); `deadlineExceeded`; `internal` for a reply of another type.
    ///   `CancellationError`.
    @inlinable
    public func call<Argument: FieldValue, Reply: FieldValue>(
        _ method: String, _ argument: Argument, reply: Reply.Type = Reply.self, deadline: MonotonicTime? = nil
    ) async throws -> Reply {
        let box = NetRPCReply<Reply>()
        try await perform(
            method, deadline: deadline, encode: { encoder in encoder.encode(argument) },
            decode: { message, bytes, decoder throws(GobError) in
                box.value = try decoder.decode(Reply.self, from: message, in: bytes)
            })
        guard let value = box.value else { throw ServiceError(.internal, "\(method): no reply") }
        return value
    }

    @usableFromInline
    func perform(
        _ method: String, deadline: MonotonicTime?, encode: @escaping NetRPCCall.Encode,
        decode: @escaping NetRPCCall.Decode
    ) async throws {
        let context = CallContext.current
        let span = tracer?.startSpan(method, kind: .client, parent: context?.trace)
        let call = NetRPCCall(
            method, context: context, trace: span?.context,
            deadline: min(deadline ?? .now + limits.call, context?.deadline ?? .never), encode: encode, decode: decode)
        guard let span else { return try await send(call) }
        defer { span.finish() }
        if span.isRecording {
            span.set("martlet.transport", to: .string("netrpc"))
            span.set("rpc.method", to: .string(method))
            span.set("server.address", to: .string(server.host))
            span.set("server.port", to: .integer(Int64(server.port)))
        }
        do {
            try await send(call)
        } catch {
            span.set("error.type", to: .string(ServiceError(hiding: error).code.rawValue))
            span.fail(with: error)
            throw error
        }
    }

    private func send(_ call: NetRPCCall) async throws {
        if let current = EventLoop.current {
            for pool in pools where pool.loop === current { return try await pool.send(call) }
        }
        try await group.run { [self] current in
            guard let pool = pools.first(where: { $0.loop === current }) else {
                throw ServiceError(.internal, "no client on this event loop")
            }
            try await pool.send(call)
        }
    }
}

/// Where a reply is put. Written on the call's loop before the caller goes on, and read after.
@usableFromInline
final class NetRPCReply<Value: Sendable>: @unchecked Sendable {
    @usableFromInline var value: Value?

    @usableFromInline
    init() {}
}
