internal import MartletCore
internal import MartletRuntime

extension BusEngine {
    func wakeReader() {
        readerContinuation?.resume()
        readerContinuation = nil
    }

    /// Brings messages into memory, one look at a time: the store has one thread that reads.
    func runReader() async {
        while !isClosing {
            guard let read = reads.popFirst() else {
                await withUnsafeContinuation { continuation in
                    if isClosing || !reads.isEmpty { continuation.resume() } else { readerContinuation = continuation }
                }
                continue
            }
            switch read {
            case .messages(let queue): await readMessages(of: queue)
            case .due(let queue): await readDue(of: queue)
            }
        }
    }

    private func readMessages(of queue: QueueState) async {
        let snapshot = queue.lastID
        do {
            let messages = try await store.messages(ofQueue: queue.number, after: queue.readID, limit: 256)
            // An answer may be short for its size: only an empty one says that there is nothing.
            queue.read(messages, isAll: messages.isEmpty, snapshot: snapshot)
        } catch {
            await waitAfter(error)
        }
        queue.isFetching = false
        needsDispatch(queue)
    }

    private func readDue(of queue: QueueState) async {
        let bound = queue.beginReadingDue(at: Self.now)
        do {
            let (due, place, next) = try await store.delayed(
                ofQueue: queue.number, after: queue.delayedPlace, until: bound, limit: 64)
            queue.due.append(contentsOf: due)
            queue.delayedPlace = place
            if let next { queue.willBeDue(at: next) }
        } catch {
            await waitAfter(error)
            queue.willBeDue(at: bound)
        }
        queue.isFetchingDue = false
        needsDispatch(queue)
    }

    private func waitAfter(_ error: any Error) async {
        guard !isClosing else { return }
        logger.error("the bus cannot read its store: \(error)")
        // Cut short when the bus is closed, which cancels the task.
        try? await EventLoop.sleep(for: .seconds(1))
    }
}
