internal import CNGHTTP2
internal import MartletCore
internal import MartletRuntime

/// One end of an HTTP/2 connection: bytes in, calls on streams, bytes out. Pure, but for the loop on which streams run
/// their tasks; confined to it.
///
/// nghttp2 must not be called back into while it calls back. So what it says is noted, and told to streams by
/// ``deliver()`` when it has returned; and what streams send is only submitted, and made into frames by ``write(into:)``
/// at the end of the loop's turn, everybody's at once.
package final class HTTP2Session: @unchecked Sendable {  // Touched on its loop alone.
    enum Role { case server, client }

    let role: Role
    let limits: HTTP2Limits
    /// Where streams run their tasks; nil where they have none, in tests.
    let loop: EventLoop?
    let handle: OpaquePointer

    /// Those that are open.
    private(set) var streams: [HTTP2Stream] = []
    /// Tasks that streams have started and that have not ended: a stream that was reset may still have one.
    private(set) var runningTasks = 0
    /// Bytes that streams want to send, and that the peer's windows have no room for yet.
    private(set) var queued = 0
    /// When the turn's bytes came: good enough for budgets and stalls.
    private(set) var now: MonotonicTime
    /// When a stream was last opened or closed.
    private(set) var lastChange: MonotonicTime
    private(set) var lastReceived: MonotonicTime
    private(set) var state = State()

    struct State {
        var hasSettings = false
        var settingsAcknowledged = false
        var pingsInFlight = 0
        /// A PING is to follow the GOAWAY that announces the end.
        var isAnnouncing = false
        var goAwayReceived = false
        var goAwaySent = false
        /// The last stream of ours that the peer has seen, as its GOAWAY says.
        var lastStreamSeen: Int32 = .max
        var peerError = HTTP2ErrorCode.noError
        /// nghttp2 will have no more of this connection.
        var hasFailed = false
        /// The peer did something too often.
        var isFlooded = false
    }

    /// A request whose head is complete. Server.
    var onRequest: ((HTTP2Stream) -> Void)?
    /// There is something to write, and was not before.
    var onOutput: (() -> Void)?
    /// Something waits until this time, at which ``checkDeadlines(at:stall:)`` is to be called.
    var onDeadline: ((MonotonicTime) -> Void)?
    /// Settings, GOAWAY or the answer to a PING have come.
    var onChange: (() -> Void)?
    /// A stream is over. Client.
    var onStreamEnd: (() -> Void)?

    let reader: HTTP2FieldReader
    /// Whose head is being read.
    var readerStream: HTTP2Stream?
    /// `peer` of every head.
    private let peer: String?
    private var spareBlocks: [HeadBlock] = []
    private static let spareLimit = 32

    private var news: [HTTP2Stream] = []
    private var delivering: [HTTP2Stream] = []
    private var isDelivering = false
    private var wantsWriting = false

    /// The highest stream of the peer's that was opened.
    var lastOpened: Int32 = 0
    var closed: ClosedStreams
    var resetBudget: FrameBudget
    var controlBudget: FrameBudget

    /// Where frames go while ``write(into:limit:)`` runs, and at how many bytes it stops.
    private(set) var sink: UnsafeMutablePointer<ByteBuffer>?
    private(set) var sinkLimit = 0

    /// Nil when there is no memory.
    init?(
        _ role: Role, limits: HTTP2Limits, head: HTTPHeadLimits, peer: String?, on loop: EventLoop?,
        now: MonotonicTime = .now
    ) {
        var handle: OpaquePointer?
        guard HTTP2Library.makeSession(role, &handle, limits), let handle else { return nil }
        self.handle = handle
        self.role = role
        self.limits = limits
        self.loop = loop
        self.peer = peer
        self.now = now
        lastChange = now
        lastReceived = now
        reader = HTTP2FieldReader(limits: head)
        closed = ClosedStreams(capacity: role == .server ? min(limits.concurrentStreams, 1000) : 1)
        resetBudget = FrameBudget(limits.resets, now: now)
        controlBudget = FrameBudget(limits.controlFrames, now: now)
        HTTP2Library.setUser(of: handle, to: self)
        submitSettings(headerListSize: head.bytes)
    }

    deinit { nghttp2_session_del(handle) }

    private func submitSettings(headerListSize: Int) {
        func entry(_ id: nghttp2_settings_id, _ value: Int) -> nghttp2_settings_entry {
            nghttp2_settings_entry(settings_id: Int32(id.rawValue), value: UInt32(clamping: value))
        }
        let window = min(max(limits.streamWindow, 1), Int(Int32.max))
        var settings = [
            entry(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, window),
            entry(NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, headerListSize),
            entry(NGHTTP2_SETTINGS_HEADER_TABLE_SIZE, limits.headerTable),
            // No tree of priorities to keep, nor to be attacked by (RFC 9218 §2.1).
            entry(NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1),
        ]
        if role == .server {
            settings.append(entry(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, limits.concurrentStreams))
        } else {
            settings.append(entry(NGHTTP2_SETTINGS_ENABLE_PUSH, 0))
        }
        nghttp2_submit_settings(handle, 0, settings, settings.count)
        let connectionWindow = Int32(clamping: max(limits.connectionWindow, 65_535))
        nghttp2_session_set_local_window_size(handle, 0, 0, connectionWindow)
    }

    // MARK: Bytes in

    /// Takes what has arrived, all of it. Afterwards comes ``deliver()``.
    func receive(_ bytes: UnsafeRawBufferPointer, at now: MonotonicTime) {
        self.now = now
        guard !state.hasFailed, !bytes.isEmpty else { return }
        lastReceived = now
        let taken = nghttp2_session_mem_recv(
            handle, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count)
        if taken < 0 { fail(Int32(truncatingIfNeeded: taken)) }
        // Acknowledgements, windows, refusals: nghttp2 may have something to say of itself.
        if nghttp2_session_want_write(handle) != 0 || nghttp2_session_want_read(handle) == 0 { wantOutput() }
    }

    /// After an error that nghttp2 calls fatal: the peer is told why, and that is all.
    private func fail(_ code: Int32) {
        guard !state.hasFailed else { return }
        state.hasFailed = true
        let reason: HTTP2ErrorCode =
            switch code {
            case NGHTTP2_ERR_FLOODED.rawValue, NGHTTP2_ERR_TOO_MANY_CONTINUATIONS.rawValue,
                NGHTTP2_ERR_TOO_MANY_SETTINGS.rawValue:
                .enhanceYourCalm
            case NGHTTP2_ERR_CALLBACK_FAILURE.rawValue where state.isFlooded: .enhanceYourCalm
            case NGHTTP2_ERR_BAD_CLIENT_MAGIC.rawValue, NGHTTP2_ERR_SETTINGS_EXPECTED.rawValue: .protocolError
            default: .internalError
            }
        terminate(reason)
    }

    // MARK: Bytes out

    /// Something was submitted.
    func wantOutput() {
        guard !wantsWriting else { return }
        wantsWriting = true
        onOutput?()
    }

    /// Makes frames of what was submitted until `output` holds `limit` bytes, or there is nothing more that may be sent.
    /// Afterwards comes ``deliver()``.
    /// - Returns: whether there is more.
    func write(into output: inout ByteBuffer, limit: Int, at now: MonotonicTime) -> Bool {
        self.now = now
        wantsWriting = false
        let handle = handle
        let isMore = withUnsafeMutablePointer(to: &output) { output in
            sink = output
            sinkLimit = limit
            defer { sink = nil }
            while output.pointee.count < limit {
                var bytes: UnsafePointer<UInt8>?
                let count = nghttp2_session_mem_send(handle, &bytes)
                guard count > 0 else {
                    if count < 0 { state.hasFailed = true }
                    return output.pointee.count >= limit
                }
                output.pointee.append(UnsafeRawBufferPointer(start: bytes, count: count))
            }
            return true
        }
        if state.isFlooded { fail(NGHTTP2_ERR_CALLBACK_FAILURE.rawValue) }
        return isMore
    }

    /// Nothing more will be read or written.
    var isOver: Bool {
        state.hasFailed && nghttp2_session_want_write(handle) == 0
            || nghttp2_session_want_read(handle) == 0 && nghttp2_session_want_write(handle) == 0
    }

    // MARK: News

    /// Has the stream told of what is new, once nghttp2 has returned.
    @inline(__always)
    func note(_ stream: HTTP2Stream) {
        guard !stream.isListed else { return }
        stream.isListed = true
        news.append(stream)
    }

    func deliver() {
        guard !isDelivering else { return }
        isDelivering = true
        while !news.isEmpty {
            swap(&news, &delivering)
            for stream in delivering { stream.deliver() }
            delivering.removeAll(keepingCapacity: true)
        }
        isDelivering = false
    }

    // MARK: Streams

    func add(_ stream: HTTP2Stream) {
        stream.index = streams.count
        streams.append(stream)
        lastChange = now
    }

    func remove(_ stream: HTTP2Stream) {
        lastChange = now
        guard stream.index < streams.count, streams[stream.index] === stream, let last = streams.popLast() else {
            return
        }
        if last !== stream {
            streams[stream.index] = last
            last.index = stream.index
        }
    }

    /// Begins a request. Client.
    func request(
        _ method: HTTPMethod, _ target: UnsafeRawBufferPointer, _ headers: HTTPHeaders, authority: String,
        scheme: StaticString, isLast: Bool, contentLength: Int?
    ) -> HTTP2Stream? {
        let stream = HTTP2Stream(0, in: self)
        guard
            stream.begin(
                method, target, headers, authority: authority, scheme: scheme, isLast: isLast,
                contentLength: contentLength)
        else { return nil }
        add(stream)
        wantOutput()
        return stream
    }

    /// For the next head: a block that was used before if there is one.
    func takeBlock() -> HeadBlock {
        if let spare = spareBlocks.popLast() { return spare }
        let block = HeadBlock()
        block.peer = peer
        return block
    }

    /// Takes back a block that nobody else has.
    func recycle(_ block: consuming HeadBlock) {
        var block = block
        guard spareBlocks.count < Self.spareLimit, isKnownUniquelyReferenced(&block) else { return }
        block.reset()
        spareBlocks.append(block)
    }

    func taskBegan() { runningTasks &+= 1 }
    func taskEnded() { runningTasks &-= 1 }
    func queuedMore(_ count: Int) { queued &+= count }
    func queuedLess(_ count: Int) { queued &-= count }

    /// The connection is gone: so are its streams.
    func end() {
        for stream in streams { stream.close(.cancel, isLost: true) }
        streams.removeAll()
        state.hasFailed = true
        deliver()
    }

    /// Wakes whoever has waited too long, and resets streams whose peer takes nothing.
    /// - Parameter stall: how long a peer may leave its windows closed.
    /// - Returns: when to look again.
    func checkDeadlines(at now: MonotonicTime, stall: Duration) -> MonotonicTime {
        self.now = now
        var next = MonotonicTime.never
        for stream in streams { next = min(next, stream.checkDeadlines(at: now, stall: stall)) }
        deliver()
        return next
    }

    // MARK: The connection's own frames

    func ping() {
        state.pingsInFlight += 1
        submitPing()
    }

    private func submitPing() {
        nghttp2_submit_ping(handle, 0, nil)
        wantOutput()
    }

    /// Called by nghttp2. Not submitted before: it would be sent first.
    func goAwayWasSent() {
        guard state.isAnnouncing else { return }
        state.isAnnouncing = false
        submitPing()
    }

    /// The first of two GOAWAYs: nothing is refused yet, but nothing should be begun any more (RFC 9113 §6.8). A PING goes
    /// behind it, whose answer says that it was seen.
    func announceEnd() {
        state.isAnnouncing = true
        state.pingsInFlight += 1
        nghttp2_submit_shutdown_notice(handle)
        wantOutput()
    }

    /// The last GOAWAY: what was begun is finished, what comes after it is not looked at.
    func goAway(_ code: HTTP2ErrorCode = .noError) {
        guard !state.goAwaySent else { return }
        state.goAwaySent = true
        nghttp2_submit_goaway(handle, 0, nghttp2_session_get_last_proc_stream_id(handle), code.code, nil, 0)
        wantOutput()
    }

    /// GOAWAY, and the end of every stream.
    func terminate(_ code: HTTP2ErrorCode) {
        state.goAwaySent = true
        nghttp2_session_terminate_session(handle, code.code)
        wantOutput()
    }

    func reset(_ stream: Int32, _ code: HTTP2ErrorCode) {
        nghttp2_submit_rst_stream(handle, 0, stream, code.code)
        wantOutput()
    }

    func settingsArrived(isAcknowledgement: Bool) {
        if isAcknowledgement { state.settingsAcknowledged = true } else { state.hasSettings = true }
        onChange?()
    }

    func pingAnswered() {
        if state.pingsInFlight > 0 { state.pingsInFlight -= 1 }
        onChange?()
    }

    func goAwayArrived(last: Int32, _ code: HTTP2ErrorCode) {
        state.goAwayReceived = true
        state.lastStreamSeen = min(state.lastStreamSeen, last)
        state.peerError = code
        onChange?()
    }

    func noteFlood() { state.isFlooded = true }
}
