internal import MartletCore
internal import MartletRuntime
internal import MartletSQL

/// The one writer of a database, on a thread of its own. Whatever its callers write while the disk is busy with the
/// last commit goes into the next one together, and nobody is answered before it.
///
///     mailbox ──▶ run, run, run ──▶ COMMIT (one fsync) ──▶ answer, answer, answer
///
/// A statement that fails undoes itself and fails its caller alone. A transaction is a savepoint in the batch, and has
/// the connection to itself until its body ends.
actor SQLiteWriter {
    nonisolated let loop: EventLoop
    nonisolated let mailbox: SQLiteMailbox
    nonisolated let statistics = Locked(SQLiteStatistics())

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    let connection: SQLiteConnection
    let configuration: SQLiteConfiguration

    /// Taken from the mailbox, not yet run; those before `nextCall` have been.
    private var backlog: [SQLiteCall] = []
    private var nextCall = 0

    // The batch: what has been run since BEGIN, and waits for COMMIT.
    private var calls: [SQLiteCall] = []
    private var tickets: [Ticket] = []
    private var isBatchOpen = false
    private var batchStart = MonotonicTime.never
    private var batchEnd = MonotonicTime.never
    /// Calls at the front of the backlog that were undone through no fault of their own. They are committed before
    /// anything else is tried, so that no call is undone twice.
    private var replaysLeft = 0

    /// The transaction whose body is running.
    var holder: TransactionState?
    /// Those that wait for it, in their order.
    var waiting: [Waiter] = []
    /// Wakes the thread when a body, or somebody whom it keeps waiting, has run out of time.
    private var bodyTimer: LoopTimer?
    private var nextTimeout = MonotonicTime.never

    // For gathering: how many callers there are, and what a commit costs.
    private var expected = 0
    private var commitTime: UInt64 = 0
    private var gatherTime = Duration.zero
    private var lastAnswer = MonotonicTime.never

    private var isClosed = false
    private var closer: UnsafeContinuation<Void, Never>?

    struct Ticket {
        let ticket: CommitTicket
        /// Whether the transaction's body succeeded, so that it matters to its caller what becomes of the batch.
        let isKept: Bool
    }

    struct Waiter {
        let state: TransactionState
        /// Resumed with whether it is its turn; if not, its time is over.
        let continuation: UnsafeContinuation<Bool, Never>
    }

    init(connection: SQLiteConnection, loop: EventLoop, configuration: SQLiteConfiguration) {
        self.connection = connection
        self.loop = loop
        self.configuration = configuration
        mailbox = SQLiteMailbox(limit: configuration.queueLimit, byteLimit: configuration.queueByteLimit)
        // Transactions come as jobs of the loop; what they wrote is committed when the turn's jobs have run.
        loop.onTurnEnd { [weak self] in self?.turn() }
    }

    /// From any thread: `call` is in the mailbox, and nobody has told the thread.
    nonisolated func wake() {
        loop.execute { [self] in turn() }
    }

    /// On the loop's thread, which is the actor's executor.
    private nonisolated func turn() {
        assumeIsolated { $0.work() }
    }

    // MARK: One batch

    private func work() {
        guard !isClosed else { return }
        guard holder == nil else { return limitBody() }
        mailbox.take(into: &backlog, wanted: missing - backlog.count)
        fillBatch()
        // Bodies that suspend come one by one: while the batch has room, the next may join it.
        let mayJoin = !waiting.isEmpty && batchCount < configuration.batchLimit && batchEnd > .now
        if !(isBatchOpen && mayJoin && replaysLeft == 0) { commit() }
        grantNext()
        backlog.removeFirst(nextCall)
        nextCall = 0
        if !mailbox.rest() || !backlog.isEmpty { wake() }
        if let closer, mailbox.isDrained {
            self.closer = nil
            closer.resume()
        }
    }

    /// Runs calls until there are none, or the batch is large or old enough.
    private func fillBatch() {
        while true {
            while nextCall < backlog.count {
                if batchCount >= configuration.batchLimit { return }
                let call = backlog[nextCall]
                nextCall += 1
                let now = MonotonicTime.now
                let isReplay = call.isReplay
                perform(call, at: now)
                if isReplay, replaysLeft > 0 {
                    replaysLeft -= 1
                    if replaysLeft == 0 { return }
                }
                if isBatchOpen, now >= batchEnd { return }
            }
            backlog.removeAll(keepingCapacity: true)
            nextCall = 0
            mailbox.take(into: &backlog, wanted: missing)
            if backlog.isEmpty, !gather() { return }
        }
    }

    /// How many calls the open batch still expects: those whom the last commits answered write again a moment later.
    private var missing: Int { min(expected, configuration.batchLimit) - batchCount }

    private var batchCount: Int { calls.count + tickets.count }

    /// To be called when a batch is complete, before it is committed.
    private func learnExpected(at now: MonotonicTime) {
        let callers = mailbox.takePeak()
        // Callers who need longer to come back than the disk needs to commit are the ones to keep busy: an eighth of
        // them works while the disk does. Where the disk is slower, every row counts that shares its turn.
        let areSlow = now.nanoseconds(since: lastAnswer) > commitTime
        expected = areSlow ? callers - callers / 8 : callers
    }

    /// Waits a little for callers who are expected back, and returns whether any came.
    ///
    /// Committing before they are here would split the callers into two groups that take turns, with half the rows to a
    /// commit. The last of them ends the wait. A single caller is never waited for, and no batch waits for longer than
    /// its commit will take: at the worst that doubles its time.
    private func gather() -> Bool {
        guard batchCount > 0, missing > 0 else { return false }
        let start = MonotonicTime.now
        let time = min(Duration.nanoseconds(Int64(clamping: commitTime)) - gatherTime, batchEnd.since(start))
        guard time > .zero else { return false }
        // What the thread was woken for before is in the backlog already; it must not end the wait.
        loop.putOffWork()
        mailbox.take(into: &backlog, wanted: missing)
        if !backlog.isEmpty { return true }
        _ = loop.waitForWork(atMost: time)
        gatherTime += MonotonicTime.now.since(start)
        mailbox.take(into: &backlog, wanted: missing)
        return !backlog.isEmpty
    }

    private func perform(_ call: SQLiteCall, at now: MonotonicTime) {
        if let refusal = call.refusal(at: now) { return answer(call, failure: refusal) }
        do {
            switch call.access {
            case .read:
                // Without a reader of its own (in memory): a read sees what is committed, and no more.
                commit()
                watch(call)
                call.succeeded(with: try connection.run(call.statement, call.access))
                answer(call)
            case .write:
                try openBatch(deadline: call.deadline, patience: call.patience, at: now)
                watch(call)
                call.succeeded(with: try connection.run(call.statement, call.access))
                if connection.hasBrokenForeignKeys { throw brokenForeignKey(call.statement.text) }
                calls.append(call)
            }
        } catch {
            settle(after: error)
            call.failed(with: call.isCancelled ? CancellationError() : error)
            if isBatchOpen, batchCount > 0 { calls.append(call) } else { answer(call) }
        }
    }

    private func watch(_ call: SQLiteCall) {
        connection.watch.deadline = call.deadline
        connection.watch.call = call
    }

    private func brokenForeignKey(_ statement: String?) -> SQLError {
        SQLError(
            .constraint(SQLConstraint(.foreignKey)),
            "A rule of the schema was broken: a deferred foreign key refers to a row that is not there.",
            statement: statement)
    }

    func openBatch(
        deadline: MonotonicTime, patience: MonotonicTime, at now: MonotonicTime
    ) throws(SQLError) {
        if isBatchOpen { return }
        connection.watch.patience = min(deadline, patience)
        defer { connection.watch.patience = .never }
        do {
            try connection.drive("BEGIN IMMEDIATE")
        } catch {
            if error.kind == .busy, deadline < patience {
                throw SQLError(.timeout, "The deadline passed while another process held the file.")
            }
            throw error
        }
        isBatchOpen = true
        batchStart = now
        batchEnd = now + configuration.batchTimeLimit
    }

    // MARK: Failures that reach further than their statement

    /// Puts right what a failed statement left: SQLite undoes the whole transaction, and with it the batch, when it
    /// runs out of space, is interrupted in a write, or a schema says ROLLBACK; and a broken deferred foreign key would
    /// fail the commit.
    func settle(after error: any Error) {
        guard isBatchOpen else { return }
        if !connection.isIdle {
            guard connection.hasBrokenForeignKeys else { return }
            connection.rollBack()
        }
        isBatchOpen = false
        // Statements had no answer yet, so they can be run again and never notice. A transaction's body cannot.
        var again: [SQLiteCall] = []
        for call in calls {
            if !call.isReplay {
                call.isReplay = true
                again.append(call)
            } else {
                answer(call, failure: call.failure ?? error)
            }
        }
        calls.removeAll(keepingCapacity: true)
        let undone = SQLError(.rolledBack, "Undone together with another statement's failure: try again.")
        for member in tickets {
            mailbox.answered(1, bytes: 0)
            member.ticket.resolve(member.isKept ? .failure(undone) : .success(()))
        }
        tickets.removeAll(keepingCapacity: true)
        if again.isEmpty { return }
        backlog.replaceSubrange(0..<nextCall, with: again)
        nextCall = 0
        let count = again.count
        replaysLeft = count
        statistics.withLock { $0.replays += count }
    }

    // MARK: Commit

    func commit() {
        guard isBatchOpen else { return }
        isBatchOpen = false
        let start = MonotonicTime.now
        learnExpected(at: start)
        gatherTime = .zero
        do {
            connection.watch.patience = start + configuration.busyTimeout
            defer { connection.watch.patience = .never }
            try connection.drive("COMMIT")
        } catch {
            connection.rollBack()
            return answerBatch(failure: error)
        }
        let taken = MonotonicTime.now.nanoseconds &- start.nanoseconds
        commitTime = commitTime == 0 ? taken : (commitTime &* 7 &+ taken) / 8
        let count = calls.count { $0.failure == nil } + tickets.count { $0.isKept }
        let prepares = connection.prepares
        statistics.withLock { statistics in
            statistics.commits += 1
            statistics.writes += count
            statistics.largestBatch = max(statistics.largestBatch, count)
            statistics.commitTime += .nanoseconds(Int64(clamping: taken))
            statistics.prepares = prepares
        }
        answerBatch(failure: nil)
    }

    private func answerBatch(failure: (any Error)?) {
        let bytes = calls.reduce(0) { $0 &+ $1.byteCount }
        mailbox.answered(batchCount, bytes: bytes)
        EventLoop.wakingAtEnd {
            for call in calls { call.answer(failure: failure) }
            for member in tickets { member.ticket.resolve(failure.map { .failure($0) } ?? .success(())) }
        }
        calls.removeAll(keepingCapacity: true)
        tickets.removeAll(keepingCapacity: true)
        lastAnswer = .now
    }

    private func answer(_ call: SQLiteCall, failure: (any Error)? = nil) {
        mailbox.answered(1, bytes: call.byteCount)
        call.answer(failure: failure)
    }

    // MARK: For transactions

    /// The body's statements have all run: they are kept with the batch.
    func join() throws(SQLError) -> CommitTicket {
        if connection.hasBrokenForeignKeys { throw brokenForeignKey(nil) }
        try connection.drive("RELEASE body")
        let ticket = CommitTicket()
        tickets.append(Ticket(ticket: ticket, isKept: true))
        return ticket
    }

    /// For a body that failed, maybe due to what another member of the batch wrote; nil when there is none.
    func attend() -> CommitTicket? {
        guard isBatchOpen, batchCount > 0 else {
            mailbox.answered(1, bytes: 0)
            return nil
        }
        let ticket = CommitTicket()
        tickets.append(Ticket(ticket: ticket, isKept: false))
        return ticket
    }

    /// A body that waits for something else than its statements holds everybody up: not for longer than it may, and
    /// nobody for longer than they can wait.
    private func limitBody() {
        guard let holder else { return }
        let known = backlog.count
        mailbox.take(into: &backlog)
        for call in backlog[known...] { nextTimeout = min(nextTimeout, call.deadline) }
        nextTimeout = min(nextTimeout, holder.deadline, waiting.last?.state.deadline ?? .never)
        let timer =
            bodyTimer
            ?? LoopTimer(on: loop) { [weak self] in
                self?.assumeIsolated { $0.expire() }
            }
        bodyTimer = timer
        timer.schedule(at: nextTimeout)
    }

    private func expire() {
        let now = MonotonicTime.now
        if let holder, holder.deadline <= now { end(holder, undo: true) }
        for waiter in waiting where waiter.state.deadline <= now { waiter.continuation.resume(returning: false) }
        waiting.removeAll { $0.state.deadline <= now }
        let queued = backlog[nextCall...]
        backlog = []
        nextCall = 0
        for call in queued {
            if let refusal = call.refusal(at: now) {
                answer(call, failure: refusal)
            } else {
                backlog.append(call)
            }
        }
        nextTimeout = min(
            backlog.map(\.deadline).min() ?? .never, waiting.map(\.state.deadline).min() ?? .never)
        work()
    }

    // MARK: The end

    /// Returns when everything that was accepted is answered, and the file is closed. Afterwards the loop is gone:
    /// nothing may be asked of this actor.
    func close() async {
        if !mailbox.isDrained {
            await withUnsafeContinuation { closer = $0 }
        }
        isClosed = true
        bodyTimer?.cancel()
        connection.checkpoint()
        connection.close()
        loop.stop()
    }
}
