internal import MartletCore
internal import MartletSQL

/// The calls that wait for a database's thread, and the count of all that it has not answered.
///
/// Callers put in one at a time; the thread takes out everything there is, so that a batch costs one wake-up and two
/// turns of the lock however many it carries.
final class SQLiteMailbox: Sendable {
    private struct State {
        var calls: [SQLiteCall] = []
        /// The thread has been woken for what is in `calls`.
        var isWoken = false
        /// How many must be in `calls` before the thread is woken.
        var wakeCount = 1
        var unanswered = 0
        var unansweredBytes = 0
        /// The most that were unanswered at once, since it was last asked.
        var peak = 0
        var isClosed = false
    }

    private let state = Locked(State())
    private let limit: Int
    private let byteLimit: Int

    init(limit: Int, byteLimit: Int) {
        self.limit = limit
        self.byteLimit = byteLimit
    }

    /// Puts a call in, and returns whether the thread has to be woken.
    func put(_ call: SQLiteCall) throws -> Bool {
        try state.withLock { state in
            try admit(call.byteCount, &state)
            state.calls.append(call)
            if state.isWoken || state.calls.count < state.wakeCount { return false }
            state.isWoken = true
            return true
        }
    }

    /// Counts a transaction in, which reaches the thread by itself.
    func admitTransaction() throws {
        try state.withLock { state in try admit(0, &state) }
    }

    private func admit(_ bytes: Int, _ state: inout State) throws {
        guard !state.isClosed else { throw SQLError(.connectionLost, "The database has been closed.") }
        guard state.unanswered < limit,
            state.unansweredBytes <= byteLimit - min(bytes, byteLimit) || state.unanswered == 0
        else {
            throw ServiceError(.unavailable, "too many calls wait for the store; try again", retryAfter: .seconds(1))
        }
        state.unanswered += 1
        state.unansweredBytes += bytes
        state.peak = max(state.peak, state.unanswered)
    }

    /// Moves what is there to the end of `calls`. The next call put in wakes the thread again; or, while the thread has
    /// a batch open for which it wants more, the call that makes it `wanted`.
    func take(into calls: inout [SQLiteCall], wanted: Int = 1) {
        state.withLock { state in
            state.isWoken = false
            state.wakeCount = max(1, wanted - state.calls.count)
            if calls.isEmpty {
                swap(&calls, &state.calls)
            } else {
                calls.append(contentsOf: state.calls)
                state.calls.removeAll(keepingCapacity: true)
            }
        }
    }

    /// The thread goes to sleep: from now on each call wakes it.
    /// - Returns: false when there is one already.
    func rest() -> Bool {
        state.withLock { state in
            state.wakeCount = 1
            state.isWoken = !state.calls.isEmpty
            return state.calls.isEmpty
        }
    }

    /// To be called before the callers are resumed: they may have the next call at once.
    func answered(_ count: Int, bytes: Int) {
        state.withLock { state in
            state.unanswered -= count
            state.unansweredBytes -= bytes
        }
    }

    /// The most calls that were unanswered at once since the last time this was asked.
    func takePeak() -> Int {
        state.withLock { state in
            let peak = state.peak
            state.peak = state.unanswered
            return peak
        }
    }

    var unanswered: Int { state.withLock { $0.unanswered } }

    /// Refuses what comes from now on.
    func close() {
        state.withLock { $0.isClosed = true }
    }

    /// Closed, and everything answered.
    var isDrained: Bool {
        state.withLock { $0.isClosed && $0.unanswered == 0 }
    }
}
