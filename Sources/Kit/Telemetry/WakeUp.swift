internal import MartletCore

/// Lets one task wait for a signal or a time, whichever comes first. A signal that comes early is kept.
package final class WakeUp: Sendable {
    private struct State {
        var isSignalled = false
        var isFinished = false
        var waiter: UnsafeContinuation<Void, Never>?
    }

    private let state = Locked(State())

    package init() {}

    package func signal() {
        state.withLock { state in
            state.isSignalled = state.waiter == nil
            defer { state.waiter = nil }
            return state.waiter
        }?.resume()
    }

    /// From here on nobody waits any more.
    func finish() {
        state.withLock { $0.isFinished = true }
        signal()
    }

    var isFinished: Bool { state.withLock { $0.isFinished } }

    /// Returns after a signal, the time, or at once when the task is cancelled or it is finished.
    package func wait(atMost time: Duration) async {
        await withTaskGroup { group in
            group.addTask {
                try? await Task.sleep(for: time)
                if !Task.isCancelled { self.signal() }
            }
            await withTaskCancellationHandler {
                await withUnsafeContinuation { continuation in
                    let now = state.withLock { state in
                        if state.isSignalled || state.isFinished || Task.isCancelled {
                            state.isSignalled = false
                            return true
                        }
                        state.waiter = continuation
                        return false
                    }
                    if now { continuation.resume() }
                }
            } onCancel: {
                signal()
            }
            group.cancelAll()
        }
    }
}
