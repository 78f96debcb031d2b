internal import CAres
internal import CPosix
internal import CUV
internal import Glibc
public import MartletCore

/// Host names to addresses, by c-ares: `/etc/hosts`, then DNS, for IPv4 and IPv6.
///
/// Not libuv's `getaddrinfo`: that blocks pool threads, two lookups at once, so that four dead names hold up `localhost`
/// for 20 seconds.
public enum Resolver {
    /// - Parameters:
    ///   - host: a name, or an address in figures, which is answered at once.
    ///   - port: goes into the addresses.
    /// - Returns: at least one address, in the order of RFC 6724 as c-ares sorts them.
    /// - Throws: `.unreachable` when there is no such name or no server answers, `.timedOut` at the deadline.
    public static func addresses(
        of host: String, port: UInt16, deadline: MonotonicTime
    ) async throws(ConnectionError) -> [SocketAddress] {
        if let address = try? SocketAddress(host: host, port: port) { return [address] }
        guard let loop = EventLoop.current else {
            preconditionFailure("names are resolved from a task of an event loop")
        }
        let lookup = Lookup(host: host, port: port, on: loop)
        await withTaskCancellationHandler {
            await lookup.run(deadline: deadline)
        } onCancel: {
            loop.execute { lookup.finish(.failure(.closed)) }
        }
        return try lookup.outcome.get()
    }
}

/// One lookup with a c-ares channel of its own: it reads the resolver's configuration anew, and cancelling it is
/// destroying the channel. Lookups are rare (connections are pooled), so the channel's 50 µs do not matter.
private final class Lookup: @unchecked Sendable {  // Touched on `loop` alone; a cancellation goes there.
    private let host: String
    private let port: UInt16
    private let loop: EventLoop
    private var channel: ares_channel?
    private var polls: [ares_socket_t: UnsafeMutablePointer<uv_poll_t>] = [:]
    private var retryTimer: LoopTimer?
    private var deadlineTimer: LoopTimer?
    private var continuation: UnsafeContinuation<Void, Never>?
    private(set) var outcome: Result<[SocketAddress], ConnectionError> = .failure(.closed)
    private var isFinished = false

    init(host: String, port: UInt16, on loop: EventLoop) {
        self.host = host
        self.port = port
        self.loop = loop
    }

    func run(deadline: MonotonicTime) async {
        loop.assertCurrent()
        if isFinished { return }
        guard Lookup.libraryIsReady, openChannel() else {
            outcome = .failure(.unreachable(host, "the resolver could not be started"))
            return
        }
        if deadline != .never {
            let timer = LoopTimer(on: loop) { [unowned self] in finish(.failure(.timedOut)) }
            deadlineTimer = timer
            timer.schedule(at: deadline)
        }
        await withUnsafeContinuation { continuation in
            // The state is looked at again inside: before it suspends the runtime may queue the task once more.
            guard !isFinished, let channel else { return continuation.resume() }
            self.continuation = continuation
            var hints = ares_addrinfo_hints()
            hints.ai_family = AF_UNSPEC
            hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
            ares_getaddrinfo(
                channel, host, String(port), &hints, Lookup.onResult, Unmanaged.passRetained(self).toOpaque())
            process(readable: noSocket, writable: noSocket)
        }
    }

    /// The first outcome counts; everything of the lookup is let go of.
    func finish(_ outcome: Result<[SocketAddress], ConnectionError>) {
        guard !isFinished else { return }
        isFinished = true
        self.outcome = outcome
        retryTimer?.cancel()
        retryTimer = nil
        deadlineTimer?.cancel()
        deadlineTimer = nil
        // Not now: this may run inside a callback of the channel.
        loop.execute { [self] in
            if let channel { ares_destroy(channel) }
            channel = nil
            for socket in Array(polls.keys) { unwatch(socket) }
        }
        continuation?.resume()
        continuation = nil
    }

    private static let libraryIsReady = ares_library_init(ARES_LIB_INIT_ALL) == ARES_SUCCESS

    private func openChannel() -> Bool {
        var options = ares_options()
        options.sock_state_cb = Lookup.onSocketState
        options.sock_state_cb_data = Unmanaged.passUnretained(self).toOpaque()
        options.timeout = 2000
        options.tries = 2
        let mask = ARES_OPT_SOCK_STATE_CB | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES
        return ares_init_options(&channel, &options, mask) == ARES_SUCCESS
    }

    private func process(readable: ares_socket_t, writable: ares_socket_t) {
        guard let channel, !isFinished else { return }
        ares_process_fd(channel, readable, writable)
        guard !isFinished else { return }
        var wait = timeval()
        guard ares_timeout(channel, nil, &wait) != nil else { return }
        if retryTimer == nil {
            retryTimer = LoopTimer(on: loop) { [unowned self] in
                process(readable: noSocket, writable: noSocket)
            }
        }
        retryTimer?.schedule(
            at: .now + .microseconds(Int64(wait.tv_sec) * 1_000_000 + Int64(wait.tv_usec) + 1000))
    }

    private func collect(_ status: Int32, _ list: UnsafeMutablePointer<ares_addrinfo>?) {
        defer { if let list { ares_freeaddrinfo(list) } }
        guard status == ARES_SUCCESS else {
            let reason = ares_strerror(status).map { String(cString: $0) } ?? "error \(status)"
            return finish(.failure(.unreachable(host, reason)))
        }
        var found: [SocketAddress] = []
        var node = list?.pointee.nodes
        while let current = node, found.count < 64 {
            if let form = current.pointee.ai_addr, let address = SocketAddress(form), !found.contains(address) {
                found.append(address)
            }
            node = current.pointee.ai_next
        }
        finish(found.isEmpty ? .failure(.unreachable(host, "the name has no address")) : .success(found))
    }

    // MARK: The channel's sockets

    private func watch(_ socket: ares_socket_t, readable: Bool, writable: Bool) {
        guard readable || writable else { return unwatch(socket) }
        let poll: UnsafeMutablePointer<uv_poll_t>
        if let known = polls[socket] {
            poll = known
        } else {
            poll = .allocate(capacity: 1)
            guard uv_poll_init(loop.uv, poll, socket) == 0 else { return poll.deallocate() }
            poll.pointee.data = Unmanaged.passRetained(self).toOpaque()
            polls[socket] = poll
        }
        let events = (readable ? UV_READABLE.rawValue : 0) | (writable ? UV_WRITABLE.rawValue : 0)
        uv_poll_start(poll, Int32(events), Lookup.onReady)
    }

    private func unwatch(_ socket: ares_socket_t) {
        guard let poll = polls.removeValue(forKey: socket) else { return }
        uv_poll_stop(poll)
        uv_close(EventLoop.handle(poll), Lookup.onClose)
    }

    private func ready(_ poll: UnsafeMutablePointer<uv_poll_t>, _ status: Int32, _ events: Int32) {
        guard let socket = polls.first(where: { $0.value == poll })?.key else { return }
        let readable = status < 0 || events & Int32(UV_READABLE.rawValue) != 0
        let writable = status < 0 || events & Int32(UV_WRITABLE.rawValue) != 0
        process(
            readable: readable ? socket : noSocket, writable: writable ? socket : noSocket)
    }

    private static let onResult: ares_addrinfo_callback = { data, status, _, list in
        guard let data else { return }
        Unmanaged<Lookup>.fromOpaque(data).takeRetainedValue().collect(status, list)
    }
    private static let onSocketState: ares_sock_state_cb = { data, socket, readable, writable in
        guard let data else { return }
        Unmanaged<Lookup>.fromOpaque(data).takeUnretainedValue()
            .watch(socket, readable: readable != 0, writable: writable != 0)
    }
    private static let onReady: uv_poll_cb = { handle, status, events in
        guard let handle, let data = handle.pointee.data else { return }
        Unmanaged<Lookup>.fromOpaque(data).takeUnretainedValue().ready(handle, status, events)
    }
    private static let onClose: uv_close_cb = { handle in
        guard let handle, let data = handle.pointee.data else { return }
        Unmanaged<Lookup>.fromOpaque(data).release()
        UnsafeMutableRawPointer(handle).deallocate()
    }
}

/// `ARES_SOCKET_BAD` is a macro with a cast.
private let noSocket: ares_socket_t = -1
