public import MartletCore
public import MartletRuntime

/// An SMTP receiver (RFC 5321) on one listening socket: EHLO, PIPELINING, 8BITMIME, SIZE, ENHANCEDSTATUSCODES.
///
/// Takes mail for anybody from anybody who reaches it and hands it to one handler; it has neither TLS nor AUTH. Meant
/// for loopback, where programs under test send their mail.
public final class SMTPServer: Service {
    public let name: String
    public let limits: Limits
    private let domain: String
    private let handler: SMTPHandler
    private let listener: ServerListener
    private let state = Locked(State())

    private struct State {
        var connections: [ObjectIdentifier: SMTPServerConnection] = [:]
        var bytesInProgress = 0
    }

    /// - Parameter domain: what it calls itself.
    public init(
        name: String = "smtp", address: SocketAddress, domain: String = "localhost", limits: Limits = Limits(),
        group: EventLoopGroup = .shared, handler: SMTPHandler
    ) {
        self.name = name
        self.limits = limits
        self.domain = domain
        self.handler = handler
        listener = ServerListener([address], backlog: 256, group: group)
    }

    /// Where it listens, with the port it was given; nil before ``start()``.
    public var address: SocketAddress? { listener.addresses.first }

    /// Bytes of messages that are being received now.
    public var bytesInProgress: Int { state.withLock { $0.bytesInProgress } }

    /// Receives until the shutdown is asked for, and then until what was begun is finished.
    public func run() async throws {
        try start()
        await ShutdownSignal.wait()
        await drain()
    }

    /// Binds and begins; nothing when it has begun already. Throws when the address cannot be had.
    public func start() throws {
        try listener.start { [self] connection in accept(connection) }
    }

    /// Stops accepting, ends sessions that wait for a command with 421, lets messages that are being received finish,
    /// and after ``Limits/drain`` closes what is left.
    public func drain() async {
        await listener.drain(within: limits.drain) {
            for connection in connections { connection.drain() }
        } thenClosing: {
            for connection in connections { connection.abort() }
        }
    }

    /// Closes everything at once; the address is free a moment later.
    public func stop() {
        listener.stopAccepting()
        for connection in connections { connection.abort() }
    }

    private var connections: [SMTPServerConnection] { state.withLock { Array($0.connections.values) } }

    // MARK: Connections

    /// On the connection's loop.
    private func accept(_ connection: Connection) {
        let served = SMTPServerConnection(connection, session: SMTPSession(name: domain, limits: limits), server: self)
        let isOverLimit = state.withLock { state in
            state.connections[ObjectIdentifier(served)] = served
            return state.connections.count > limits.connections
        }
        served.begin(refusal: listener.isEnding ? .closing : isOverLimit ? .tooManyConnections : nil)
    }

    func ended(_ connection: SMTPServerConnection) {
        state.withLock { $0.connections[ObjectIdentifier(connection)] = nil }
        listener.connectionEnded()
    }

    func accept(_ mail: ReceivedMail) async throws -> MailReceipt { try await handler(mail) }

    /// - Returns: false when there is no room for so much more.
    func reserve(_ bytes: Int) -> Bool {
        state.withLock { state in
            guard bytes <= limits.bytesInProgress - state.bytesInProgress else { return false }
            state.bytesInProgress += bytes
            return true
        }
    }

    func release(_ bytes: Int) { state.withLock { $0.bytesInProgress -= bytes } }
}
