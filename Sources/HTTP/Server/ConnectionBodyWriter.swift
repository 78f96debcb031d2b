internal import MartletCore
internal import MartletRuntime

/// Writes a streamed response body, chunked or counted. Suspends while the client is slower than the producer.
final class ConnectionBodyWriter: HTTPBodyWriter, @unchecked Sendable {  // Touched on the connection's loop alone:
    // `write` goes there if it has to.
    private let server: ServerConnection
    private let framing: HTTPResponseEncoder.Body
    private var remaining: Int
    /// Behind a lock, not on the loop: a producer that has them set on another thread may end without ever suspending,
    /// and what was sent to the loop in between would come after the end.
    private let trailers = Locked(HTTPHeaders())
    /// The answer is over: what else is written would stand in the middle of the next one.
    private var isOver = false

    init(_ server: ServerConnection, framing: HTTPResponseEncoder.Body) {
        self.server = server
        self.framing = framing
        remaining = if case .length(let length) = framing { length } else { .max }
    }

    func write(_ bytes: [UInt8]) async throws {
        if server.loop.loop.isCurrent { return try await send(bytes) }
        try await withTaskExecutorPreference(server.loop.loop) { @concurrent in try await self.send(bytes) }
    }

    func setTrailers(_ trailers: HTTPHeaders) { self.trailers.withLock { $0 = trailers } }

    func cancelWhenReaderLeaves() {
        let loop = server.loop.loop
        if loop.isCurrent { watchInput() } else { loop.execute { self.watchInput() } }
    }

    private func watchInput() {
        guard !isOver else { return }
        if server.connection.inputEnded {
            server.task?.cancel()
        } else {
            server.connection.onInputEnd = { [weak server] in server?.task?.cancel() }
        }
    }

    private func send(_ bytes: [UInt8]) async throws {
        guard !isOver else { throw ServiceError(.internal, "a response's body is written to after its end") }
        guard !bytes.isEmpty else { return }
        try Task.checkCancellation()
        guard bytes.count <= remaining else { throw BodyLengthMismatch() }
        if framing == .chunked {
            server.connection.output.withWritable(minimum: HTTPResponseEncoder.chunkFrameCapacity) { buffer in
                HTTPResponseEncoder.writeChunkSize(bytes.count, into: buffer)
            }
            server.connection.output.append(bytes)
            server.connection.output.append("\r\n" as StaticString)
        } else {
            remaining -= bytes.count
            server.connection.output.append(bytes)
        }
        try await server.drainOutput()
    }

    /// Ends the body. A body that is shorter than its declared length ends the connection.
    func finish() throws {
        isOver = true
        server.connection.onInputEnd = nil
        if framing == .chunked {
            let trailers = trailers.withLock { $0 }
            let capacity = HTTPResponseEncoder.lastChunkCapacity(trailers)
            server.connection.output.withWritable(minimum: capacity) { buffer in
                HTTPResponseEncoder.writeLastChunk(trailers, into: buffer)
            }
        } else if case .length = framing, remaining > 0 {
            throw BodyLengthMismatch()
        }
    }
}

/// A producer wrote more or less than it had declared.
struct BodyLengthMismatch: Error {}
