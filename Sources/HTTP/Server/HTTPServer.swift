public import MartletCore
public import MartletRuntime
internal import MartletTLS

/// A server of HTTP/1.1 and HTTP/2 (RFC 9110, 9112, 9113) on one listening socket, with TLS or without: a client's first
/// bytes say which.
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
    private let listener: ServerListener
    private let handler: HTTPHandler
    private let acceptor: (any HTTP2Acceptor)?
    private let loops = Locked<[ObjectIdentifier: ServerLoop]>([:])
    private let tls: TLS?

    public convenience init(
        name: String = "http", address: SocketAddress, handler: HTTPHandler, limits: Limits = Limits(),
        tls: TLS? = nil, group: EventLoopGroup = .shared
    ) {
        self.init(
            name: name, address: address, handler: handler, streams: nil, limits: limits, tls: tls, group: group)
    }

    /// - Parameter streams: is asked first to whom each stream of HTTP/2 belongs.
    package init(
        name: String = "http", address: SocketAddress, handler: HTTPHandler, streams: (any HTTP2Acceptor)?,
        limits: Limits = Limits(), tls: TLS? = nil, group: EventLoopGroup = .shared
    ) {
        self.name = name
        self.limits = limits
        listener = ServerListener([address], group: group)
        self.handler = handler
        acceptor = streams
        self.tls = tls
    }

    /// Serves the routes that `build` declares.
    ///
    /// - Parameters:
    ///   - port: 0 for any free one; see ``address``.
    ///   - tls: with it, the server speaks `https`; its files are read again when they change, as long as ``run()`` does.
    public convenience init(
        name: String = "http", host: String = "127.0.0.1", port: UInt16, limits: Limits = Limits(),
        tls: TLS? = nil, group: EventLoopGroup = .shared, routes build: (inout Router) throws -> Void
    ) throws {
        var router = Router()
        try build(&router)
        self.init(
            name: name, address: try SocketAddress(host: host, port: port), handler: try router.handler(),
            limits: limits, tls: tls, group: group)
    }

    /// Where the server listens, with the port it was given; nil before ``start()``.
    public var address: SocketAddress? { listener.addresses.first }

    /// Connections that are open now.
    public var connectionCount: Int { listener.connectionCount }

    /// Serves until the shutdown is asked for, and then until what was begun is finished.
    public func run() async throws {
        try start()
        if let tls { await tls.context.keepCurrent() } else { await ShutdownSignal.wait() }
        await drain()
    }

    /// Binds and begins to serve; nothing when it has begun already. Throws when the address cannot be had.
    public func start() throws {
        try listener.start { [self] connection in accept(connection) }
    }

    /// Stops accepting, closes idle connections, lets requests in progress finish (their answers say
    /// `Connection: close`), and after ``Limits/drain`` closes what is left.
    public func drain() async {
        await listener.drain(within: limits.drain) {
            for loop in allLoops { loop.drain() }
        } thenClosing: {
            for loop in allLoops { loop.closeAll() }
        }
    }

    /// Closes everything at once; the address is free a moment later.
    public func stop() {
        listener.stopAccepting()
        for loop in allLoops { loop.closeAll() }
    }
}

// MARK: Connections

extension HTTPServer {
    /// On the connection's loop.
    private func accept(_ connection: Connection) {
        let loop = serverLoop(for: connection.loop)
        let served = ServerConnection(
            connection, loop: loop, handler: handler, acceptor: acceptor, limits: limits, tls: tls
        ) { [listener] in listener.connectionEnded() }
        loop.begin(served, isOverLimit: loop.connectionCount >= limits.connectionsPerLoop)
    }

    private var allLoops: [ServerLoop] { loops.withLock { Array($0.values) } }

    private func serverLoop(for loop: EventLoop) -> ServerLoop {
        let (served, isNew) = loops.withLock { loops in
            if let known = loops[ObjectIdentifier(loop)] { return (known, false) }
            let new = ServerLoop(loop)
            loops[ObjectIdentifier(loop)] = new
            return (new, true)
        }
        // A drain that has begun already did not find it.
        if isNew, listener.isEnding { served.beginDraining() }
        return served
    }
}
