internal import MartletCore
internal import MartletMessaging

extension BusDriverCheck {
    static let sharing = [
        BusDriverCheck("consumers of one queue share it: each message goes to one of them") { bench in
            let queue = bench.queue()
            try await bench.declare(queue)
            let consumers = [
                try await bench.bus.consume(queue, prefetch: 3), try await bench.other.consume(queue, prefetch: 3),
            ]
            let count = 60
            let taken = Locked<[String]>([])
            try await withThrowingTaskGroup(of: Void.self) { group in
                for consumer in consumers {
                    group.addTask {
                        while let delivery = try await consumer.next() {
                            let all = taken.withLock { taken in
                                taken.append(delivery.text)
                                return taken.count
                            }
                            delivery.acknowledge()
                            if all == count { for consumer in consumers { consumer.stop() } }
                        }
                    }
                }
                for number in 0..<count { try await bench.publish("a", "\(number)") }
                try await group.waitForAll()
            }
            for consumer in consumers { await consumer.close() }
            try require(Set(taken.withLock { $0 }).count == count, "\(taken.withLock { $0 })")
            try require(try await bench.status(of: queue).messages == 0, "nothing is left")
        },
        BusDriverCheck("what a consumer held when it closed goes to another") { bench in
            let queue = bench.queue()
            try await bench.declare(queue)
            for number in 0..<4 { try await bench.publish("a", "\(number)") }
            let leaving = try await bench.other.consume(queue, prefetch: 4)
            let first = try await next(leaving)
            _ = try await next(leaving)
            first.acknowledge()
            await leaving.close()
            try require(try await bench.take(3, from: queue) == ["1", "2", "3"], "the three that were not settled")
        },
        BusDriverCheck("a queue keeps its messages while nobody consumes") { bench in
            let queue = bench.queue()
            try await bench.declare(queue)
            for number in 0..<300 { try await bench.publish("a", "\(number)") }
            try require(try await bench.status(of: queue).messages == 300, "all wait")
            try require(try await bench.take(300, from: queue) == (0..<300).map { "\($0)" }, "in order")
        },
        BusDriverCheck("an exclusive queue gets everything too, and goes with its consumer") { bench in
            let shared = bench.queue()
            try await bench.declare(shared)
            let own = Queue.exclusive("own", bindings: [Binding("#", of: bench.exchange)])
            let consumer = try await bench.other.consume(own, prefetch: 10)
            try await bench.publish("a", "one")
            try require(try await next(consumer).text == "one", "its own copy")
            try require(try await bench.take(1, from: shared) == ["one"], "the shared queue's copy")
            await consumer.close()
            try await bench.wait(until: "deleted") { try await !bench.bus.queues().contains { $0.name == own.name } }
            try await bench.publish("a", "two")
        },
        BusDriverCheck("to declare a queue again changes nothing; as another kind is refused") { bench in
            let queue = bench.queue()
            try await bench.declare(queue)
            try await bench.publish("a", "one")
            try await bench.other.declare(BusTopology(exchanges: [bench.exchange], queues: [queue]))
            try require(try await bench.status(of: queue).messages == 1, "the message is still there")
            let code = try await failure {
                _ = try await bench.other.consume(
                    Queue(queue.name, kind: .exclusive, bindings: queue.bindings), prefetch: 1)
            }
            try require(code == .failedPrecondition, "\(code)")
        },
        BusDriverCheck("a queue that is deleted ends its consumers") { bench in
            let queue = bench.queue()
            try await bench.declare(queue)
            try await bench.publish("a", "one")
            let consumer = try await bench.other.consume(queue, prefetch: 1)
            _ = try await next(consumer)
            try await bench.bus.delete(queue: queue.name)
            let code = try await failure { _ = try await consumer.next() }
            try require(code == .notFound, "\(code)")
            await consumer.close()
            try require(try await !bench.bus.queues().contains { $0.name == queue.name }, "it is not listed")
            try await bench.declare(queue)
            try require(try await bench.drain(queue) == [], "a new one of that name is empty")
        },
    ]
}
