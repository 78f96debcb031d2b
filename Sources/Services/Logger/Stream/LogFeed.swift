public import MartletCore

/// Wakes the readers of streams when there are new entries, limits how many readers there are, and ends them with the
/// service. It holds no entries: a reader reads the store, at its own speed, and one that is slow costs no more than one
/// that is fast.
///
/// Listed after the server in a group, so that it ends first: a server waits for the answers that it has begun.
public final class LogFeed: Service {
    public let name = "log streams"
    private let limit: Int

    private struct State {
        /// Triggered, and replaced, when an entry has been added that somebody waits for.
        var change = ShutdownSignal()
        var isAwaited = false
        var readers = 0
        var isOver = false
    }
    private let state = Locked(State())

    /// - Parameter limit: how many may read at once.
    public init(limit: Int = 64) { self.limit = limit }

    public func run() async throws {
        await ShutdownSignal.wait()
        state.withLock { state in
            state.isOver = true
            return state.change
        }.trigger()
    }

    var isOver: Bool { state.withLock { $0.isOver } }

    /// How many read now.
    var readers: Int { state.withLock { $0.readers } }

    /// Called after an entry is safe in the store. Costs next to nothing while nobody waits.
    func announce() {
        let change: ShutdownSignal? = state.withLock { state in
            guard state.isAwaited, !state.isOver else { return nil }
            defer { state.change = ShutdownSignal() }
            state.isAwaited = false
            return state.change
        }
        change?.trigger()
    }

    /// Triggered by the next entry from now on. To be taken before the store is read: what is added after the reading
    /// has begun is not missed then.
    var nextChange: ShutdownSignal {
        state.withLock { state in
            state.isAwaited = true
            return state.change
        }
    }

    /// Lets one more read, for as long as what is returned is held.
    /// - Throws: `unavailable` when there are too many, or the service ends.
    func admit() throws(ServiceError) -> Reader {
        let refusal: String? = state.withLock { state in
            if state.isOver { return "the logger is shutting down" }
            guard state.readers < limit else { return "\(limit) readers follow the log already" }
            state.readers += 1
            return nil
        }
        if let refusal { throw ServiceError(.unavailable, refusal, retryAfter: .seconds(5)) }
        return Reader(self)
    }

    /// The right to read. An object, so that it is given back even if no byte of the answer is ever made (HEAD).
    final class Reader: Sendable {
        private let feed: LogFeed

        fileprivate init(_ feed: LogFeed) { self.feed = feed }

        deinit { feed.state.withLock { $0.readers -= 1 } }
    }
}
