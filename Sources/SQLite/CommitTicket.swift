internal import MartletCore
internal import MartletSQL

/// What a transaction's caller waits with for the commit of the batch it joined.
final class CommitTicket: Sendable {
    private enum State {
        case pending
        case waiting(UnsafeContinuation<Void, Never>)
        case resolved(Result<Void, any Error>)
    }

    private let state = Locked(State.pending)

    func resolve(_ result: Result<Void, any Error>) {
        let waiter: UnsafeContinuation<Void, Never>? = state.withLock { state in
            let waiter: UnsafeContinuation<Void, Never>? =
                if case .waiting(let continuation) = state { continuation } else { nil }
            state = .resolved(result)
            return waiter
        }
        waiter?.resume()
    }

    func wait() async throws {
        await withUnsafeContinuation { continuation in
            let isResolved = state.withLock { state in
                if case .resolved = state { return true }
                state = .waiting(continuation)
                return false
            }
            if isResolved { continuation.resume() }
        }
        guard case .resolved(let result) = state.withLock({ $0 }) else {
            throw SQLError(.other, "The caller of a transaction went on before the commit.")
        }
        try result.get()
    }
}
