public import MartletCore
public import MartletRuntime

/// An SMTP receiver (RFC 5321) on one listening socket: EHLO, PIPELINING, 8BITMIME, SIZE, ENHANCEDSTATUSCODES.
///
/// Takes mail for anybody from anybody who reaches it and hands it to one handler; it has neither TLS nor AUTH. Meant
/// for loopback, where programs under test send their mail.
public final class SMTPServer: Service {
    public let name: String
    public let limits: Limits
    private let requested: SocketAddress
    private let domain: String
    private let handler: SMTPHandler
    private let group: EventLoopGroup
    private let state = Locked(State())

    private struct State {
        var listener: Listener?
        var connections: [ObjectIdentifier: SMTPServerConnection] = [:]
        var bytesInProgress = 0
        var isDraining = false
        var emptyWaiters: [ShutdownSignal] = []
    }

    /// - Parameter domain: what it calls itself.
    public init(
        name: String = "smtp", address: SocketAddress, domain: String = "localhost", limits: Limits = Limits(),
        group: EventLoopGroup = .shared, handler: SMTPHandler
    ) {
        self.name = name
        self.limits = limits
        requested = address
        self.domain = domain
        self.handler = handler
        self.group = group
    }

    /// Where it listens, with the port it was given; nil before ``start()``.
    public var address: SocketAddress? { state.withLock { $0.listener?.address } }

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
        guard address == nil else { return }
        let listener = try Listener(requested, backlog: 256)
        state.withLock { $0.listener = listener }
        listener.start(on: group) { [self] connection in accept(connection) }
    }

    /// Stops accepting, ends sessions that wait for a command with 421, lets messages that are being received finish,
    /// and after ``Limits/drain`` closes what is left.
    public func drain() async {
        let listener = stopAccepting()
        for connection in connections { connection.drain() }
        await waitUntilEmpty(atMost: limits.drain)
        for connection in connections { connection.abort() }
        await waitUntilEmpty(atMost: .seconds(5))
        // Whoever starts it again, or another in its place, finds the address free.
        if let listener { await Self.wait(for: listener.closed, atMost: .seconds(5)) }
    }

    /// Closes everything at once; the address is free a moment later.
    public func stop() {
        _ = stopAccepting()
        for connection in connections { connection.abort() }
    }

    private func stopAccepting() -> Listener? {
        let listener = state.withLock { state in
            state.isDraining = true
            return state.listener
        }
        listener?.stop()
        return listener
    }

    private var connections: [SMTPServerConnection] { state.withLock { Array($0.connections.values) } }

    // MARK: Connections

    /// On the connection's loop.
    private func accept(_ connection: Connection) {
        let served = SMTPServerConnection(connection, session: SMTPSession(name: domain, limits: limits), server: self)
        let (isOverLimit, isDraining) = state.withLock { state in
            state.connections[ObjectIdentifier(served)] = served
            return (state.connections.count > limits.connections, state.isDraining)
        }
        served.begin(refusal: isDraining ? .closing : isOverLimit ? .tooManyConnections : nil)
    }

    func ended(_ connection: SMTPServerConnection) {
        let waiters: [ShutdownSignal] = state.withLock { state in
            state.connections[ObjectIdentifier(connection)] = nil
            guard state.connections.isEmpty else { return [] }
            defer { state.emptyWaiters = [] }
            return state.emptyWaiters
        }
        for waiter in waiters { waiter.trigger() }
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

    private func waitUntilEmpty(atMost limit: Duration) async {
        let empty = ShutdownSignal()
        let isEmpty = state.withLock { state in
            if !state.connections.isEmpty { state.emptyWaiters.append(empty) }
            return state.connections.isEmpty
        }
        if !isEmpty { await Self.wait(for: empty, atMost: limit) }
    }

    private static func wait(for signal: ShutdownSignal, atMost limit: Duration) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await signal.wait() }
            group.addTask { try? await Task.sleep(for: limit) }
            await group.next()
            group.cancelAll()
        }
    }
}
