internal import MartletCore
internal import MartletMessaging
internal import MartletRuntime

/// Where a consumer's deliveries wait to be asked for. Filled on the bus's loop, emptied from any.
final class ConsumerInbox: Sendable {
    private struct State {
        var deliveries = Line<Incoming>()
        var waiters = Line<Waiter>()
        var lastWaiter = 0
        var isStopped = false
        var failure: ServiceError?
    }

    /// A delivery, and by which connection it came.
    struct Incoming: Sendable {
        var tag: UInt64
        var message: StoredMessage
        var settler: any DeliverySettler
        /// Where it is marked that somebody has it.
        var marks: HandoverMarks?
    }

    private enum Found {
        case delivery(Incoming)
        case end
        case failure(ServiceError)
    }

    private struct Waiter {
        var id: Int
        var continuation: UnsafeContinuation<Found, Never>
    }

    private let queue: String
    private let state = Locked(State())

    init(queue: String) { self.queue = queue }

    // MARK: The bus's side

    /// - Returns: those that nobody will ask for any more.
    func put(_ deliveries: [Incoming]) -> [Incoming] {
        var woken: [(UnsafeContinuation<Found, Never>, Incoming)] = []
        let refused: [Incoming] = state.withLock { state in
            if state.isStopped || state.failure != nil { return deliveries }
            for delivery in deliveries {
                if let waiter = state.waiters.popFirst() {
                    woken.append((waiter.continuation, delivery))
                } else {
                    state.deliveries.append(delivery)
                }
            }
            return []
        }
        EventLoop.wakingAtEnd {
            for (continuation, delivery) in woken { continuation.resume(returning: .delivery(delivery)) }
        }
        return refused
    }

    /// Takes out what was not asked for: its connection is gone, or the consumer stops.
    func takeAll() -> [Incoming] {
        state.withLock { state in
            var all: [Incoming] = []
            while let delivery = state.deliveries.popFirst() { all.append(delivery) }
            return all
        }
    }

    func stop() { end { $0.isStopped = true } }

    func fail(_ error: ServiceError) { end { $0.failure = $0.failure ?? error } }

    private func end(_ change: (inout State) -> Void) {
        let (waiters, found): ([Waiter], Found) = state.withLock { state in
            change(&state)
            var waiters: [Waiter] = []
            while let waiter = state.waiters.popFirst() { waiters.append(waiter) }
            return (waiters, state.isStopped ? .end : state.failure.map { .failure($0) } ?? .end)
        }
        for waiter in waiters { waiter.continuation.resume(returning: found) }
    }

    // MARK: The consumer's side

    func next() async throws -> Delivery? {
        let id = state.withLock { state in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        let found: Found = await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                let found: Found? = state.withLock { state in
                    if state.isStopped || Task.isCancelled { return .end }
                    if let failure = state.failure { return .failure(failure) }
                    if let delivery = state.deliveries.popFirst() { return .delivery(delivery) }
                    state.waiters.append(Waiter(id: id, continuation: continuation))
                    return nil
                }
                if let found { continuation.resume(returning: found) }
            }
        } onCancel: {
            // Either the waiter is in the line and taken out here, or it is not yet and sees `Task.isCancelled`.
            let waiter = state.withLock { $0.waiters.remove { $0.id == id } }
            waiter?.continuation.resume(returning: .end)
        }
        switch found {
        case .end: return nil
        case .failure(let error): throw error
        case .delivery(let incoming):
            incoming.marks?.begin(incoming.tag)
            do {
                return try delivery(incoming)
            } catch {
                // A message that nobody can read is nobody's to handle.
                incoming.settler.settle(incoming.tag, .reject(reason: "the stored message cannot be read: \(error)"))
                return try await next()
            }
        }
    }

    private func delivery(_ incoming: Incoming) throws -> Delivery {
        Delivery(
            message: try MessageCoding.decode(incoming.message.data), queue: queue,
            attempt: incoming.message.attempts + 1,
            publishedAt: WallTime(nanoseconds: incoming.message.at &* 1_000_000), tag: incoming.tag,
            settler: incoming.settler)
    }
}
