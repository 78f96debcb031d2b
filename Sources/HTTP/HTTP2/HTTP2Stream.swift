internal import CNGHTTP2
internal import MartletCore
internal import MartletRuntime

/// Told of what happens on a stream, on its loop, and never from inside of a call that the observer makes.
package protocol HTTP2StreamObserver: AnyObject {
    /// More has arrived, or the end of it: ``HTTP2Stream/withInput(_:)``, ``HTTP2Stream/inputHasEnded``. On a client also
    /// the head.
    func streamReceived(_ stream: HTTP2Stream)
    /// What is queued has come down to where more may be written.
    func streamDrained(_ stream: HTTP2Stream)
    /// Nothing will be sent or received any more. The last call.
    func streamClosed(_ stream: HTTP2Stream)
}

/// A request and its response, in both directions at once: what gRPC is built on, and what HTTP's bodies are.
///
/// Confined to the loop of its connection. Nothing here enters nghttp2 from inside of its callbacks, so that all of it may
/// be called wherever on the loop. After the stream is over every method is harmless and does nothing.
///
/// **In.** What has arrived is there to look at (``withInput(_:)``); the peer may send more only as it is consumed
/// (``consume(_:)``, ``takeInput()``). Wait for it with ``moreInput(until:)``, or be told as ``observer``.
///
/// **Out.** ``sendHead(_:_:isLast:)``, then ``send(_:)``, then ``finish(trailers:)``. None of them suspends: all that was
/// sent in a turn of the loop leaves in one write at its end. Who sends much waits for ``room()`` in between.
///
/// **A task.** ``run(_:)`` starts one that begins at once, without a hop through the loop's queue, and is cancelled when
/// the stream is reset. A server counts it against ``HTTP2Limits/concurrentStreams`` until it returns.
package final class HTTP2Stream: @unchecked Sendable {
    // @unchecked: touched on its loop alone; `head` and `trailers` do not change once they are there.

    package internal(set) var id: Int32
    /// Nil once the stream is over.
    var session: HTTP2Session?
    package var observer: (any HTTP2StreamObserver)?

    // The session's.
    var index = 0
    var isListed = false

    // In.
    var head: HeadBlock
    /// A server's: what the request is to be answered with instead of being handled.
    var rejection: HTTPParseError?
    /// What the peer said that it would send.
    package internal(set) var contentLength: Int?
    /// A client's: 0 until the head of the response is there, and while it was an interim one.
    var statusCode = 0
    var input: [UInt8] = []
    var inputStart = 0
    /// What arrived and has not been given back to the peer's window.
    var unconsumed = 0
    package internal(set) var inputHasEnded = false
    package internal(set) var trailers = HTTPHeaders()
    var reader: UnsafeContinuation<Void, Never>?
    var readDeadline = MonotonicTime.never
    var readerIsLate = false
    var hasNewInput = false
    /// The observer has not been told of what came.
    var hasUntold = false

    // Out.
    var output = HTTP2OutputQueue()
    var hasSentHead = false
    var outputHasEnded = false
    var isDeferred = false
    var sentTrailers = HTTPHeaders()
    /// Their bytes are nghttp2's until they have been sent.
    var sentHeaders = HTTPHeaders()
    /// When the peer last took something, or something was put there for it.
    var progress = MonotonicTime.never
    var writer: UnsafeContinuation<Void, Never>?
    var awaitsRoom = false

    // The end.
    /// Why it ended; nil while it goes on.
    package internal(set) var closeCode: HTTP2ErrorCode?
    /// It did not end by a word of the peer: the connection broke.
    var isLost = false
    var isNew = false
    /// A client's: the server never saw it.
    var isUnsent = false
    /// By its handler, and not for what the peer did.
    var wasResetHere = false
    /// By either.
    var resetWasSent = false
    /// The session's, to be told last.
    var onEnd: (() -> Void)?
    var task: Task<Void, Never>?
    var taskHasReturned = false

    /// What is queued of one stream before ``room()`` waits, where there are few. In bytes.
    static let highWater = 64 << 10
    static let lowWater = 16 << 10

    init(_ id: Int32, in session: HTTP2Session) {
        self.id = id
        self.session = session
        head = session.takeBlock()
    }

    // MARK: What it is

    package var isOver: Bool { closeCode != nil }

    /// The loop to which it is confined.
    var loop: EventLoop? { session?.loop }

    /// The fields that the peer sent, without `:` ones; of a request the authority is there as `host`.
    package var headers: HTTPHeaders { HTTPHeaders(block: head) }

    /// A server's: the bytes of the path as the client wrote it, with the query.
    package func withTarget<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try body(head.bytes(of: head.requestLine.target))
    }

    package var method: HTTPMethod { head.requestLine.method }

    /// Whom a request came from, as `127.0.0.1:50312`.
    package var peer: String? { head.peer }

    /// A client's: of the response; nil until that is there.
    package var status: HTTPStatus? { statusCode < 200 ? nil : HTTPStatus(statusCode) }
}

extension HTTP2Stream {
    /// Runs `body` as the stream's task, on its loop, beginning at once. Cancelled when the stream is reset or its
    /// connection ends. One for a stream.
    package func run(_ body: @escaping @Sendable (HTTP2Stream) async -> Void) {
        guard let session, let loop = session.loop else { return }
        session.taskBegan()
        let started = Task.immediate(executorPreference: loop) { [self] in
            await body(self)
            session.taskEnded()
            task = nil
            taskHasReturned = true
        }
        if !taskHasReturned { task = started }
    }

    /// Told by the session when nghttp2 has returned.
    func deliver() {
        isListed = false
        if isNew {
            isNew = false
            hasUntold = false
            if !isOver { session?.onRequest?(self) }
        } else if hasUntold {
            hasUntold = false
            observer?.streamReceived(self)
        }
        if hasNewInput || inputHasEnded || isOver { wakeReader() }
        if awaitsRoom, isOver || hasRoom {
            awaitsRoom = false
            if let continuation = writer {
                writer = nil
                continuation.resume()
            }
            if !isOver { observer?.streamDrained(self) }
        }
        if isOver { tellOfEnd() }
    }

    private func tellOfEnd() {
        // In order, and with all of the answer sent, its task may still finish what it does besides.
        if failure != nil { task?.cancel() }
        task = nil
        let observer = observer
        self.observer = nil
        observer?.streamClosed(self)
        let told = onEnd
        onEnd = nil
        told?()
    }

    /// By nghttp2, or because the connection is gone.
    func close(_ code: HTTP2ErrorCode, isLost: Bool = false) {
        guard let session else { return }
        closeCode = code
        self.isLost = isLost
        if unconsumed > 0 {
            nghttp2_session_consume_connection(session.handle, unconsumed)
            unconsumed = 0
        }
        session.queuedLess(output.count)
        output.removeAll()
        session.note(self)
        if !isLost { session.remove(self) }
        if session.role == .server { session.closed.add(id, resetWasSent ? .byThisSide : .byPeer) }
        onEnd = session.onStreamEnd
        self.session = nil
        sentHeaders = HTTPHeaders()
        sentTrailers = HTTPHeaders()
        if session.role == .server, !isNew, task == nil { recycleHead(to: session) }
    }

    private func recycleHead(to session: HTTP2Session) {
        let used = head
        head = HTTP2FieldReader.noBlock
        session.recycle(used)
    }

    /// - Returns: when to look again.
    func checkDeadlines(at now: MonotonicTime, stall: Duration) -> MonotonicTime {
        var next = MonotonicTime.never
        if reader != nil {
            if readDeadline <= now {
                readerIsLate = true
                wakeReader()
            } else {
                next = readDeadline
            }
        }
        if !output.isEmpty {
            let limit = progress + stall
            if limit <= now { reset(.cancel) } else { next = min(next, limit) }
        }
        return next
    }
}
