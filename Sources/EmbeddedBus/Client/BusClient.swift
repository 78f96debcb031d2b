internal import MartletCore
internal import MartletMessaging
internal import MartletRuntime

/// The connection to a bus's socket, as often as it has to be made. Confined to its loop.
final class BusClient: @unchecked Sendable {
    // @unchecked: everything variable is touched on `loop` alone.

    typealias Completion = @Sendable (Result<BusAnswer, any Error>) -> Void

    let loop: EventLoop
    private let address: SocketAddress
    private let logger: Logger

    private struct Pending {
        var frame: ClientFrame
        var size: Int
        var deadline: MonotonicTime
        var wasSent: Bool
        /// A consumer's beginning is not sent again as it was: all consumers begin anew on a new connection.
        var isRepeated: Bool
        var completion: Completion
    }

    private var pending: [UInt64: Pending] = [:]
    private var pendingBytes = 0
    private var lastRequest: UInt64 = 0
    private var consumers: [UInt32: ClientConsumer] = [:]
    private var lastConsumer: UInt32 = 0

    /// Nil while there is none that both sides have greeted each other on.
    private var connection: Connection?
    /// Told apart, so that nothing of an old connection is taken for the new one's.
    private(set) var epoch = 0
    /// Where the owner wants to be told what is being handled; nil when it does not, or this process cannot.
    private(set) var marks: HandoverMarks?
    private var problem = "not connected yet"
    private var isClosing = false
    private var task: Task<Void, Never>?
    private var deadlineTimer: LoopTimer?
    private var pulseTimer: LoopTimer?
    private var closers: [UnsafeContinuation<Void, Never>] = []
    private var closeTimer: LoopTimer?

    private static let pendingLimit = 16_384
    private static let pendingByteLimit = 64 << 20
    private static let frameLimit = 16 << 20
    private static let silenceLimit: Duration = .seconds(30)

    init(_ address: SocketAddress, loop: EventLoop, logger: Logger) {
        self.address = address
        self.loop = loop
        self.logger = logger
    }

    /// From any thread.
    func start() {
        loop.execute { [self] in
            task = Task(executorPreference: loop) { await self.run() }
        }
    }

    // MARK: Requests

    func request(
        deadline: MonotonicTime, size: Int, isRepeated: Bool = true, _ frame: (UInt64) -> ClientFrame,
        _ completion: @escaping Completion
    ) {
        guard !isClosing || !isRepeated else { return completion(.failure(BusEngine.closed)) }
        guard deadline > .now else {
            return completion(.failure(ServiceError(.deadlineExceeded, "the deadline passed before the bus was asked")))
        }
        guard pending.count < Self.pendingLimit, pendingBytes + size <= Self.pendingByteLimit else {
            let full = ServiceError(.unavailable, "too many calls wait for the bus; try again", retryAfter: .seconds(1))
            return completion(.failure(full))
        }
        lastRequest += 1
        let entry = Pending(
            frame: frame(lastRequest), size: size, deadline: deadline, wasSent: connection != nil,
            isRepeated: isRepeated, completion: completion)
        pending[lastRequest] = entry
        pendingBytes += size
        send(entry.frame)
        armDeadline(deadline)
    }

    /// Nothing when there is no connection: it is sent when there is one.
    func send(_ frame: ClientFrame) {
        guard let connection, !connection.isClosed else { return }
        var writer = ByteWriter()
        frame.write(to: &writer)
        connection.output.append(writer.bytes)
        connection.flushSoon()
    }

    private func finish(_ request: UInt64, _ result: Result<BusAnswer, any Error>) {
        guard let entry = pending.removeValue(forKey: request) else { return }
        pendingBytes -= entry.size
        entry.completion(result)
        if isClosing, pending.isEmpty, !closers.isEmpty { breakOff() }
    }

    private func armDeadline(_ deadline: MonotonicTime) {
        let known = deadlineTimer
        let timer = known ?? LoopTimer(on: loop) { [weak self] in self?.expire() }
        deadlineTimer = timer
        if known == nil || deadline < timerDeadline {
            timerDeadline = deadline
            timer.schedule(at: deadline)
        }
    }
    private var timerDeadline = MonotonicTime.never

    private func expire() {
        let now = MonotonicTime.now
        for (request, entry) in pending where entry.deadline <= now {
            let what =
                connection == nil ? "the bus cannot be reached at \(address): \(problem)" : "the bus did not answer"
            let doubt = entry.wasSent ? "; it may have been done: repeat it with the same id" : ""
            finish(
                request, .failure(ServiceError(.unavailable, "\(what)\(doubt)", retryAfter: .seconds(1))))
        }
        timerDeadline = pending.values.map(\.deadline).min() ?? .never
        deadlineTimer?.schedule(at: timerDeadline)
    }

    // MARK: Consumers

    func add(_ consumer: ClientConsumer, deadline: MonotonicTime, _ completion: @escaping Completion) {
        guard !isClosing else { return completion(.failure(BusEngine.closed)) }
        lastConsumer += 1
        let number = lastConsumer
        consumer.number = number
        consumers[number] = consumer
        request(deadline: deadline, size: 64, isRepeated: true) {
            .consume(request: $0, consumer: number, queue: consumer.queue, prefetch: consumer.prefetch)
        } _: { [self] result in
            if case .failure = result {
                consumers[number] = nil
                // It may be there on the other side, where nobody would ever ask it for anything.
                send(.end(request: 0, consumer: number))
            } else {
                consumer.isOpen = true
            }
            completion(result)
        }
    }

    /// Calls back when what it settled is on disk, or the connection is gone and the consumer with it.
    func end(_ consumer: ClientConsumer, _ completion: @escaping @Sendable () -> Void) {
        guard consumers.removeValue(forKey: consumer.number) != nil, connection != nil else { return completion() }
        request(deadline: .now + .seconds(15), size: 64, isRepeated: false) {
            .end(request: $0, consumer: consumer.number)
        } _: { _ in
            completion()
        }
    }

    func isConnected(in epoch: Int) -> Bool { connection != nil && epoch == self.epoch }

    // MARK: The connection

    private func run() async {
        var failures = 0
        while !Task.isCancelled {
            do {
                let connection = try await Connection.connect(to: address, on: loop, deadline: .now + .seconds(5))
                defer { connection.close() }
                connection.inputLimit = 2 * Self.frameLimit
                var frames = Incoming(connection: connection)
                try await greet(&frames)
                try Task.checkCancellation()
                failures = 0
                attach(connection)
                try await read(&frames)
                problem = "the owner of the bus closed the connection"
            } catch {
                problem = "\(error)"
            }
            detach()
            if Task.isCancelled { break }
            failures += 1
            // The first attempt soon: an owner that is started again is there in a moment.
            let pause = RetryPolicy(initial: .milliseconds(20), maximum: .seconds(2)).delay(after: failures)
            if failures == 5 { logger.warning("the bus cannot be reached at \(address): \(problem)") }
            try? await EventLoop.sleep(for: pause)
        }
    }

    private struct Incoming {
        let connection: Connection
        let reader = FrameReader(limit: BusClient.frameLimit)

        /// Calls `body` with each frame that has come, until it says that it has had enough or there are no more.
        func readAvailable(_ body: (ServerFrame) throws -> Bool) throws -> Bool {
            var consumed = 0
            defer { connection.input.consume(consumed) }
            let bytes = connection.input.readableBytes
            while let frame = try reader.next(in: UnsafeRawBufferPointer(rebasing: bytes[consumed...])) {
                consumed += frame.size
                if try body(try ServerFrame(kind: frame.kind, frame.payload)) { return true }
            }
            return false
        }
    }

    private func greet(_ frames: inout Incoming) async throws {
        let connection = frames.connection
        connection.deadline = .now + .seconds(5)
        var writer = ByteWriter()
        ClientFrame.hello(version: BusProtocol.version).write(to: &writer)
        connection.output.append(writer.bytes)
        try connection.flush()
        while try await connection.moreInput() {
            let isGreeted = try frames.readAvailable { frame in
                switch frame {
                case .hello(let version, let marksPath):
                    guard version == BusProtocol.version else { throw BusProtocolError.version(version) }
                    marks = marksPath.isEmpty ? nil : HandoverMarks(path: marksPath)
                    return true
                case .failed(_, let error): throw error
                default: throw BusProtocolError.malformed("the owner of the bus did not greet")
                }
            }
            if isGreeted { return }
        }
        throw ConnectionError.closed
    }

    /// Everything that waits is sent, in the order in which it was asked for.
    private func attach(_ connection: Connection) {
        self.connection = connection
        epoch += 1
        if marks != nil { send(.marking) }
        for (number, consumer) in consumers.sorted(by: { $0.key < $1.key }) where consumer.isOpen {
            request(deadline: .never, size: 0, isRepeated: false) {
                .consume(request: $0, consumer: number, queue: consumer.queue, prefetch: consumer.prefetch)
            } _: { [self] result in
                guard case .failure(let error) = result, consumers[number] === consumer else { return }
                // A connection that is lost again is no answer.
                if !(error is ConnectionError) {
                    consumers[number] = nil
                    consumer.fail(ServiceError(hiding: error))
                }
            }
        }
        for (request, entry) in pending.sorted(by: { $0.key < $1.key }) where entry.isRepeated {
            pending[request]?.wasSent = true
            send(entry.frame)
        }
        armPulse()
    }

    private func detach() {
        guard connection != nil else { return }
        connection = nil
        pulseTimer?.cancel()
        pulseTimer = nil
        for consumer in consumers.values { consumer.connectionLost() }
        for (request, entry) in pending where !entry.isRepeated { finish(request, .failure(ConnectionError.closed)) }
    }

    private func armPulse() {
        let timer = LoopTimer(on: loop) { [weak self] in
            self?.send(.pulse)
            self?.pulseTimer?.schedule(at: .now + BusProtocol.pulse)
        }
        pulseTimer = timer
        timer.schedule(at: .now + BusProtocol.pulse)
    }

    private func read(_ frames: inout Incoming) async throws {
        let connection = frames.connection
        var isOver = false
        // What came together with the greeting is there already.
        try EventLoop.wakingAtEnd { isOver = try frames.readAvailable(take) }
        while !isOver {
            connection.deadline = .now + Self.silenceLimit
            guard try await connection.moreInput() else { return }
            try EventLoop.wakingAtEnd { isOver = try frames.readAvailable(take) }
        }
    }

    /// - Returns: whether it was the last.
    private func take(_ frame: ServerFrame) throws -> Bool {
        switch frame {
        case .hello: throw BusProtocolError.malformed("a second greeting")
        case .done(let request): finish(request, .success(.done))
        case .failed(let request, let error):
            // About the connection, not about a request.
            if request == 0 { throw error }
            finish(request, .failure(error))
        case .answer(let request, let answer): finish(request, .success(answer))
        case .deliver(let number, let tag, let attempts, let at, let data):
            let message = StoredMessage(id: 0, attempts: Int(attempts), at: at, data: data)
            guard let consumer = consumers[number] else {
                send(.settle(consumer: number, tag: tag, settlement: .release))
                break
            }
            consumer.deliver(tag, message)
        case .ended(let number, let error): consumers.removeValue(forKey: number)?.fail(error)
        case .pulse: break
        case .goodbye: return true
        }
        return false
    }

    // MARK: The end

    func close() async {
        await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
            let isTaken = loop.execute { [self] in
                isClosing = true
                for consumer in consumers.values {
                    consumer.stop()
                    end(consumer) {}
                    consumer.fail(BusEngine.closed)
                }
                waitUntilAnswered(continuation)
            }
            if !isTaken { continuation.resume() }
        }
        await task?.value
    }

    /// Resumes when nothing is pending or there is nobody to wait for, and breaks off.
    private func waitUntilAnswered(_ continuation: UnsafeContinuation<Void, Never>) {
        closers.append(continuation)
        if pending.isEmpty || connection == nil { return breakOff() }
        let timer = LoopTimer(on: loop) { [weak self] in self?.breakOff() }
        closeTimer = timer
        timer.schedule(at: .now + .seconds(10))
    }

    private func breakOff() {
        closeTimer?.cancel()
        closeTimer = nil
        task?.cancel()
        connection?.close()
        for request in pending.keys { finish(request, .failure(BusEngine.closed)) }
        deadlineTimer?.cancel()
        deadlineTimer = nil
        let waiting = closers
        closers = []
        for continuation in waiting { continuation.resume() }
    }
}
