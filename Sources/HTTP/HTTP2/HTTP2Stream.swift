internal import CNGHTTP2
package import MartletCore
package import MartletRuntime

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
    private(set) var session: HTTP2Session?
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
    private(set) var input: [UInt8] = []
    private var inputStart = 0
    /// What arrived and has not been given back to the peer's window.
    private var unconsumed = 0
    package private(set) var inputHasEnded = false
    package internal(set) var trailers = HTTPHeaders()
    private var reader: UnsafeContinuation<Void, Never>?
    private var readDeadline = MonotonicTime.never
    private var readerIsLate = false
    private var hasNewInput = false
    /// The observer has not been told of what came.
    private var hasUntold = false

    // Out.
    var output = HTTP2OutputQueue()
    private(set) var hasSentHead = false
    private(set) var outputHasEnded = false
    private var isDeferred = false
    private var sentTrailers = HTTPHeaders()
    /// Their bytes are nghttp2's until they have been sent.
    private var sentHeaders = HTTPHeaders()
    /// When the peer last took something, or something was put there for it.
    private var progress = MonotonicTime.never
    private var writer: UnsafeContinuation<Void, Never>?
    private var awaitsRoom = false

    // The end.
    /// Why it ended; nil while it goes on.
    package private(set) var closeCode: HTTP2ErrorCode?
    /// It did not end by a word of the peer: the connection broke.
    private(set) var isLost = false
    private var isNew = false
    /// A client's: the server never saw it.
    var isUnsent = false
    var wasResetHere = false
    /// The session's, to be told last.
    private var onEnd: (() -> Void)?
    private var task: Task<Void, Never>?
    private var taskHasReturned = false

    /// What is queued of one stream before ``room()`` waits, where there are few. In bytes.
    private static let highWater = 64 << 10
    private static let lowWater = 16 << 10

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

// MARK: In

extension HTTP2Stream {
    /// How many bytes have arrived and were not consumed.
    package var inputCount: Int { input.count &- inputStart }

    /// Calls `body` with what has arrived and was not consumed. The bytes are valid only during the call.
    package func withInput<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try input.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[inputStart...])) }
    }

    /// Forgets the first `count` bytes, and lets the peer send as many more.
    package func consume(_ count: Int) {
        let count = min(max(count, 0), inputCount)
        inputStart &+= count
        if inputStart == input.count {
            input.removeAll(keepingCapacity: input.count <= Self.lowWater)
            inputStart = 0
        }
        giveBack(count)
    }

    /// All that has arrived, which is thereby consumed.
    package func takeInput() -> [UInt8] {
        let count = inputCount
        defer { giveBack(count) }
        if inputStart > 0 {
            let rest = Array(input[inputStart...])
            input = []
            inputStart = 0
            return rest
        }
        var taken: [UInt8] = []
        swap(&taken, &input)
        return taken
    }

    private func giveBack(_ count: Int) {
        guard count > 0, let session else { return }
        let count = min(count, unconsumed)
        unconsumed &-= count
        if inputHasEnded {
            nghttp2_session_consume_connection(session.handle, count)
        } else {
            nghttp2_session_consume(session.handle, id, count)
        }
        if nghttp2_session_want_write(session.handle) != 0 { session.wantOutput() }
    }

    /// Suspends until there is more than there was, the peer has ended its side, or the stream is over.
    /// - Returns: false when the deadline came first.
    package func moreInput(until deadline: MonotonicTime = .never) async -> Bool {
        if hasNewInput || inputHasEnded || isOver {
            hasNewInput = false
            return true
        }
        readerIsLate = false
        readDeadline = deadline
        if deadline != .never { session?.onDeadline?(deadline) }
        await withUnsafeContinuation { continuation in
            guard !hasNewInput, !inputHasEnded, !isOver, reader == nil else { return continuation.resume() }
            reader = continuation
        }
        hasNewInput = false
        return !readerIsLate
    }

    private func wakeReader() {
        guard let continuation = reader else { return }
        reader = nil
        readDeadline = .never
        continuation.resume()
    }

    // Called by nghttp2.

    func received(_ bytes: UnsafeRawBufferPointer) {
        if inputStart > 0, inputStart == input.count {
            input.removeAll(keepingCapacity: true)
            inputStart = 0
        }
        if input.isEmpty, let contentLength, contentLength <= Self.highWater { input.reserveCapacity(contentLength) }
        input.append(contentsOf: bytes)
        unconsumed &+= bytes.count
        noteInput()
    }

    func receivedEnd() {
        inputHasEnded = true
        noteInput()
    }

    private func noteInput() {
        hasNewInput = true
        hasUntold = true
        session?.note(self)
    }

    func receivedHead(isNew: Bool) {
        if isNew { self.isNew = true }
        noteInput()
    }
}

// MARK: Out

extension HTTP2Stream {
    /// The head of a response. Nothing if one has been sent already.
    /// - Parameters:
    ///   - isLast: nothing follows: no body, no trailers.
    ///   - contentLength: of the body that follows, or would.
    ///   - date: the value of the field; nil for none.
    package func sendHead(
        _ status: HTTPStatus, _ headers: HTTPHeaders, isLast: Bool = false, contentLength: Int? = nil,
        date: UnsafeRawBufferPointer? = nil
    ) {
        guard let session, !hasSentHead else { return }
        hasSentHead = true
        outputHasEnded = isLast
        sentHeaders = headers
        let result = HTTP2FieldList.withList(capacity: headers.count + 3) { list in
            if status.code == 200 {
                list.add(":status", "200")
                return submit(&list, headers, contentLength, date, isLast, session)
            }
            return withDecimal(status.code) { code in
                list.add(":status", code)
                return submit(&list, headers, contentLength, date, isLast, session)
            }
        }
        if result != 0 { return reset(.internalError) }
        session.wantOutput()
    }

    private func submit(
        _ list: inout HTTP2FieldList, _ headers: HTTPHeaders, _ contentLength: Int?, _ date: UnsafeRawBufferPointer?,
        _ isLast: Bool, _ session: HTTP2Session
    ) -> Int32 {
        list.add(lasting: headers, excluding: .notInHTTP2)
        if let date, headers.block?.known.contains(.date) != true { list.add("date", date) }
        guard let contentLength else { return submit(list, isLast, session) }
        return withDecimal(contentLength) { length in
            list.add("content-length", length)
            return submit(list, isLast, session)
        }
    }

    private func submit(_ list: HTTP2FieldList, _ isLast: Bool, _ session: HTTP2Session) -> Int32 {
        if isLast { return nghttp2_submit_response(session.handle, id, list.base, list.count, nil) }
        var provider = HTTP2Library.provider(for: self)
        return nghttp2_submit_response(session.handle, id, list.base, list.count, &provider)
    }

    /// A client's: the head of the request.
    /// - Returns: false when no stream can be begun on this connection any more.
    func begin(
        _ method: HTTPMethod, _ target: UnsafeRawBufferPointer, _ headers: HTTPHeaders, authority: String,
        scheme: StaticString, isLast: Bool, contentLength: Int?
    ) -> Bool {
        hasSentHead = true
        outputHasEnded = isLast
        sentHeaders = headers
        var authority = authority
        let number = authority.withUTF8 { authority in
            withUnsafeTemporaryAllocation(byteCount: 16, alignment: 1) { name in
                let length = method.write(into: name)
                return HTTP2FieldList.withList(capacity: headers.count + 5) { list in
                    list.add(":method", UnsafeRawBufferPointer(rebasing: name[0..<length]))
                    list.add(":scheme", scheme)
                    list.add(":path", target)
                    list.add(":authority", UnsafeRawBufferPointer(authority))
                    list.add(lasting: headers, excluding: [.notInHTTP2, .host])
                    guard let contentLength else { return submitRequest(list) }
                    return withDecimal(contentLength) { length in
                        list.add("content-length", length)
                        return submitRequest(list)
                    }
                }
            }
        }
        id = number
        return number > 0
    }

    private func submitRequest(_ list: HTTP2FieldList) -> Int32 {
        guard let session else { return -1 }
        let user = Unmanaged.passUnretained(self).toOpaque()
        if outputHasEnded { return nghttp2_submit_request(session.handle, nil, list.base, list.count, nil, user) }
        var provider = HTTP2Library.provider(for: self)
        return nghttp2_submit_request(session.handle, nil, list.base, list.count, &provider, user)
    }

    /// Sends bytes of the body, after the head. Does not suspend; see ``room()``.
    package func send(_ bytes: [UInt8]) {
        guard let session, hasSentHead, !outputHasEnded, !bytes.isEmpty else { return }
        if output.isEmpty { progress = session.now }
        output.append(bytes)
        session.queuedMore(bytes.count)
        resume(session)
    }

    /// Ends this side, with trailers if there are any. What cannot stand on the wire is left out.
    package func finish(trailers: HTTPHeaders = HTTPHeaders()) {
        guard let session, hasSentHead, !outputHasEnded else { return }
        outputHasEnded = true
        if !trailers.isMalformed { sentTrailers = trailers }
        resume(session)
    }

    /// RST_STREAM: ends both sides at once. What is queued is not sent.
    package func reset(_ code: HTTP2ErrorCode) {
        guard let session else { return }
        wasResetHere = true
        session.reset(id, code)
    }

    /// Bytes that wait for room in the peer's windows, or for the end of the loop's turn.
    package var queuedBytes: Int { output.count }

    /// Suspends while so much is queued that more would only take memory.
    /// - Throws: `ConnectionError` when the stream is over.
    package func room() async throws(ConnectionError) {
        if !hasRoom {
            await withUnsafeContinuation { continuation in
                guard !hasRoom, writer == nil else { return continuation.resume() }
                awaitsRoom = true
                writer = continuation
            }
        }
        if let failure { throw failure }
    }

    /// What a closed stream means to who would go on using it.
    var failure: ConnectionError? {
        guard let closeCode, !(closeCode == .noError && outputHasEnded) else { return nil }
        return .reset(isLost ? "the connection ended" : "the stream was reset: \(closeCode)")
    }

    /// Why no more will arrive, although the peer has not ended its side.
    var inputFailure: ConnectionError? {
        guard let closeCode, !inputHasEnded else { return nil }
        return .reset(isLost ? "the connection ended" : "the stream was reset: \(closeCode)")
    }

    /// Nobody reads any more.
    func abandon() {
        guard let session, session.role == .client else { return }
        reset(.cancel)
    }

    private var hasRoom: Bool {
        guard let session else { return true }
        // With many streams each gets less: the connection's share is divided.
        let share = session.limits.queuedOutput / max(1, session.streams.count)
        return output.count <= min(Self.highWater, max(Self.lowWater, share))
    }

    /// The share of the queue at which ``room()`` has waited: to be told when there is room.
    package func notifyWhenDrained() {
        awaitsRoom = true
        if hasRoom { session?.note(self) }
    }

    private func resume(_ session: HTTP2Session) {
        if isDeferred {
            isDeferred = false
            nghttp2_session_resume_data(session.handle, id)
        }
        session.wantOutput()
    }

    // Called by nghttp2.

    /// How many bytes go into the next frame.
    func nextFrame(limit: Int, _ flags: UnsafeMutablePointer<UInt32>?) -> Int {
        guard let session, let flags else { return Int(NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue) }
        let available = output.count
        if available == 0, !outputHasEnded {
            isDeferred = true
            return Int(NGHTTP2_ERR_DEFERRED.rawValue)
        }
        guard let sink = session.sink, sink.pointee.count < session.sinkLimit else {
            return Int(NGHTTP2_ERR_PAUSE.rawValue)
        }
        let count = min(limit, available)
        if count > 0 { flags.pointee |= NGHTTP2_DATA_FLAG_NO_COPY.rawValue }
        if count == available, outputHasEnded {
            flags.pointee |= NGHTTP2_DATA_FLAG_EOF.rawValue
            if !sentTrailers.isEmpty {
                flags.pointee |= NGHTTP2_DATA_FLAG_NO_END_STREAM.rawValue
                HTTP2FieldList.withList(capacity: sentTrailers.count) { list in
                    list.add(lasting: sentTrailers, excluding: [.notInHTTP2, .host])
                    _ = nghttp2_submit_trailer(session.handle, id, list.base, list.count)
                }
            }
        }
        return count
    }

    func writeFrame(_ head: UnsafePointer<UInt8>?, _ count: Int) {
        guard let session, let sink = session.sink else { return }
        sink.pointee.append(UnsafeRawBufferPointer(start: head, count: 9))
        output.move(count, to: &sink.pointee)
        session.queuedLess(count)
        progress = session.now
        session.controlBudget.earn(HTTP2Session.earnings)
        if awaitsRoom, output.count <= Self.lowWater || hasRoom { session.note(self) }
    }
}

// MARK: Its life

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
