public import MartletCore
public import MartletRuntime

/// A server of Go's net/rpc (contracts, go-net-rpc) on one listening socket, for plain TCP and for Go's HTTP variant
/// (`rpc.DialHTTP`) alike.
///
///     var methods = NetRPCMethods()
///     methods.method("RPCServer.LogInfo", writeLog) { entry, _ in "Processed payload via RPC:\(entry.name)" }
///     let server = NetRPCServer(address: try SocketAddress(host: "127.0.0.1", port: 5001), methods: methods)
///     try await server.run()
///
/// The calls of a connection run side by side on the connection's event loop, and are answered in the order in which
/// they end; they are cancelled when their client goes away. The answers of one turn of the loop leave in one write.
public final class NetRPCServer: Service {
    public let name: String
    public let limits: Limits
    let methods: NetRPCMethods
    let logger: Logger
    private let listener: ServerListener
    private let loops = Locked<[ObjectIdentifier: NetRPCServerLoop]>([:])

    public init(
        name: String = "net/rpc", address: SocketAddress, methods: NetRPCMethods, limits: Limits = Limits(),
        logger: Logger = .disabled, group: EventLoopGroup = .shared
    ) {
        self.name = name
        self.limits = limits
        self.methods = methods
        self.logger = logger
        listener = ServerListener([address], group: group)
    }

    /// Where the server listens, with the port it was given; nil before ``start()``.
    public var address: SocketAddress? { listener.addresses.first }

    /// Connections that are open now.
    public var connectionCount: Int { listener.connectionCount }

    /// Serves until the shutdown is asked for, and then until what was begun is finished.
    public func run() async throws {
        try start()
        await ShutdownSignal.wait()
        await drain()
    }

    /// Binds and begins to serve; nothing when it has begun already. Throws when the address cannot be had.
    public func start() throws {
        try listener.start { [self] connection in accept(connection) }
    }

    /// Stops accepting, closes idle connections, lets calls that have begun finish, and after ``Limits/drain`` closes
    /// what is left.
    public func drain() async {
        await listener.drain(within: limits.drain) {
            for loop in knownLoops { loop.drain() }
        } thenClosing: {
            for loop in knownLoops { loop.closeAll() }
        }
    }

    /// Closes everything at once; the address is free a moment later.
    public func stop() {
        listener.stopAccepting()
        for loop in knownLoops { loop.closeAll() }
    }

    private var knownLoops: [NetRPCServerLoop] { loops.withLock { Array($0.values) } }

    /// On the connection's loop.
    private func accept(_ connection: Connection) {
        let loop = loops.withLock { loops in
            if let known = loops[ObjectIdentifier(connection.loop)] { return known }
            let new = NetRPCServerLoop(connection.loop)
            loops[ObjectIdentifier(connection.loop)] = new
            return new
        }
        loop.begin(NetRPCServerConnection(connection, on: loop, of: self), limit: limits.connectionsPerLoop)
        if listener.isEnding { loop.drain() }
    }

    func ended() { listener.connectionEnded() }
}
