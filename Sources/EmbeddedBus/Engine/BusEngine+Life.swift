internal import MartletCore
internal import MartletMessaging
internal import MartletRuntime

extension BusEngine {
    /// On the loop: reads what there is, and begins. Nothing is gone through that grows with the messages.
    func open() async throws {
        exchanges = Set(try await store.exchanges())
        try await countInterrupted()
        for stored in try await store.queues() {
            // Its consumer went with the process that had it.
            if stored.kind == .exclusive {
                try await store.deleteQueue(stored.number)
                continue
            }
            let queue = QueueState(
                number: stored.number, name: stored.name, kind: stored.kind, maximumAttempts: stored.maximumAttempts,
                limits: stored.limits, messages: stored.messages, bytes: stored.bytes, lastID: stored.lastID)
            queue.bindings = stored.bindings
            queue.nextDue = stored.nextDue
            queues[stored.name] = queue
        }
        var row: Int64 = 0
        while case let page = try await store.publishes(after: row), let last = page.last {
            for entry in page { _ = window.insert(entry.ids, row: entry.row, at: entry.at) }
            row = last.row
        }
        nextPublishRow = row + 1
        tasks = [
            Task(executorPreference: loop) { await self.runWriter() },
            Task(executorPreference: loop) { await self.runReader() },
            Task(executorPreference: loop) { await self.runJanitor() },
        ]
    }

    /// What was being handled when the owner before died counts as tried: one of them may be what killed it. From here on
    /// the same is known of this owner.
    private func countInterrupted() async throws {
        guard let path = store.journalPath else { return }
        let begun = HandoverJournal.begunDeliveries(at: path)
        if !begun.isEmpty {
            let counted = try await store.count(interrupted: begun, at: Self.now)
            logger.notice(
                "the bus's last owner died while messages were being handled: \(counted.again) come again, "
                    + "\(counted.died) were given up on")
        }
        do {
            journal = try HandoverJournal(replacing: path)
        } catch {
            logger.warning("attempts that end with the death of this process will not be counted: \(error)")
        }
    }

    /// On the loop. Ends the consumers, writes what was accepted, and closes the store.
    func close() async {
        isClosing = true
        let reason = Self.closed
        for consumer in consumers.values { consumer.sink.end(reason) }
        consumers = [:]
        for queue in queues.values { queue.consumers = [] }
        considerWriting()
        wakeReader()
        let ending = tasks
        tasks = []
        // The writer first, uncancelled: what was accepted is owed.
        await ending.first?.value
        for task in ending.dropFirst() { task.cancel() }
        for task in ending.dropFirst() { await task.value }
        cancelTimers()
        journal?.remove()
        await store.close()
    }

    /// Keeps the dead letters within their limits.
    private func runJanitor() async {
        while !Task.isCancelled {
            do {
                let oldest = Self.now - configuration.deadLetterAge.wholeNanoseconds / 1_000_000
                let pruned = try await store.pruneDeadLetters(
                    diedBefore: oldest, count: configuration.deadLetterCount, bytes: configuration.deadLetterBytes)
                if pruned > 0 { logger.warning("forgot \(pruned) dead letters: there were too many, or too old ones") }
                try await EventLoop.sleep(for: .seconds(60))
            } catch {
                if Task.isCancelled { return }
                logger.warning("dead letters were not pruned: \(error)")
                try? await EventLoop.sleep(for: .seconds(60))
            }
        }
    }
}
