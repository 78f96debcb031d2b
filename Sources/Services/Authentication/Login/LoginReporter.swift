internal import MartletCore

/// Tells the logger of each good login, in the background: no login waits for it, or fails with it.
///
/// Events wait in a bounded queue and are sent one after the other, each within a deadline. What does not fit, and what
/// cannot be delivered, is counted and dropped: who logged in stands in this service's own log too.
final class LoginReporter: Service {
    /// One good login, and the call it belongs to.
    struct Event: Sendable {
        var email: String
        var trace: TraceContext?
    }

    let name = "login-events"
    private let capacity: Int
    private let sendTimeout: Duration
    private let flushTimeout: Duration
    private let logger: Logger
    private let delivered: Counter
    private let overflowed: Counter
    private let undelivered: Counter
    private let send: @Sendable (Event) async throws -> Void
    private let state = Locked(State())

    private struct State {
        var events: [Event] = []
        var first = 0
        var waiter: UnsafeContinuation<Void, Never>?
        /// Set when the shutdown is asked for: nothing is sent after it.
        var end: MonotonicTime?
        var isFailing = false

        var waiting: Int { events.count - first }

        mutating func take() -> Event? {
            guard first < events.count else { return nil }
            let event = events[first]
            first += 1
            if first == events.count {
                events.removeAll(keepingCapacity: true)
                first = 0
            } else if first >= 256 {
                events.removeFirst(first)
                first = 0
            }
            return event
        }
    }

    /// - Parameters:
    ///   - flushTimeout: how long a graceful shutdown goes on sending what waits.
    ///   - send: Delivers one event, within the deadline of the current `CallContext`.
    init(
        capacity: Int = 1024, sendTimeout: Duration = .seconds(3), flushTimeout: Duration = .seconds(2),
        telemetry: Telemetry, send: @escaping @Sendable (Event) async throws -> Void
    ) {
        self.capacity = capacity
        self.sendTimeout = sendTimeout
        self.flushTimeout = flushTimeout
        self.send = send
        logger = telemetry.logger
        let outcomes = telemetry.metrics.counters(
            "martlet_login_events_total", help: "Login events for the logger, by what became of them.",
            labels: ["outcome"])
        delivered = outcomes.with("delivered")
        overflowed = outcomes.with("dropped_full")
        undelivered = outcomes.with("dropped_undelivered")
    }

    /// Events that wait now.
    var waiting: Int { state.withLock { $0.waiting } }

    /// Never waits. Drops the event when the queue is full.
    func report(email: String) {
        let event = Event(email: email, trace: CallContext.current?.trace)
        let (isFull, waiter) = state.withLock { state in
            guard state.waiting < capacity else { return (true, nil as UnsafeContinuation<Void, Never>?) }
            state.events.append(event)
            defer { state.waiter = nil }
            return (false, state.waiter)
        }
        if isFull { overflowed.increment() }
        waiter?.resume()
    }

    /// Sends until the shutdown is asked for, and then what waits, for a bounded time.
    func run() async throws {
        ShutdownSignal.current?.onTrigger { [weak self] in self?.end() }
        await withTaskCancellationHandler {
            while let event = await next() { await deliver(event) }
        } onCancel: {
            end()
        }
    }

    private func end() {
        let waiter = state.withLock { state in
            state.end = state.end ?? .now + flushTimeout
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }

    /// Nil when the shutdown was asked for and nothing waits.
    private func next() async -> Event? {
        while true {
            let (event, isOver) = state.withLock { ($0.take(), $0.end != nil) }
            if let event { return event }
            if isOver { return nil }
            await withUnsafeContinuation { continuation in
                let isReady = state.withLock { state in
                    if state.waiting > 0 || state.end != nil { return true }
                    state.waiter = continuation
                    return false
                }
                if isReady { continuation.resume() }
            }
        }
    }

    private func deliver(_ event: Event) async {
        let now = MonotonicTime.now
        let deadline = min(now + sendTimeout, state.withLock { $0.end } ?? .never)
        do {
            guard now < deadline else { throw ServiceError(.deadlineExceeded, "the service is stopping") }
            let context = CallContext(trace: event.trace ?? .root(isSampled: false), deadline: deadline)
            try await CallContext.$current.withValue(context) { try await send(event) }
            delivered.increment()
            if changed(isFailing: false) { logger.notice("the logger takes login events again") }
        } catch {
            undelivered.increment()
            // Once for each change: an outage must not fill this service's log.
            if changed(isFailing: true) {
                logger.warning(
                    "a login event could not be delivered; further ones are only counted",
                    metadata: ["error": .string("\(error)")])
            }
        }
    }

    private func changed(isFailing: Bool) -> Bool {
        state.withLock { state in
            defer { state.isFailing = isFailing }
            return state.isFailing != isFailing
        }
    }
}
