internal import MartletCore
internal import MartletRuntime

/// The body of a request as it arrives. The socket is not read while nobody asks for more: that is the backpressure.
final class ConnectionBodySource: HTTPBodySource, @unchecked Sendable {
    // @unchecked: touched on the connection's loop alone, where `next` goes if it has to. `limit` is called there before
    // the handler has the body; `trailers` is for the task that has read to the end, after which nothing changes.

    private let server: ServerConnection
    private var decoder: HTTPChunkedDecoder?
    /// Of a body with a declared length: what has not been taken from the input.
    private var remaining: Int
    private var received = 0
    private var allowed: Int
    private var awaitsContinue: Bool
    private var begun: MonotonicTime?
    /// The bytes after this point belong to nobody: the connection cannot be used further.
    private(set) var isBroken = false
    private var isReading = false
    private(set) var isFinished = false

    let length: Int?

    /// What one `next` returns at most.
    private static let pieceLimit = 64 << 10

    init(_ server: ServerConnection, framing: HTTPBodyFraming, awaitsContinue: Bool) {
        self.server = server
        self.awaitsContinue = awaitsContinue
        allowed = server.limits.bodyBytes
        if case .length(let length) = framing {
            self.length = length
            remaining = length
        } else {
            length = nil
            remaining = 0
            decoder = HTTPChunkedDecoder(limits: server.limits.head)
        }
    }

    var trailers: HTTPHeaders { decoder?.trailers ?? HTTPHeaders() }

    func limit(to limit: Int) { allowed = limit }

    func next() async throws -> [UInt8]? {
        if server.loop.loop.isCurrent { return try await read() }
        return try await withTaskExecutorPreference(server.loop.loop) { @concurrent in try await self.read() }
    }

    private func read() async throws -> [UInt8]? {
        if isFinished { return nil }
        if isBroken { throw HTTPError(.badRequest, "the body cannot be read any further") }
        if let length, length > allowed { throw HTTPBodyTooLarge(limit: allowed) }
        guard !isReading else { throw ServiceError(.internal, "a request's body is read by two tasks at once") }
        isReading = true
        defer { isReading = false }
        while true {
            if let piece = try takePiece() { return piece }
            if isFinished { return nil }
            try await waitForMore()
        }
    }

    /// What is in the input already; nil when there is nothing, or the body ends.
    private func takePiece() throws -> [UInt8]? {
        do {
            let piece = try decoder == nil ? takeCounted() : takeChunked()
            if let piece {
                awaitsContinue = false
                received += piece.count
                guard received <= allowed else { throw HTTPBodyTooLarge(limit: allowed) }
            }
            return piece
        } catch {
            isBroken = true
            // The caller's mistake, whatever the handler makes of it.
            if let error = error as? HTTPParseError { throw HTTPError(error.status, error.reason) }
            throw error
        }
    }

    private func takeCounted() -> [UInt8]? {
        let count = min(remaining, server.connection.input.count, Self.pieceLimit)
        guard count > 0 else { return nil }
        let piece = [UInt8](server.connection.input.readableBytes.prefix(count))
        server.connection.input.consume(count)
        remaining -= count
        isFinished = remaining == 0
        return piece
    }

    /// Small chunks are joined to one piece.
    private func takeChunked() throws -> [UInt8]? {
        var piece: [UInt8] = []
        while var decoder, !isFinished, piece.count < Self.pieceLimit, !server.connection.input.isEmpty {
            let input = server.connection.input.readableBytes
            let consumed: Int
            switch try decoder.next(input) {
            case .needsMore: consumed = input.count
            case .data(let start, let end):
                piece += input[start..<end]
                consumed = end
            case .finished(let end):
                consumed = end
                isFinished = true
            }
            self.decoder = decoder
            server.connection.input.consume(consumed)
        }
        return piece.isEmpty ? nil : piece
    }

    private func waitForMore() async throws {
        let connection = server.connection
        if awaitsContinue {
            awaitsContinue = false
            connection.output.append(HTTPResponseEncoder.continueHead)
        }
        if !connection.output.isEmpty { try connection.flush() }
        do {
            guard try await server.moreInput(until: deadline()) else {
                throw HTTPError(.badRequest, "the connection ended before the body")
            }
        } catch ConnectionError.timedOut {
            isBroken = true
            throw HTTPError(.requestTimeout, "the body did not arrive in time")
        } catch {
            isBroken = true
            throw error
        }
    }

    /// A pause must not be too long, and the whole not too slow.
    private func deadline() -> MonotonicTime {
        let now = MonotonicTime.now
        let start = begun ?? now
        begun = start
        let limits = server.limits
        let earned = Duration.milliseconds(Int64(received) * 1000 / Int64(max(1, limits.bodyRate)))
        return min(now + limits.bodyPause, start + limits.bodyGrace + earned)
    }
}

// MARK: After the handler

extension ConnectionBodySource {
    /// Whether so little is left, or unsent, that reading over it is cheaper than a new connection. A client that still
    /// waits for 100 (Continue) may or may not send its body: nobody could tell what its next bytes are.
    ///
    /// Takes what has arrived: to be asked when nobody wants the body any more.
    func canBeFinished(within limit: Int) -> Bool {
        // Before the end: of a body that was too large the end may have been in the last piece, but whoever sends such
        // is told to go (contracts, course A.2).
        if isBroken { return false }
        if isFinished { return true }
        if isReading || awaitsContinue { return false }
        if decoder == nil { return remaining - server.connection.input.count <= limit }
        allowed = received + limit
        while !isFinished, let piece = try? takePiece(), !piece.isEmpty {}
        return isFinished
    }

    /// Before an answer that is streamed, whose producer may read on. A body that waits for 100 (Continue) must be asked
    /// for now, as that cannot be said inside the answer; not where the answer is a refusal.
    func allowReading(while status: HTTPStatus) {
        guard awaitsContinue, !isFinished, !isBroken else { return }
        guard status.code < 300 else {
            isBroken = true
            return
        }
        awaitsContinue = false
        server.connection.output.append(HTTPResponseEncoder.continueHead)
    }

    /// Reads over what is left. From here on nobody else can read.
    func finish() async throws {
        allowed = .max
        while try await read() != nil {}
    }
}
