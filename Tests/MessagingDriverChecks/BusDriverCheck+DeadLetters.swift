internal import MartletCore
internal import MartletMessaging

extension BusDriverCheck {
    static let deadLetters = [
        BusDriverCheck("a rejected message is a dead letter at once, with the reason") { bench in
            let queue = bench.queue()
            try await bench.declare(queue)
            let message = BusMessage(routingKey: "a", headers: ["x": "y"], body: [1, 2, 3])
            try await bench.bus.publish(message, to: bench.exchange)
            let consumer = try await bench.other.consume(queue, prefetch: 1)
            try await next(consumer).reject(reason: "it is bad")
            await consumer.close()
            let letters = try await bench.bus.deadLetters(of: queue.name, after: 0, limit: 10)
            try require(letters.count == 1, "\(letters)")
            try require(letters.first?.message == message && letters.first?.queue == queue.name, "\(letters)")
            try require(letters.first?.reason == "it is bad" && letters.first?.attempts == 1, "\(letters)")
            let status = try await bench.status(of: queue)
            try require(status.messages == 0 && status.deadLetters == 1, "\(status)")
        },
        BusDriverCheck("a message is given up on after its queue's attempts") { bench in
            let queue = bench.queue(attempts: 3)
            try await bench.declare(queue)
            try await bench.publish("a", "hopeless")
            let consumer = try await bench.bus.consume(queue, prefetch: 1)
            for attempt in 1...3 {
                let delivery = try await next(consumer)
                try require(delivery.attempt == attempt, "\(delivery.attempt)")
                delivery.retry(reason: "failure \(attempt)")
            }
            try await bench.publish("a", "fine")
            try require(try await next(consumer).text == "fine", "the next one")
            let letters = try await bench.bus.deadLetters(of: queue.name, after: 0, limit: 10)
            try require(letters.count == 1 && letters.first?.attempts == 3, "\(letters)")
            try require(letters.first?.reason.contains("failure 3") == true, "\(letters)")
            await consumer.close()
        },
        BusDriverCheck("dead letters are listed page by page, and go back into their queue once") { bench in
            let queue = bench.queue()
            try await bench.declare(queue)
            let consumer = try await bench.bus.consume(queue, prefetch: 5)
            for number in 0..<5 { try await bench.publish("a", "\(number)") }
            for number in 0..<5 { try await next(consumer).reject(reason: "\(number)") }
            await consumer.close()
            var listed: [DeadLetter] = []
            while case let page = try await bench.bus.deadLetters(
                of: queue.name, after: listed.last?.number ?? 0, limit: 2), !page.isEmpty
            {
                try require(page.count <= 2, "a page of \(page.count)")
                listed += page
            }
            try require(listed.map(\.reason) == ["0", "1", "2", "3", "4"], "\(listed.map(\.reason))")
            let two = Array(listed.map(\.number)[1...2])
            try require(try await bench.other.redrive(.numbers(two)) == 2, "two of them")
            try require(try await bench.other.redrive(.numbers(two)) == 0, "they were put back already")
            let again = try await bench.bus.consume(queue, prefetch: 5)
            for text in ["1", "2"] {
                let delivery = try await next(again)
                try require(delivery.text == text && delivery.attempt == 1, "\(delivery.text) \(delivery.attempt)")
                delivery.acknowledge()
            }
            try require(try await bench.bus.redrive(.queue(queue.name)) == 3, "the rest")
            for text in ["0", "3", "4"] {
                let delivery = try await next(again)
                try require(delivery.text == text, delivery.text)
                delivery.acknowledge()
            }
            await again.close()
            let status = try await bench.status(of: queue)
            try require(status.messages == 0 && status.deadLetters == 0, "\(status)")
        },
        BusDriverCheck("dead letters can be discarded, some or all of a queue's") { bench in
            let queue = bench.queue()
            try await bench.declare(queue)
            let consumer = try await bench.bus.consume(queue, prefetch: 3)
            for _ in 0..<3 { try await bench.publish("a", "x") }
            for _ in 0..<3 { try await next(consumer).reject(reason: "bad") }
            await consumer.close()
            let letters = try await bench.bus.deadLetters(of: queue.name, after: 0, limit: 10)
            guard let first = letters.first else { throw BusDriverCheckFailure(description: "no dead letters") }
            try require(try await bench.bus.discard(.numbers([first.number])) == 1, "one")
            try require(try await bench.bus.discard(.numbers([first.number])) == 0, "it is gone")
            try require(try await bench.bus.discard(.queue(queue.name)) == 2, "the rest")
            try require(try await bench.bus.deadLetters(of: queue.name, after: 0, limit: 10).isEmpty, "none is left")
        },
    ]
}
