// What every driver of Messaging must do, whatever the engine: checks that a driver's tests run against a bus they open.
//
// No test library is used here, so that the checks can be run from anywhere; a check that fails throws.

internal import MartletCore
public import MartletMessaging

/// One statement about a driver.
public struct BusDriverCheck: Sendable, CustomStringConvertible {
    public let description: String
    private let body: @Sendable (BusCheckBench) async throws -> Void

    init(_ description: String, _ body: @escaping @Sendable (BusCheckBench) async throws -> Void) {
        self.description = description
        self.body = body
    }

    /// - Parameters:
    ///   - bus: what is tried. It may be in use by others: every name is new.
    ///   - other: the same bus by another connection, where the driver has such.
    public func run(on bus: any MessageBus, and other: any MessageBus) async throws {
        // Whatever a check waits for must not take for ever.
        let bench = BusCheckBench(bus: bus, other: other)
        let context = CallContext(trace: .root(isSampled: false), deadline: .now + .seconds(30))
        try await CallContext.$current.withValue(context) { try await body(bench) }
    }

    public static let all = routing + settling + sharing + deadLetters + publishing
}

/// Why a check did not hold.
public struct BusDriverCheckFailure: Error, CustomStringConvertible {
    public let description: String
}

func require(_ condition: Bool, _ what: @autoclosure () -> String, line: Int = #line) throws {
    guard condition else { throw BusDriverCheckFailure(description: "line \(line): \(what())") }
}

/// The code of the ``ServiceError`` that `body` throws.
func failure(line: Int = #line, _ body: () async throws -> Void) async throws -> ServiceError.Code {
    do {
        try await body()
    } catch let error as ServiceError {
        try require(error.message.count > 10, "an error without a text: \(error)", line: line)
        return error.code
    }
    throw BusDriverCheckFailure(description: "line \(line): no error was thrown")
}

/// A bus, and names on it that nobody else has.
struct BusCheckBench: Sendable {
    let bus: any MessageBus
    let other: any MessageBus
    let exchange = "check-" + BusMessage.newID()

    /// A queue of this check's own exchange.
    func queue(
        _ name: String = "q", _ patterns: String..., attempts: Int = 10, limits: Queue.Limits = Queue.Limits()
    ) -> Queue {
        Queue(
            "\(exchange).\(name)", bindings: (patterns.isEmpty ? ["#"] : patterns).map { Binding($0, of: exchange) },
            maximumAttempts: attempts, limits: limits)
    }

    func declare(_ queues: Queue...) async throws { try await bus.declare(BusTopology(queues: queues)) }

    func publish(_ key: String, _ body: String, id: String = BusMessage.newID()) async throws {
        try await bus.publish(BusMessage(id: id, routingKey: key, body: Array(body.utf8)), to: exchange)
    }

    /// As many messages as are expected, acknowledged; waits for them.
    func take(_ count: Int, from queue: Queue) async throws -> [String] {
        let consumer = try await bus.consume(queue, prefetch: max(1, count))
        var bodies: [String] = []
        while bodies.count < count, let delivery = try await consumer.next() {
            bodies.append(delivery.text)
            delivery.acknowledge()
        }
        await consumer.close()
        return bodies
    }

    /// All that is in the queue, by what comes before a message published last.
    func drain(_ queue: Queue) async throws -> [String] {
        let end = "end-" + BusMessage.newID()
        let pattern = queue.bindings.first?.pattern ?? "#"
        let key = pattern.split(separator: ".").map { $0 == "#" || $0 == "*" ? "end" : String($0) }
        try await publish(key.joined(separator: "."), end)
        let consumer = try await bus.consume(queue, prefetch: 100)
        var bodies: [String] = []
        while let delivery = try await consumer.next() {
            delivery.acknowledge()
            if delivery.text == end { break }
            bodies.append(delivery.text)
        }
        await consumer.close()
        return bodies
    }

    func status(of queue: Queue) async throws -> QueueStatus {
        let found = try await bus.queues().first { $0.name == queue.name }
        guard let found else { throw BusDriverCheckFailure(description: "the queue \(queue.name) is not listed") }
        return found
    }

    /// Lets the bus do what it has been told to: until `condition` holds.
    func wait(until what: String, line: Int = #line, _ condition: () async throws -> Bool) async throws {
        for _ in 0..<2000 {
            if try await condition() { return }
            try await Task.sleep(for: .milliseconds(5))
        }
        throw BusDriverCheckFailure(description: "line \(line): never \(what)")
    }
}

extension Delivery {
    var text: String { String(decoding: message.body, as: UTF8.self) }
}

/// The next delivery, which must come.
func next(_ consumer: any MessageConsumer, line: Int = #line) async throws -> Delivery {
    guard let delivery = try await consumer.next() else {
        throw BusDriverCheckFailure(description: "line \(line): the consumer has ended")
    }
    return delivery
}
