internal import CUV
internal import Glibc
public import MartletCore
internal import Synchronization

/// A TCP or UNIX byte stream.
///
/// Confined to its loop: every method is called there, and traps elsewhere. One task reads; any task of the loop may
/// append to ``output``, and wait for it to drain. Deadlines are data: set ``deadline`` and whatever is waited for after
/// that honours it.
public final class Connection: @unchecked Sendable {
    // @unchecked: touched on `loop` alone. Every method checks that, but for `cancel`, which goes there; the properties do
    // not, as they are read with every byte, and are for the loop's tasks all the same. `deinit` is wherever the last
    // reference goes, after libuv has let go of its own.

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

    /// Called on the loop each time that a ``flushSoon()`` comes due, to put into ``output`` what is to leave with it: for
    /// a protocol whose frames are best made late, when all of the turn's writers have written.
    package var onFlush: (() -> Void)?

    /// Called once on the loop when the peer breaks the stream off while nobody reads: to cancel a running handler. Not
    /// called at a clean end of input (a half-closed peer still wants its answer).
    public var onDisconnect: (@Sendable () -> Void)?

    /// Called once on the loop when the peer's last byte has come, for whom a peer that has closed its half is one that
    /// has gone. Not called for an end that has come already: ``inputEnded`` says so.
    public var onInputEnd: (@Sendable () -> Void)?

    public private(set) var isClosed = false
    /// The peer has sent its last byte.
    public internal(set) var inputEnded = false

    // Not private, because the files beside this one share them: Connection+Connecting, +Reading, +Writing, +Deadlines.
    // Nothing else touches them.

    let stream: UnsafeMutablePointer<uv_stream_t>
    var failure: ConnectionError?
    var isReading = false
    var hasNews = false
    var flushIsScheduled = false
    var reader: UnsafeContinuation<Void, Never>?
    /// The reader's ``deadline`` when it began to wait, and its patience, whose end leaves the connection open.
    var readDeadline = MonotonicTime.never
    var readPatience = MonotonicTime.never
    var readerLostPatience = false
    var drainers: [Drainer] = []
    var connector: UnsafeContinuation<Void, Never>?
    var connectDeadline = MonotonicTime.never
    var connectStatus: Int32?
    var timer: LoopTimer?
    /// The time that passed when the loop last looked, and gave the kernel another chance.
    var overdue = MonotonicTime.never
    /// Nil: the bytes on the wire are the user's.
    package internal(set) var protection: (any ConnectionProtection)?
    var isToBeReset = false
    /// In bytes: what the protection has answered by itself since the peer last read everything.
    var unreadAnswers = 0

    struct Drainer {
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

    init(connectingTo address: SocketAddress, on loop: EventLoop) {
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

    var descriptor: Int32? {
        var descriptor: uv_os_fd_t = -1
        let handle = UnsafeMutableRawPointer(stream).assumingMemoryBound(to: uv_handle_t.self)
        return uv_fileno(handle, &descriptor) == 0 ? descriptor : nil
    }

    // MARK: Ending

    /// Sends what is queued, then an end of stream; the other direction stays open.
    public func shutdownWrite() {
        loop.assertCurrent()
        guard !isClosed else { return }
        sealEnd()
        guard !isClosed else { return }
        let request = UnsafeMutablePointer<uv_shutdown_t>.allocate(capacity: 1)
        if uv_shutdown(request, stream, Connection.onShutdown) != 0 { request.deallocate() }
    }

    /// Closes at once; what is waited for throws `.closed`.
    public func close() {
        loop.assertCurrent()
        // Over what is still queued, and will not be sent, there is no saying that it was all.
        if queuedBytes == 0 { sealEnd() }
        end(.closed)
    }

    /// Makes the coming ``close()`` break the connection off with a reset instead of an orderly end (SO_LINGER of 0): for
    /// a peer that must not believe that it got everything.
    public func resetOnClose() {
        loop.assertCurrent()
        isToBeReset = true
        guard let descriptor else { return }
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    }

    /// ``close()`` from any thread, as soon as the loop comes to it.
    public func cancel() {
        loop.execute { [self] in end(.closed) }
    }

    func fail(_ error: ConnectionError) {
        let wasWatched = reader != nil || !drainers.isEmpty || connector != nil
        let notify = onDisconnect
        end(error)
        if !wasWatched { notify?() }
    }

    func end(_ reason: ConnectionError) {
        guard !isClosed else { return }
        isClosed = true
        if failure == nil { failure = reason }
        onDisconnect = nil
        onInputEnd = nil
        onFlush = nil
        timer?.cancel()
        timer = nil
        isReading = false
        // What was received before the peer broke off may still be read; what this side gives up on may not.
        switch reason {
        case .reset, .insecure: break
        case .timedOut, .closed, .unreachable: hasNews = false
        }
        uv_close(UnsafeMutableRawPointer(stream).assumingMemoryBound(to: uv_handle_t.self), Connection.onClose)
        loop.connectionCount.subtract(1, ordering: .relaxed)
        wakeReader()
        wakeDrainers()
        if connector != nil { connected(UV_ECANCELED.rawValue) }
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

    // MARK: libuv's callbacks

    private static let onShutdown: uv_shutdown_cb = { request, _ in request?.deallocate() }

    private static let onClose: uv_close_cb = { handle in
        guard let data = handle?.pointee.data else { return }
        Unmanaged<Connection>.fromOpaque(data).release()
    }

    static func text(of status: Int32) -> String {
        uv_strerror(status).map { String(cString: $0) } ?? "error \(status)"
    }
}
