import MartletCore
import MartletEmbeddedBus
import MartletMessaging
import MartletSQLite
import PowerCutChecks
import Testing

@Suite("The bus and a power cut", .timeLimit(.minutes(3)))
struct PowerCutTests {
    static let queue = Queue("q", bindings: [Binding("#", of: "e")], maximumAttempts: 3)

    private struct NotOnDisk: Error {}

    /// Deliveries, until there are enough or the power has gone: a consumer waits for a disk to come back for ever.
    private func take(_ count: Int, from consumer: any MessageConsumer, _ disk: SimulatedDisk) async throws
        -> [Delivery]
    {
        let taken = Locked<[Delivery]>([])
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                while taken.withLock({ $0.count }) < count, let delivery = try? await consumer.next() {
                    taken.withLock { $0.append(delivery) }
                }
            }
            group.addTask {
                while !disk.isOff, !Task.isCancelled { try? await Task.sleep(for: .milliseconds(2)) }
            }
            await group.next()
            group.cancelAll()
        }
        guard taken.withLock({ $0.count }) == count else { throw NotOnDisk() }
        return taken.withLock { $0 }
    }

    private func publish(_ keys: [String], to bus: EmbeddedBus, _ disk: SimulatedDisk, _ ledger: Ledger) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (number, key) in keys.enumerated() {
                let size = number % 5 == 4 ? 6000 : 60
                group.addTask {
                    try await disk.untilCut {
                        try await ledger.add(key) {
                            try await bus.publish(
                                BusMessage(id: key, routingKey: "a", body: Array(repeating: 1, count: size)), to: "e")
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    /// Of those that wait: a third is acknowledged, others fail, are rejected, or are given back.
    private func consume(_ bus: EmbeddedBus, _ disk: SimulatedDisk, _ ledger: Ledger) async throws {
        let waiting = try await bus.queues().first?.messages ?? 0
        let consumer = try await bus.consume(Self.queue, prefetch: 100)
        let deliveries: [Delivery]
        do {
            deliveries = try await take(waiting, from: consumer, disk)
        } catch {
            await consumer.close()
            throw error
        }
        let done = deliveries.enumerated().filter { $0.offset % 3 == 0 }.map(\.element.message.id)
        try await ledger.remove(done, isOne: false) {
            let before = bus.statistics.acknowledged
            for (number, delivery) in deliveries.enumerated() {
                switch number % 6 {
                case 0, 3: delivery.acknowledge()
                case 1: delivery.retry(after: .milliseconds(1), reason: "the test wants it again")
                case 2: delivery.reject(reason: "the test does not want it")
                default: delivery.release()
                }
            }
            await consumer.close()
            guard bus.statistics.acknowledged - before == done.count else { throw NotOnDisk() }
        }
    }

    private func keys(on disk: SimulatedDisk) async throws -> [String] {
        try await disk.withDatabase { database in
            let bus = try await EmbeddedBus.open(on: database)
            do {
                let problems = try await bus.problems()
                guard problems.isEmpty else { throw ServiceError(.dataLoss, problems.joined(separator: "; ")) }
                var keys = try await bus.deadLetters(of: nil, after: 0, limit: 1000).map(\.message.id)
                let waiting = try await bus.queues().first?.messages ?? 0
                let consumer = try await bus.consume(Self.queue, prefetch: 1000)
                do {
                    keys += try await take(waiting, from: consumer, disk).map(\.message.id)
                } catch {
                    await consumer.close()
                    throw error
                }
                await consumer.close()
                await bus.close()
                return keys
            } catch {
                await bus.close()
                throw error
            }
        }
    }

    @Test("every publish that was answered is there, once; what was acknowledged does not come back")
    func everyAnswer() async throws {
        let report = try await PowerCut.everyCut { disk, ledger in
            for start in 0..<2 {
                try await disk.withDatabase { database in
                    let bus = try await EmbeddedBus.open(on: database)
                    do {
                        try await bus.declare(BusTopology(queues: [Self.queue]))
                        let first = (0..<10).map { "\(start).first.\($0)" }
                        try await publish(first, to: bus, disk, ledger)
                        try await consume(bus, disk, ledger)
                        if start == 0 { try disk.checkpoint() }
                        try await publish((0..<6).map { "\(start).second.\($0)" }, to: bus, disk, ledger)
                        // A repeat, also of what is gone by now: it changes nothing.
                        for key in first {
                            try await bus.publish(BusMessage(id: key, routingKey: "a", body: []), to: "e")
                        }
                        if start == 1 { _ = try await bus.redrive(.all) }
                    } catch {
                        await bus.close()
                        throw error
                    }
                    await bus.close()
                }
            }
        } audit: {
            try await keys(on: $0)
        }
        #expect(report.problems.isEmpty, "\(report)")
        #expect(report.cuts >= 50 && report.answers > report.cuts, "\(report)")
    }
}
