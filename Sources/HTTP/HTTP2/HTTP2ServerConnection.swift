internal import MartletCore
internal import MartletRuntime

/// What takes streams for itself before they become requests for the HTTP handler: gRPC.
package protocol HTTP2Acceptor: Sendable {
    /// On the stream's loop, once its head is complete; the body may have come with it, whole or in part.
    /// - Returns: whether it is taken: from then on the acceptor answers it, as its observer or by a task of its
    ///   (``HTTP2Stream/run(_:)``).
    func accept(_ stream: HTTP2Stream) -> Bool
}

/// One client that speaks HTTP/2: its streams are requests, each handled in a task of its own.
final class HTTP2ServerConnection: @unchecked Sendable {  // Touched on its loop alone.
    private let transport: HTTP2Transport
    private let session: HTTP2Session
    private let loop: ServerLoop
    private let limits: HTTPServer.Limits
    private let handler: HTTPHandler
    private let acceptor: (any HTTP2Acceptor)?
    /// Requests that wait until the client has taken what is queued for it.
    private var held: [HTTP2Stream] = []
    private var drainState = DrainState.none
    /// Whose handler was begun last, for naming it when it holds the loop.
    private var current: HTTP2Stream?

    private enum DrainState: Equatable {
        case none
        /// The client was told not to begin any more. What is on its way to us is served until this time.
        case announced(until: MonotonicTime)
        case final
    }

    /// A body of up to this size, in bytes, that has arrived with its head is handed over whole.
    private static let wholeBodyLimit = 64 << 10
    /// How long a client may take to see the first GOAWAY.
    private static let announcement: Duration = .seconds(1)

    /// Nil when there is no memory.
    init?(_ server: ServerConnection, handler: HTTPHandler, acceptor: (any HTTP2Acceptor)?) {
        loop = server.loop
        limits = server.limits
        self.handler = handler
        self.acceptor = acceptor
        guard
            let session = HTTP2Session(
                .server, limits: limits.http2, head: limits.head, peer: server.connection.peer?.description,
                on: loop.loop)
        else { return nil }
        self.session = session
        transport = HTTP2Transport(
            server.connection, session, HTTP2Transport.Times(stall: limits.writeStall, linger: limits.linger))
    }

    /// Until the client or this side has had enough.
    func serve() async throws {
        session.onRequest = { [unowned self] in request($0) }
        transport.onWritten = { [unowned self] in beginHeld() }
        transport.onChange = { [unowned self] in changed() }
        transport.onTime = { [unowned self] in timePassed($0) }
        if loop.isDraining { drain() }
        try await transport.run()
    }

    var activity: String? {
        current.map { stream in "\(stream.method.name) \(stream.withTarget { String(bytes: $0) })" }
    }

    // MARK: Requests

    private func request(_ stream: HTTP2Stream) {
        current = stream
        if let rejection = stream.rejection {
            _ = begin(HTTPResponse(failure: rejection), on: stream)
        } else if let acceptor, acceptor.accept(stream) {
            // Its business.
        } else if session.queued > limits.http2.queuedOutput || !held.isEmpty {
            held.append(stream)
        } else {
            handle(stream)
        }
    }

    private func beginHeld() {
        guard !held.isEmpty, session.queued <= limits.http2.queuedOutput else { return }
        let waiting = held
        held = []
        for (index, stream) in waiting.enumerated() {
            if session.queued > limits.http2.queuedOutput {
                held = Array(waiting[index...])
                return
            }
            if !stream.isOver { handle(stream) }
        }
    }

    private func handle(_ stream: HTTP2Stream) {
        let request = HTTPRequest(head: stream.head, body: takeBody(of: stream))
        stream.run { [self] stream in
            let response: HTTPResponse
            do {
                response = try await handler(request)
            } catch {
                response = HTTPResponse(failure: error)
            }
            if begin(response, on: stream) { await send(response.body, on: stream) }
        }
    }

    private func takeBody(of stream: HTTP2Stream) -> HTTPBody {
        if stream.inputHasEnded, stream.trailers.isEmpty,
            stream.inputCount <= min(Self.wholeBodyLimit, limits.bodyBytes)
        {
            return stream.inputCount == 0 ? .empty : .bytes(stream.takeInput())
        }
        let pace = HTTP2BodySource.Pace(pause: limits.bodyPause, rate: limits.bodyRate, grace: limits.bodyGrace)
        return .source(HTTP2BodySource(stream, on: loop.loop, limit: limits.bodyBytes, pace: pace))
    }

    // MARK: Answers

    /// Submits the head, and the body if it is all there. Returns whether the body is still to be streamed.
    private func begin(_ response: HTTPResponse, on stream: HTTP2Stream) -> Bool {
        guard !stream.isOver else { return false }
        guard HTTPResponseEncoder.isSendable(response.headers) else {
            return begin(HTTPResponse(failure: ServiceError(.internal, "internal error")), on: stream)
        }
        let length = response.status.forbidsBody ? nil : response.body.length
        let isLast = stream.method == .head || response.status.forbidsBody || length == 0
        stream.sendHead(
            response.status, response.headers, isLast: isLast, contentLength: length, date: loop.dateValue(at: .now))
        guard !isLast else { return false }
        switch response.body.storage {
        case .empty: break
        case .bytes(let bytes): stream.send(bytes)
        case .string(let string): stream.send(Array(string.utf8))
        case .source, .producer: return true
        }
        stream.finish()
        return false
    }

    private func send(_ body: HTTPBody, on stream: HTTP2Stream) async {
        do {
            try await HTTP2BodyWriter(stream, on: loop.loop, length: body.length).send(body)
        } catch {
            // The head is gone: all that can be said is that this is not the whole body.
            stream.reset(.internalError)
        }
    }

    // MARK: The end

    private func timePassed(_ now: MonotonicTime) -> MonotonicTime {
        switch drainState {
        case .final: return .never
        case .announced(let limit):
            if limit <= now { goAway() }
            return limit
        case .none:
            // While streams are open it is looked at again when that could be over.
            guard session.streams.isEmpty else { return now + limits.idle }
            let idleDeadline = session.lastChange + limits.idle
            if idleDeadline <= now { drain() }
            return idleDeadline
        }
    }

    /// Lets what was begun finish, and with it the connection. Two GOAWAYs, with the time of a PING between them: what
    /// the client began before it saw the first is served too.
    func drain() {
        guard drainState == .none else { return }
        let limit = MonotonicTime.now + Self.announcement
        drainState = .announced(until: limit)
        session.announceEnd()
        transport.wake(at: limit)
    }

    private func changed() {
        if case .announced = drainState, session.state.pingsInFlight == 0 { goAway() }
    }

    private func goAway() {
        guard drainState != .final else { return }
        drainState = .final
        session.goAway()
    }
}
