internal import MartletCore
internal import MartletMessaging
internal import MartletRuntime

/// The bus itself: routes what is published, writes it in batches, and hands it to consumers.
///
/// Confined to its loop, on which the sockets' sessions live as well. What waits on disk is not in memory, but for the
/// next few messages of queues that are consumed from. What is published to a queue whose consumers wait goes to them
/// from memory, after the commit.
final class BusEngine: @unchecked Sendable {
    // @unchecked: everything variable is touched on `loop` alone; the statistics have a lock.

    let loop: EventLoop
    let store: BusStore
    let configuration: BusConfiguration
    let logger: Logger
    let statistics = Locked(BusStatistics())

    // MARK: What there is

    var exchanges: Set<String> = []
    var queues: [String: QueueState] = [:]
    var consumers: [UInt64: ConsumerState] = [:]
    private var routes: [Route: [QueueState]] = [:]
    private var bindings: [String: [BoundQueue]]?
    private var lastConsumer: UInt64 = 0
    private var lastDelivery: UInt64 = 0
    /// Nil for a store in memory, which does not outlive the process either.
    var journal: HandoverJournal?

    private struct Route: Hashable {
        var exchange: String
        var key: String
    }

    private struct BoundQueue {
        var queue: QueueState
        var patterns: [TopicPattern]
    }

    // MARK: What is to be written

    var window: RepeatWindow
    var nextPublishRow: Int64 = 1
    var forgottenRow: Int64?
    /// Accepted publishes, by identity: who else waits for the same one.
    var accepted: [PublishID: [PublishRequest.Completion]] = [:]
    var publishes = Line<PublishRequest>()
    var publishBytes = 0
    var settled = Line<Settled>()
    var revivals = Line<Revival>()

    var schedule = WriteSchedule()
    var writerContinuation: UnsafeContinuation<Void, Never>?
    var writeTimer: LoopTimer?
    /// Counts what was accepted, and what of that is through: for those who wait for everything before a moment.
    var acceptedCount = WriteCounts()
    var finishedCount = WriteCounts()
    var flushers: [Flusher] = []
    /// The last batch failed.
    var isRecovering = false
    /// Deliveries wait until more of what was settled is on disk.
    var isHeldBack = false
    var isWriting = false
    /// What each queue with a backlog may deliver of it until the next batch; nil while nobody publishes.
    var backlogShare: Int?
    /// Some queue has had its share.
    var isHoldingBacklog = false
    var backlogTimer: LoopTimer?

    // MARK: Its own

    var isClosing = false
    private var dirty: [QueueState] = []
    private var dispatchIsScheduled = false
    private var dueTimer: LoopTimer?
    var administration = TurnTaking()
    var tasks: [Task<Void, Never>] = []
    var reads = Line<Read>()
    var readerContinuation: UnsafeContinuation<Void, Never>?

    /// What is to be brought into memory.
    enum Read {
        case messages(QueueState)
        case due(QueueState)
    }

    /// Each of them is worked off in its order.
    struct WriteCounts: Equatable {
        var publishes = 0
        var settlements = 0
        var revivals = 0

        func reaches(_ target: WriteCounts) -> Bool {
            publishes >= target.publishes && settlements >= target.settlements && revivals >= target.revivals
        }
    }

    struct Flusher {
        var target: WriteCounts
        var continuation: UnsafeContinuation<Void, Never>
    }

    init(store: BusStore, loop: EventLoop, configuration: BusConfiguration, logger: Logger) {
        self.store = store
        self.loop = loop
        self.configuration = configuration
        self.logger = logger
        window = RepeatWindow(
            limit: configuration.repeatWindow, time: configuration.repeatTime.wholeNanoseconds / 1_000_000)
    }

    /// Milliseconds since 1970.
    static var now: Int64 { WallTime.now.nanoseconds / 1_000_000 }

    // MARK: Routing

    /// The queues that a key leads to. What was found is kept, up to a limit: keys are few, where they are well chosen.
    func route(_ exchange: String, _ key: String) -> [QueueState] {
        let route = Route(exchange: exchange, key: key)
        if let known = routes[route] { return known }
        if bindings == nil { bindings = compiledBindings() }
        let found = bindings?[exchange]?.filter { entry in entry.patterns.contains { $0.matches(key) } } ?? []
        if routes.count >= 4096 { routes = [:] }
        let queues = found.map(\.queue)
        routes[route] = queues
        return queues
    }

    private func compiledBindings() -> [String: [BoundQueue]] {
        var compiled: [String: [BoundQueue]] = [:]
        for queue in queues.values {
            for (exchange, bindings) in Dictionary(grouping: queue.bindings, by: \.exchange) {
                // Patterns were checked when they were declared.
                let patterns = bindings.compactMap { try? TopicPattern($0.pattern) }
                compiled[exchange, default: []].append(BoundQueue(queue: queue, patterns: patterns))
            }
        }
        return compiled
    }

    func bindingsChanged() {
        routes = [:]
        bindings = nil
    }

    // MARK: Consumers

    /// The queue has been declared. Deliveries begin after the caller's turn.
    func addConsumer(to queue: QueueState, prefetch: Int, sink: any ConsumerSink) -> UInt64 {
        lastConsumer += 1
        let consumer = ConsumerState(id: lastConsumer, queue: queue, prefetch: prefetch, sink: sink)
        consumers[lastConsumer] = consumer
        queue.consumers.append(consumer)
        needsDispatch(queue)
        return lastConsumer
    }

    func stopConsumer(_ id: UInt64) { consumers[id]?.isStopped = true }

    /// - Parameter isDead: it went away without saying so. What it was handling counts as tried, since it may be what
    ///   killed it; what had only been fetched goes back as it was.
    func removeConsumer(_ id: UInt64, isDead: Bool) {
        guard let consumer = consumers.removeValue(forKey: id) else { return }
        let queue = consumer.queue
        queue.consumers.removeAll { $0 === consumer }
        let held = consumer.settleAll()
        var untried: [StoredMessage] = []
        for (tag, message) in held {
            if isDead, isBegun(tag) {
                let delay = Self.delay(afterDeath: message.attempts + 1)
                settle(message, of: queue, .retry(delay: delay, reason: "its consumer went away"))
            } else {
                untried.append(message)
            }
            journal?.leave(tag)
        }
        queue.giveBack(untried)
        needsDispatch(queue)
        considerWriting()
    }

    private func isBegun(_ tag: UInt64) -> Bool {
        guard let journal, HandoverMarks.place(of: tag) > 0 else { return true }
        return journal.marks.isBegun(tag)
    }

    /// When a message comes again that was being handled when a process died: the first time at once, then later each
    /// time, by chance. So those that were in hand together come apart, and those who are not to blame get through.
    static func delay(afterDeath attempt: Int) -> Duration {
        attempt <= 1 ? .zero : RetryPolicy().delay(after: attempt - 1)
    }

    /// The consumer says that it is through: what it settled is on disk when this returns, what it did not goes back, and
    /// a queue of its own goes with it.
    func endConsumer(_ id: UInt64) async {
        guard let queue = consumers[id]?.queue else { return }
        removeConsumer(id, isDead: false)
        _ = await flush(until: .now + .seconds(10))
        if queue.kind == .exclusive { await removeExclusiveQueue(queue) }
    }

    // MARK: Settling

    func settle(consumer id: UInt64, tag: UInt64, _ settlement: Settlement) {
        guard let consumer = consumers[id], let message = consumer.settle(tag) else { return }
        journal?.leave(tag)
        settle(message, of: consumer.queue, settlement)
        needsDispatch(consumer.queue)
        considerWriting()
    }

    private func settle(_ message: StoredMessage, of queue: QueueState, _ settlement: Settlement) {
        var message = message
        switch settlement {
        case .acknowledge:
            // The size is all that is still wanted of it.
            let size = message.data.count
            message.data = []
            accept(Settled(queue: queue, message: message, size: size, fate: .acknowledged))
        case .retry(let delay, let reason):
            message.attempts += 1
            guard message.attempts < queue.maximumAttempts else {
                return bury(message, of: queue, reason: "\(message.attempts) attempts failed; the last: \(reason)")
            }
            let limited = min(max(delay, .zero), .seconds(86_400))
            let due = queue.plan(due: Self.now + limited.wholeNanoseconds / 1_000_000)
            accept(Settled(queue: queue, message: message, size: message.data.count, fate: .delayed(due: due)))
        case .reject(let reason):
            message.attempts += 1
            bury(message, of: queue, reason: reason)
        case .release:
            queue.giveBack([message])
        }
    }

    private func bury(_ message: StoredMessage, of queue: QueueState, reason: String) {
        let cut = String(reason.unicodeScalars.prefix(500))
        accept(Settled(queue: queue, message: message, size: message.data.count, fate: .dead(reason: cut)))
    }

    private func accept(_ settlement: Settled) {
        guard !settlement.queue.isDeleted else { return }
        if settled.isEmpty { schedule.firstSettlement = .now }
        settled.append(settlement)
        acceptedCount.settlements += 1
    }

    // MARK: Delivering

    /// The queue, or its consumers, have changed: it is looked at after this turn's other work, once.
    func needsDispatch(_ queue: QueueState) {
        if !dirty.contains(where: { $0 === queue }) { dirty.append(queue) }
        guard !dispatchIsScheduled else { return }
        dispatchIsScheduled = true
        loop.execute { [self] in dispatchAll() }
    }

    func dispatchAll() {
        dispatchIsScheduled = false
        let queues = dirty
        dirty.removeAll(keepingCapacity: true)
        EventLoop.wakingAtEnd {
            for queue in queues { dispatch(queue) }
        }
        armDueTimer()
    }

    private func dispatch(_ queue: QueueState) {
        guard !queue.isDeleted, !isClosing else { return }
        queue.forgetReady()
        var count = 0
        // Acknowledgements that wait for the disk are in memory: not without end, should it fail.
        if settled.count >= Self.settledLimit { isHeldBack = true }
        let room = backlogRoom(of: queue)
        while !isHeldBack, count < room, queue.waitingInMemory > 0, let consumer = queue.nextConsumer(),
            let message = queue.takeNext()
        {
            give(message, to: consumer)
            count += 1
        }
        if count == room { holdBacklog(of: queue) }
        if count > 0 {
            if !queue.isReadOut { queue.deliveredFromBacklog += count }
            statistics.withLock { $0.delivered += count }
            for consumer in queue.consumers where !consumer.outgoing.isEmpty {
                let outgoing = consumer.outgoing
                consumer.outgoing.removeAll(keepingCapacity: true)
                consumer.sink.deliver(outgoing)
            }
        }
        if queue.wantsMessages { fetchMessages(of: queue) }
        if queue.wantsDue(at: Self.now) { fetchDue(of: queue) }
    }

    private func give(_ message: StoredMessage, to consumer: ConsumerState) {
        lastDelivery += 1
        let tag = journal?.place(for: message, counter: lastDelivery) ?? lastDelivery << HandoverMarks.placeBits
        // Of a consumer that does not say what it has begun, everything may be.
        if !consumer.sink.marksDeliveries { journal?.marks.begin(tag) }
        consumer.give(message, tag: tag)
    }

    static let settledLimit = 50_000

    private func fetchMessages(of queue: QueueState) {
        queue.isFetching = true
        reads.append(.messages(queue))
        wakeReader()
    }

    private func fetchDue(of queue: QueueState) {
        queue.isFetchingDue = true
        reads.append(.due(queue))
        wakeReader()
    }

    // MARK: Time

    private func armDueTimer() {
        var next: Int64?
        for queue in queues.values where !queue.isFetchingDue && queue.due.isEmpty {
            guard let due = queue.nextDue, queue.consumers.contains(where: { $0.hasCredit }) else { continue }
            next = min(next ?? due, due)
        }
        guard let next else {
            dueTimer?.schedule(at: .never)
            return
        }
        let timer =
            dueTimer
            ?? LoopTimer(on: loop) { [unowned self] in
                for queue in queues.values where queue.wantsDue(at: Self.now) { needsDispatch(queue) }
                dispatchAll()
            }
        dueTimer = timer
        timer.schedule(at: .now + .milliseconds(max(1, next - Self.now)))
    }

    func cancelTimers() {
        dueTimer?.cancel()
        dueTimer = nil
        writeTimer?.cancel()
        writeTimer = nil
        backlogTimer?.cancel()
        backlogTimer = nil
    }
}
