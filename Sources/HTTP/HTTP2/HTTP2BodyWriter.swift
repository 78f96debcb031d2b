internal import MartletCore
internal import MartletRuntime

/// Writes a streamed body. Suspends while the peer's window is closed and enough is queued.
final class HTTP2BodyWriter: HTTPBodyWriter, @unchecked Sendable {  // Touched on the stream's loop alone: `write` goes
    // there if it has to. `trailers` has its lock.
    private let stream: HTTP2Stream
    private let loop: EventLoop
    private var remaining: Int
    private let isCounted: Bool
    private let trailers = Locked(HTTPHeaders())
    private var isOver = false

    init(_ stream: HTTP2Stream, on loop: EventLoop, length: Int?) {
        self.stream = stream
        self.loop = loop
        remaining = length ?? .max
        isCounted = length != nil
    }

    func write(_ bytes: [UInt8]) async throws {
        if loop.isCurrent { return try await send(bytes) }
        try await withTaskExecutorPreference(loop) { @concurrent in try await self.send(bytes) }
    }

    func setTrailers(_ trailers: HTTPHeaders) { self.trailers.withLock { $0 = trailers } }

    private func send(_ bytes: [UInt8]) async throws {
        guard !isOver else { throw ServiceError(.internal, "a body is written to after its end") }
        guard !bytes.isEmpty else { return }
        try Task.checkCancellation()
        if let failure = stream.failure { throw failure }
        guard bytes.count <= remaining else { throw BodyLengthMismatch() }
        if isCounted { remaining -= bytes.count }
        stream.send(bytes)
        try await stream.room()
    }

    func finish() throws {
        isOver = true
        guard !isCounted || remaining == 0 else { throw BodyLengthMismatch() }
        stream.finish(trailers: trailers.withLock { $0 })
    }

    /// Sends all of a body that is not there as bytes.
    func send(_ body: HTTPBody) async throws {
        switch body.storage {
        case .empty: break
        case .bytes(let bytes): try await write(bytes)
        case .string(let string): try await write(Array(string.utf8))
        case .source(let source):
            while let chunk = try await source.next() { try await write(chunk) }
            setTrailers(source.trailers)
        case .producer(_, let produce): try await produce(self)
        }
        try finish()
    }
}
