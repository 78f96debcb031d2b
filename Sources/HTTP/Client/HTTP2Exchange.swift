internal import MartletCore
internal import MartletRuntime

/// One call over HTTP/2: a request to a stream, a stream to a response.
struct HTTP2Exchange {
    private let call: ClientCall
    private let limits: HTTPClient.Limits

    /// A response's body of up to this size that has arrived with its head is handed over as bytes.
    private static let wholeBodyLimit = 64 << 10

    init(_ call: ClientCall, limits: HTTPClient.Limits) {
        self.call = call
        self.limits = limits
    }

    /// Sends the request and reads the head of the response, and the body if it is there already.
    /// - Throws: ``ExchangeFailure``; the stream is over then.
    func send(on connection: HTTP2ClientConnection) async throws -> HTTPResponse {
        guard !Task.isCancelled else { throw ExchangeFailure(cause: CancellationError(), mayRepeat: false) }
        guard let stream = begin(on: connection) else {
            throw ExchangeFailure(
                cause: ServiceError(.unavailable, "\(call.base.origin): no stream can be begun"), mayRepeat: true)
        }
        let upload = send(call.request.body, on: stream, connection.connection.loop)
        let loop = connection.connection.loop
        return try await withTaskCancellationHandler {
            try await awaitHead(of: stream, upload)
            return response(from: stream, on: loop)
        } onCancel: {
            loop.execute { stream.reset(.cancel) }
        }
    }

    // MARK: Request

    private func begin(on connection: HTTP2ClientConnection) -> HTTP2Stream? {
        let request = call.request
        var headers = request.headers
        call.context.add(to: &headers, now: .now)
        let framing = HTTPRequestEncoder.framing(request.method, length: request.body.length)
        let length: Int? = if case .length(let length) = framing { length } else { nil }
        let target = target(of: request)
        return target.withUnsafeBytes { target in
            connection.begin(
                request.method, target, headers: headers, authority: call.base.origin.authority,
                scheme: call.base.origin.isSecure ? "https" : "http",
                isLast: request.body.isEmpty, contentLength: length)
        }
    }

    /// Path and query, not the target: a received request that is passed on may have one in absolute form.
    private func target(of request: HTTPRequest) -> [UInt8] {
        var target: [UInt8] = []
        request.withPathBytes { path in
            if path.first == UInt8(ascii: "/") { target += Array(call.base.prefix.utf8) }
            target += path
        }
        if let query = request.head.requestLine.query {
            target.append(UInt8(ascii: "?"))
            target += request.head.bytes(of: query)
        }
        return target
    }

    /// What ended the sending of a body early.
    private final class Upload: @unchecked Sendable {  // Touched on the stream's loop alone.
        var failure: (any Error)?
    }

    private func send(_ body: HTTPBody, on stream: HTTP2Stream, _ loop: EventLoop) -> Upload? {
        switch body.storage {
        case .empty: return nil
        case .bytes(let bytes):
            stream.send(bytes)
            stream.finish()
            return nil
        case .string(let string):
            stream.send(Array(string.utf8))
            stream.finish()
            return nil
        case .source, .producer:
            let upload = Upload()
            stream.run { stream in
                do {
                    try await HTTP2BodyWriter(stream, on: loop, length: body.length).send(body)
                } catch {
                    // A server may answer, and want no more of the request.
                    guard !stream.isOver else { return }
                    upload.failure = error
                    stream.reset(.cancel)
                }
            }
            return upload
        }
    }

    // MARK: Response

    private func awaitHead(of stream: HTTP2Stream, _ upload: Upload?) async throws {
        while true {
            if let rejection = stream.rejection {
                stream.reset(.cancel)
                throw ExchangeFailure(
                    cause: unavailable("the answer is not valid HTTP: \(rejection.reason)"), mayRepeat: false)
            }
            if stream.status != nil { return }
            if let code = stream.closeCode { throw failure(of: stream, code, upload) }
            guard await stream.moreInput(until: waitLimit) else {
                stream.reset(.cancel)
                throw ExchangeFailure(cause: lateness, mayRepeat: false)
            }
        }
    }

    /// Without a deadline of the call, each wait is bounded by itself.
    private var waitLimit: MonotonicTime { call.deadline == .never ? .now + limits.stall : call.deadline }

    private var lateness: ServiceError { call.lateness }

    private func unavailable(_ reason: String) -> ServiceError {
        ServiceError(.unavailable, "\(call.base.origin): \(reason)")
    }

    private func failure(of stream: HTTP2Stream, _ code: HTTP2ErrorCode, _ upload: Upload?) -> ExchangeFailure {
        if Task.isCancelled { return ExchangeFailure(cause: CancellationError(), mayRepeat: false) }
        if let failure = upload?.failure { return ExchangeFailure(cause: failure, mayRepeat: false) }
        // What the server says that it has not looked at may be sent again (RFC 9113 §8.7), what may have been lost
        // under way only if that does no harm.
        let wasNotSeen = code == .refusedStream || stream.isUnsent
        let mayRepeat = call.hasReplayableBody && (wasNotSeen || stream.isLost && call.isRepeatable)
        let reason = stream.isLost ? "the connection broke before an answer" : "the server reset the stream: \(code)"
        return ExchangeFailure(cause: unavailable(reason), mayRepeat: mayRepeat)
    }

    private func response(from stream: HTTP2Stream, on loop: EventLoop) -> HTTPResponse {
        var response = HTTPResponse(stream.status ?? .badGateway, headers: stream.headers)
        if stream.inputHasEnded, stream.trailers.isEmpty, stream.inputCount <= Self.wholeBodyLimit {
            if stream.inputCount > 0 { response.body = .bytes(stream.takeInput()) }
            return response
        }
        let origin = call.base.origin
        let pace = HTTP2BodySource.Pace(pause: limits.stall, deadline: call.deadline, lateness: lateness) { error in
            ServiceError(.unavailable, "\(origin): \(error)")
        }
        response.body = .source(HTTP2BodySource(stream, on: loop, limit: .max, pace: pace))
        return response
    }
}

extension HTTPRequestEncoder.Context {
    /// What the call's context adds where the request does not speak for itself.
    fileprivate func add(to headers: inout HTTPHeaders, now: MonotonicTime) {
        if !headers.contains("user-agent") { headers.add("user-agent", "martlet") }
        if let trace, !headers.contains("traceparent") {
            headers.add("traceparent", trace.traceparent)
            if let state = trace.state, !headers.contains("tracestate"), TraceContext.carriedState(state) != nil {
                headers.add("tracestate", state)
            }
        }
        if let deadline, !headers.contains("grpc-timeout") {
            // Rounded up, so that what is left is never none.
            let left = Duration.nanoseconds(Int64(clamping: deadline.nanoseconds(since: now)))
            headers.add("grpc-timeout", CallTimeout.format(max(left, .microseconds(1))))
        }
        if let idempotencyKey, !headers.contains("idempotency-key") { headers.add("idempotency-key", idempotencyKey) }
    }
}
