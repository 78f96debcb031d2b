/// Tells services to finish what they began and return. Each service of a group has one, bound to its task.
///
///     func run() async throws {
///         try await server.start()
///         await ShutdownSignal.wait()      // until SIGTERM, `martlet stop`, or the task is cancelled
///         await server.drain()
///     }
public final class ShutdownSignal: Sendable {
    @TaskLocal public static var current: ShutdownSignal?

    private struct State {
        var isTriggered = false
        var nextID: UInt64 = 0
        var waiters: [UInt64: UnsafeContinuation<Void, Never>] = [:]
        var handlers: [UInt64: @Sendable () -> Void] = [:]
    }

    private let state = Locked(State())

    public init() {}

    public var isTriggered: Bool { state.withLock { $0.isTriggered } }

    /// Asks for the shutdown. Once is enough; a second call changes nothing.
    public func trigger() {
        let (waiters, handlers) = state.withLock { state in
            state.isTriggered = true
            // The handlers in the order in which they came.
            let handlers = state.handlers.sorted { $0.key < $1.key }.map(\.value)
            let woken = (Array(state.waiters.values), handlers)
            state.waiters = [:]
            state.handlers = [:]
            return woken
        }
        for waiter in waiters { waiter.resume() }
        for handler in handlers { handler() }
    }

    /// A handler that waits to be called.
    public struct Registration: Sendable {
        fileprivate let id: UInt64
    }

    /// Calls `handler` once, when the shutdown is asked for; at once if it has been already.
    /// - Returns: what ``remove(_:)`` takes, for a handler that may be done with before this signal is.
    @discardableResult
    public func onTrigger(_ handler: @escaping @Sendable () -> Void) -> Registration {
        let (id, isTriggered) = state.withLock { state in
            state.nextID += 1
            if !state.isTriggered { state.handlers[state.nextID] = handler }
            return (state.nextID, state.isTriggered)
        }
        if isTriggered { handler() }
        return Registration(id: id)
    }

    /// Forgets a handler. One that is being called already is not waited for.
    public func remove(_ registration: Registration) {
        // Let go of outside the lock: what it holds may do anything when it ends.
        _ = state.withLock { $0.handlers.removeValue(forKey: registration.id) }
    }

    /// Returns when the shutdown is asked for, or the task is cancelled.
    public func wait() async {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                let now = state.withLock { state in
                    if state.isTriggered || Task.isCancelled { return true }
                    state.waiters[id] = continuation
                    return false
                }
                if now { continuation.resume() }
            }
        } onCancel: {
            // Either the waiter is stored and taken out here, or it is not yet and sees `Task.isCancelled`.
            state.withLock { $0.waiters.removeValue(forKey: id) }?.resume()
        }
    }

    /// Waits for at most `limit`.
    /// - Returns: whether it was triggered.
    @discardableResult
    public func wait(atMost limit: Duration) async -> Bool {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.wait() }
            group.addTask { try? await Task.sleep(for: limit) }
            await group.next()
            group.cancelAll()
        }
        return isTriggered
    }

    /// Waits for the current task's signal; without one, until the task is cancelled.
    public static func wait() async {
        await (current ?? ShutdownSignal()).wait()
    }
}
