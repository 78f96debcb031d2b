public import MartletCore
package import MartletHTTP
internal import MartletRuntime
public import MartletWire
internal import Synchronization

/// One call, as its handler can see it: what came besides the message, and what is to go back besides it.
///
///     if let call = GRPCServerCall.current {
///         let user = call.metadata["x-user"]
///         call.setTrailers(["x-entries": "12"])
///     }
public final class GRPCServerCall: @unchecked Sendable {
    // @unchecked: touched on the stream's loop alone, but for `outgoing`, which has a lock, and what never changes.

    /// The call that the current task serves; nil when another transport brought it.
    @TaskLocal public static var current: GRPCServerCall?

    package let stream: HTTP2Stream
    let method: GRPCMethod
    let loop: EventLoop
    let headers: HTTPHeaders
    let timeout: Duration?
    let peer: String?
    private let head: GRPCRequestHead
    private let limits: GRPCServer.Limits
    private let arrival: MonotonicTime

    var inbox: GRPCInbox
    /// A call with one message: that, once it is there.
    private var request: GRPCInbox.Frame?
    /// A call with one answer: that, until the handler has returned.
    private var response: [UInt8]?
    private var deadline: LoopTimer?
    private var hasBegun = false
    private var hasSentHead = false
    private var compressesAnswers = false
    /// The status has been sent: nothing more comes of this call.
    private var isFinished = false

    /// Made when the handler first has something to say.
    private let outgoing = AtomicLazyReference<Locked<Outgoing>>()

    struct Outgoing {
        var initial = GRPCMetadata()
        var trailing = GRPCMetadata()
        var compression: GRPCCompression?
    }

    init(
        _ stream: HTTP2Stream, _ method: GRPCMethod, _ head: GRPCRequestHead, _ limits: GRPCServer.Limits,
        on loop: EventLoop
    ) {
        self.stream = stream
        self.method = method
        self.head = head
        self.limits = limits
        self.loop = loop
        headers = stream.headers
        timeout = head.timeout
        peer = stream.peer
        arrival = head.timeout == nil ? .never : .now
        inbox = GRPCInbox(limit: limits.messageBytes)
    }
}

// MARK: For handlers

extension GRPCServerCall {
    /// `/logs.LogService/WriteLog`
    public var path: String { method.path }

    /// What the client sent along, read anew each time.
    public var metadata: GRPCMetadata { GRPCMetadata(headers) }

    /// When the client stops waiting.
    public var clientDeadline: MonotonicTime? { timeout.map { arrival + $0 } }

    /// Goes out before the first answer. Too late once one has been sent.
    public func setInitialMetadata(_ metadata: GRPCMetadata) { reply { $0.initial = metadata } }

    /// Goes out after the last answer, with the status.
    public func setTrailers(_ metadata: GRPCMetadata) { reply { $0.trailing = metadata } }

    /// Compresses the answers if the client takes that. Too late once one has been sent.
    public func compressAnswers(with compression: GRPCCompression) { reply { $0.compression = compression } }

    private func reply(_ change: @Sendable (inout Outgoing) -> Void) {
        let said = outgoing.load() ?? outgoing.storeIfNil(Locked(Outgoing()))
        said.withLock { change(&$0) }
    }

    private var said: Outgoing? { outgoing.load()?.withLock { $0 } }
}

extension GRPCServerCall.Outgoing: Sendable {}

// MARK: Its life

extension GRPCServerCall {
    /// On the loop, with the head there, and perhaps all of the request.
    func begin() {
        if head.hasMalformedTimeout { return fail(ServiceError(.internal, "malformed grpc-timeout")) }
        guard head.encoding != nil else {
            let encoding = headers["grpc-encoding"] ?? ""
            return fail(ServiceError(.unimplemented, "messages in '\(encoding)' are not understood"))
        }
        if let timeout {
            guard timeout > .zero else { return fail(Self.late) }
            let timer = LoopTimer(on: loop) { [unowned self] in runOutOfTime() }
            timer.schedule(at: arrival + timeout)
            deadline = timer
        }
        stream.observer = self
        if method.takesOneMessage { collectRequest() } else { start() }
    }

    private func start() {
        guard !hasBegun, !isFinished else { return }
        hasBegun = true
        stream.run { _ in await self.serve() }
    }

    private func collectRequest() {
        guard !hasBegun, !isFinished else { return }
        if stream.inputCount > 0 { inbox.append(stream.takeInput()) }
        do {
            if request == nil { request = try inbox.next() }
            guard request == nil || inbox.count == 0 else { throw Self.tooMany }
            guard stream.inputHasEnded else { return }
            guard request != nil else { throw inbox.count == 0 ? Self.nothing : Self.truncated }
        } catch {
            return fail(error)
        }
        start()
    }

    private func serve() async {
        do {
            try await Self.$current.withValue(self) { try await method.endpoint(self) }
            try succeed()
        } catch {
            fail(error)
        }
    }

    private func succeed() throws {
        guard !isFinished else { return }
        if let response {
            try sendHead()
            stream.send(try encoded(response))
            self.response = nil
        } else if method.kind == .unary || method.kind == .clientStreaming, !hasSentHead {
            throw ServiceError(.internal, "no answer was sent")
        } else {
            try sendHead()
        }
        finish(GRPCHeads.success)
    }

    func fail(_ error: any Error) {
        guard !isFinished else { return }
        let status = GRPCStatus(error)
        var trailers = hasSentHead ? HTTPHeaders() : GRPCHeads.plain
        status.add(to: &trailers)
        if head.encoding == nil { trailers.add("grpc-accept-encoding", "identity,gzip") }
        if hasSentHead { return finish(trailers) }
        // Without a message the status is all there is: one block of fields.
        hasSentHead = true
        isFinished = true
        said?.trailing.add(to: &trailers)
        stream.sendHead(.ok, trailers, isLast: true)
        end()
    }

    private func finish(_ trailers: HTTPHeaders) {
        isFinished = true
        if let said, !said.trailing.isEmpty {
            var all = trailers
            said.trailing.add(to: &all)
            stream.finish(trailers: all)
        } else {
            stream.finish(trailers: trailers)
        }
        end()
    }

    private func end() {
        deadline?.cancel()
        deadline = nil
    }

    private func runOutOfTime() {
        guard !isFinished else { return }
        fail(Self.late)
        stream.cancelTask()
        // The client has stopped waiting; what it does not take now it will not take later.
        if stream.queuedBytes > 0 { stream.reset(.cancel) }
    }

    private static let late = ServiceError(.deadlineExceeded, "the call was not done before its deadline")
    private static let tooMany = ServiceError(.unimplemented, "more than one message for a method that takes one")
    private static let nothing = ServiceError(.unimplemented, "no message for a method that takes one")
    private static let truncated = ServiceError(.internal, "the request ends inside a message")
    private static let gone = ServiceError(.cancelled, "the call is over")
}

extension GRPCServerCall: HTTP2StreamObserver {
    package func streamReceived(_ stream: HTTP2Stream) {
        if isFinished {
            _ = stream.takeInput()
        } else if method.takesOneMessage {
            collectRequest()
        }
    }

    package func streamDrained(_ stream: HTTP2Stream) {}

    package func streamClosed(_ stream: HTTP2Stream) {
        isFinished = true
        end()
    }
}

// MARK: Messages

extension GRPCServerCall {
    /// The one message of the request.
    @usableFromInline
    func takeRequest<Request: Message>(_ type: Request.Type) throws -> Request {
        guard let request else { throw Self.nothing }
        return try decode(type, request)
    }

    /// The one message of the answer.
    @inlinable
    func answer<Response: Message>(_ message: Response) { answer(frame: GRPCFraming.frame(message)) }

    @usableFromInline
    func answer(frame: [UInt8]) { response = frame }

    @inlinable
    func decode<Value: Message>(_ type: Value.Type, _ frame: GRPCInbox.Frame) throws -> Value {
        try withMessage(frame) { try GRPCFraming.decode(type, $0, limit: messageLimit) }
    }

    @usableFromInline var messageLimit: Int { limits.messageBytes }

    @usableFromInline
    func withMessage<Result>(
        _ frame: GRPCInbox.Frame, _ body: (UnsafeRawBufferPointer) throws -> Result
    ) throws -> Result {
        try inbox.bytes.withUnsafeBytes { bytes in
            let message = UnsafeRawBufferPointer(rebasing: bytes[frame.range])
            guard frame.isCompressed else { return try body(message) }
            guard head.encoding == .gzip else {
                throw ServiceError(.internal, "a compressed message without grpc-encoding")
            }
            return try Gzip.decompress(message, limit: limits.messageBytes).withUnsafeBytes { try body($0) }
        }
    }

    /// The next message of a stream; nil after the last.
    @usableFromInline
    func nextFrame() async throws -> GRPCInbox.Frame? {
        if method.takesOneMessage {
            defer { request = nil }
            return request
        }
        while true {
            if let frame = try inbox.next() { return frame }
            guard !isFinished, !stream.isOver else { throw Self.gone }
            if stream.inputCount > 0 {
                inbox.append(stream.takeInput())
            } else if stream.inputHasEnded {
                guard inbox.count == 0 else { throw Self.truncated }
                return nil
            } else {
                _ = await stream.moreInput(until: clientDeadline ?? .never)
                try Task.checkCancellation()
            }
        }
    }

    @usableFromInline
    func send(frame: [UInt8]) async throws {
        guard !isFinished, !stream.isOver else { throw Self.gone }
        try sendHead()
        stream.send(try encoded(frame))
        do {
            try await stream.room()
        } catch {
            throw Self.gone
        }
        try Task.checkCancellation()
    }

    private func sendHead() throws {
        guard !hasSentHead else { return }
        hasSentHead = true
        guard let said, said.compression != nil || !said.initial.isEmpty else {
            return stream.sendHead(.ok, GRPCHeads.plain)
        }
        compressesAnswers = said.compression == .gzip && head.acceptsGzip
        var headers = compressesAnswers ? GRPCHeads.gzip : GRPCHeads.plain
        said.initial.add(to: &headers)
        stream.sendHead(.ok, headers)
    }

    private func encoded(_ frame: [UInt8]) throws -> [UInt8] {
        guard compressesAnswers, frame.count >= GRPCCompression.worthwhile else { return frame }
        return try GRPCFraming.compressed(frame)
    }

    @usableFromInline
    func onLoop<Result: Sendable>(_ body: @escaping @Sendable @concurrent () async throws -> Result) async throws
        -> Result
    {
        try await withTaskExecutorPreference(loop) { @concurrent in try await body() }
    }

    @usableFromInline var isOnLoop: Bool { loop.isCurrent }
}

/// Heads and trailers that are the same for most calls.
enum GRPCHeads {
    static let plain: HTTPHeaders = ["content-type": "application/grpc"]
    static let gzip: HTTPHeaders = ["content-type": "application/grpc", "grpc-encoding": "gzip"]
    static let success: HTTPHeaders = ["grpc-status": "0"]
}
