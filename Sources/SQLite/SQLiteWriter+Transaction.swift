internal import MartletCore
internal import MartletSQL

/// Where a transaction stands. Confined to the writer.
final class TransactionState: @unchecked Sendable {
    // @unchecked: everything variable is touched by the writer's actor alone.

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
    /// Runs `body` on the writer's thread, inside the open batch. The ticket resolves with the batch's commit.
    func run<Value: Sendable>(
        _ state: TransactionState, _ body: @Sendable (any SQLTransaction) async throws -> Value
    ) async throws -> (Value, CommitTicket) {
        do {
            try await begin(state)
            let value = try await body(SQLiteTransaction(writer: self, state: state))
            let ticket = CommitTicket()
            if case .lost(let error) = state.phase { throw error }
            try join(ticket)
            end(state, undo: false)
            return (value, ticket)
        } catch {
            end(state, undo: true)
            mailbox.answered(1, bytes: 0)
            throw error
        }
    }

    private func begin(_ state: TransactionState) async throws {
        if holder == nil, waiting.isEmpty {
            holder = state
        } else {
            let isMyTurn = await withUnsafeContinuation { waiting.append(Waiter(state: state, continuation: $0)) }
            guard isMyTurn else {
                throw SQLError(.timeout, "The deadline passed before the transaction could begin.")
            }
        }
        try Task.checkCancellation()
        let now = MonotonicTime.now
        guard state.deadline > now else {
            throw SQLError(.timeout, "The deadline passed before the transaction could begin.")
        }
        try openBatch(deadline: state.deadline, patience: state.patience, at: now)
        try connection.drive("SAVEPOINT body")
        state.phase = .running
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

    /// After a commit, and not before: whoever waits is let in when the statements that came meanwhile have had theirs.
    func grantNext() {
        guard holder == nil, let next = waiting.first else { return }
        waiting.removeFirst()
        holder = next.state
        next.continuation.resume(returning: true)
    }
}
