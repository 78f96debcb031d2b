internal import MartletCore
internal import MartletMessaging
internal import MartletRuntime

/// What changes what there is: one at a time, on the loop.
extension BusEngine {
    private func inTurn<Value>(_ body: () async throws -> Value) async throws -> Value {
        await withUnsafeContinuation { administration.take($0) }
        defer { administration.leave() }
        guard !isClosing else { throw Self.closed }
        return try await body()
    }

    // MARK: Topology

    func declare(_ topology: BusTopology) async throws {
        try topology.check()
        try await inTurn {
            for exchange in topology.exchanges { try await declare(exchange: exchange) }
            for queue in topology.queues { _ = try await declare(queue) }
        }
    }

    /// Declares the queue and adds the consumer, with nobody in between.
    func consume(_ queue: Queue, prefetch: Int, sink: any ConsumerSink) async throws -> UInt64 {
        try queue.check()
        guard (1...10_000).contains(prefetch) else {
            throw ServiceError(.invalidArgument, "a consumer's prefetch is 1 to 10000")
        }
        return try await inTurn {
            let state = try await declare(queue)
            guard queue.kind == .shared || state.consumers.isEmpty else {
                throw ServiceError(.failedPrecondition, "the queue \(queue.name) is another consumer's own")
            }
            return addConsumer(to: state, prefetch: prefetch, sink: sink)
        }
    }

    private func declare(exchange: String) async throws {
        guard !exchanges.contains(exchange) else { return }
        guard exchanges.count < configuration.queueCountLimit else {
            throw ServiceError(.resourceExhausted, "the bus has \(exchanges.count) exchanges, and takes no more")
        }
        try await store.insert(exchange: exchange)
        exchanges.insert(exchange)
    }

    private func declare(_ queue: Queue) async throws -> QueueState {
        for binding in queue.bindings { try await declare(exchange: binding.exchange) }
        if let state = queues[queue.name] {
            guard state.kind == queue.kind else {
                throw ServiceError(.failedPrecondition, "the queue \(queue.name) is there and is not \(queue.kind)")
            }
            let isSame =
                state.maximumAttempts == queue.maximumAttempts && state.limits == queue.limits
                && state.bindings.isSuperset(of: queue.bindings)
            if isSame { return state }
            guard state.bindings.union(queue.bindings).count <= 1000 else {
                throw ServiceError(.resourceExhausted, "the queue \(queue.name) has too many bindings")
            }
            try await store.update(state.number, to: queue)
            state.maximumAttempts = queue.maximumAttempts
            state.limits = queue.limits
            state.bindings.formUnion(queue.bindings)
            bindingsChanged()
            return state
        }
        guard queues.count < configuration.queueCountLimit else {
            throw ServiceError(.resourceExhausted, "the bus has \(queues.count) queues, and takes no more")
        }
        let number = try await store.insert(queue)
        let state = QueueState(
            number: number, name: queue.name, kind: queue.kind, maximumAttempts: queue.maximumAttempts,
            limits: queue.limits)
        state.bindings = Set(queue.bindings)
        queues[queue.name] = state
        bindingsChanged()
        return state
    }

    func unbind(_ binding: Binding, from name: String) async throws {
        try await inTurn {
            guard let queue = queues[name], queue.bindings.contains(binding) else { return }
            try await store.delete(binding, of: queue.number)
            queue.bindings.remove(binding)
            bindingsChanged()
        }
    }

    func delete(queue name: String) async throws {
        try await inTurn { try await remove(name) }
    }

    /// A consumer's own queue goes with it; nobody waits for that.
    func removeExclusiveQueue(_ queue: QueueState) async {
        do {
            try await inTurn {
                if queues[queue.name] === queue, queue.consumers.isEmpty { try await remove(queue.name) }
            }
        } catch {
            // What is left of it is deleted when the bus is opened the next time.
            if !isClosing { logger.warning("the queue \(queue.name) was not deleted: \(error)") }
        }
    }

    private func remove(_ name: String) async throws {
        guard let queue = queues.removeValue(forKey: name) else { return }
        queue.isDeleted = true
        bindingsChanged()
        let reason = ServiceError(.notFound, "the queue \(name) was deleted")
        for consumer in queue.consumers {
            consumers[consumer.id] = nil
            consumer.sink.end(reason)
        }
        queue.consumers = []
        // What is being written to it is on disk before it is deleted there.
        _ = await flush(until: .now + .seconds(10))
        try await store.deleteQueue(queue.number)
    }

    // MARK: Looking

    func queueStatus() async throws -> [QueueStatus] {
        let dead = try await store.deadLetterCounts()
        return queues.values.map { queue in
            QueueStatus(
                name: queue.name, kind: queue.kind, messages: queue.messages, bytes: queue.bytes,
                unsettled: queue.consumers.reduce(0) { $0 + $1.unsettled.count },
                deadLetters: dead[queue.number] ?? 0, consumers: queue.consumers.count)
        }.sorted { $0.name < $1.name }
    }

    func deadLetters(of name: String?, after number: Int64, limit: Int) async throws -> [DeadLetter] {
        guard (1...1000).contains(limit) else {
            throw ServiceError(.invalidArgument, "a page of dead letters has 1 to 1000")
        }
        // What was given up on a moment ago is to be seen.
        _ = await flush(until: .now + .seconds(2))
        let queue = try name.map { try queueNumber(of: $0) }
        let names = Dictionary(queues.values.map { ($0.number, $0.name) }) { first, _ in first }
        return try await store.deadLetters(ofQueue: queue, after: number, limit: limit).compactMap { letter in
            guard let name = names[letter.queue] else { return nil }
            return DeadLetter(
                number: letter.number, queue: name, message: try MessageCoding.decode(letter.data),
                attempts: letter.attempts, reason: letter.reason,
                publishedAt: WallTime(nanoseconds: letter.at &* 1_000_000),
                diedAt: WallTime(nanoseconds: letter.diedAt &* 1_000_000))
        }
    }

    private func queueNumber(of name: String) throws -> Int64 {
        guard let queue = queues[name] else { throw ServiceError(.notFound, "the bus has no queue \(name)") }
        return queue.number
    }

    // MARK: Dead letters

    func redrive(_ selection: DeadLetterSelection) async throws -> Int {
        try await inTurn {
            _ = await flush(until: .now + .seconds(10))
            let last = try await store.lastDeadLetter()
            switch selection {
            case .numbers(let numbers):
                var count = 0
                for number in Set(try Self.checked(numbers)).sorted() {
                    count += try await redrive(
                        store.deadLetters(ofQueue: nil, after: number - 1, through: number, limit: 1))
                }
                return count
            case .queue(let name): return try await redriveAll(of: try queueNumber(of: name), through: last)
            case .all: return try await redriveAll(of: nil, through: last)
            }
        }
    }

    private func redriveAll(of queue: Int64?, through last: Int64) async throws -> Int {
        var count = 0
        var place: Int64 = 0
        while true {
            let letters = try await store.deadLetters(ofQueue: queue, after: place, through: last, limit: 256)
            guard let end = letters.last else { return count }
            place = end.number
            count += try await redrive(letters)
        }
    }

    /// Returns when they are messages again, on disk.
    private func redrive(_ letters: [StoredDeadLetter]) async throws -> Int {
        let byNumber = Dictionary(queues.values.map { ($0.number, $0) }) { first, _ in first }
        var count = 0
        for letter in letters {
            guard let queue = byNumber[letter.queue] else { continue }
            if revivals.isEmpty, publishes.isEmpty { schedule.firstPublish = .now }
            revivals.append(Revival(number: letter.number, queue: queue, data: letter.data, at: letter.at))
            acceptedCount.revivals += 1
            count += 1
        }
        considerWriting()
        guard await flush(until: .now + .seconds(30)) else {
            throw ServiceError(.unavailable, "the bus could not write to its store in time")
        }
        return count
    }

    func discard(_ selection: DeadLetterSelection) async throws -> Int {
        try await inTurn {
            _ = await flush(until: .now + .seconds(10))
            switch selection {
            case .numbers(let numbers): return try await store.deleteDeadLetters(numbered: Self.checked(numbers))
            case .queue(let name): return try await store.deleteDeadLetters(ofQueue: queueNumber(of: name))
            case .all: return try await store.deleteDeadLetters(ofQueue: nil)
            }
        }
    }

    private static func checked(_ numbers: [Int64]) throws -> [Int64] {
        guard numbers.count <= 1000, numbers.allSatisfy({ $0 > 0 }) else {
            throw ServiceError(.invalidArgument, "at most 1000 dead letters, by their numbers")
        }
        return numbers
    }
}
