public import MartletCore
public import MartletRuntime

/// A server of HTTP/1.1 and HTTP/2 (RFC 9110, 9112, 9113) on one listening socket: a client's first bytes say which.
///
///     let server = try HTTPServer(port: 8080) { router in
///         router.get("/hello") { _ in .text("hello world\n") }
///     }
///     try await server.run()
///
/// One task per connection, on the connection's event loop; handlers run there too and are cancelled when their client
/// goes away: in order in HTTP/1.1, each in a task of its own in HTTP/2.
public final class HTTPServer: Service {
    public let name: String
    public let limits: Limits
    private let requested: SocketAddress
    private let group: EventLoopGroup
    private let handler: HTTPHandler
    private let acceptor: (any HTTP2Acceptor)?
    private let state = Locked(State())

    private struct State {
        var listener: Listener?
        var loops: [ObjectIdentifier: ServerLoop] = [:]
        var openConnections = 0
        var isDraining = false
        /// Waits for the last connection to close.
        var emptyWaiters: [ShutdownSignal] = []
    }

    public convenience init(
        name: String = "http", address: SocketAddress, handler: HTTPHandler, limits: Limits = Limits(),
        group: EventLoopGroup = .shared
    ) {
        self.init(name: name, address: address, handler: handler, streams: nil, limits: limits, group: group)
    }

    /// - Parameter streams: is asked first to whom each stream of HTTP/2 belongs.
    package init(
        name: String = "http", address: SocketAddress, handler: HTTPHandler, streams: (any HTTP2Acceptor)?,
        limits: Limits = Limits(), group: EventLoopGroup = .shared
    ) {
        self.name = name
        self.limits = limits
        requested = address
        self.handler = handler
        acceptor = streams
        self.group = group
    }

    /// Serves the routes that `build` declares.
    ///
    /// - Parameter port: 0 for any free one; see ``address``.
    public convenience init(
        name: String = "http", host: String = "127.0.0.1", port: UInt16, limits: Limits = Limits(),
        group: EventLoopGroup = .shared, routes build: (inout Router) throws -> Void
    ) throws {
        var router = Router()
        try build(&router)
        self.init(
            name: name, address: try SocketAddress(host: host, port: port), handler: try router.handler(),
            limits: limits, group: group)
    }

    /// Where the server listens, with the port it was given; nil before ``start()``.
    public var address: SocketAddress? { state.withLock { $0.listener?.address } }

    /// Connections that are open now.
    public var connectionCount: Int { state.withLock { $0.openConnections } }

    /// Serves until the shutdown is asked for, and then until what was begun is finished.
    public func run() async throws {
        try start()
        await ShutdownSignal.wait()
        await drain()
    }

    /// Binds and begins to serve; nothing when it has begun already. Throws when the address cannot be had.
    public func start() throws {
        guard address == nil else { return }
        let listener = try Listener(requested, backlog: 1024)
        state.withLock { $0.listener = listener }
        listener.start(on: group) { [self] connection in accept(connection) }
    }

    /// Stops accepting, closes idle connections, lets requests in progress finish (their answers say
    /// `Connection: close`), and after ``Limits/drain`` closes what is left.
    public func drain() async {
        let (listener, loops) = state.withLock { state in
            state.isDraining = true
            return (state.listener, Array(state.loops.values))
        }
        listener?.stop()
        for loop in loops { loop.drain() }
        await waitUntilEmpty(atMost: limits.drain)
        stop()
        await waitUntilEmpty(atMost: .seconds(5))
        // Whoever starts it again, or another in its place, finds the address free.
        if let listener { await wait(for: listener.closed, atMost: .seconds(5)) }
    }

    /// Closes everything at once; the address is free a moment later.
    public func stop() {
        let (listener, loops) = state.withLock { state in
            state.isDraining = true
            return (state.listener, Array(state.loops.values))
        }
        listener?.stop()
        for loop in loops { loop.closeAll() }
    }
}

// MARK: Connections

extension HTTPServer {
    /// On the connection's loop.
    private func accept(_ connection: Connection) {
        let loop = serverLoop(for: connection.loop)
        state.withLock { $0.openConnections += 1 }
        let served = ServerConnection(
            connection, loop: loop, handler: handler, acceptor: acceptor, limits: limits
        ) { [self] in connectionClosed() }
        loop.begin(served, isOverLimit: loop.connectionCount >= limits.connectionsPerLoop)
    }

    private func serverLoop(for loop: EventLoop) -> ServerLoop {
        state.withLock { state in
            if let known = state.loops[ObjectIdentifier(loop)] { return known }
            let new = ServerLoop(loop, isDraining: state.isDraining)
            state.loops[ObjectIdentifier(loop)] = new
            return new
        }
    }

    private func connectionClosed() {
        let waiters: [ShutdownSignal] = state.withLock { state in
            state.openConnections -= 1
            guard state.openConnections == 0 else { return [] }
            defer { state.emptyWaiters = [] }
            return state.emptyWaiters
        }
        for waiter in waiters { waiter.trigger() }
    }

    private func waitUntilEmpty(atMost limit: Duration) async {
        let empty = ShutdownSignal()
        let isEmpty = state.withLock { state in
            if state.openConnections > 0 { state.emptyWaiters.append(empty) }
            return state.openConnections == 0
        }
        if !isEmpty { await wait(for: empty, atMost: limit) }
    }

    private func wait(for signal: ShutdownSignal, atMost limit: Duration) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await signal.wait() }
            group.addTask { try? await Task.sleep(for: limit) }
            await group.next()
            group.cancelAll()
        }
    }
}
