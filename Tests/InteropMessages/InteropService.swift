internal import MartletCore
package import MartletWire

/// grpc.testing.TestService, as far as it knows no transport.
package struct InteropService: RPCService {
    package static let serviceName = "grpc.testing.TestService"
    package static let schema: SchemaFile? = nil

    /// Called at the beginning of each call: what only gRPC can do.
    private let prepare: @Sendable (_ compressed: Bool) -> Void
    private let sleep: @Sendable (Duration) async throws -> Void

    package init(
        prepare: @escaping @Sendable (_ compressed: Bool) -> Void,
        sleep: @escaping @Sendable (Duration) async throws -> Void
    ) {
        self.prepare = prepare
        self.sleep = sleep
    }

    /// A payload larger than this, in bytes, is refused.
    private static let payloadLimit: Int32 = 16 << 20

    package func visitMethods<V: RPCMethodVisitor>(_ visit: inout V) {
        visit.unary("EmptyCall", Endpoint("EmptyCall") { (_: Empty) in Empty() })
        visit.unary("UnaryCall", Endpoint("UnaryCall", unaryCall))
        visit.streaming(
            "StreamingOutputCall",
            Endpoint("StreamingOutputCall") {
                (call: RPCStream<StreamingOutputCallRequest, StreamingOutputCallResponse>) in
                prepare(false)
                guard let request = try await call.requests.next() else { return }
                try await answer(request, call.responses)
            }, kind: .serverStreaming)
        visit.streaming(
            "StreamingInputCall",
            Endpoint("StreamingInputCall") { (call: RPCStream<StreamingInputCallRequest, StreamingInputCallResponse>) in
                prepare(false)
                var response = StreamingInputCallResponse()
                for try await request in call.requests {
                    response.aggregatedPayloadSize &+= Int32(clamping: request.payload?.body.count ?? 0)
                }
                try await call.responses.send(response)
            }, kind: .clientStreaming)
        visit.streaming(
            "FullDuplexCall",
            Endpoint("FullDuplexCall") { (call: RPCStream<StreamingOutputCallRequest, StreamingOutputCallResponse>) in
                prepare(false)
                for try await request in call.requests { try await answer(request, call.responses) }
            }, kind: .bidirectional)
    }

    @Sendable
    private func unaryCall(_ request: SimpleRequest) async throws -> SimpleResponse {
        prepare(request.responseCompressed?.value == true)
        try Self.check(request.responseStatus)
        var response = SimpleResponse()
        if request.responseSize > 0 { response.payload = try Self.payload(request.responseSize) }
        return response
    }

    private func answer(
        _ request: StreamingOutputCallRequest, _ responses: MessageSink<StreamingOutputCallResponse>
    ) async throws {
        try Self.check(request.responseStatus)
        for wanted in request.responseParameters {
            if wanted.intervalMicroseconds > 0 { try await sleep(.microseconds(wanted.intervalMicroseconds)) }
            var response = StreamingOutputCallResponse()
            response.payload = try Self.payload(wanted.size)
            try await responses.send(response)
        }
    }

    private static func payload(_ size: Int32) throws -> Payload {
        guard (0...payloadLimit).contains(size) else { throw ServiceError(.invalidArgument, "no such size") }
        return Payload(zeros: Int(size))
    }

    private static func check(_ wanted: EchoStatus?) throws {
        guard let wanted, wanted.code != 0 else { return }
        let code = ServiceError.Code.allCases[Int(wanted.code).clamped(1, 16) - 1]
        throw ServiceError(code, wanted.message)
    }
}

extension Int {
    fileprivate func clamped(_ low: Int, _ high: Int) -> Int { Swift.min(Swift.max(self, low), high) }
}
