/// What travels with a call from service to service: trace, deadline, identity, idempotency key.
///
/// One object per request, bound once to the task by the default stack; every client reads it from there and writes it
/// to its own wire. Immutable: a middleware that changes something binds a copy.
public final class CallContext: Sendable {
    @TaskLocal public static var current: CallContext?

    public let trace: TraceContext
    /// When the answer is of no more use. Every I/O primitive underneath honours it.
    public let deadline: MonotonicTime?
    public let identity: Identity?
    /// Equal for a request and its repeats.
    public let idempotencyKey: String?

    public init(
        trace: TraceContext, deadline: MonotonicTime? = nil, identity: Identity? = nil, idempotencyKey: String? = nil
    ) {
        self.trace = trace
        self.deadline = deadline
        self.identity = identity
        self.idempotencyKey = idempotencyKey
    }

    /// The same context with an earlier deadline: a deadline is only ever brought forward.
    public func limited(to limit: MonotonicTime) -> CallContext {
        if let deadline, deadline <= limit { return self }
        return CallContext(trace: trace, deadline: limit, identity: identity, idempotencyKey: idempotencyKey)
    }

    /// The same call in another span.
    public func traced(as trace: TraceContext) -> CallContext {
        CallContext(trace: trace, deadline: deadline, identity: identity, idempotencyKey: idempotencyKey)
    }

    public func identified(as identity: Identity) -> CallContext {
        CallContext(trace: trace, deadline: deadline, identity: identity, idempotencyKey: idempotencyKey)
    }
}

/// Who makes the call, as far as the transport or an authentication middleware found out.
public struct Identity: Sendable, Hashable {
    public var subject: String
    public var roles: Set<String>

    public init(subject: String, roles: Set<String> = []) {
        self.subject = subject
        self.roles = roles
    }
}

/// What a transport found on the wire before any middleware ran. Nil where the caller sent nothing, or nothing valid.
public struct InboundContext: Sendable {
    public var trace: TraceContext?
    /// How long the caller is willing to wait from now.
    public var timeout: Duration?
    public var idempotencyKey: String?
    /// Who is on the other end, for the access log: `127.0.0.1:50312`.
    public var peer: String?

    public init(
        trace: TraceContext? = nil, timeout: Duration? = nil, idempotencyKey: String? = nil, peer: String? = nil
    ) {
        self.trace = trace
        self.timeout = timeout
        self.idempotencyKey = idempotencyKey
        self.peer = peer
    }
}
