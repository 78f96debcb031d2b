public import MartletCore
internal import MartletRuntime

/// Lets other processes use a bus, over a UNIX socket.
///
///     let bus = try await EmbeddedBus.open(.file(path: "data/bus.db"))
///     let server = try BusServer(on: bus, socket: "data/bus.sock")
///     try await server.run()          // until the shutdown; closes the bus
///
/// Who may open the socket's folder may use the bus: it is made for the processes of one user.
public final class BusServer: Service {
    public let name = "bus"
    private let bus: EmbeddedBus
    private let address: SocketAddress
    private let logger: Logger
    private let state = Locked(State())

    private struct State {
        var listener: Listener?
        var isOver = false
    }

    /// The sessions; on the bus's loop.
    private let sessions = BusSessions()

    /// - Throws: `invalidArgument` for a path that is no socket's (1 to 107 bytes).
    public init(on bus: EmbeddedBus, socket path: String, logger: Logger = .disabled) throws {
        self.bus = bus
        address = try SocketAddress(unixPath: path)
        self.logger = logger
    }

    /// Binds and begins to serve; nothing when it has begun already.
    /// - Throws: `failedPrecondition` when the socket cannot be had.
    public func start() async throws {
        guard state.withLock({ $0.listener == nil }) else { return }
        let listener = try Listener(address)
        state.withLock { $0.listener = listener }
        let (bus, sessions, logger) = (bus, sessions, logger)
        listener.start(on: bus.group) { connection in
            sessions.begin(connection, on: bus, logger: logger)
        }
    }

    /// Serves until the shutdown is asked for; then answers what was accepted, and closes the bus.
    public func run() async throws {
        do {
            try await start()
        } catch {
            await bus.close()
            throw error
        }
        await ShutdownSignal.wait()
        await stop()
    }

    /// Stops accepting, answers what was accepted, says goodbye to the clients, and closes the bus.
    public func stop() async {
        let listener = state.withLock { state in
            let isFirst = !state.isOver
            state.isOver = true
            return isFirst ? state.listener : nil
        }
        listener?.stop()
        let sessions = sessions
        // What comes from now on is answered by whoever owns the bus next.
        _ = try? await bus.group.run { _ in sessions.drain() }
        await bus.close(thenOnLoop: { await sessions.end() })
    }
}

/// The clients of one server. Confined to the bus's loop.
final class BusSessions: @unchecked Sendable {
    private var sessions: [ObjectIdentifier: BusSession] = [:]
    private var isDraining = false

    func begin(_ connection: Connection, on bus: EmbeddedBus, logger: Logger) {
        guard !isDraining, sessions.count < bus.configuration.connectionLimit else { return connection.close() }
        let session = BusSession(connection, engine: bus.engine, logger: logger)
        sessions[ObjectIdentifier(session)] = session
        session.task = Task(executorPreference: connection.loop) { [self] in
            await session.serve()
            sessions[ObjectIdentifier(session)] = nil
        }
    }

    func drain() {
        isDraining = true
        for session in sessions.values { session.drain() }
    }

    func end() async {
        let ending = Array(sessions.values)
        let deadline = MonotonicTime.now + .seconds(1)
        for session in ending { await session.sayGoodbye(until: deadline) }
        for session in ending { await session.task?.value }
    }
}
