internal import CUV
internal import Glibc
public import MartletCore
internal import Synchronization

/// A TCP or UNIX byte stream.
///
/// Confined to its loop: every method is called there, and traps elsewhere. One task reads; any task of the loop may
/// append to ``output``, and wait for it to drain. Deadlines are data: set ``deadline`` and whatever is waited for after
/// that honours it.
public final class Connection: @unchecked Sendable {  // Confined to `loop`, which every entry checks.
    public let loop: EventLoop
    public let peer: SocketAddress?

    /// What was received and not yet consumed. Reading pauses by itself while it holds more than ``inputLimit``.
    public var input = ByteBuffer()
    /// Append here, then ``flush()``.
    public var output = ByteBuffer()

    /// In bytes; the socket is not read while ``input`` holds more and nobody waits for more.
    public var inputLimit = 256 * 1024
    /// In bytes; ``drained()`` waits while more than this is queued.
    public var highWater = 256 * 1024

    /// When whatever is waited for from now on gives up, and the connection with it. Cheap to set: a field.
    public var deadline = MonotonicTime.never

    /// Called once on the loop when the peer breaks the stream off while nobody reads: to cancel a running handler. Not
    /// called at a clean end of input (a half-closed peer still wants its answer).
    public var onDisconnect: (@Sendable () -> Void)?

    public private(set) var isClosed = false
    /// The peer has sent its last byte.
    public private(set) var inputEnded = false

    private let stream: UnsafeMutablePointer<uv_stream_t>
    private var failure: ConnectionError?
    private var isReading = false
    private var hasNews = false
    private var flushIsScheduled = false
    private var reader: UnsafeContinuation<Void, Never>?
    /// The reader's ``deadline`` when it began to wait, and its patience, whose end leaves the connection open.
    private var readDeadline = MonotonicTime.never
    private var readPatience = MonotonicTime.never
    private var readerLostPatience = false
    private var drainers: [Drainer] = []
    private var connector: UnsafeContinuation<Void, Never>?
    private var connectDeadline = MonotonicTime.never
    private var connectStatus: Int32?
    private var timer: LoopTimer?
    /// The time that passed when the loop last looked, and gave the kernel another chance.
    private var overdue = MonotonicTime.never

    private struct Drainer {
        var continuation: UnsafeContinuation<Void, Never>
        var level: Int
        var deadline: MonotonicTime
    }

    // MARK: Making one

    /// Takes over a connected socket.
    init?(adopting descriptor: Int32, peer: SocketAddress?, isUnix: Bool, on loop: EventLoop) {
        self.loop = loop
        self.peer = peer
        stream = Connection.makeStream(isUnix: isUnix, on: loop)
        let opened =
            isUnix
            ? uv_pipe_open(UnsafeMutableRawPointer(stream).assumingMemoryBound(to: uv_pipe_t.self), descriptor)
            : uv_tcp_open(UnsafeMutableRawPointer(stream).assumingMemoryBound(to: uv_tcp_t.self), descriptor)
        register()
        if opened != 0 {
            Glibc.close(descriptor)
            close()
            return nil
        }
        if !isUnix { uv_tcp_nodelay(UnsafeMutableRawPointer(stream).assumingMemoryBound(to: uv_tcp_t.self), 1) }
        startReading()
    }

    private init(connectingTo address: SocketAddress, on loop: EventLoop) {
        self.loop = loop
        peer = address
        var isUnix = false
        if case .unix = address { isUnix = true }
        stream = Connection.makeStream(isUnix: isUnix, on: loop)
        register()
    }

    deinit { UnsafeMutableRawPointer(stream).deallocate() }

    private static func makeStream(isUnix: Bool, on loop: EventLoop) -> UnsafeMutablePointer<uv_stream_t> {
        loop.assertCurrent()
        let size = max(MemoryLayout<uv_tcp_t>.size, MemoryLayout<uv_pipe_t>.size)
        let memory = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
        if isUnix {
            uv_pipe_init(loop.uv, memory.bindMemory(to: uv_pipe_t.self, capacity: 1), 0)
        } else {
            uv_tcp_init(loop.uv, memory.bindMemory(to: uv_tcp_t.self, capacity: 1))
        }
        return memory.assumingMemoryBound(to: uv_stream_t.self)
    }

    /// From here on libuv holds the object, until `close` is through.
    private func register() {
        stream.pointee.data = Unmanaged.passRetained(self).toOpaque()
        loop.connectionCount.add(1, ordering: .relaxed)
    }

    /// Connects, from a task of `loop`.
    /// - Throws: `.unreachable` when nobody answers, `.timedOut` at the deadline, `.closed` when the task is cancelled.
    public static func connect(
        to address: SocketAddress, on loop: EventLoop, deadline: MonotonicTime
    ) async throws(ConnectionError) -> Connection {
        loop.assertCurrent()
        if Task.isCancelled { throw .closed }
        let connection = Connection(connectingTo: address, on: loop)
        connection.deadline = deadline
        let result = await withTaskCancellationHandler {
            await connection.establish(address)
        } onCancel: {
            connection.cancel()
        }
        if let failure = connection.failure { throw failure }
        guard result == 0 else {
            connection.close()
            throw .unreachable(address.description, Connection.text(of: result))
        }
        connection.startReading()
        return connection
    }

    private func establish(_ address: SocketAddress) async -> Int32 {
        let request = UnsafeMutablePointer<uv_connect_t>.allocate(capacity: 1)
        request.pointee.data = Unmanaged.passRetained(self).toOpaque()
        var started: Int32 = 0
        switch address {
        case .unix(let path):
            uv_pipe_connect(
                request, UnsafeMutableRawPointer(stream).assumingMemoryBound(to: uv_pipe_t.self), path,
                Connection.onConnect)
        case .ipv4, .ipv6:
            let tcp = UnsafeMutableRawPointer(stream).assumingMemoryBound(to: uv_tcp_t.self)
            uv_tcp_nodelay(tcp, 1)
            started = address.withSockaddr { form, _ in uv_tcp_connect(request, tcp, form, Connection.onConnect) }
        }
        if started != 0 {
            request.deallocate()
            Unmanaged.passUnretained(self).release()
            return started
        }
        // The state is looked at inside: before it suspends the runtime may queue the task once more.
        await withUnsafeContinuation { continuation in
            guard connectStatus == nil, !isClosed else { return continuation.resume() }
            connector = continuation
            connectDeadline = deadline
            armTimer(for: deadline)
        }
        return connectStatus ?? UV_ECANCELED.rawValue
    }

    private func connected(_ status: Int32) {
        connectStatus = status
        guard let continuation = connector else { return }
        connector = nil
        continuation.resume()
    }

    // MARK: Reading

    /// Suspends until bytes came in that no earlier call has told of. They are in ``input``; what arrived before the
    /// peer broke the connection off is told of before the failure is.
    /// - Parameter patience: when the call gives up and throws `.timedOut`, with the connection left open: for whoever
    ///   wants to say so to the peer, which ``deadline`` does not allow.
    /// - Returns: false at the end of the stream.
    public func moreInput(until patience: MonotonicTime = .never) async throws(ConnectionError) -> Bool {
        loop.assertCurrent()
        if !hasNews {
            if let failure { throw failure }
            if inputEnded { return false }
            if !isReading {
                startReading()
                if let failure { throw failure }
            }
            readerLostPatience = false
            await withUnsafeContinuation { continuation in
                guard !hasNews, !inputEnded, !isClosed else { return continuation.resume() }
                precondition(reader == nil, "two tasks read from one connection")
                reader = continuation
                readDeadline = deadline
                readPatience = patience
                armTimer(for: min(deadline, patience))
            }
        }
        if hasNews {
            hasNews = false
            return true
        }
        if let failure { throw failure }
        if readerLostPatience, !inputEnded { throw .timedOut }
        return false
    }

    private func startReading() {
        guard !isClosed, !inputEnded, !isReading else { return }
        let result = uv_read_start(stream, Connection.onAllocate, Connection.onRead)
        if result == 0 { isReading = true } else { fail(.reset(Connection.text(of: result))) }
    }

    private func received(_ count: Int, _ bytes: UnsafeRawPointer?) {
        if count > 0 {
            input.append(UnsafeRawBufferPointer(start: bytes, count: count))
            hasNews = true
            if input.count > inputLimit {
                uv_read_stop(stream)
                isReading = false
            }
            wakeReader()
        } else if count == Int(UV_EOF.rawValue) {
            // A reset that comes together with the last bytes is an orderly end to libuv, and is none.
            if let reason = pendingFailure { return fail(.reset(reason)) }
            inputEnded = true
            uv_read_stop(stream)
            isReading = false
            wakeReader()
        } else if count < 0 {
            fail(.reset(Connection.text(of: Int32(count))))
        }
    }

    private var descriptor: Int32? {
        var descriptor: uv_os_fd_t = -1
        let handle = UnsafeMutableRawPointer(stream).assumingMemoryBound(to: uv_handle_t.self)
        return uv_fileno(handle, &descriptor) == 0 ? descriptor : nil
    }

    /// What the kernel has against the socket and has not told yet.
    private var pendingFailure: String? {
        guard let descriptor else { return nil }
        var code: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        guard getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size) == 0, code != 0 else { return nil }
        return Connection.text(of: -code)
    }

    private func wakeReader() {
        guard let continuation = reader else { return }
        reader = nil
        continuation.resume()
    }

    // MARK: Writing

    /// Bytes that were flushed and that the kernel has not taken yet.
    public var queuedBytes: Int { isClosed ? 0 : uv_stream_get_write_queue_size(stream) }

    /// Hands ``output`` to the kernel now; what it does not take is queued, in order.
    public func flush() throws(ConnectionError) {
        loop.assertCurrent()
        if let failure { throw failure }
        guard !output.isEmpty else { return }
        if queuedBytes == 0 {
            let bytes = output.readableBytes
            var buffer = uv_buf_init(
                UnsafeMutableRawPointer(mutating: bytes.baseAddress)?.assumingMemoryBound(to: CChar.self),
                UInt32(clamping: bytes.count))
            let written = uv_try_write(stream, &buffer, 1)
            if written > 0 { output.consume(Int(written)) }
            if written < 0, written != UV_EAGAIN.rawValue {
                fail(.reset(Connection.text(of: written)))
                throw failure ?? .closed
            }
        }
        while !output.isEmpty { try enqueueOutput() }
    }

    private func enqueueOutput() throws(ConnectionError) {
        let write = PendingWrite(connection: self, buffer: output.takeAll())
        let request = UnsafeMutablePointer<uv_write_t>.allocate(capacity: 1)
        request.pointee.data = Unmanaged.passRetained(write).toOpaque()
        var rest = write.buffer.readableBytes
        // libuv counts a buffer's length in 32 bits.
        var buffers: [uv_buf_t] = []
        while !rest.isEmpty {
            let part = UnsafeRawBufferPointer(rebasing: rest.prefix(1 << 30))
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(part.count))
            buffers.append(
                uv_buf_init(
                    UnsafeMutableRawPointer(mutating: part.baseAddress)?.assumingMemoryBound(to: CChar.self),
                    UInt32(part.count)))
        }
        let result = uv_write(request, stream, &buffers, UInt32(buffers.count), Connection.onWrite)
        if result != 0 {
            Unmanaged.passUnretained(write).release()
            request.deallocate()
            fail(.reset(Connection.text(of: result)))
            throw failure ?? .closed
        }
    }

    /// Flushes at the end of the loop's turn, once for everything that was appended until then.
    public func flushSoon() {
        loop.assertCurrent()
        guard !flushIsScheduled, !isClosed else { return }
        flushIsScheduled = true
        loop.flushAtTurnEnd(self)
    }

    /// The loop stops: whoever waits learns that nothing will come any more.
    static func closeAll(on loop: EventLoop) {
        uv_walk(
            loop.uv,
            { handle, _ in
                guard let handle, let data = handle.pointee.data else { return }
                guard handle.pointee.type == UV_TCP || handle.pointee.type == UV_NAMED_PIPE else { return }
                Unmanaged<Connection>.fromOpaque(data).takeUnretainedValue().end(.closed)
            }, nil)
    }

    func flushScheduled() {
        flushIsScheduled = false
        // A failure is kept, and thrown by whatever is called next.
        do { try flush() } catch {}
    }

    private func written(_ status: Int32) {
        if status < 0, !isClosed { fail(.reset(Connection.text(of: status))) }
        wakeDrainers()
    }

    private func wakeDrainers() {
        guard !drainers.isEmpty else { return }
        let queued = queuedBytes
        for drainer in drainers where queued <= drainer.level { drainer.continuation.resume() }
        drainers.removeAll { queued <= $0.level }
    }

    /// Suspends while more than ``highWater`` bytes are queued: backpressure for whoever writes much.
    public func drained() async throws(ConnectionError) { try await drained(to: highWater) }

    /// Suspends until everything flushed so far has left.
    public func finished() async throws(ConnectionError) { try await drained(to: 0) }

    private func drained(to level: Int) async throws(ConnectionError) {
        loop.assertCurrent()
        if let failure { throw failure }
        guard queuedBytes > level else { return }
        await withUnsafeContinuation { continuation in
            guard queuedBytes > level else { return continuation.resume() }
            drainers.append(Drainer(continuation: continuation, level: level, deadline: deadline))
            armTimer(for: deadline)
        }
        if let failure { throw failure }
    }

    // MARK: Ending

    /// Sends what is queued, then an end of stream; the other direction stays open.
    public func shutdownWrite() {
        loop.assertCurrent()
        guard !isClosed else { return }
        let request = UnsafeMutablePointer<uv_shutdown_t>.allocate(capacity: 1)
        if uv_shutdown(request, stream, Connection.onShutdown) != 0 { request.deallocate() }
    }

    /// Closes at once; what is waited for throws `.closed`.
    public func close() {
        loop.assertCurrent()
        end(.closed)
    }

    /// Makes the coming ``close()`` break the connection off with a reset instead of an orderly end (SO_LINGER of 0): for
    /// a peer that must not believe that it got everything.
    public func resetOnClose() {
        loop.assertCurrent()
        guard let descriptor else { return }
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    }

    /// ``close()`` from any thread, as soon as the loop comes to it.
    public func cancel() {
        loop.execute { [self] in end(.closed) }
    }

    private func fail(_ error: ConnectionError) {
        let wasWatched = reader != nil || !drainers.isEmpty || connector != nil
        let notify = onDisconnect
        end(error)
        if !wasWatched { notify?() }
    }

    private func end(_ reason: ConnectionError) {
        guard !isClosed else { return }
        isClosed = true
        if failure == nil { failure = reason }
        onDisconnect = nil
        timer?.cancel()
        timer = nil
        isReading = false
        // What was received before the peer broke off may still be read; what this side gives up on may not.
        if case .reset = reason {} else { hasNews = false }
        uv_close(UnsafeMutableRawPointer(stream).assumingMemoryBound(to: uv_handle_t.self), Connection.onClose)
        loop.connectionCount.subtract(1, ordering: .relaxed)
        wakeReader()
        wakeDrainers()
        if connector != nil { connected(UV_ECANCELED.rawValue) }
    }

    // MARK: Deadlines

    /// Sees that the timer goes off at `time`, or earlier: with several waiting, the earliest counts.
    private func armTimer(for time: MonotonicTime) {
        guard time != .never else { return }
        let known = timer
        // The timer holds the connection only until it is cancelled, which `end` does.
        let timer = known ?? LoopTimer(on: loop) { [unowned self] in timePassed() }
        if known == nil { self.timer = timer }
        // What the timer was set for may no longer be waited for; the lone waiter of the usual case moves it later,
        // which costs a field.
        let isAlone = (reader == nil ? 0 : 1) + drainers.count + (connector == nil ? 0 : 1) == 1
        timer.schedule(at: isAlone ? time : min(time, nextDeadline))
    }

    /// The earliest time that anybody waits for.
    private var nextDeadline: MonotonicTime {
        var next = MonotonicTime.never
        if reader != nil { next = min(readDeadline, readPatience) }
        if connector != nil { next = min(next, connectDeadline) }
        for drainer in drainers { next = min(next, drainer.deadline) }
        return next
    }

    private func timePassed() {
        let now = MonotonicTime.now
        let next = nextDeadline
        guard next <= now else {
            timer?.schedule(at: next)
            return
        }
        // It may be the loop that is late. One look at the socket shows what came in time.
        if overdue != next {
            overdue = next
            timer?.schedule(at: now + .nanoseconds(1))
            return
        }
        if reader != nil, readPatience <= now, readDeadline > now, drainers.allSatisfy({ $0.deadline > now }) {
            readerLostPatience = true
            wakeReader()
            timer?.schedule(at: nextDeadline)
        } else {
            end(.timedOut)
        }
    }

    // MARK: libuv's callbacks

    private static let onAllocate: uv_alloc_cb = { handle, _, buffer in
        guard let data = handle?.pointee.data else { return }
        let memory = Unmanaged<Connection>.fromOpaque(data).takeUnretainedValue().loop.readBuffer
        buffer?.pointee = uv_buf_init(
            memory.baseAddress?.assumingMemoryBound(to: CChar.self), UInt32(memory.count))
    }

    private static let onRead: uv_read_cb = { stream, count, buffer in
        guard let data = stream?.pointee.data else { return }
        Unmanaged<Connection>.fromOpaque(data).takeUnretainedValue()
            .received(count, UnsafeRawPointer(buffer?.pointee.base))
    }

    private static let onWrite: uv_write_cb = { request, status in
        guard let request, let data = request.pointee.data else { return }
        let write = Unmanaged<PendingWrite>.fromOpaque(data).takeRetainedValue()
        request.deallocate()
        write.connection.written(status)
    }

    private static let onConnect: uv_connect_cb = { request, status in
        guard let request, let data = request.pointee.data else { return }
        request.deallocate()
        Unmanaged<Connection>.fromOpaque(data).takeRetainedValue().connected(status)
    }

    private static let onShutdown: uv_shutdown_cb = { request, _ in request?.deallocate() }

    private static let onClose: uv_close_cb = { handle in
        guard let data = handle?.pointee.data else { return }
        Unmanaged<Connection>.fromOpaque(data).release()
    }

    static func text(of status: Int32) -> String {
        uv_strerror(status).map { String(cString: $0) } ?? "error \(status)"
    }

    /// Keeps the bytes alive until libuv has written them.
    private final class PendingWrite {
        let connection: Connection
        let buffer: ByteBuffer
        init(connection: Connection, buffer: consuming ByteBuffer) {
            self.connection = connection
            self.buffer = buffer
        }
    }
}
