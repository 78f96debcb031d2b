internal import MartletCore
internal import MartletMessaging

extension BusDriverCheck {
    static let routing = [
        BusDriverCheck("a message goes to every queue that is bound to its key, and to each of them once") { bench in
            let info = bench.queue("info", "log.INFO")
            let every = bench.queue("every", "log.INFO", "log.*", "#")
            let errors = bench.queue("errors", "log.ERROR")
            try await bench.declare(info, every, errors)
            try await bench.publish("log.INFO", "one")
            try require(try await bench.take(1, from: info) == ["one"], "the queue of the key")
            try require(try await bench.drain(every) == ["one"], "the queue with three bindings")
            try require(try await bench.drain(errors) == [], "the queue of another key")
        },
        BusDriverCheck("'*' stands for one word, and '#' for any number of them") { bench in
            let one = bench.queue("one", "log.*")
            let any = bench.queue("any", "log.#")
            let rest = bench.queue("rest", "#")
            try await bench.declare(one, any, rest)
            for key in ["log", "log.INFO", "log.INFO.disk", "mail.send"] { try await bench.publish(key, key) }
            try require(try await bench.take(1, from: one) == ["log.INFO"], "log.*")
            try require(try await bench.take(3, from: any) == ["log", "log.INFO", "log.INFO.disk"], "log.#")
            try require(try await bench.take(4, from: rest).count == 4, "#")
            for queue in [one, any, rest] {
                try await bench.wait(until: "empty") { try await bench.status(of: queue).messages == 0 }
            }
        },
        BusDriverCheck("a message that no queue takes is an error, unless the publisher says otherwise") { bench in
            try await bench.bus.declare(BusTopology(exchanges: [bench.exchange]))
            let message = BusMessage(routingKey: "nobody.listens", body: [1])
            let code = try await failure { try await bench.bus.publish(message, to: bench.exchange) }
            try require(code == .failedPrecondition, "\(code)")
            try await bench.bus.publish(message, to: bench.exchange, mandatory: false)
        },
        BusDriverCheck("an unbound queue gets no more, and keeps what it has") { bench in
            let queue = bench.queue("q", "a", "b")
            try await bench.declare(queue)
            try await bench.publish("a", "before")
            try await bench.bus.unbind(Binding("a", of: bench.exchange), from: queue.name)
            let code = try await failure { try await bench.publish("a", "after") }
            try require(code == .failedPrecondition, "\(code)")
            try await bench.publish("b", "still bound")
            let consumer = try await bench.bus.consume(
                Queue(queue.name, bindings: [Binding("b", of: bench.exchange)]), prefetch: 2)
            try require(try await next(consumer).text == "before", "what was there")
            try require(try await next(consumer).text == "still bound", "the other binding")
            await consumer.close()
        },
        BusDriverCheck("a message arrives as it was sent: id, key, type, headers, and any bytes") { bench in
            let queue = bench.queue()
            try await bench.declare(queue)
            let bodies: [[UInt8]] = [
                [], [0, 255, 13, 10, 0], (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 31) },
            ]
            let consumer = try await bench.other.consume(queue, prefetch: 1)
            for body in bodies {
                var message = BusMessage(
                    routingKey: "a.b-c.d_1", contentType: "application/x-test; a=1",
                    headers: ["x-name": "Grüße, 世界", "empty": ""], body: body)
                message.deadline = WallTime(nanoseconds: 4_000_000_000_000_000_000)
                try await bench.bus.publish(message, to: bench.exchange)
                let delivery = try await next(consumer)
                try require(delivery.message == message, "\(delivery.message.headers) is not \(message.headers)")
                try require(delivery.attempt == 1 && delivery.queue == queue.name, "\(delivery.attempt)")
                try require(delivery.message.headers.trace?.traceID == CallContext.current?.trace.traceID, "the trace")
                delivery.acknowledge()
            }
            await consumer.close()
        },
        BusDriverCheck("what no bus takes is refused before anything is sent") { bench in
            let queue = bench.queue()
            try await bench.declare(queue)
            for key in ["", ".", "a.", "a..b", "a b", "log.*", String(repeating: "a", count: 256)] {
                let message = BusMessage(routingKey: key, body: [])
                let code = try await failure { try await bench.bus.publish(message, to: bench.exchange) }
                try require(code == .invalidArgument, "'\(key)': \(code)")
            }
            for pattern in ["", "a.", "a.**", "a#"] {
                let bad = Queue(queue.name, bindings: [Binding(pattern, of: bench.exchange)])
                let code = try await failure { try await bench.declare(bad) }
                try require(code == .invalidArgument, "'\(pattern)': \(code)")
            }
            let code = try await failure {
                try await bench.bus.publish(
                    BusMessage(routingKey: "a", headers: ["a\r\nb": "c"], body: []), to: bench.exchange)
            }
            try require(code == .invalidArgument, "a header with a line end: \(code)")
            try require(try await bench.drain(queue) == [], "nothing was stored")
        },
    ]
}
