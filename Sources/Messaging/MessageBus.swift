// Messaging: what a bus is to a service. Topic exchanges, queues bound to them by patterns, messages with headers,
// consumers that settle what they are given, and the subscription that mounts an endpoint on a queue. Drivers
// (EmbeddedBus; RabbitMQ and NATS) are rooms of their own above this one, and pass one suite of checks.
//
// What it is not: a broker. How messages are kept and moved is the driver's; what is said here holds for every one.

/// A bus that a driver has opened. Safe to call from any task, by thousands at once.
///
/// **At least once.** A publish that returned is kept, and every queue that it reached delivers it until a consumer
/// acknowledges it. A message may come twice: when a consumer dies between its work and the acknowledgement. See
/// ``Subscription`` for how that is made exactly once.
///
/// Every call throws ``ServiceError``: `unavailable` when the bus cannot be reached within the call's deadline,
/// `invalidArgument` for what no bus takes, `resourceExhausted` for a queue that is full. The deadline of the current
/// `CallContext` is honoured.
public protocol MessageBus: Sendable {
    /// Makes what is missing of the exchanges, queues and bindings; what is there already stays.
    /// - Throws: `failedPrecondition` when a queue of that name is of another kind.
    func declare(_ topology: BusTopology) async throws

    /// Puts a message into every queue that is bound to the exchange with a pattern that matches its routing key, and
    /// returns when all of them have it on disk.
    ///
    /// A message whose id was published before, within the driver's window, is not stored again, and the call succeeds:
    /// it may be repeated until it does.
    /// - Parameter mandatory: whether a message that no queue takes is an error (`failedPrecondition`), as AMQP's flag
    ///   of that name has it. Without it such a message is dropped.
    func publish(_ message: BusMessage, to exchange: String, mandatory: Bool) async throws

    /// Declares the queue and begins to fetch from it.
    /// - Parameter prefetch: how many messages may be delivered and not yet settled; 1 to 10,000.
    func consume(_ queue: Queue, prefetch: Int) async throws -> any MessageConsumer

    /// Takes a binding away; nothing when it is not there. Messages that came by it stay in the queue.
    func unbind(_ binding: Binding, from queue: String) async throws

    /// Deletes a queue with everything in it, its dead letters included; nothing when it is not there.
    func delete(queue: String) async throws

    /// The queues by name, with what waits in them.
    func queues() async throws -> [QueueStatus]

    /// Messages that were given up on, the oldest first.
    /// - Parameters:
    ///   - queue: of this queue alone; nil for all.
    ///   - after: those with a greater number, for the next page.
    ///   - limit: 1 to 1000. A page may be shorter where the messages are large.
    func deadLetters(of queue: String?, after number: Int64, limit: Int) async throws -> [DeadLetter]

    /// Puts dead letters back into their queues, at the end, as if they had never been tried.
    /// - Returns: how many there were to put back.
    func redrive(_ selection: DeadLetterSelection) async throws -> Int

    /// Deletes dead letters.
    /// - Returns: how many there were to delete.
    func discard(_ selection: DeadLetterSelection) async throws -> Int

    /// What keeps the bus from working, in words, for `/readyz`; nil when nothing does.
    func problem() async -> String?

    /// Finishes what was accepted, ends the consumers, and lets go of the connection. A second call waits as well.
    func close() async
}

extension MessageBus {
    /// Publishes a message that some queue must take; see ``publish(_:to:mandatory:)``.
    public func publish(_ message: BusMessage, to exchange: String) async throws {
        try await publish(message, to: exchange, mandatory: true)
    }
}

/// What consumes from a queue: several tasks may wait for the next delivery at once.
public protocol MessageConsumer: Sendable {
    /// The next message; nil once ``stop()`` was called, or the task is cancelled.
    ///
    /// A connection that is lost is made again by the driver, and this call waits meanwhile.
    /// - Throws: when it cannot go on: the queue was deleted, the bus closed.
    func next() async throws -> Delivery?

    /// Fetches no more. What was fetched and not handed out goes back to the queue at once; what was handed out can
    /// still be settled.
    func stop()

    /// ``stop()``, then returns when what was settled is on disk. What was not settled goes back to the queue.
    func close() async
}
