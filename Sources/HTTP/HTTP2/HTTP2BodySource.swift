internal import MartletCore
internal import MartletRuntime

/// The body of a request or a response as it arrives on a stream. The peer's window opens as it is read: that is the
/// backpressure.
final class HTTP2BodySource: HTTPBodySource, @unchecked Sendable {
    // @unchecked: touched on the stream's loop alone, where `next` goes if it has to. `limit` is called there before
    // anybody reads; `trailers` is for the task that has read to the end, after which nothing changes.

    let length: Int?
    private let stream: HTTP2Stream
    private let loop: EventLoop
    private let pace: Pace
    private var received = 0
    private var allowed: Int
    private var begun: MonotonicTime?
    private var isReading = false
    private var isBroken = false
    /// The reader has seen the end, or an error.
    private var isOver = false

    /// How slow the peer may be, and what it is called when it is slower.
    struct Pace {
        /// Without a byte.
        var pause: Duration
        /// In bytes a second, after `grace`; 0 for any.
        var rate = 0
        var grace = Duration.zero
        /// For all of it.
        var deadline = MonotonicTime.never
        var lateness: any Error = HTTPError(.requestTimeout, "the body did not arrive in time")
        /// A client's: what a stream that broke means to the caller, and that a cancelled reader ends it.
        var explain: (@Sendable (ConnectionError) -> any Error)?
    }

    init(_ stream: HTTP2Stream, on loop: EventLoop, limit: Int, pace: Pace) {
        self.stream = stream
        self.loop = loop
        self.pace = pace
        length = stream.contentLength
        allowed = limit
    }

    /// A response that nobody reads any more is not to be sent any further.
    deinit {
        guard !isOver, pace.explain != nil else { return }
        let stream = stream
        loop.execute { stream.abandon() }
    }

    var trailers: HTTPHeaders { stream.trailers }

    func limit(to limit: Int) { allowed = limit }

    func next() async throws -> [UInt8]? {
        do {
            let piece =
                loop.isCurrent
                ? try await read() : try await withTaskExecutorPreference(loop) { @concurrent in try await self.read() }
            if piece == nil { isOver = true }
            return piece
        } catch {
            isOver = true
            throw error
        }
    }

    private func read() async throws -> [UInt8]? {
        if let length, length > allowed {
            stream.abandon()
            throw HTTPBodyTooLarge(limit: allowed)
        }
        guard !isBroken else { throw HTTPError(.badRequest, "the body cannot be read any further") }
        guard !isReading else { throw ServiceError(.internal, "a body is read by two tasks at once") }
        isReading = true
        defer { isReading = false }
        while true {
            if stream.inputCount > 0 {
                let piece = stream.takeInput()
                received += piece.count
                guard received <= allowed else {
                    isBroken = true
                    stream.abandon()
                    throw HTTPBodyTooLarge(limit: allowed)
                }
                return piece
            }
            if stream.inputHasEnded { return nil }
            if let failure = stream.inputFailure {
                if pace.explain != nil, Task.isCancelled { throw CancellationError() }
                throw pace.explain?(failure) ?? failure
            }
            guard await wait() else {
                isBroken = true
                stream.abandon()
                throw pace.lateness
            }
        }
    }

    /// A handler is cancelled with its stream; a client's stream is reset with its reader.
    private func wait() async -> Bool {
        let deadline = deadline()
        guard pace.explain != nil else { return await stream.moreInput(until: deadline) }
        return await withTaskCancellationHandler {
            await stream.moreInput(until: deadline)
        } onCancel: { [loop, stream] in
            loop.execute { stream.abandon() }
        }
    }

    /// A pause must not be too long, and the whole not too slow.
    private func deadline() -> MonotonicTime {
        let now = MonotonicTime.now
        let start = begun ?? now
        begun = start
        let pause = min(now + pace.pause, pace.deadline)
        guard pace.rate > 0 else { return pause }
        return min(pause, start + pace.grace + .milliseconds(Int64(received) * 1000 / Int64(pace.rate)))
    }
}
