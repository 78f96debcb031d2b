internal import MartletCore

/// A call's place in the line for a connection. Resumed once.
final class PoolWaiter: @unchecked Sendable {  // Touched on its pool's loop alone.
    enum Grant {
        case connection(ClientConnection)
        /// To make a connection.
        case permit
    }

    private(set) var outcome: Result<Grant, any Error> = .failure(ServiceError(.internal, "not yet resumed"))
    private var isResumed = false
    private var continuation: UnsafeContinuation<Void, Never>?

    func wait() async {
        await withUnsafeContinuation { continuation in
            if isResumed { continuation.resume() } else { self.continuation = continuation }
        }
    }

    func resume(_ outcome: Result<Grant, any Error>) {
        guard !isResumed else { return }
        isResumed = true
        self.outcome = outcome
        continuation?.resume()
        continuation = nil
    }
}
