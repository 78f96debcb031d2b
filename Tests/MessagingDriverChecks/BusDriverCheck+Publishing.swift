internal import MartletCore
internal import MartletMessaging

extension BusDriverCheck {
    static let publishing = [
        BusDriverCheck("a publish that is repeated is stored once, one after the other and at once") { bench in
            let queue = bench.queue()
            try await bench.declare(queue)
            let id = BusMessage.newID()
            for _ in 0..<3 { try await bench.publish("a", "one", id: id) }
            try await bench.other.publish(BusMessage(id: id, routingKey: "a", body: [1]), to: bench.exchange)
            let second = BusMessage.newID()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<10 { group.addTask { try await bench.publish("a", "two", id: second) } }
                try await group.waitForAll()
            }
            try require(try await bench.drain(queue) == ["one", "two"], "each of them once")
            // Its message is gone from the queue; the repeat is known all the same.
            try await bench.publish("a", "one", id: id)
            try require(try await bench.drain(queue) == [], "nothing new")
        },
        BusDriverCheck("many publishers at once lose nothing and double nothing") { bench in
            let queue = bench.queue()
            try await bench.declare(queue)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for publisher in 0..<16 {
                    group.addTask {
                        let bus = publisher % 2 == 0 ? bench.bus : bench.other
                        for number in 0..<20 {
                            try await bus.publish(
                                BusMessage(routingKey: "a", body: Array("\(publisher)-\(number)".utf8)),
                                to: bench.exchange)
                        }
                    }
                }
                try await group.waitForAll()
            }
            let bodies = try await bench.take(320, from: queue)
            try require(Set(bodies).count == 320, "\(Set(bodies).count)")
            // One publisher's messages are in the order in which it published them.
            let first = bodies.filter { $0.hasPrefix("7-") }
            try require(first == (0..<20).map { "7-\($0)" }, "\(first)")
        },
        BusDriverCheck("a full queue is an error for the publisher, and takes more when there is room") { bench in
            let queue = bench.queue("full", "full", limits: Queue.Limits(messages: 3))
            let roomy = bench.queue("roomy", "full")
            try await bench.declare(queue, roomy)
            for number in 0..<3 { try await bench.publish("full", "\(number)") }
            let code = try await failure { try await bench.publish("full", "3") }
            try require(code == .resourceExhausted, "\(code)")
            try require(try await bench.status(of: roomy).messages == 3, "all queues or none")
            try require(try await bench.take(1, from: queue) == ["0"], "the first")
            try await bench.publish("full", "4")
            try require(try await bench.take(3, from: queue) == ["1", "2", "4"], "what was taken")
        },
        BusDriverCheck("a queue's limit of bytes holds as well") { bench in
            let queue = bench.queue("full", "full", limits: Queue.Limits(bytes: 10_000))
            try await bench.declare(queue)
            let large = String(repeating: "x", count: 4000)
            try await bench.publish("full", large)
            try await bench.publish("full", large)
            let code = try await failure { try await bench.publish("full", large) }
            try require(code == .resourceExhausted, "\(code)")
        },
        BusDriverCheck("a publish whose deadline has passed stores nothing") { bench in
            let queue = bench.queue()
            try await bench.declare(queue)
            let late = CallContext(trace: .root(isSampled: false), deadline: MonotonicTime(nanoseconds: 1))
            let code = try await failure {
                try await CallContext.$current.withValue(late) { try await bench.publish("a", "late") }
            }
            try require(code == .deadlineExceeded, "\(code)")
            try require(try await bench.drain(queue) == [], "nothing was stored")
        },
    ]
}
