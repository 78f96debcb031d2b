public import MartletCore
public import MartletMessaging
public import MartletRuntime

/// The bus of another process, over its UNIX socket.
///
/// The connection is made in the background, and made again whenever it is lost, for as long as it takes: opening never
/// fails for a bus that is not there yet. What is asked for meanwhile waits within its deadline, and is `unavailable`
/// after it. A publish whose connection dies is sent again, which its message id makes safe. Consumers go on with the new
/// connection; what they had in hand comes again.
public final class SocketBus: MessageBus {
    private let client: BusClient

    /// - Throws: `invalidArgument` for a path that is no socket's.
    public init(socket path: String, logger: Logger = .disabled, group: EventLoopGroup = .shared) throws {
        let address = try SocketAddress(unixPath: path)
        client = BusClient(address, loop: group.next(), logger: logger)
        client.start()
    }

    private static func deadline() -> MonotonicTime {
        min(CallContext.current?.deadline ?? .never, .now + .seconds(30))
    }

    /// Sends a request and waits for its answer.
    private func request(
        _ size: Int = 64, _ frame: @escaping @Sendable (UInt64) -> ClientFrame
    ) async throws -> BusAnswer {
        let deadline = Self.deadline()
        let client = client
        return try await withUnsafeThrowingContinuation { continuation in
            let isTaken = client.loop.execute {
                client.request(deadline: deadline, size: size, frame) { continuation.resume(with: $0) }
            }
            if !isTaken { continuation.resume(throwing: BusEngine.closed) }
        }
    }

    private func call(_ call: BusCall) async throws -> BusAnswer { try await request { .call(request: $0, call) } }

    // MARK: Messages

    public func publish(_ message: BusMessage, to exchange: String, mandatory: Bool) async throws {
        try message.check()
        try BusName.check(exchange, "an exchange's name")
        let data = MessageCoding.encode(message)
        _ = try await request(data.count + 64) {
            .publish(request: $0, exchange: exchange, isMandatory: mandatory, message: data)
        }
    }

    public func consume(_ queue: Queue, prefetch: Int) async throws -> any MessageConsumer {
        try queue.check()
        guard (1...10_000).contains(prefetch) else {
            throw ServiceError(.invalidArgument, "a consumer's prefetch is 1 to 10000")
        }
        let consumer = ClientConsumer(client: client, queue: queue, prefetch: UInt32(prefetch))
        let deadline = Self.deadline()
        let client = client
        try await withUnsafeThrowingContinuation { (continuation: UnsafeContinuation<Void, any Error>) in
            let isTaken = client.loop.execute {
                client.add(consumer, deadline: deadline) { continuation.resume(with: $0.map { _ in }) }
            }
            if !isTaken { continuation.resume(throwing: BusEngine.closed) }
        }
        return consumer
    }

    // MARK: Topology and dead letters

    public func declare(_ topology: BusTopology) async throws {
        try topology.check()
        _ = try await call(.declare(topology))
    }

    public func unbind(_ binding: Binding, from queue: String) async throws {
        try binding.check()
        try BusName.check(queue, "a queue's name")
        _ = try await call(.unbind(binding, queue: queue))
    }

    public func delete(queue: String) async throws {
        try BusName.check(queue, "a queue's name")
        _ = try await call(.delete(queue: queue))
    }

    public func queues() async throws -> [QueueStatus] {
        guard case .queues(let queues) = try await call(.queues) else { throw Self.strange }
        return queues
    }

    public func deadLetters(of queue: String?, after number: Int64, limit: Int) async throws -> [DeadLetter] {
        if let queue { try BusName.check(queue, "a queue's name") }
        let call = BusCall.deadLetters(queue: queue, after: number, limit: UInt32(clamping: limit))
        guard case .deadLetters(let letters) = try await self.call(call) else { throw Self.strange }
        return letters
    }

    public func redrive(_ selection: DeadLetterSelection) async throws -> Int {
        try Self.check(selection)
        guard case .count(let count) = try await call(.redrive(selection)) else { throw Self.strange }
        return Int(clamping: count)
    }

    public func discard(_ selection: DeadLetterSelection) async throws -> Int {
        try Self.check(selection)
        guard case .count(let count) = try await call(.discard(selection)) else { throw Self.strange }
        return Int(clamping: count)
    }

    private static func check(_ selection: DeadLetterSelection) throws(ServiceError) {
        switch selection {
        case .numbers(let numbers):
            guard numbers.count <= 1000 else {
                throw ServiceError(.invalidArgument, "at most 1000 dead letters, by their numbers")
            }
        case .queue(let name): try BusName.check(name, "a queue's name")
        case .all: break
        }
    }

    private static var strange: ServiceError { ServiceError(.internal, "the bus gave an answer to another question") }

    public func problem() async -> String? {
        let context = CallContext.current
        let limited = (context ?? CallContext(trace: .root(isSampled: false))).limited(to: .now + .seconds(2))
        do {
            _ = try await CallContext.$current.withValue(limited) { try await call(.declare(BusTopology())) }
            return nil
        } catch {
            return "\(error)"
        }
    }

    /// Waits, at most 10 s, until what was asked for is answered; then lets go of the connection.
    public func close() async { await client.close() }
}
