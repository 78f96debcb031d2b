internal import MartletCore
internal import MartletRuntime

/// Whoever publishes waits for an answer; a backlog has been waiting, and so has its consumer.
extension BusEngine {
    /// How many messages the queue may deliver now. Whoever publishes comes before those that have been waiting, so far
    /// as ``WriteSchedule/backlogShare(stored:)`` says. What comes and goes at once is not concerned.
    func backlogRoom(of queue: QueueState) -> Int {
        guard let backlogShare, !queue.isReadOut else { return .max }
        return max(0, backlogShare - queue.deliveredFromBacklog)
    }

    /// The queue has had its share, and goes on after the next batch, or when there has been none for a while.
    func holdBacklog(of queue: QueueState) {
        queue.isHeldBack = true
        guard !isHoldingBacklog else { return }
        isHoldingBacklog = true
        let timer =
            backlogTimer
            ?? LoopTimer(on: loop) { [unowned self] in
                if isHoldingBacklog, !isWriting { shareBacklogs(stored: 0, isPublishing: false) }
            }
        backlogTimer = timer
        timer.schedule(at: .now + schedule.backlogPatience)
    }

    /// A batch is through, well or not: whoever was held back goes on.
    func shareBacklogs(stored: Int, isPublishing: Bool) {
        isHoldingBacklog = false
        let held = queues.values.count { $0.isHeldBack }
        backlogShare = isPublishing ? max(16, schedule.backlogShare(stored: stored) / max(1, held)) : nil
        for queue in queues.values {
            queue.deliveredFromBacklog = 0
            guard queue.isHeldBack else { continue }
            queue.isHeldBack = false
            needsDispatch(queue)
        }
    }
}
