public import MartletCore
public import MartletRuntime

/// Hands the messages of a queue to an endpoint, inside the default stack, until the shutdown is asked for.
///
///     Subscription(to: queue, on: bus, telemetry: setup.telemetry, writeLog.fromMessages())
///
/// | the handler | the message |
/// | --- | --- |
/// | returns, or throws `alreadyExists` | is acknowledged |
/// | throws what may pass: `unavailable`, `deadlineExceeded`, `resourceExhausted`, `aborted`, `unknown`, `internal` | comes again after a growing delay (the error's `retryAfter`, if longer), until its queue's attempts are used up |
/// | throws what will not: `invalidArgument`, `notFound`, `permissionDenied` … | is a dead letter at once, with the error's text |
/// | is cancelled because the service stops | goes back, and the attempt is not counted |
///
/// A message whose own deadline has passed is a dead letter and does not reach the handler.
///
/// **Repeats.** The bus drops a publish that it has seen; a delivery can still come twice. The subscription remembers
/// the last messages it was through with and acknowledges their repeats, which covers a lost connection, but not two
/// processes, nor a restart. A handler for which once is a must keeps the message's id (`CallContext.current`'s
/// `idempotencyKey`) under a unique constraint, in the transaction that does its work, and throws `alreadyExists` when
/// it is there: then the work is done exactly once.
public struct Subscription: Service {
    public struct Options: Sendable {
        /// Messages that are handled at once; 1 keeps them in order, as long as none fails.
        public var concurrency = 16
        /// Messages that are fetched and not settled; nil for twice the concurrency.
        public var prefetch: Int?
        /// What a handler may take; nil sets no limit.
        public var maximumDuration: Duration? = .seconds(30)
        public var retry = RetryPolicy()
        /// Ids that are remembered to drop repeats.
        public var recentMessages = 8192

        public init() {}
    }

    public let name: String
    private let queue: Queue
    private let bus: any MessageBus
    private let handler: MessageHandler
    private let options: Options
    private let logger: Logger
    private let loops: EventLoopGroup
    private let recent: RecentMessages
    private let outcomes: Outcomes

    private struct Outcomes: Sendable {
        let handled, retried, rejected, released, repeated: Counter
    }

    /// - Parameter loops: where the handler runs.
    public init(
        to queue: Queue, on bus: any MessageBus, telemetry: Telemetry, options: Options = Options(),
        loops: EventLoopGroup = .shared, _ handler: MessageHandler
    ) {
        name = "subscription \(queue.name)"
        self.queue = queue
        self.bus = bus
        self.options = options
        self.loops = loops
        logger = telemetry.logger
        recent = RecentMessages(limit: options.recentMessages)
        self.handler = handler.with(DefaultStack(telemetry, maximumDuration: options.maximumDuration))
        let counters = telemetry.metrics.counters(
            "martlet_bus_deliveries_total", help: "Messages that were delivered, by what became of them.",
            labels: ["queue", "outcome"])
        func counter(_ outcome: String) -> Counter { counters.with(queue.name, outcome) }
        outcomes = Outcomes(
            handled: counter("handled"), retried: counter("retried"), rejected: counter("rejected"),
            released: counter("released"), repeated: counter("repeated"))
    }

    /// Stops fetching when the shutdown is asked for, and returns when what is in hand is finished and settled.
    public func run() async throws {
        let signal = ShutdownSignal.current ?? ShutdownSignal()
        var failures = 0
        while !signal.isTriggered, !Task.isCancelled {
            do {
                let consumer = try await consume()
                if failures > 0 { logger.notice("consuming from \(queue.name) again") }
                failures = 0
                let registration = signal.onTrigger { consumer.stop() }
                defer { signal.remove(registration) }
                do {
                    try await handleAll(of: consumer)
                } catch {
                    await consumer.close()
                    throw error
                }
                await consumer.close()
            } catch {
                if signal.isTriggered || Task.isCancelled { break }
                failures += 1
                // Once for each outage: it must not fill the log.
                if failures == 1 { logger.warning("cannot consume from \(queue.name); trying on: \(error)") }
                await pause(RetryPolicy(maximum: .seconds(10)).delay(after: failures), or: signal)
            }
        }
    }

    /// In short attempts: a driver waits until the deadline for a bus that is away, and does not notice meanwhile that the
    /// service is to stop.
    private func consume() async throws -> any MessageConsumer {
        let context = CallContext.current ?? CallContext(trace: .root(isSampled: false))
        return try await CallContext.$current.withValue(context.limited(to: .now + .seconds(1))) {
            try await bus.consume(queue, prefetch: prefetch)
        }
    }

    private var prefetch: Int { min(max(options.prefetch ?? options.concurrency * 2, options.concurrency), 10_000) }

    private func pause(_ time: Duration, or signal: ShutdownSignal) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await signal.wait() }
            group.addTask { try? await Task.sleep(for: time) }
            await group.next()
            group.cancelAll()
        }
    }

    /// As many tasks as messages are handled at once, dealt out to the loops. When the consumer cannot go on, what is in
    /// hand is finished all the same.
    private func handleAll(of consumer: any MessageConsumer) async throws {
        let failure = await withTaskGroup(of: (any Error)?.self) { group in
            for index in 0..<max(1, options.concurrency) {
                group.addTask(executorPreference: loops.loops[index % loops.loops.count]) {
                    do {
                        while let delivery = try await consumer.next() { await handle(delivery) }
                        return nil
                    } catch {
                        return error
                    }
                }
            }
            return await group.reduce(nil) { $0 ?? $1 }
        }
        if let failure { throw failure }
    }

    private func handle(_ delivery: Delivery) async {
        let id = delivery.message.id
        switch recent.begin(id) {
        case .done:
            outcomes.repeated.increment()
            return delivery.acknowledge()
        case .inProgress:
            // Its first delivery is still at work, though its connection is lost. This one comes again when that is
            // over, and then is known.
            outcomes.repeated.increment()
            return delivery.retry(
                after: options.maximumDuration ?? .seconds(60), reason: "an earlier delivery is still being handled")
        case .new: break
        }
        let settlement = await settlement(of: delivery)
        recent.end(id, isDone: settlement == .acknowledge)
        switch settlement {
        case .acknowledge:
            outcomes.handled.increment()
            delivery.acknowledge()
        case .retry(let delay, let reason):
            outcomes.retried.increment()
            delivery.retry(after: delay, reason: reason)
        case .reject(let reason):
            outcomes.rejected.increment()
            logger.warning(
                "a message was given up on: \(reason)",
                metadata: ["queue": .string(queue.name), "message": .string(id)])
            delivery.reject(reason: reason)
        case .release:
            outcomes.released.increment()
            delivery.release()
        }
    }

    private func settlement(of delivery: Delivery) async -> Settlement {
        if let deadline = delivery.message.deadline, deadline < .now {
            return .reject(reason: "its deadline, \(deadline.rfc3339), has passed")
        }
        do {
            try await handler(delivery)
            return .acknowledge
        } catch {
            let failure = ServiceError(hiding: error)
            if failure.code == .cancelled, Task.isCancelled { return .release }
            switch Disposition(of: failure) {
            case .done: return .acknowledge
            case .never: return .reject(reason: failure.description)
            case .again(let wanted):
                let delay = max(options.retry.delay(after: delivery.attempt), wanted ?? .zero)
                return .retry(delay: delay, reason: failure.description)
            }
        }
    }
}
