internal import MartletCore
internal import MartletRuntime

/// Carries a session over a connection, for either side: reads, writes at the end of the loop's turn, keeps the time.
final class HTTP2Transport: @unchecked Sendable {  // Touched on its loop alone.
    let connection: Connection
    let session: HTTP2Session
    private let times: Times
    private var timer: LoopTimer?
    /// When it comes.
    private var wakesAt = MonotonicTime.never
    private var isWaitingForRoom = false
    private var closeAt = MonotonicTime.never
    private var keepaliveDeadline = MonotonicTime.never
    /// Begins with the connection.
    private let settingsDeadline: MonotonicTime
    private var isEnded = false

    /// After what was written: there may be room for more.
    var onWritten: (() -> Void)?
    /// Settings, GOAWAY or the answer to a PING have come.
    var onChange: (() -> Void)?
    /// The owner's own times: does what is due, and says when it wants to be asked again.
    var onTime: ((MonotonicTime) -> MonotonicTime)?

    /// How long the peer may take.
    struct Times {
        /// To make room for more.
        var stall: Duration
        /// To close, when all has been said.
        var linger: Duration
    }

    /// What is handed to the kernel at once, in bytes.
    private static let writeSize = 256 << 10

    init(_ connection: Connection, _ session: HTTP2Session, _ times: Times) {
        self.connection = connection
        self.session = session
        self.times = times
        settingsDeadline = .now + session.limits.keepaliveTimeout
    }

    // MARK: Reading

    /// Until either side has had enough. What is thrown is why the connection broke.
    func run() async throws(ConnectionError) {
        begin()
        defer { end() }
        while true {
            session.receive(connection.input.readableBytes, at: .now)
            connection.input.removeAll()
            session.deliver()
            if session.isOver { connection.flushSoon() }
            connection.deadline = .never
            guard try await connection.moreInput() else { return }
        }
    }

    private func begin() {
        session.onOutput = { [connection] in connection.flushSoon() }
        session.onDeadline = { [unowned self] in wake(at: $0) }
        session.onChange = { [unowned self] in changed() }
        connection.onFlush = { [unowned self] in fillOutput() }
        connection.flushSoon()
        let timer = LoopTimer(on: connection.loop) { [unowned self] in timePassed() }
        self.timer = timer
        timePassed()
    }

    private func end() {
        isEnded = true
        connection.onFlush = nil
        timer?.cancel()
        timer = nil
        session.end()
        session.onOutput = nil
        session.onDeadline = nil
        session.onChange = nil
        session.onRequest = nil
        onWritten = nil
        onChange = nil
        onTime = nil
    }

    // MARK: Writing

    /// At the end of a turn in which something was submitted.
    private func fillOutput() {
        guard !connection.isClosed else { return }
        guard connection.queuedBytes <= connection.highWater else { return waitForRoom() }
        let isMore = session.write(into: &connection.output, limit: Self.writeSize, at: .now)
        session.deliver()
        do {
            try connection.flush()
        } catch {
            // It is closed; the reading task learns of it.
            return
        }
        if session.isOver { return finish() }
        if isMore {
            if connection.queuedBytes <= connection.highWater { connection.flushSoon() } else { waitForRoom() }
        }
        if session.queued > 0 { wake(at: .now + times.stall) }
        onWritten?()
    }

    /// The peer does not read: until it does, what is submitted stays where it is.
    private func waitForRoom() {
        guard !isWaitingForRoom else { return }
        isWaitingForRoom = true
        connection.deadline = .now + times.stall
        Task(executorPreference: connection.loop) { [self] in
            // A failure is the end of the connection, of which the reading task learns.
            try? await connection.drained()
            isWaitingForRoom = false
            if !connection.isClosed { connection.flushSoon() }
        }
    }

    /// All has been said. The peer closes when it has read it, or is closed after a while.
    private func finish() {
        guard closeAt == .never else { return }
        closeAt = .now + times.linger
        connection.shutdownWrite()
        wake(at: closeAt)
    }

    // MARK: Time

    /// Looks at the time at `time`, or earlier.
    func wake(at time: MonotonicTime) {
        guard let timer, time < wakesAt else { return }
        wakesAt = time
        timer.schedule(at: time)
    }

    private func timePassed() {
        let now = MonotonicTime.now
        if closeAt <= now || keepaliveDeadline <= now { return connection.close() }
        var next = min(closeAt, keepaliveDeadline)
        if !session.state.settingsAcknowledged {
            if settingsDeadline <= now {
                session.terminate(.settingsTimeout)
            } else {
                next = min(next, settingsDeadline)
            }
        }
        next = min(next, keepAlive(at: now))
        next = min(next, session.checkDeadlines(at: now, stall: times.stall))
        if let wanted = onTime?(now) { next = min(next, wanted) }
        guard !isEnded else { return }
        // Never twice in a millisecond, whatever is asked for.
        wakesAt = max(next, now + .milliseconds(1))
        timer?.schedule(at: wakesAt)
    }

    /// - Returns: when to look again.
    private func keepAlive(at now: MonotonicTime) -> MonotonicTime {
        guard let interval = session.limits.keepalive, keepaliveDeadline == .never else { return .never }
        guard session.role == .server || session.limits.keepaliveWithoutStreams || !session.streams.isEmpty else {
            return now + interval
        }
        let due = session.lastReceived + interval
        guard due <= now else { return due }
        keepaliveDeadline = now + session.limits.keepaliveTimeout
        session.ping()
        return keepaliveDeadline
    }

    private func changed() {
        if session.state.pingsInFlight == 0 { keepaliveDeadline = .never }
        onChange?()
    }
}
