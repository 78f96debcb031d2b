internal import MartletCore
internal import MartletRuntime
public import MartletWire

/// One call of a client, from its place in the line to its reply. Resumed once.
@usableFromInline
final class NetRPCCall: @unchecked Sendable {  // Made by its caller, then touched on its pool's loop alone.
    @usableFromInline typealias Encode = @Sendable (GobEncoder) -> Void
    @usableFromInline
    typealias Decode = @Sendable (GobMessage, UnsafeRawBufferPointer, GobDecoder) throws(GobError) -> Void

    let method: String
    let deadline: MonotonicTime
    let encode: Encode
    let decode: Decode
    /// What goes into the header, if anything does.
    let trace: TraceContext?
    let idempotencyKey: String?
    let sendsTimeout: Bool

    /// The connection it went out on, and its number there.
    weak var connection: NetRPCClientConnection?
    var seq = UInt64(0)
    /// It has gone out a second time.
    var isRepeated = false

    private(set) var error: (any Error)?
    private(set) var isOver = false
    private var continuation: UnsafeContinuation<Void, Never>?

    init(
        _ method: String, context: CallContext?, trace: TraceContext?, deadline: MonotonicTime,
        encode: @escaping Encode, decode: @escaping Decode
    ) {
        self.method = method
        self.deadline = deadline
        self.encode = encode
        self.decode = decode
        self.trace = trace ?? context?.trace
        idempotencyKey = context?.idempotencyKey
        sendsTimeout = context?.deadline != nil
    }

    /// Whether sending it twice does no more than sending it once.
    var mayRepeat: Bool { idempotencyKey != nil && !isRepeated }

    func write(to encoder: GobEncoder, at now: MonotonicTime) {
        if trace == nil, idempotencyKey == nil, !sendsTimeout {
            encoder.encode(RequestHeader(serviceMethod: method, seq: seq))
        } else {
            var header = ContextRequestHeader(serviceMethod: method, seq: seq)
            if let trace {
                header.traceparent = trace.traceparent
                header.tracestate = trace.state ?? ""
            }
            if sendsTimeout { header.timeout = max(1, Int64(clamping: deadline.nanoseconds(since: now))) }
            header.idempotencyKey = idempotencyKey ?? ""
            encoder.encode(header)
        }
        encode(encoder)
    }

    func wait() async {
        await withUnsafeContinuation { continuation in
            if isOver { continuation.resume() } else { self.continuation = continuation }
        }
    }

    func finish(_ error: (any Error)?) {
        guard !isOver else { return }
        isOver = true
        self.error = error
        continuation?.resume()
        continuation = nil
    }

    var lateness: ServiceError { ServiceError(.deadlineExceeded, "\(method): no reply before the deadline") }
}
