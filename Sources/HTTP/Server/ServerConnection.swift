internal import MartletCore
internal import MartletRuntime

/// One client: reads requests, calls the handler, writes answers in order. One task, on the connection's loop.
final class ServerConnection: @unchecked Sendable {  // Touched on its loop alone, by its task and callbacks.
    let connection: Connection
    let loop: ServerLoop
    let limits: HTTPServer.Limits
    let tls: HTTPServer.TLS?
    private let handler: HTTPHandler
    private let acceptor: (any HTTP2Acceptor)?
    private let onEnd: @Sendable () -> Void
    private var parser: HTTPRequestParser
    private var isFirstRequest = true
    /// When the head that has begun must be complete.
    private var headDeadline: MonotonicTime?
    /// Waits for the first byte of a request.
    var isIdle = false
    var task: Task<Void, Never>?

    /// Of a client that speaks HTTP/2.
    private var http2: HTTP2ServerConnection?

    /// The head of the answer to the current request is written.
    var hasBegunAnswer = false

    /// Answers that have not been flushed are written at once when they come to more than this.
    private static let flushThreshold = 64 << 10
    /// A body of up to this size that has arrived with its head is handed over as bytes.
    private static let wholeBodyLimit = 64 << 10
    /// An unread rest of a body of up to this size is read over to keep the connection.
    private static let discardLimit = 64 << 10

    init(
        _ connection: Connection, loop: ServerLoop, handler: HTTPHandler, acceptor: (any HTTP2Acceptor)?,
        limits: HTTPServer.Limits, tls: HTTPServer.TLS?, onEnd: @escaping @Sendable () -> Void
    ) {
        self.connection = connection
        self.loop = loop
        self.handler = handler
        self.acceptor = acceptor
        self.limits = limits
        self.tls = tls
        self.onEnd = onEnd
        parser = HTTPRequestParser(limits: limits.head, peer: connection.peer?.description)
    }

    func serve() async {
        connection.onDisconnect = { [weak self] in self?.task?.cancel() }
        let token = loop.loop.describeCurrentTask(self)
        do {
            if try await secure() {
                if try await beginsInHTTP2() { try await serveHTTP2() } else { try await serveRequests() }
            }
        } catch {
            // The client is gone, or took too long: there is nobody to tell.
        }
        loop.loop.forgetActivity(token)
        end()
    }

    private func end() {
        connection.onDisconnect = nil
        connection.close()
        task = nil
        loop.end(self)
        onEnd()
    }

    /// One connection too many.
    func refuse() async {
        // What could be said without a handshake, no client would understand.
        if tls != nil { return end() }
        do {
            let error = HTTPError(.serviceUnavailable, "too many connections")
            try await answerAndClose(HTTPResponse(failure: error))
        } catch {
            // It does not want to know.
        }
        end()
    }

    /// Ends the connection when what was begun on it is finished.
    func drain() {
        if let http2 { http2.drain() } else if isIdle { connection.close() }
    }

    func abort() {
        task?.cancel()
        connection.close()
    }
}

// MARK: Time

extension ServerConnection {
    /// Waits for bytes, with the connection left open when none come: a client that is too slow is told so.
    /// - Throws: `ConnectionError.timedOut`, and the others when the connection is over.
    func moreInput(until deadline: MonotonicTime) async throws(ConnectionError) -> Bool {
        connection.deadline = .never
        return try await connection.moreInput(until: deadline)
    }
}

extension ServerConnection: EventLoop.Activity {
    /// The request that is being worked on, for naming it when it holds the loop.
    var currentActivity: String {
        if let http2 { return http2.activity ?? "HTTP/2" }
        let line = parser.head.requestLine
        return "\(line.method.name) \(String(bytes: parser.head.bytes(of: line.path)))"
    }
}

// MARK: Which HTTP

extension ServerConnection {
    /// The first bytes decide: HTTP/2 always begins with its preface, whether the client knew before that it is spoken
    /// here or agreed on it by ALPN, and nothing else begins like that.
    private func beginsInHTTP2() async throws -> Bool {
        guard limits.http2IsEnabled else { return false }
        var deadline = MonotonicTime.now + limits.firstByte
        isIdle = true
        defer { isIdle = false }
        while true {
            switch HTTP2Preface.match(connection.input.readableBytes) {
            case .yes: return true
            case .no: return false
            case .needsMore:
                if !connection.input.isEmpty {
                    isIdle = false
                    headDeadline = headDeadline ?? .now + limits.headTime
                    deadline = headDeadline ?? deadline
                }
                // Too late, or at its end: HTTP/1.1 knows what to say to that.
                if loop.isDraining, connection.input.isEmpty { return false }
                do {
                    guard try await moreInput(until: deadline) else { return false }
                } catch {
                    guard error == .timedOut, !connection.input.isEmpty else { throw error }
                    return false
                }
            }
        }
    }

    private func serveHTTP2() async throws {
        guard let http2 = HTTP2ServerConnection(self, handler: handler, acceptor: acceptor) else { return }
        self.http2 = http2
        defer { self.http2 = nil }
        try await http2.serve()
    }
}

// MARK: Requests

extension ServerConnection {
    private func serveRequests() async throws {
        while true {
            let consumed: Int?
            do throws(HTTPParseError) {
                consumed = try parser.parse(connection.input.readableBytes)
            } catch {
                return try await answerAndClose(HTTPResponse(failure: error))
            }
            if let consumed {
                connection.input.consume(consumed)
                guard try await serveRequest() else { return }
                if connection.output.count > Self.flushThreshold { try await drainOutput() }
            } else {
                guard try await waitForRequest() else { return }
            }
        }
    }

    /// False: the connection is over.
    private func waitForRequest() async throws -> Bool {
        // With the other connections' answers: handlers run one after the other, and then the kernel sends.
        if !connection.output.isEmpty { connection.flushSoon() }
        if connection.input.isEmpty {
            if loop.isDraining {
                // The last answer may have been begun before, and not have left yet.
                try await finishClosing(expectsMore: false)
                return false
            }
            headDeadline = nil
            isIdle = true
            defer { isIdle = false }
            return try await moreInput(until: .now + (isFirstRequest ? limits.firstByte : limits.idle))
        }
        // Absolute: set at the head's first byte and not moved by the next ones.
        let deadline = headDeadline ?? .now + limits.headTime
        headDeadline = deadline
        do {
            return try await moreInput(until: deadline)
        } catch {
            guard error == .timedOut else { throw error }
            try await answerAndClose(HTTPResponse(.requestTimeout))
            return false
        }
    }

    /// Whether another request may follow.
    private func serveRequest() async throws -> Bool {
        isFirstRequest = false
        headDeadline = nil
        hasBegunAnswer = false
        let minorVersion = parser.head.requestLine.minorVersion
        let isHead = parser.head.requestLine.method == .head
        guard parser.framing.expectation != .unknown || minorVersion == 0 else {
            try await answerAndClose(HTTPResponse(failure: HTTPError(.expectationFailed, "unknown expectation")))
            return false
        }
        let (body, source) = takeBody()
        // Earlier answers do not wait for a handler that suspends; those of handlers that do not leave together.
        if !connection.output.isEmpty { connection.flushSoon() }
        let response: HTTPResponse
        do {
            response = try await handler(parser.request(body: body))
        } catch {
            response = HTTPResponse(failure: error)
        }
        var keepAlive = parser.isPersistent && !loop.isDraining
        // Who streams an answer may read while writing: what is left of the body shows only when that is over.
        let mayReadOn = !isHead && response.body.isStreamed
        if let source {
            if mayReadOn { source.allowReading(while: response.status) }
            keepAlive = (mayReadOn ? !source.isBroken : source.canBeFinished(within: Self.discardLimit)) && keepAlive
        }
        let streamed: HTTPResponseEncoder.Body?
        (keepAlive, streamed) = begin(response, isHead: isHead, minorVersion: minorVersion, keepAlive: keepAlive)
        if let streamed { try await stream(response.body, streamed) }
        if keepAlive, mayReadOn, let source { keepAlive = source.canBeFinished(within: Self.discardLimit) }
        guard keepAlive else {
            try await finishClosing(expectsMore: source?.isFinished == false)
            return false
        }
        if let source {
            if !source.isFinished { try connection.flush() }
            try await source.finish()
        }
        return true
    }

    /// The body of the request whose head was just read: bytes if they are all here, else a source.
    private func takeBody() -> (HTTPBody, ConnectionBodySource?) {
        switch parser.bodyFraming {
        case .none, .untilClose, .length(0): return (.empty, nil)
        case .length(let length)
        where length <= min(Self.wholeBodyLimit, limits.bodyBytes) && connection.input.count >= length:
            let bytes = [UInt8](connection.input.readableBytes.prefix(length))
            connection.input.consume(length)
            return (.bytes(bytes), nil)
        case .length, .chunked:
            let source = ConnectionBodySource(
                self, framing: parser.bodyFraming,
                awaitsContinue: parser.framing.expectation == .continues && parser.head.requestLine.minorVersion >= 1)
            return (.source(source), source)
        }
    }
}

// MARK: Closing

extension ServerConnection {
    /// Answers what could not be understood, or may not go on.
    func answerAndClose(_ response: HTTPResponse) async throws {
        _ = try await send(response, isHead: false, minorVersion: 1, keepAlive: false)
        try await finishClosing(expectsMore: true)
    }

    /// Sees that everything written arrives. Closing a socket with unread bytes resets it, and the reset can overtake
    /// the answer; so the client's rest is read and thrown away for a while.
    private func finishClosing(expectsMore: Bool) async throws {
        connection.deadline = .now + limits.writeStall
        try connection.flush()
        try await connection.finished()
        guard expectsMore || !connection.input.isEmpty else { return }
        connection.shutdownWrite()
        try await discardInput()
    }

    private func discardInput() async throws {
        let deadline = MonotonicTime.now + limits.linger
        var discarded = 0
        while true {
            discarded += connection.input.count
            connection.input.removeAll()
            guard discarded < limits.lingerBytes else { return }
            guard try await moreInput(until: deadline) else { return }
        }
    }

    /// Sends what is queued; suspends while the client is slower.
    func drainOutput() async throws {
        try connection.flush()
        connection.deadline = .now + limits.writeStall
        try await connection.drained()
    }
}
