internal import MartletCore
internal import MartletSQL

/// What a transaction's caller waits with for the commit of the batch it joined.
final class CommitTicket: Sendable {
    private enum State {
        case pending
        case waiting(UnsafeContinuation<Void, any Error>)
        case resolved(Result<Void, any Error>)
    }

    private let state = Locked(State.pending)

    func resolve(_ result: Result<Void, any Error>) {
        let waiter: UnsafeContinuation<Void, any Error>? = state.withLock { state in
            let waiter: UnsafeContinuation<Void, any Error>? =
                if case .waiting(let continuation) = state { continuation } else { nil }
            state = .resolved(result)
            return waiter
        }
        waiter?.resume(with: result)
    }

    func wait() async throws {
        try await withUnsafeThrowingContinuation { (continuation: UnsafeContinuation<Void, any Error>) in
            let result: Result<Void, any Error>? = state.withLock { state in
                if case .resolved(let result) = state { return result }
                state = .waiting(continuation)
                return nil
            }
            if let result { continuation.resume(with: result) }
        }
    }
}
