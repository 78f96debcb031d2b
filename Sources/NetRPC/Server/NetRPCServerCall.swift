public import MartletCore
internal import MartletRuntime
public import MartletWire

/// One call, from its argument to its answer.
@usableFromInline
struct NetRPCServerCall: @unchecked Sendable {  // Used on the connection's loop alone, where its task runs.
    let connection: NetRPCServerConnection
    let method: String
    let seq: UInt64
    /// The caller knows the longer headers.
    let hasContext: Bool
    @usableFromInline let inbound: InboundContext

    init(_ header: ContextRequestHeader, on connection: NetRPCServerConnection) {
        self.connection = connection
        method = header.serviceMethod
        seq = header.seq
        hasContext = header.hasContext
        inbound =
            hasContext
            ? InboundContext(
                trace: TraceContext(traceparent: header.traceparent, tracestate: header.tracestate),
                timeout: header.timeout > 0 ? .nanoseconds(header.timeout) : nil,
                idempotencyKey: header.idempotencyKey.isEmpty ? nil : header.idempotencyKey, peer: connection.peer)
            : InboundContext(peer: connection.peer)
    }

    /// Runs `body` beside the other calls of the connection; it ends in ``succeed(_:)``, or throws.
    @usableFromInline
    func run(_ body: @escaping @Sendable (NetRPCServerCall) async throws -> Void) { connection.run(self, body) }

    @inlinable
    func succeed<Reply: FieldValue>(_ reply: Reply) {
        guard let encoder = beginReply() else { return }
        encoder.encode(reply)
        endReply()
    }

    /// Nil when nobody would get it.
    @usableFromInline
    func beginReply() -> GobEncoder? {
        guard !connection.connection.isClosed else { return nil }
        connection.encoder.encode(ResponseHeader(serviceMethod: method, seq: seq))
        return connection.encoder
    }

    @usableFromInline
    func endReply() { connection.sendEncoded() }

    func fail(_ error: ServiceError) {
        guard !connection.connection.isClosed else { return }
        // An empty text would be a success.
        let text = error.message.isEmpty ? error.code.rawValue : error.message
        if hasContext {
            connection.encoder.encode(
                CodedResponseHeader(serviceMethod: method, seq: seq, error: text, code: error.code.rawValue))
        } else {
            connection.encoder.encode(ResponseHeader(serviceMethod: method, seq: seq, error: text))
        }
        connection.encoder.encode(EmptyBody())
        connection.sendEncoded()
    }
}
