import MartletCore
import MartletEmbeddedBus
import MartletMessaging
import MartletSQLite
import Testing

@Suite("A queue with a backlog", .timeLimit(.minutes(1)))
struct BacklogTests {
    static let queue = Queue("q", bindings: [Binding("#", of: "e")])

    @Test("is given away in order while others publish, also to a consumer that settles nothing before it has its fill")
    func backlog() async throws {
        let bus = try await EmbeddedBus.open(.memory)
        try await bus.declare(BusTopology(queues: [Self.queue]))
        func publish(_ numbers: Range<Int>) async throws {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in numbers {
                    group.addTask {
                        try await bus.publish(
                            BusMessage(id: "\(number)", routingKey: "a", body: Array(repeating: 0, count: 100)), to: "e"
                        )
                    }
                }
                try await group.waitForAll()
            }
        }
        try await publish(0..<3000)
        try await withThrowingTaskGroup(of: Void.self) { group in
            // One after the other, until everything is taken.
            let isOver = Locked(false)
            group.addTask {
                var number = 10_000
                while !isOver.withLock({ $0 }) {
                    try await publish(number..<number + 1)
                    number += 1
                }
            }
            let consumer = try await bus.consume(Self.queue, prefetch: 1000)
            var seen: Set<String> = []
            for _ in 0..<3 {
                var held: [Delivery] = []
                while held.count < 1000 { held.append(try #require(try await consumer.next())) }
                for delivery in held {
                    seen.insert(delivery.message.id)
                    delivery.acknowledge()
                }
            }
            isOver.withLock { $0 = true }
            #expect((0..<3000).allSatisfy { seen.contains("\($0)") })
            await consumer.close()
            try await group.waitForAll()
        }
        #expect(try await bus.problems().isEmpty)
        await bus.close()
    }
}
