internal import MartletCore

/// The ids of messages that are being handled, and of the last that were: what a subscription tells repeats by. Bounded,
/// and gone with the process.
final class RecentMessages: Sendable {
    enum Entry: Equatable {
        case new
        case inProgress
        case done
    }

    private struct State {
        var inProgress: Set<String> = []
        var done: Set<String> = []
        /// The ids of `done` in a ring, the oldest at `next` once it is full.
        var order: [String] = []
        var next = 0
    }

    private let limit: Int
    private let state = Locked(State())

    init(limit: Int) { self.limit = max(0, limit) }

    /// What is known of the message, which is in progress from now on if it is new.
    func begin(_ id: String) -> Entry {
        state.withLock { state in
            if state.done.contains(id) { return .done }
            return state.inProgress.insert(id).inserted ? .new : .inProgress
        }
    }

    func end(_ id: String, isDone: Bool) {
        state.withLock { state in
            state.inProgress.remove(id)
            guard isDone, limit > 0, state.done.insert(id).inserted else { return }
            if state.order.count < limit {
                state.order.append(id)
            } else {
                state.done.remove(state.order[state.next])
                state.order[state.next] = id
                state.next = (state.next + 1) % limit
            }
        }
    }
}
