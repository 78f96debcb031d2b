internal import MartletCore
internal import MartletRuntime
internal import MartletSQL

/// Where a transaction stands. Confined to the writer.
final class TransactionState: @unchecked Sendable {
    // @unchecked: `phase`, the one `var`, is touched by the writer's actor alone.

    let deadline: MonotonicTime
    let patience: MonotonicTime
    var phase = Phase.waiting

    enum Phase {
        case waiting
        case running
        /// SQLite undid it, or it took too long: the body may go on, its statements fail.
        case lost(SQLError)
        case ended
    }

    init(deadline: MonotonicTime, patience: MonotonicTime) {
        self.deadline = deadline
        self.patience = patience
    }
}

extension SQLiteWriter {
    /// Runs `body` inside the open batch. Called with the loop as the task's preferred executor, so that all of it is
    /// on the writer's thread without being the actor's: a call of an actor suspends a task that prefers an executor,
    /// and a body that suspends holds the others up.
    ///
    /// The ticket, if there is one, resolves with the batch's commit: nobody may learn the outcome before.
    nonisolated func run<Value: Sendable>(
        _ state: TransactionState, _ body: @Sendable (any SQLTransaction) async throws -> Value
    ) async -> (Result<Value, any Error>, CommitTicket?) {
        do {
            let isMyTurn = await withUnsafeContinuation { continuation in
                if loop.isCurrent {
                    here { $0.enter(state, continuation) }
                } else {
                    loop.execute { self.here { $0.enter(state, continuation) } }
                }
            }
            guard isMyTurn else {
                throw SQLError(.timeout, "The deadline passed before the transaction could begin.")
            }
            try Task.checkCancellation()
            try await onThread { try $0.begin(state) }
            let value = try await body(SQLiteTransaction(writer: self, state: state))
            return (.success(value), try await onThread { try $0.finish(state) })
        } catch {
            return (.failure(error), await onThread { $0.abandon(state) })
        }
    }

    // MARK: Getting at the actor

    /// On the writer's thread, whatever the task is isolated to.
    private nonisolated func here<Value: Sendable>(
        _ body: (isolated SQLiteWriter) throws -> Value
    ) rethrows -> Value {
        try assumeIsolated(body)
    }

    /// At once when this is the writer's thread; a body that went elsewhere comes back by an ordinary call.
    nonisolated func onThread<Value: Sendable>(
        _ body: @Sendable (isolated SQLiteWriter) throws -> Value
    ) async rethrows -> Value {
        if loop.isCurrent { return try here(body) }
        return try await run(isolated: body)
    }

    private func run<Value: Sendable>(isolated body: @Sendable (isolated SQLiteWriter) throws -> Value) rethrows
        -> Value
    {
        try body(self)
    }

    // MARK: The steps

    private func enter(_ state: TransactionState, _ continuation: UnsafeContinuation<Bool, Never>) {
        if holder == nil, waiting.isEmpty {
            holder = state
            continuation.resume(returning: true)
        } else {
            waiting.append(Waiter(state: state, continuation: continuation))
        }
    }

    private func begin(_ state: TransactionState) throws(SQLError) {
        let now = MonotonicTime.now
        guard state.deadline > now else {
            throw SQLError(.timeout, "The deadline passed before the transaction could begin.")
        }
        try openBatch(deadline: state.deadline, patience: state.patience, at: now)
        try connection.drive("SAVEPOINT body")
        state.phase = .running
    }

    private func finish(_ state: TransactionState) throws(SQLError) -> CommitTicket {
        if case .lost(let error) = state.phase { throw error }
        let ticket = try join()
        end(state, undo: false)
        return ticket
    }

    private func abandon(_ state: TransactionState) -> CommitTicket? {
        end(state, undo: true)
        return attend()
    }

    func execute(_ statement: SQLStatement, _ access: SQLiteConnection.Access, in state: TransactionState) throws
        -> SQLResult
    {
        switch state.phase {
        case .running: break
        case .lost(let error): throw error
        case .waiting, .ended: throw SQLError(.usage, "The transaction has ended.", statement: statement.text)
        }
        try Task.checkCancellation()
        guard state.deadline > .now else {
            throw SQLError(.timeout, "The transaction's deadline has passed.", statement: statement.text)
        }
        connection.watch.deadline = state.deadline
        connection.watch.call = nil
        do {
            return try connection.run(statement, access)
        } catch {
            if connection.isIdle {
                state.phase = .lost(error)
                settle(after: error)
            }
            throw error
        }
    }

    /// The connection is everybody's again. Undoing what was undone already, or never begun, does nothing.
    func end(_ state: TransactionState, undo: Bool) {
        if undo, case .running = state.phase {
            do {
                try connection.drive("ROLLBACK TO body")
                try connection.drive("RELEASE body")
            } catch {
                // The savepoint cannot be left: then neither can the batch be kept.
                connection.rollBack()
                settle(after: error)
            }
        }
        guard holder === state else { return }
        holder = nil
        if case .lost = state.phase { return }
        state.phase =
            undo && state.deadline <= .now
            ? .lost(SQLError(.timeout, "The transaction took too long, and was undone.")) : .ended
    }

    /// Whoever waits is let in when the statements that came meanwhile have been run.
    func grantNext() {
        guard holder == nil, let next = waiting.first else { return }
        waiting.removeFirst()
        holder = next.state
        next.continuation.resume(returning: true)
    }
}
