internal import MartletCore
internal import MartletMessaging
internal import MartletRuntime

extension BusEngine {
    /// One transaction carries at most so much, so that nobody waits long for the others.
    private static let batchPublishes = 2048
    private static let batchSettlements = 8192
    private static let batchBytes = 8 << 20

    // MARK: Taking in

    /// On the loop. `completion` is called when the message is on disk, or will not be.
    func publish(_ request: PublishRequest, _ completion: @escaping PublishRequest.Completion) {
        guard !isClosing else { return completion(Self.closed) }
        guard exchanges.contains(request.exchange) else {
            return completion(
                ServiceError(.notFound, "the bus has no exchange \(request.exchange): nobody has declared it"))
        }
        guard request.data.count <= configuration.messageByteLimit else {
            return completion(
                ServiceError(
                    .invalidArgument,
                    "a message takes at most \(configuration.messageByteLimit) bytes, and this one \(request.data.count)"
                ))
        }
        if window.contains(request.identity) {
            statistics.withLock { $0.repeatedPublishes += 1 }
            return completion(nil)
        }
        if accepted[request.identity] != nil {
            statistics.withLock { $0.repeatedPublishes += 1 }
            accepted[request.identity]?.append(completion)
            return
        }
        guard publishes.count < configuration.publishLimit,
            publishBytes + request.data.count <= configuration.publishByteLimit
        else {
            return completion(
                ServiceError(.unavailable, "too many publishes wait for the bus; try again", retryAfter: .seconds(1)))
        }
        accepted[request.identity] = [completion]
        if publishes.isEmpty { schedule.firstPublish = .now }
        publishes.append(request)
        publishBytes += request.data.count
        acceptedCount.publishes += 1
        if backlogShare == nil { backlogShare = schedule.backlogShare(stored: 0) }
        considerWriting()
    }

    static var closed: ServiceError { ServiceError(.unavailable, "the bus is closed", retryAfter: .seconds(1)) }

    /// Returns when everything that was accepted until now is on disk, or at the deadline, or when the disk fails.
    /// - Returns: whether it is.
    func flush(until deadline: MonotonicTime) async -> Bool {
        let target = acceptedCount
        guard !finishedCount.reaches(target) else { return true }
        let timer = LoopTimer(on: loop) { [unowned self] in
            for flusher in flushers where flusher.target == target { flusher.continuation.resume() }
            flushers.removeAll { $0.target == target }
        }
        timer.schedule(at: deadline)
        await withUnsafeContinuation { continuation in
            flushers.append(Flusher(target: target, continuation: continuation))
            considerWriting()
        }
        timer.cancel()
        return finishedCount.reaches(target)
    }

    // MARK: When

    /// Wakes the writer if there is something to write by now, or sees that it is looked at again when there is.
    func considerWriting() {
        guard let continuation = writerContinuation else { return }
        let time = nextWrite
        let now = MonotonicTime.now
        if time <= now || (isClosing && time == .never) {
            writerContinuation = nil
            return continuation.resume()
        }
        guard time != .never else { return }
        let timer =
            writeTimer
            ?? LoopTimer(on: loop) { [unowned self] in considerWriting() }
        writeTimer = timer
        timer.schedule(at: time)
    }

    private var nextWrite: MonotonicTime {
        schedule.time(
            publishes: publishes.count + revivals.count, settlements: settled.count,
            isUrgent: !flushers.isEmpty || isClosing, settlementDelay: configuration.settlementDelay)
    }

    // MARK: The writer

    /// One batch after the other, until the bus is closed and everything written.
    func runWriter() async {
        var end = MonotonicTime.now
        while true {
            if nextWrite > .now {
                if isClosing, publishes.isEmpty, settled.isEmpty, revivals.isEmpty { return }
                await withUnsafeContinuation { continuation in
                    writerContinuation = continuation
                    considerWriting()
                }
            }
            let batch = takeBatch()
            guard !batch.plan.isEmpty else {
                answerFlushers()
                shareBacklogs(stored: 0, isPublishing: false)
                continue
            }
            let start = MonotonicTime.now
            isWriting = true
            do {
                try await store.write(batch.plan)
                isWriting = false
                let written = MonotonicTime.now
                schedule.wrote(
                    publishes: batch.publishes.count, after: start.nanoseconds(since: end),
                    in: written.nanoseconds(since: start))
                end = written
                EventLoop.wakingAtEnd { wrote(batch) }
            } catch {
                isWriting = false
                logger.error("the bus cannot write to its store: \(error)")
                // Closing must come to an end, whatever the disk does.
                if isClosing { return abandon(batch, error) }
                failed(batch, error)
            }
        }
    }

    private struct Batch {
        var plan = WritePlan()
        var publishes: [(request: PublishRequest, copies: [(queue: QueueState, message: StoredMessage)])] = []
        var settled: [Settled] = []
        var revivals: [(revival: Revival, message: StoredMessage)] = []
    }

    private func takeBatch() -> Batch {
        var batch = Batch()
        batch.plan.at = Self.now
        // What made the last batch fail may be what was published: what was settled makes room on a full disk.
        let isAlone = isRecovering && !settled.isEmpty
        if !isAlone { takePublishes(&batch) }
        for _ in 0..<(isAlone ? 0 : 256) {
            guard let revival = revivals.popFirst() else { break }
            let message = plan(revival.data, at: revival.at, for: revival.queue, &batch)
            batch.plan.revived.append(revival.number)
            batch.revivals.append((revival, message))
        }
        takeSettled(&batch)
        for queue in queues.values { queue.beganWriting(isAll: settled.isEmpty) }
        schedule.firstPublish = publishes.isEmpty ? .never : .now
        schedule.firstSettlement = settled.isEmpty ? .never : .now
        if !batch.plan.publishIDs.isEmpty {
            batch.plan.publishRow = nextPublishRow
            nextPublishRow += 1
        }
        batch.plan.forgottenRow = forgottenRow
        return batch
    }

    private func takePublishes(_ batch: inout Batch) {
        var bytes = 0
        let now = MonotonicTime.now
        while batch.publishes.count < Self.batchPublishes, bytes < Self.batchBytes, let request = publishes.popFirst() {
            publishBytes -= request.data.count
            let targets: [QueueState]
            do throws(ServiceError) {
                targets = try admit(request, at: now)
            } catch {
                finish(request, error)
                continue
            }
            guard !targets.isEmpty else {
                finish(request, nil)
                continue
            }
            bytes += request.data.count * targets.count
            let copies = targets.map { ($0, plan(request.data, at: batch.plan.at, for: $0, &batch)) }
            batch.plan.publishIDs.append(request.identity)
            batch.publishes.append((request, copies))
        }
    }

    /// The queues that take the message: all that it leads to, or none.
    private func admit(_ request: PublishRequest, at now: MonotonicTime) throws(ServiceError) -> [QueueState] {
        guard request.deadline > now else {
            throw ServiceError(.deadlineExceeded, "the deadline passed before the message could be stored")
        }
        let queues = route(request.exchange, request.key)
        guard !queues.isEmpty || !request.isMandatory else {
            throw ServiceError(
                .failedPrecondition, "no queue is bound to \(request.exchange) for \(request.key): declare one first")
        }
        var targets: [QueueState] = []
        for queue in queues {
            if queue.hasRoom(for: request.data.count) {
                targets.append(queue)
            } else if queue.kind == .exclusive {
                // One slow onlooker must not stop those who publish to everybody.
                statistics.withLock { $0.droppedForExclusiveQueues += 1 }
            } else {
                throw ServiceError(
                    .resourceExhausted,
                    "the queue \(queue.name) is full: \(queue.messages) messages, \(queue.bytes) bytes",
                    retryAfter: .seconds(5))
            }
        }
        return targets
    }

    private func plan(_ data: [UInt8], at time: Int64, for queue: QueueState, _ batch: inout Batch) -> StoredMessage {
        let message = StoredMessage(id: queue.nextID, attempts: 0, at: time, data: data)
        queue.nextID += 1
        queue.plannedMessages += 1
        queue.plannedBytes += data.count
        batch.plan.inserts.append(message)
        batch.plan.count(queue.number, messages: 1, bytes: data.count)
        return message
    }

    private func takeSettled(_ batch: inout Batch) {
        while batch.settled.count < Self.batchSettlements, let item = settled.popFirst() {
            guard !item.queue.isDeleted else {
                finishedCount.settlements += 1
                continue
            }
            batch.settled.append(item)
            switch item.fate {
            case .acknowledged:
                if item.message.isDelayed {
                    batch.plan.delayedDeletes.append(item.message.id)
                } else {
                    batch.plan.deletes.append(item.message.id)
                }
                batch.plan.count(item.queue.number, messages: -1, bytes: -item.size)
            case .delayed(let due):
                batch.plan.delays.append(
                    WritePlan.Delay(message: item.message, queue: item.queue.number, due: due))
            case .dead(let reason):
                batch.plan.deaths.append(
                    WritePlan.Death(
                        message: item.message, queue: item.queue.number, reason: reason, diedAt: batch.plan.at))
                batch.plan.count(item.queue.number, messages: -1, bytes: -item.size)
            }
        }
    }

    // MARK: What came of it

    private func wrote(_ batch: Batch) {
        if let row = batch.plan.forgottenRow, row == forgottenRow { forgottenRow = nil }
        if !batch.plan.publishIDs.isEmpty {
            let useless = window.insert(batch.plan.publishIDs, row: batch.plan.publishRow, at: batch.plan.at)
            if let useless { forgottenRow = useless }
        }
        for (request, copies) in batch.publishes {
            for copy in copies { stored(copy.message, in: copy.queue) }
            finish(request, nil)
        }
        for (revival, message) in batch.revivals { stored(message, in: revival.queue) }
        var counts = (acknowledged: 0, retried: 0, died: 0)
        for item in batch.settled {
            switch item.fate {
            case .acknowledged:
                item.queue.forget(item.size)
                counts.acknowledged += 1
            case .delayed(let due):
                item.queue.willBeDue(at: due)
                counts.retried += 1
                needsDispatch(item.queue)
            case .dead:
                item.queue.forget(item.size)
                counts.died += 1
            }
        }
        for queue in queues.values { queue.endedWriting(isKept: true) }
        statistics.withLock { statistics in
            statistics.commits += 1
            statistics.stored += batch.plan.inserts.count
            statistics.acknowledged += counts.acknowledged
            statistics.retried += counts.retried
            statistics.died += counts.died
        }
        finishedCount.settlements += batch.settled.count
        finishedCount.revivals += batch.revivals.count
        answerFlushers()
        isRecovering = false
        if isHeldBack, settled.count < Self.settledLimit {
            isHeldBack = false
            for queue in queues.values { needsDispatch(queue) }
        }
        shareBacklogs(stored: batch.plan.inserts.count, isPublishing: !batch.publishes.isEmpty || !publishes.isEmpty)
        // Not in the next turn: consumers that wait have been waiting for this.
        dispatchAll()
    }

    private func stored(_ message: StoredMessage, in queue: QueueState) {
        queue.stored(message)
        needsDispatch(queue)
    }

    /// Nothing was written. Who published is told; what was settled is tried again, and so are revivals.
    private func failed(_ batch: Batch, _ error: any Error) {
        let failure = ServiceError(hiding: error)
        let visible = ServiceError(
            failure.code == .resourceExhausted ? .resourceExhausted : .unavailable,
            "the bus could not store the message: \(failure.message)", retryAfter: .seconds(1))
        undo(batch)
        isRecovering = true
        for (request, _) in batch.publishes { finish(request, visible) }
        settled.prepend(contentsOf: batch.settled)
        revivals.prepend(contentsOf: batch.revivals.map(\.revival))
        for queue in queues.values { queue.endedWriting(isKept: false) }
        // What they wait for may take long now, or never come.
        for flusher in flushers { flusher.continuation.resume() }
        flushers = []
        schedule.notBefore = .now + .milliseconds(500)
        shareBacklogs(stored: 0, isPublishing: false)
        if !settled.isEmpty { schedule.firstSettlement = .now }
    }

    private func undo(_ batch: Batch) {
        for (_, copies) in batch.publishes {
            for copy in copies { copy.queue.unplan(copy.message.data.count) }
        }
        for (revival, message) in batch.revivals { revival.queue.unplan(message.data.count) }
    }

    private func abandon(_ batch: Batch, _ error: any Error) {
        undo(batch)
        for (request, _) in batch.publishes { finish(request, Self.closed) }
        while let request = publishes.popFirst() { finish(request, Self.closed) }
        finishedCount = acceptedCount
        answerFlushers()
    }

    private func finish(_ request: PublishRequest, _ error: ServiceError?) {
        finishedCount.publishes += 1
        guard let completions = accepted.removeValue(forKey: request.identity) else { return }
        for completion in completions { completion(error) }
    }

    private func answerFlushers() {
        guard !flushers.isEmpty else { return }
        let finished = finishedCount
        for flusher in flushers where finished.reaches(flusher.target) { flusher.continuation.resume() }
        flushers.removeAll { finished.reaches($0.target) }
    }
}
