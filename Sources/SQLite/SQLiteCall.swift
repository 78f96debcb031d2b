internal import MartletCore
internal import MartletSQL
internal import Synchronization

/// A caller's statement on its way through a database: queued, run, and answered once.
final class SQLiteCall: @unchecked Sendable {
    // @unchecked: what is variable belongs to the caller until the call is in the mailbox, whose lock hands it over; to the
    // database's thread until `isAnswered` is set; and to the caller again. A call that the mailbox refuses stays the
    // caller's. The flag is atomic.

    let statement: SQLStatement
    let access: SQLiteConnection.Access
    /// When it must have been answered.
    let deadline: MonotonicTime
    /// Until when it waits for another process's lock.
    let patience: MonotonicTime
    let byteCount: Int
    /// It was run before, in a batch that somebody else's failure undid.
    var isReplay = false

    /// The caller's, who waits for as long as the call is not answered: until then it may be asked from any thread. A
    /// cancellation handler would do the same for two more asynchronous frames and two locks a row.
    private var caller: UnsafeCurrentTask?
    private var continuation: UnsafeContinuation<Void, Never>?
    /// What came of it: kept until the commit, for which a failure waits as well, since it may be due to what another
    /// call of the batch wrote.
    private var result = SQLResult(changes: 0)
    private(set) var failure: (any Error)?
    /// Hands `result` and `failure` to the caller. The continuation orders them as well, but ThreadSanitizer does not see
    /// that when it is resumed before its task has suspended.
    private let isAnswered = Atomic<Bool>(false)

    init(
        _ statement: SQLStatement, _ access: SQLiteConnection.Access, deadline: MonotonicTime, patience: MonotonicTime
    ) {
        self.statement = statement
        self.access = access
        self.deadline = deadline
        self.patience = patience
        byteCount = statement.values.reduce(statement.text.utf8.count) { $0 &+ $1.byteCount }
    }

    var isCancelled: Bool { caller?.isCancelled ?? false }

    /// On the caller's task.
    func willWait(_ continuation: UnsafeContinuation<Void, Never>) {
        self.continuation = continuation
        caller = withUnsafeCurrentTask { $0 }
    }

    func succeeded(with result: SQLResult) {
        self.result = result
        failure = nil
    }

    func failed(with error: any Error) { failure = error }

    /// Lets the caller have what came of the call; `error`, if there is one, comes before that.
    func answer(failure error: (any Error)? = nil) {
        guard let continuation else { return }
        self.continuation = nil
        caller = nil
        if let error { failure = error }
        isAnswered.store(true, ordering: .releasing)
        continuation.resume()
    }

    /// For the caller, once it is resumed.
    func outcome() throws -> SQLResult {
        guard isAnswered.load(ordering: .acquiring) else {
            throw SQLError(.other, "The caller of a statement went on before the answer.", statement: statement.text)
        }
        if let failure { throw failure }
        return result
    }

    /// Why it should not be started any more, or nil.
    func refusal(at now: MonotonicTime) -> (any Error)? {
        if isCancelled { return CancellationError() }
        if deadline <= now {
            return SQLError(.timeout, "The deadline passed before the statement was run.", statement: statement.text)
        }
        return nil
    }
}
