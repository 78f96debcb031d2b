internal import MartletCore
internal import MartletMessaging
internal import MartletRuntime

/// One client of the bus: its frames in, the engine's answers out. On the engine's loop, so that nothing hops.
final class BusSession: @unchecked Sendable {  // Touched on the engine's loop alone.
    let connection: Connection
    let engine: BusEngine
    var task: Task<Void, Never>?

    private let logger: Logger
    private let frames: FrameReader
    private var consumers: [UInt32: SessionConsumer] = [:]
    /// Calls that are worked on beside the reading.
    private var calls: [UInt64: Task<Void, Never>] = [:]
    private var lastCall: UInt64 = 0
    private var pulse: LoopTimer?
    private var isGreeted = false
    private var isDraining = false
    private(set) var isMarking = false

    private static let callLimit = 64
    private static let consumerLimit = 1024
    /// Output that a client has not taken: over the first, it is given no more messages; over the second it is gone.
    static let outputLimit = 1 << 20
    private static let outputEnd = 32 << 20

    init(_ connection: Connection, engine: BusEngine, logger: Logger) {
        self.connection = connection
        self.engine = engine
        self.logger = logger
        frames = FrameReader(
            limit: BusProtocol.frameLimit(messageByteLimit: engine.configuration.messageByteLimit))
        connection.inputLimit = 2 * frames.limit
    }

    func serve() async {
        armPulse()
        do {
            try await readFrames()
        } catch let error as BusProtocolError {
            logger.warning("a client of the bus was sent away: \(error)")
            send(.failed(request: 0, ServiceError(.invalidArgument, error.description)))
            flushNow()
        } catch {
            // It is gone; what it held goes to others.
        }
        await end()
    }

    private func readFrames() async throws {
        while true {
            connection.deadline = .now + (isGreeted ? engine.configuration.silenceLimit : .seconds(5))
            guard try await connection.moreInput() else { return }
            // What is not read now is sent again to the bus's next owner.
            if isDraining { continue }
            var consumed = 0
            defer { connection.input.consume(consumed) }
            let bytes = connection.input.readableBytes
            while let frame = try frames.next(in: UnsafeRawBufferPointer(rebasing: bytes[consumed...])) {
                consumed += frame.size
                try handle(try ClientFrame(kind: frame.kind, frame.payload))
            }
        }
    }

    private func handle(_ frame: ClientFrame) throws(BusProtocolError) {
        guard isGreeted else {
            guard case .hello(let version) = frame else { throw .malformed("a client must begin with a greeting") }
            guard version == BusProtocol.version else { throw .version(version) }
            isGreeted = true
            return send(.hello(version: BusProtocol.version, marks: engine.journal?.path ?? ""))
        }
        switch frame {
        case .hello: throw .malformed("a second greeting")
        case .publish(let request, let exchange, let isMandatory, let message):
            publish(request, exchange, isMandatory, message)
        case .consume(let request, let consumer, let queue, let prefetch):
            call(request) { session in
                try await session.consume(consumer, queue, prefetch: Int(prefetch))
                return nil
            }
        case .settle(let consumer, let tag, let settlement):
            guard let id = consumers[consumer]?.id else { return }
            engine.settle(consumer: id, tag: tag, settlement.settlement)
        case .stop(let consumer):
            if let id = consumers[consumer]?.id { engine.stopConsumer(id) }
        case .end(let request, let consumer):
            call(request) { session in
                if let ending = session.consumers.removeValue(forKey: consumer) {
                    await session.engine.endConsumer(ending.id)
                }
                return nil
            }
        case .call(let request, let body):
            call(request) { session in try await session.engine.perform(body) }
        case .pulse: break
        case .marking: isMarking = true
        }
    }

    // MARK: What it asks for

    private func publish(_ request: UInt64, _ exchange: String, _ isMandatory: Bool, _ data: [UInt8]) {
        let message: (id: String, key: String)
        do {
            message = try MessageCoding.routing(of: data)
        } catch {
            let failure =
                error as? ServiceError ?? ServiceError(.invalidArgument, "the message cannot be read: \(error)")
            return send(.failed(request: request, failure))
        }
        engine.publish(
            PublishRequest(
                exchange: exchange, key: message.key, identity: PublishID(exchange: exchange, id: message.id),
                data: data, isMandatory: isMandatory, deadline: .never)
        ) { [weak self] error in
            self?.send(error.map { .failed(request: request, $0) } ?? .done(request: request))
        }
    }

    private func consume(_ number: UInt32, _ queue: Queue, prefetch: Int) async throws {
        guard consumers[number] == nil, consumers.count < Self.consumerLimit else {
            throw ServiceError(.invalidArgument, "the consumer \(number) is there already, or there are too many")
        }
        let consumer = SessionConsumer(number: number, session: self)
        consumers[number] = consumer
        do {
            consumer.id = try await engine.consume(queue, prefetch: prefetch, sink: consumer)
        } catch {
            consumers[number] = nil
            throw error
        }
        // The client may have gone meanwhile, or have thought better of it.
        guard consumers[number] === consumer, !connection.isClosed else {
            consumers[number] = nil
            await remove(consumer)
            throw ServiceError(.cancelled, "the consumer was ended before it began")
        }
    }

    private func call(_ request: UInt64, _ body: @escaping @Sendable (BusSession) async throws -> BusAnswer?) {
        guard calls.count < Self.callLimit else {
            return send(.failed(request: request, ServiceError(.unavailable, "too many calls at once")))
        }
        lastCall += 1
        let call = lastCall
        calls[call] = Task(executorPreference: engine.loop) { [self] in
            do {
                let answer = try await body(self)
                send(answer.map { .answer(request: request, $0) } ?? .done(request: request))
            } catch {
                send(.failed(request: request, ServiceError(hiding: error)))
            }
            calls[call] = nil
        }
    }

    // MARK: What it is told

    func send(_ frame: ServerFrame) {
        guard !connection.isClosed else { return }
        var writer = ByteWriter()
        frame.write(to: &writer)
        connection.output.append(writer.bytes)
        if connection.queuedBytes > Self.outputEnd { return connection.close() }
        connection.flushSoon()
    }

    func ended(_ number: UInt32) { consumers[number] = nil }

    private func flushNow() {
        // A failure is the connection's end, which is at hand anyway.
        do { try connection.flush() } catch {}
    }

    private func armPulse() {
        let timer = LoopTimer(on: connection.loop) { [weak self] in
            guard let self, !connection.isClosed else { return }
            send(.pulse)
            pulse?.schedule(at: .now + BusProtocol.pulse)
        }
        pulse = timer
        timer.schedule(at: .now + BusProtocol.pulse)
    }

    // MARK: The end

    func drain() { isDraining = true }

    /// The bus is closed, and everything that was accepted is answered.
    func sayGoodbye(until deadline: MonotonicTime) async {
        send(.goodbye)
        flushNow()
        connection.deadline = deadline
        // A client that does not take it is closed on all the same.
        try? await connection.finished()
        connection.close()
    }

    private func end() async {
        pulse?.cancel()
        pulse = nil
        connection.close()
        let leaving = consumers.values
        consumers = [:]
        for consumer in leaving { await remove(consumer) }
        for call in calls.values { await call.value }
    }

    /// The client went away without a word.
    private func remove(_ consumer: SessionConsumer) async {
        let queue = engine.consumers[consumer.id]?.queue
        engine.removeConsumer(consumer.id, isDead: true)
        if let queue, queue.kind == .exclusive { await engine.removeExclusiveQueue(queue) }
    }
}

/// A consumer behind a socket.
final class SessionConsumer: ConsumerSink {
    /// The client's number for it, and the engine's.
    private let number: UInt32
    var id: UInt64 = 0
    private weak var session: BusSession?

    init(number: UInt32, session: BusSession) {
        self.number = number
        self.session = session
    }

    var marksDeliveries: Bool { session?.isMarking ?? false }

    var isReady: Bool { session.map { $0.connection.queuedBytes < BusSession.outputLimit } ?? false }

    func deliver(_ deliveries: [OutgoingDelivery]) {
        for delivery in deliveries {
            let message = delivery.message
            session?.send(
                .deliver(
                    consumer: number, tag: delivery.tag, attempts: UInt32(clamping: message.attempts), at: message.at,
                    message: message.data))
        }
    }

    func end(_ reason: ServiceError) {
        // A client whose bus closes has not lost its consumers: they go on with the next owner.
        guard let session, !session.engine.isClosing else { return }
        session.send(.ended(consumer: number, reason))
        session.ended(number)
    }
}

extension BusEngine {
    func perform(_ call: BusCall) async throws -> BusAnswer {
        switch call {
        case .declare(let topology):
            try await declare(topology)
            return .done
        case .unbind(let binding, let queue):
            try await unbind(binding, from: queue)
            return .done
        case .delete(let queue):
            try await delete(queue: queue)
            return .done
        case .queues: return .queues(try await queueStatus())
        case .deadLetters(let queue, let number, let limit):
            return .deadLetters(try await deadLetters(of: queue, after: number, limit: Int(limit)))
        case .redrive(let selection): return .count(UInt64(try await redrive(selection)))
        case .discard(let selection): return .count(UInt64(try await discard(selection)))
        }
    }
}
