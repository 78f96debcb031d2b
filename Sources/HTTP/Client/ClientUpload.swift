internal import MartletCore
internal import MartletRuntime

/// Sends a body that is too large to be written at once, is made while it is sent, or waits for 100 (Continue), while
/// the response is being read. Owned by its exchange, which ends it.
final class ClientUpload: HTTPBodyWriter, @unchecked Sendable {  // Touched on the connection's loop alone: `write` goes
    // there if it has to.
    /// All of the body has been handed to the connection.
    private(set) var isFinished = false
    /// What ended the sending early.
    private(set) var failure: (any Error)?

    private let client: ClientConnection
    private let connection: Connection
    private let body: HTTPBody
    private let framing: HTTPRequestEncoder.Body
    private var remaining: Int
    /// Behind a lock, as the server's writer has them.
    private let trailers = Locked(HTTPHeaders())
    private var task: Task<Void, Never>?
    private var isAbandoned = false

    private var isHeldBack = false
    private var gate: UnsafeContinuation<Void, Never>?
    private var gateTimer: LoopTimer?

    /// What is handed to the connection at once of a body in memory, in bytes.
    private static let pieceSize = 64 << 10

    init(_ body: HTTPBody, framing: HTTPRequestEncoder.Body, on client: ClientConnection) {
        self.client = client
        connection = client.connection
        self.body = body
        self.framing = framing
        remaining = if case .length(let length) = framing { length } else { .max }
    }

    func start(holdingBack: Bool) {
        isHeldBack = holdingBack
        if holdingBack {
            let timer = LoopTimer(on: connection.loop) { [weak self] in self?.proceed() }
            gateTimer = timer
            timer.schedule(at: .now + client.pool.limits.expectContinue)
        }
        task = Task(executorPreference: connection.loop) { await self.run() }
    }

    // MARK: Told by the exchange

    /// 100 (Continue) came, or has not come for long enough.
    func proceed() {
        isHeldBack = false
        gateTimer?.cancel()
        gateTimer = nil
        gate?.resume()
        gate = nil
    }

    /// A final response without 100 (Continue) before it: the server does not want the body.
    func finalHeadArrived() {
        if isHeldBack { abandon() }
    }

    /// Ends the sending where it is.
    func abandon() {
        isAbandoned = true
        proceed()
        if !isFinished { task?.cancel() }
    }

    // MARK: Sending

    private func run() async {
        if isHeldBack {
            await withUnsafeContinuation { continuation in
                if isHeldBack { gate = continuation } else { continuation.resume() }
            }
        }
        guard !isAbandoned else { return }
        do {
            try await sendBody()
            try finish()
            isFinished = true
        } catch {
            failure = error
            // The response's reader learns of it by the connection's end.
            if !isAbandoned { connection.close() }
        }
    }

    private func sendBody() async throws {
        switch body.storage {
        case .empty: break
        case .bytes(let bytes): try await send(whole: bytes)
        case .string(let string): try await send(whole: Array(string.utf8))
        case .source(let source):
            while let chunk = try await source.next() { try await send(chunk[...]) }
            setTrailers(source.trailers)
        case .producer(_, let produce): try await produce(self)
        }
    }

    private func send(whole bytes: [UInt8]) async throws {
        var start = 0
        while start < bytes.count {
            let end = min(start + Self.pieceSize, bytes.count)
            try await send(bytes[start..<end])
            start = end
        }
    }

    func write(_ bytes: [UInt8]) async throws {
        if connection.loop.isCurrent { return try await send(bytes[...]) }
        try await withTaskExecutorPreference(connection.loop) { @concurrent in try await self.send(bytes[...]) }
    }

    func setTrailers(_ trailers: HTTPHeaders) { self.trailers.withLock { $0 = trailers } }

    private func send(_ bytes: ArraySlice<UInt8>) async throws {
        guard !bytes.isEmpty else { return }
        guard !isAbandoned else { throw CancellationError() }
        try Task.checkCancellation()
        guard bytes.count <= remaining else { throw BodyLengthMismatch() }
        if framing == .chunked {
            connection.output.withWritable(minimum: HTTPResponseEncoder.chunkFrameCapacity) { buffer in
                HTTPResponseEncoder.writeChunkSize(bytes.count, into: buffer)
            }
            connection.output.append(bytes)
            connection.output.append("\r\n" as StaticString)
        } else {
            remaining -= bytes.count
            connection.output.append(bytes)
        }
        try connection.flush()
        client.updateDeadline()
        try await connection.drained()
    }

    private func finish() throws {
        guard !isAbandoned else { throw CancellationError() }
        if framing == .chunked {
            let trailers = trailers.withLock { $0 }
            let capacity = HTTPResponseEncoder.lastChunkCapacity(trailers)
            connection.output.withWritable(minimum: capacity) { buffer in
                HTTPResponseEncoder.writeLastChunk(trailers, into: buffer)
            }
            try connection.flush()
        } else if remaining > 0 {
            throw BodyLengthMismatch()
        }
    }
}
