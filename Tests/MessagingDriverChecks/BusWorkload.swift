internal import MartletCore
public import MartletMessaging

/// Work for a bus that may be cut off at any moment, and the audit of what is there afterwards: for tests that cut the
/// power, fill the disk or kill the process.
///
///     let workload = BusWorkload()
///     try? await workload.run(on: bus)            // until it is done, or the bus fails
///     let problems = try await workload.audit(reopened)
///
/// The audit knows what was confirmed: each such message must be there exactly once, waiting or as a dead letter, unless
/// its consumer acknowledged it. What was not confirmed may be there or not, once at most; what nobody published may not.
public final class BusWorkload: Sendable {
    private struct Record {
        var attempted: Set<String> = []
        var confirmed: Set<String> = []
        /// Its consumer was done with it; whether the bus knows is open.
        var acknowledged: Set<String> = []
    }

    private let record = Locked(Record())
    private let queue: Queue
    private let exchange = "workload"
    private let messages: Int
    private let publishers: Int

    public init(messages: Int = 300, publishers: Int = 8) {
        self.messages = messages
        self.publishers = max(1, publishers)
        queue = Queue("workload", bindings: [Binding("work.*", of: exchange)], maximumAttempts: 3)
    }

    public var confirmed: Int { record.withLock { $0.confirmed.count } }

    /// Publishes from several tasks and consumes meanwhile; of the messages some are acknowledged, some fail and come
    /// again, some are rejected, and some left alone. Returns when all are published.
    /// - Throws: what the bus throws first.
    public func run(on bus: any MessageBus) async throws {
        try await bus.declare(BusTopology(queues: [queue]))
        let consumer = try await bus.consume(queue, prefetch: 32)
        let result: Result<Void, any Error> = await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.consume(consumer) }
            let result: Result<Void, any Error>
            do {
                try await publishAll(on: bus)
                result = .success(())
            } catch {
                result = .failure(error)
            }
            consumer.stop()
            return result
        }
        await consumer.close()
        try result.get()
    }

    private func publishAll(on bus: any MessageBus) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for publisher in 0..<publishers {
                group.addTask { [self] in
                    for number in stride(from: publisher, to: messages, by: publishers) {
                        let id = "message-\(number)"
                        _ = record.withLock { $0.attempted.insert(id) }
                        let message = BusMessage(id: id, routingKey: "work.\(number % 3)", body: Array(id.utf8))
                        try await bus.publish(message, to: exchange)
                        _ = record.withLock { $0.confirmed.insert(id) }
                        // A repeat, as of a publisher that did not hear the answer.
                        if number % 7 == 0 { try await bus.publish(message, to: exchange) }
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    private func consume(_ consumer: any MessageConsumer) async {
        // The bus's end is the consumer's.
        while let delivery = try? await consumer.next() {
            let id = delivery.message.id
            switch id.utf8.reduce(0, { ($0 &* 31 &+ Int($1)) & 0xFFFF }) % 5 {
            case 0, 1:
                _ = record.withLock { $0.acknowledged.insert(id) }
                delivery.acknowledge()
            case 2: delivery.retry(after: .milliseconds(2), reason: "the workload wants it again")
            case 3: delivery.reject(reason: "the workload does not want it")
            default: delivery.release()
            }
        }
    }

    /// Empties the bus, which has been opened again, and says what is wrong; empty when nothing is.
    public func audit(_ bus: any MessageBus) async throws -> [String] {
        try await bus.declare(BusTopology(queues: [queue]))
        var ids: [String] = []
        let consumer = try await bus.consume(queue, prefetch: 100)
        // Not counted beforehand: a message that has had its attempts becomes a dead letter when its turn comes.
        let taken = await withTaskGroup(of: [String].self) { group in
            group.addTask {
                var taken: [String] = []
                while let delivery = try? await consumer.next() {
                    taken.append(delivery.message.id)
                    delivery.acknowledge()
                }
                return taken
            }
            let end = MonotonicTime.now + .seconds(30)
            while await !isEmpty(bus), end > .now { try? await Task.sleep(for: .milliseconds(2)) }
            consumer.stop()
            return await group.reduce(into: []) { $0 += $1 }
        }
        ids += taken
        await consumer.close()
        while case let letters = try await bus.deadLetters(of: queue.name, after: 0, limit: 100), !letters.isEmpty {
            ids += letters.map(\.message.id)
            _ = try await bus.discard(.numbers(letters.map(\.number)))
        }
        let found = Dictionary(grouping: ids) { $0 }.mapValues(\.count)
        var problems: [String] = []
        let left = try await bus.queues().first { $0.name == queue.name }
        if let left, left.messages > 0 { problems.append("\(left.messages) messages are left over") }
        let record = record.withLock { $0 }
        for (id, count) in found {
            if count > 1 { problems.append("\(id) is there \(count) times") }
            if !record.attempted.contains(id) { problems.append("\(id) was never published") }
        }
        for id in record.confirmed where found[id] == nil && !record.acknowledged.contains(id) {
            problems.append("\(id) was confirmed and is lost")
        }
        return problems
    }

    private func isEmpty(_ bus: any MessageBus) async -> Bool {
        guard let queues = try? await bus.queues() else { return true }
        return queues.first { $0.name == queue.name }.map { $0.messages == 0 } ?? true
    }
}
