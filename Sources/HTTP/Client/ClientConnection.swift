internal import MartletCore
internal import MartletRuntime

/// A connection to a server: one exchange at a time, then back to its pool.
final class ClientConnection: @unchecked Sendable {  // Touched on the pool's loop alone; `abandonBody` goes there.
    let connection: Connection
    let pool: ConnectionPool
    var parser: HTTPResponseParser
    /// What is left of the response's body.
    var rest = BodyRest.none
    var upload: ClientUpload?
    private(set) var idleUntil = MonotonicTime.never
    /// A byte of an answer has come: the server has seen the request.
    var hasAnswered = false
    /// Counts exchanges: what belonged to an earlier one must not touch a later one.
    private(set) var exchange: UInt64 = 0
    private var isExchanging = false
    private var keepsAlive = false
    /// How long the server keeps the connection, if it said so.
    private var serverIdle: Duration?
    private var deadline = MonotonicTime.never

    enum BodyRest {
        case none
        case length(Int)
        case chunked(HTTPChunkedDecoder)
        case untilClose
    }

    /// Buffers that grew beyond this are given back when the connection goes idle. In bytes.
    private static let idleBuffer = 16 << 10

    init(_ connection: Connection, of pool: ConnectionPool) {
        self.connection = connection
        self.pool = pool
        parser = HTTPResponseParser(limits: pool.limits.head)
    }

    // MARK: Idle

    /// Nothing came in that nobody asked for, and nobody hung up.
    var isUsable: Bool { !connection.isClosed && !connection.inputEnded && connection.input.isEmpty }

    var wasUsedBefore: Bool { exchange > 1 }

    func beginIdling() {
        idleUntil = .now + min(pool.limits.idle, serverIdle ?? pool.limits.idle)
        connection.input.trim(to: Self.idleBuffer)
        connection.output.trim(to: Self.idleBuffer)
    }

    // MARK: One exchange

    func beginExchange(before deadline: MonotonicTime) {
        exchange &+= 1
        isExchanging = true
        keepsAlive = false
        hasAnswered = false
        rest = .none
        self.deadline = deadline
        updateDeadline()
    }

    /// To be called before each wait: without a deadline of the call, each wait is bounded by itself.
    func updateDeadline() {
        connection.deadline = deadline == .never ? .now + pool.limits.stall : deadline
    }

    /// What the response says about the connection. `Keep-Alive: timeout=5` is no standard, but servers that close
    /// soon send it.
    func noteKeepAlive(_ head: HTTPResponseParser.Head) {
        keepsAlive = head.keepsAlive
        serverIdle = head.headers.withValue(ofKnown: "keep-alive", Self.allowance) ?? nil
    }

    /// A second less than the server waits, or half of it.
    private static func allowance(_ value: UnsafeRawBufferPointer) -> Duration? {
        var allowance: Duration?
        value.forEachListElement { parameter in
            guard parameter.count > 8, parameter.slice(0, 8).equalsIgnoringCase("timeout="),
                let seconds = Int32(String(bytes: parameter.slice(8, parameter.count))), seconds >= 0
            else { return }
            let timeout = Duration.seconds(Int64(seconds))
            allowance = max(timeout - .seconds(1), timeout / 2)
        }
        return allowance
    }

    /// The response has been read to its end, or never will be.
    func endExchange(isComplete: Bool) {
        guard isExchanging else { return }
        isExchanging = false
        rest = .none
        let isSent = upload?.isFinished ?? true
        upload?.abandon()
        upload = nil
        let isClean = isComplete && isSent && keepsAlive && connection.queuedBytes == 0 && isUsable
        pool.checkIn(self, isUsable: isClean)
    }

    /// From any thread: the task was cancelled. Too late for the exchange it was meant for, it does nothing.
    func cancel(_ exchange: UInt64) {
        connection.loop.execute { [self] in
            if isExchanging, self.exchange == exchange { connection.close() }
        }
    }

    /// What a broken connection means to the caller.
    func cause(of error: any Error) -> any Error {
        if Task.isCancelled { return CancellationError() }
        if let failure = upload?.failure, !(failure is ConnectionError) { return failure }
        let origin = pool.origin
        switch error {
        case ConnectionError.timedOut:
            return ServiceError(.deadlineExceeded, "\(origin): no answer before the deadline")
        case let error as ConnectionError:
            return ServiceError(.unavailable, "\(origin): \(error)")
        case let error as HTTPParseError:
            return ServiceError(.unavailable, "\(origin): the answer is not valid HTTP: \(error.reason)")
        default:
            return error
        }
    }
}
