public import MartletCore

/// What every server does with its sockets, whatever it speaks on them: binds, accepts, counts what is open, and ends in
/// order. Which connections are idle, and how one is told that this is the end, is the server's to know.
///
///     let listener = ServerListener([.loopback(port: 0)], group: group)
///     try listener.start { connection in begin(connection) }      // calls `connectionEnded()` when it is over
///     await ShutdownSignal.wait()
///     await listener.drain(within: .seconds(10)) { closeIdle() } thenClosing: { closeAll() }
public final class ServerListener: Sendable {
    private struct State {
        var listeners: [Listener] = []
        var connections = 0
        var isEnding = false
        /// Wait for the last connection to end.
        var emptyWaiters: [ShutdownSignal] = []
    }

    private let requested: [SocketAddress]
    private let backlog: Int32
    private let group: EventLoopGroup
    private let state = Locked(State())

    /// For what takes no time but a turn of its loop: to close a connection, or a socket.
    private static let closingTime: Duration = .seconds(5)

    /// - Parameters:
    ///   - addresses: to listen on, all of them; with port 0 each has a free one of its own.
    ///   - group: where the connections live.
    public init(_ addresses: [SocketAddress], backlog: Int32 = 1024, group: EventLoopGroup = .shared) {
        requested = addresses
        self.backlog = backlog
        self.group = group
    }

    /// Where it listens, with the ports it was given, in the order asked for; empty before ``start(_:)``.
    public var addresses: [SocketAddress] { state.withLock { $0.listeners.map(\.address) } }

    /// Connections that are open now.
    public var connectionCount: Int { state.withLock { $0.connections } }

    /// Whether ``stopAccepting()`` was called. Connections may still come that were accepted before it, so look after a
    /// new one is in the server's own books: then either this is true, or the drain finds it there.
    public var isEnding: Bool { state.withLock { $0.isEnding } }

    /// Binds every address, or none, and begins to accept; nothing when it has begun already.
    /// - Parameter onConnection: called on the connection's loop, with the connection counted. Whoever takes it calls
    ///   ``connectionEnded()`` once for it.
    /// - Throws: a `failedPrecondition` that names the address that cannot be had.
    public func start(_ onConnection: @escaping @Sendable (Connection) -> Void) throws(ServiceError) {
        guard addresses.isEmpty else { return }
        var listeners: [Listener] = []
        // One that is not started lets its address go again.
        for address in requested { listeners.append(try Listener(address, backlog: backlog)) }
        let bound = listeners
        state.withLock { $0.listeners = bound }
        for listener in bound {
            listener.start(on: group) { [self] connection in
                state.withLock { $0.connections += 1 }
                onConnection(connection)
            }
        }
    }

    public func connectionEnded() {
        let waiters: [ShutdownSignal] = state.withLock { state in
            state.connections -= 1
            guard state.connections == 0 else { return [] }
            defer { state.emptyWaiters = [] }
            return state.emptyWaiters
        }
        for waiter in waiters { waiter.trigger() }
    }

    /// Accepts nothing more; the addresses are free a moment later. Connections live on.
    public func stopAccepting() {
        let listeners = state.withLock { state in
            state.isEnding = true
            return state.listeners
        }
        for listener in listeners { listener.stop() }
    }

    /// Ends in order: accepts nothing more, has the connections told, gives them time to finish, has those that are left
    /// closed. When it returns, the addresses are free for whoever starts again, or another in their place.
    ///
    /// - Parameters:
    ///   - grace: what connections may take to finish what they have begun.
    ///   - finish: tells them that this is the end.
    ///   - close: closes those that are left, at once.
    public func drain(within grace: Duration, telling finish: () -> Void, thenClosing close: () -> Void) async {
        stopAccepting()
        finish()
        await waitUntilEmpty(atMost: grace)
        close()
        await waitUntilEmpty(atMost: Self.closingTime)
        for listener in state.withLock({ $0.listeners }) { await listener.closed.wait(atMost: Self.closingTime) }
    }

    private func waitUntilEmpty(atMost limit: Duration) async {
        let empty = ShutdownSignal()
        let isEmpty = state.withLock { state in
            if state.connections > 0 { state.emptyWaiters.append(empty) }
            return state.connections == 0
        }
        if !isEmpty { await empty.wait(atMost: limit) }
    }
}
