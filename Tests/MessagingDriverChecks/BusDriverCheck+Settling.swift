internal import MartletCore
internal import MartletMessaging

extension BusDriverCheck {
    static let settling = [
        BusDriverCheck("what is acknowledged is forgotten, and what waits is counted") { bench in
            let queue = bench.queue()
            try await bench.declare(queue)
            for number in 0..<5 { try await bench.publish("a", "\(number)") }
            try require(try await bench.status(of: queue).messages == 5, "five wait")
            let consumer = try await bench.bus.consume(queue, prefetch: 10)
            for number in 0..<5 {
                let delivery = try await next(consumer)
                try require(delivery.text == "\(number)", "in order: \(delivery.text)")
                if number < 3 { delivery.acknowledge() }
            }
            try await bench.wait(until: "counted") { try await bench.status(of: queue).messages == 2 }
            try require(try await bench.status(of: queue).unsettled == 2, "two are in hand")
            await consumer.close()
            try require(try await bench.status(of: queue).unsettled == 0, "none is in hand")
            try require(try await bench.take(2, from: queue) == ["3", "4"], "they came back, in order")
        },
        BusDriverCheck("what failed comes again later, and those behind it go first") { bench in
            let queue = bench.queue()
            try await bench.declare(queue)
            let consumer = try await bench.bus.consume(queue, prefetch: 1)
            try await bench.publish("a", "fails")
            let first = try await next(consumer)
            first.retry(after: .milliseconds(300), reason: "a test")
            try await bench.publish("a", "works")
            let second = try await next(consumer)
            try require(second.text == "works" && second.attempt == 1, "\(second.text)")
            second.acknowledge()
            let again = try await next(consumer)
            try require(again.text == "fails" && again.attempt == 2, "\(again.text), attempt \(again.attempt)")
            try require(again.message.id == first.message.id, "the same message")
            again.retry(reason: "once more")
            let last = try await next(consumer)
            try require(last.text == "fails" && last.attempt == 3, "\(last.text), attempt \(last.attempt)")
            last.acknowledge()
            await consumer.close()
            try require(try await bench.status(of: queue).messages == 0, "nothing is left")
        },
        BusDriverCheck("what is given back comes again as if it had not been delivered") { bench in
            let queue = bench.queue()
            try await bench.declare(queue)
            let consumer = try await bench.bus.consume(queue, prefetch: 1)
            try await bench.publish("a", "one")
            for _ in 0..<20 {
                let delivery = try await next(consumer)
                try require(delivery.attempt == 1, "attempt \(delivery.attempt)")
                delivery.release()
            }
            try await next(consumer).acknowledge()
            await consumer.close()
            try require(try await bench.status(of: queue).messages == 0, "nothing is left")
        },
        BusDriverCheck("a second settlement has no effect") { bench in
            let queue = bench.queue()
            try await bench.declare(queue)
            let consumer = try await bench.bus.consume(queue, prefetch: 2)
            try await bench.publish("a", "one")
            let delivery = try await next(consumer)
            delivery.acknowledge()
            delivery.retry(reason: "changed my mind")
            delivery.acknowledge()
            await consumer.close()
            try require(try await bench.drain(queue) == [], "it is gone")
        },
        BusDriverCheck("no more is delivered than the prefetch allows, until something is settled") { bench in
            let queue = bench.queue()
            try await bench.declare(queue)
            for number in 0..<6 { try await bench.publish("a", "\(number)") }
            let narrow = try await bench.bus.consume(queue, prefetch: 2)
            let held = [try await next(narrow), try await next(narrow)]
            // Whoever comes later gets the rest: the first has none of it in store.
            try require(try await bench.take(4, from: queue) == ["2", "3", "4", "5"], "the rest")
            for delivery in held { delivery.acknowledge() }
            try await bench.publish("a", "6")
            try require(try await next(narrow).text == "6", "there is room again")
            await narrow.close()
        },
        BusDriverCheck("a consumer that stops ends its tasks, and what it has in hand can be settled") { bench in
            let queue = bench.queue()
            try await bench.declare(queue)
            for number in 0..<4 { try await bench.publish("a", "\(number)") }
            let consumer = try await bench.bus.consume(queue, prefetch: 4)
            let delivery = try await next(consumer)
            try await withThrowingTaskGroup(of: Bool.self) { group in
                group.addTask {
                    while let taken = try await consumer.next() { taken.acknowledge() }
                    return true
                }
                consumer.stop()
                try require(try await group.next() == true, "the task has ended")
            }
            try require(try await consumer.next() == nil, "there is no next")
            delivery.acknowledge()
            await consumer.close()
            let rest = try await bench.drain(queue)
            try require(!rest.contains("0"), "what was in hand was acknowledged: \(rest)")
        },
        BusDriverCheck("a task that is cancelled while it waits gets nothing, and loses nothing") { bench in
            let queue = bench.queue()
            try await bench.declare(queue)
            let consumer = try await bench.bus.consume(queue, prefetch: 1)
            await withTaskGroup(of: Void.self) { group in
                group.addTask { _ = try? await consumer.next() }
                group.cancelAll()
            }
            try await bench.publish("a", "one")
            let delivery = try await next(consumer)
            try require(delivery.text == "one" && delivery.attempt == 1, "\(delivery.text)")
            delivery.acknowledge()
            await consumer.close()
        },
    ]
}
