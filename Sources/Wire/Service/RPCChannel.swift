public import MartletCore

/// The client's side of a transport of remote procedures: what a generated client makes its calls on.
///
///     let logs = LogServiceClient(channel)
///     let answer = try await logs.writeLog(LogRequest(logEntry: entry))
///
/// A channel writes trace and deadline of the current ``CallContext`` to its own wire, and says every failure as a
/// ``ServiceError``: the other side's as it came, `unavailable` where nobody answers.
public protocol RPCChannel: Sendable {
    /// One request, one response.
    /// - Parameter path: The service's name and the method's: `/logs.LogService/WriteLog`.
    func unary<Request: Message, Response: Message>(
        _ path: String, _ request: Request, as response: Response.Type
    ) async throws -> Response

    /// A call in which either side, or both, may send any number of messages. It lasts as long as `body` does: one that
    /// is still open when `body` returns or throws is cancelled.
    /// - Throws: what `body` throws; a transport that cannot stream, `unimplemented`.
    func streaming<Request: Message, Response: Message, Result: Sendable>(
        _ path: String, kind: RPCKind, _ request: Request.Type, _ response: Response.Type,
        _ body: (RPCCall<Request, Response>) async throws -> Result
    ) async throws -> Result
}

/// Both directions of a streaming call, as its caller sees them; ``RPCStream`` is the other end.
public struct RPCCall<Request: Sendable, Response: Sendable>: Sendable {
    public let requests: RequestSink<Request>
    public let responses: MessageSource<Response>

    public init(requests: RequestSink<Request>, responses: MessageSource<Response>) {
        self.requests = requests
        self.responses = responses
    }
}

/// Where a caller's messages go. Used by one task.
open class RequestSink<Element: Sendable>: MessageSink<Element>, @unchecked Sendable {
    // @unchecked: as `MessageSink`.

    /// Says that no more requests come; the responses go on. A second time does nothing.
    open func finish() async throws {}
}

// What generated clients call, by the kind of the method.
extension RPCChannel {
    /// One request; the responses are for `body` to read.
    @inlinable
    public func serverStreaming<Request: Message, Response: Message, Result: Sendable>(
        _ path: String, _ request: Request, as response: Response.Type,
        _ body: (MessageSource<Response>) async throws -> Result
    ) async throws -> Result {
        try await streaming(path, kind: .serverStreaming, Request.self, response) { call in
            try await call.requests.send(request)
            try await call.requests.finish()
            return try await body(call.responses)
        }
    }

    /// `body` sends the requests; the response is read after it.
    @inlinable
    public func clientStreaming<Request: Message, Response: Message>(
        _ path: String, _ request: Request.Type, as response: Response.Type,
        _ body: (RequestSink<Request>) async throws -> Void
    ) async throws -> Response {
        try await streaming(path, kind: .clientStreaming, request, response) { call in
            try await body(call.requests)
            try await call.requests.finish()
            guard let answer = try await call.responses.next(), try await call.responses.next() == nil else {
                throw ServiceError(.internal, "\(path): the server did not send exactly one response")
            }
            return answer
        }
    }
}
