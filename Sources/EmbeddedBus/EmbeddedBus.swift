// EmbeddedBus: a bus without a broker to install. A driver of the Messaging room: durable, on SQLite, owned by one
// process, which others reach over a UNIX socket.
//
// What it is not: a bus for several machines, or a replicated one. RabbitMQ and NATS are, behind the same protocol.

public import MartletCore
public import MartletMessaging
internal import MartletRuntime
public import MartletSQLite

/// The bus in the process that owns its store.
///
///     let bus = try await EmbeddedBus.open(.file(path: "data/bus.db"))
///     try await bus.declare(BusTopology(queues: [queue]))
///     try await bus.publish(BusMessage(routingKey: "log.INFO", json: entry), to: "logs_topic")
///
/// Others reach it through a ``BusServer`` on it. To be closed by whoever opened it.
public final class EmbeddedBus: MessageBus {
    public let configuration: BusConfiguration
    let engine: BusEngine
    let group: EventLoopGroup
    private let closing = Locked(Closing.open)

    private enum Closing {
        case open
        case closing([UnsafeContinuation<Void, Never>])
        case closed
    }

    private init(engine: BusEngine, group: EventLoopGroup) {
        self.engine = engine
        self.group = group
        configuration = engine.configuration
    }

    /// Opens the store, and makes it when it is missing.
    /// - Throws: `failedPrecondition` when another process owns it, and `SQLError` for what is wrong with the file.
    public static func open(
        _ location: SQLiteLocation, configuration: BusConfiguration = BusConfiguration(), logger: Logger = .disabled
    ) async throws -> EmbeddedBus {
        try await open(try await BusStore.open(location, configuration), configuration, logger)
    }

    /// On a database that nobody else has, which is closed with the bus. For tests whose disk is not a real one.
    package static func open(on database: SQLiteDatabase) async throws -> EmbeddedBus {
        try await open(try await BusStore.open(database), BusConfiguration(), .disabled)
    }

    private static func open(
        _ store: BusStore, _ configuration: BusConfiguration, _ logger: Logger
    ) async throws -> EmbeddedBus {
        let group = EventLoopGroup(loops: 1, name: "bus")
        do {
            return try await group.run { loop in
                let engine = BusEngine(store: store, loop: loop, configuration: configuration, logger: logger)
                try await engine.open()
                return EmbeddedBus(engine: engine, group: group)
            }
        } catch {
            group.shutdown()
            await store.close()
            throw error
        }
    }

    public var statistics: BusStatistics { engine.statistics.withLock { $0 } }

    /// Runs `body` on the bus's loop.
    private func onLoop<Value: Sendable>(
        _ body: @escaping @Sendable (BusEngine) async throws -> Value
    ) async throws -> Value {
        try refuseIfClosed()
        let engine = engine
        do {
            return try await group.run { _ in try await body(engine) }
        } catch {
            throw error is CancellationError ? error : ServiceError(hiding: error)
        }
    }

    private func refuseIfClosed() throws(ServiceError) {
        let isOpen = closing.withLock { if case .open = $0 { true } else { false } }
        if !isOpen { throw BusEngine.closed }
    }

    // MARK: Messages

    public func publish(_ message: BusMessage, to exchange: String, mandatory: Bool) async throws {
        try message.check()
        try refuseIfClosed()
        let deadline = min(CallContext.current?.deadline ?? .never, .now + .seconds(30))
        let request = PublishRequest(
            exchange: exchange, key: message.routingKey, identity: PublishID(exchange: exchange, id: message.id),
            data: MessageCoding.encode(message), isMandatory: mandatory, deadline: deadline)
        try await withUnsafeThrowingContinuation { (continuation: UnsafeContinuation<Void, any Error>) in
            let engine = engine
            let isTaken = engine.loop.execute {
                engine.publish(request) { error in
                    if let error { continuation.resume(throwing: error) } else { continuation.resume() }
                }
            }
            if !isTaken { continuation.resume(throwing: BusEngine.closed) }
        }
    }

    public func consume(_ queue: Queue, prefetch: Int) async throws -> any MessageConsumer {
        try await onLoop { [group] engine in
            let consumer = LocalConsumer(engine: engine, group: group, queue: queue.name)
            consumer.id = try await engine.consume(queue, prefetch: prefetch, sink: consumer)
            return consumer
        }
    }

    // MARK: Topology and dead letters

    public func declare(_ topology: BusTopology) async throws { try await onLoop { try await $0.declare(topology) } }

    public func unbind(_ binding: Binding, from queue: String) async throws {
        try await onLoop { try await $0.unbind(binding, from: queue) }
    }

    public func delete(queue: String) async throws { try await onLoop { try await $0.delete(queue: queue) } }

    public func queues() async throws -> [QueueStatus] { try await onLoop { try await $0.queueStatus() } }

    public func deadLetters(of queue: String?, after number: Int64, limit: Int) async throws -> [DeadLetter] {
        try await onLoop { try await $0.deadLetters(of: queue, after: number, limit: limit) }
    }

    public func redrive(_ selection: DeadLetterSelection) async throws -> Int {
        try await onLoop { try await $0.redrive(selection) }
    }

    public func discard(_ selection: DeadLetterSelection) async throws -> Int {
        try await onLoop { try await $0.discard(selection) }
    }

    public func problem() async -> String? {
        do {
            _ = try await onLoop { try await $0.store.exchanges() }
            return nil
        } catch {
            return "\(error)"
        }
    }

    // MARK: The end

    public func close() async { await close(thenOnLoop: {}) }

    /// - Parameter last: what remains to be done on the loop when everything is answered, before it ends.
    func close(thenOnLoop last: @escaping @Sendable () async -> Void) async {
        let isFirst = closing.withLock { closing in
            guard case .open = closing else { return false }
            closing = .closing([])
            return true
        }
        guard isFirst else { return await waitUntilClosed() }
        let engine = engine
        _ = try? await group.run { _ in
            await engine.close()
            await last()
        }
        group.shutdown()
        let waiters: [UnsafeContinuation<Void, Never>] = closing.withLock { closing in
            guard case .closing(let waiters) = closing else { return [] }
            closing = .closed
            return waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    private func waitUntilClosed() async {
        await withUnsafeContinuation { continuation in
            let isClosed = closing.withLock { closing in
                guard case .closing(let waiters) = closing else { return true }
                closing = .closing(waiters + [continuation])
                return false
            }
            if isClosed { continuation.resume() }
        }
    }
}
