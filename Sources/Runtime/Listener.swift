internal import CPosix
internal import CUV
internal import Glibc
public import MartletCore
internal import Synchronization

/// A listening socket, and the one acceptor that hands its connections to the least loaded loop.
///
/// One acceptor and not one socket a loop: with 64 connections the kernel splits them 39 to 25 or worse, and a loop
/// with more has the worse latency.
public final class Listener: Sendable {
    /// Where it listens; the real port where 0 was asked for.
    public let address: SocketAddress

    private let descriptor: Int32
    private let acceptor = Locked<Acceptor?>(nil)
    private let wasStarted = Atomic<Bool>(false)
    /// Triggered once ``stop()`` has closed the socket, which the acceptor's loop does: from then on the address is free
    /// for somebody else.
    public let closed = ShutdownSignal()

    /// Binds and listens.
    /// - Throws: a `failedPrecondition` that names the address and what is wrong with it: taken, not ours, forbidden.
    public init(_ address: SocketAddress, backlog: Int32 = 1024) throws(ServiceError) {
        if case .unix(let path) = address { Listener.removeStaleSocket(at: path) }
        let descriptor = socket(address.family, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw Listener.failure(address, errno) }
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        if case .ipv6 = address {
            setsockopt(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &yes, socklen_t(MemoryLayout<Int32>.size))
        }
        let flags = fcntl(descriptor, F_GETFL)
        guard fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) == 0,
            address.withSockaddr({ bind(descriptor, $0, $1) }) == 0, listen(descriptor, backlog) == 0
        else {
            let code = errno
            close(descriptor)
            throw Listener.failure(address, code)
        }
        self.descriptor = descriptor
        self.address = SocketAddress.of(descriptor) { getsockname($0, $1, $2) } ?? address
    }

    deinit {
        // From the start on the acceptor closes it.
        guard !wasStarted.load(ordering: .relaxed) else { return }
        close(descriptor)
        if case .unix(let path) = address { unlink(path) }
    }

    /// Starts to accept; once. `onConnection` is called on the connection's loop.
    public func start(
        on group: EventLoopGroup, onConnection: @escaping @Sendable (Connection) -> Void
    ) {
        guard !wasStarted.exchange(true, ordering: .relaxed) else { return }
        let acceptor = Acceptor(
            descriptor: descriptor, isUnix: address.port == nil, group: group, closed: closed,
            onConnection: onConnection)
        self.acceptor.withLock { $0 = acceptor }
        acceptor.start()
    }

    /// Stops accepting and closes the socket. Connections live on.
    public func stop() {
        let running = acceptor.withLock { acceptor in
            let running = acceptor
            acceptor = nil
            return running
        }
        guard let running else { return }
        running.stop()
        if case .unix(let path) = address { unlink(path) }
    }

    private static func failure(_ address: SocketAddress, _ code: Int32) -> ServiceError {
        let reason =
            switch code {
            case EADDRINUSE: "the address is already in use"
            case EADDRNOTAVAIL: "this machine does not have that address"
            case EACCES: "permission denied"
            default: String(cString: strerror(code))
            }
        return ServiceError(.failedPrecondition, "cannot listen on \(address): \(reason)")
    }

    /// A socket file that nobody listens on any more is what a killed process leaves behind.
    private static func removeStaleSocket(at path: String) {
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK,
            let address = try? SocketAddress(unixPath: path)
        else { return }
        let probe = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard probe >= 0 else { return }
        defer { close(probe) }
        if address.withSockaddr({ connect(probe, $0, $1) }) != 0, errno == ECONNREFUSED { unlink(path) }
    }
}

/// Watches the listening socket on one loop.
private final class Acceptor: @unchecked Sendable {  // Touched on `loop` alone; `start`, `stop` go there.
    private let descriptor: Int32
    private let isUnix: Bool
    private let group: EventLoopGroup
    private let loop: EventLoop
    private let closed: ShutdownSignal
    private let onConnection: @Sendable (Connection) -> Void
    private let poll: UnsafeMutablePointer<uv_poll_t>
    private var pause: LoopTimer?
    private var isWatching = false
    private var isStopped = false

    init(
        descriptor: Int32, isUnix: Bool, group: EventLoopGroup, closed: ShutdownSignal,
        onConnection: @escaping @Sendable (Connection) -> Void
    ) {
        self.descriptor = descriptor
        self.isUnix = isUnix
        self.group = group
        self.loop = group.loops[0]
        self.closed = closed
        self.onConnection = onConnection
        poll = .allocate(capacity: 1)
    }

    deinit { poll.deallocate() }

    func start() {
        loop.execute { [self] in
            guard uv_poll_init(loop.uv, poll, descriptor) == 0 else { return }
            isWatching = true
            poll.pointee.data = Unmanaged.passRetained(self).toOpaque()
            resume()
        }
    }

    func stop() {
        loop.execute { [self] in
            isStopped = true
            pause?.cancel()
            pause = nil
            guard isWatching else {
                closeDescriptor()
                return
            }
            isWatching = false
            uv_poll_stop(poll)
            uv_close(EventLoop.handle(poll), Acceptor.onClose)
        }
    }

    private func resume() {
        uv_poll_start(poll, Int32(UV_READABLE.rawValue), Acceptor.onReadable)
    }

    private func accept() {
        // A bound on one turn: connections that arrive in a flood must not starve those that are here.
        for _ in 0..<64 {
            let accepted = accept4(
                descriptor, nil, nil, Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue))
            if accepted < 0 {
                switch errno {
                case EAGAIN: return
                case EMFILE, ENFILE, ENOBUFS, ENOMEM: return waitForDescriptors()
                default: continue  // ECONNABORTED, EINTR: that one is gone, the next may be fine.
                }
            }
            hand(accepted)
        }
    }

    /// Out of descriptors: the socket stays readable, and polling it would spin. The queue waits in the kernel.
    private func waitForDescriptors() {
        uv_poll_stop(poll)
        let timer = LoopTimer(on: loop) { [unowned self] in
            pause = nil
            if !isStopped { resume() }
        }
        pause = timer
        timer.schedule(at: .now + .milliseconds(100))
    }

    private func hand(_ accepted: Int32) {
        let peer = isUnix ? nil : SocketAddress.of(accepted) { getpeername($0, $1, $2) }
        let target = group.leastLoaded()
        // Counted here and not when it arrives there: a burst would otherwise all go to the same loop.
        target.connectionCount.add(1, ordering: .relaxed)
        let adopt: @Sendable () -> Void = { [isUnix, onConnection] in
            target.connectionCount.subtract(1, ordering: .relaxed)
            if let connection = Connection(adopting: accepted, peer: peer, isUnix: isUnix, on: target) {
                onConnection(connection)
            }
        }
        if target.isCurrent { return adopt() }
        guard target.execute(adopt) else {
            target.connectionCount.subtract(1, ordering: .relaxed)
            close(accepted)
            return
        }
    }

    private static let onReadable: uv_poll_cb = { handle, _, _ in
        guard let data = handle?.pointee.data else { return }
        Unmanaged<Acceptor>.fromOpaque(data).takeUnretainedValue().accept()
    }

    private static let onClose: uv_close_cb = { handle in
        guard let data = handle?.pointee.data else { return }
        let acceptor = Unmanaged<Acceptor>.fromOpaque(data).takeRetainedValue()
        acceptor.closeDescriptor()
    }

    private func closeDescriptor() {
        close(descriptor)
        closed.trigger()
    }
}
