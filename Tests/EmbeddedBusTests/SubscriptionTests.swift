import MartletCore
import MartletEmbeddedBus
import MartletMessaging
import MartletSQLite
import MartletWire
import Testing

struct Entry: Message, Hashable {
    static let messageName = "Entry"
    var name = ""

    init() {}
    init(name: String) { self.name = name }

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) { visit.field(1, "name", &name) }
}

@Suite("A subscription", .timeLimit(.minutes(1)))
struct SubscriptionTests {
    static let queue = Queue("q", bindings: [Binding("log.*", of: "logs")], maximumAttempts: 3)

    /// Runs a subscription with this handler while `body` runs, and then stops it.
    private func run(
        _ handler: @escaping @Sendable (Entry) async throws -> Void,
        during body: (any MessageBus) async throws -> Void
    ) async throws {
        let bus = try await EmbeddedBus.open(.memory)
        try await bus.declare(BusTopology(queues: [Self.queue]))
        let subscription = Subscription(
            to: Self.queue, on: bus, telemetry: .disabled, options: Self.quick,
            Endpoint("handle", handler).fromMessages())
        let signal = ShutdownSignal()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await ShutdownSignal.$current.withValue(signal) { try await subscription.run() } }
            do { try await body(bus) } catch {
                signal.trigger()
                throw error
            }
            signal.trigger()
            try await group.waitForAll()
        }
        await bus.close()
    }

    private static var quick: Subscription.Options {
        var options = Subscription.Options()
        options.retry = RetryPolicy(initial: .milliseconds(1), maximum: .milliseconds(5))
        return options
    }

    private func wait(_ condition: () async throws -> Bool) async throws {
        for _ in 0..<2000 {
            if try await condition() { return }
            try await Task.sleep(for: .milliseconds(5))
        }
        Issue.record("never happened")
    }

    private func isEmpty(_ bus: any MessageBus) async throws -> Bool {
        try await bus.queues().allSatisfy { $0.messages == 0 }
    }

    @Test("acknowledges what its handler is done with")
    func acknowledges() async throws {
        let seen = Locked<[String]>([])
        try await run { entry in
            seen.withLock { $0.append(entry.name) }
        } during: { bus in
            for name in ["a", "b", "c"] {
                try await bus.publish(BusMessage(routingKey: "log.INFO", json: Entry(name: name)), to: "logs")
            }
            try await wait { try await isEmpty(bus) }
            #expect(try await bus.deadLetters(of: nil, after: 0, limit: 10).isEmpty)
        }
        #expect(seen.withLock { $0.sorted() } == ["a", "b", "c"])
    }

    @Test("gives the handler the publisher's trace, and the message's id as idempotency key")
    func context() async throws {
        let seen = Locked<CallContext?>(nil)
        let trace = TraceContext.root()
        try await run { _ in
            seen.withLock { $0 = CallContext.current }
        } during: { bus in
            try await CallContext.$current.withValue(CallContext(trace: trace)) {
                try await bus.publish(
                    BusMessage(id: "the-id", routingKey: "log.INFO", json: Entry(name: "x")), to: "logs")
            }
            try await wait { seen.withLock { $0 != nil } }
        }
        let context = try #require(seen.withLock { $0 })
        #expect(context.trace.traceID == trace.traceID)
        #expect(context.idempotencyKey == "the-id")
        #expect(context.deadline != nil)
    }

    @Test("tries again what may pass, until the attempts are used up")
    func retries() async throws {
        let attempts = Locked(0)
        try await run { _ in
            attempts.withLock { $0 += 1 }
            throw ServiceError(.unavailable, "the logger is away")
        } during: { bus in
            try await bus.publish(BusMessage(routingKey: "log.INFO", json: Entry(name: "x")), to: "logs")
            try await wait { try await isEmpty(bus) }
            let letters = try await bus.deadLetters(of: "q", after: 0, limit: 10)
            #expect(letters.count == 1)
            #expect(letters.first?.attempts == 3)
            #expect(letters.first?.reason.contains("the logger is away") == true)
        }
        #expect(attempts.withLock { $0 } == 3)
    }

    @Test("gives up at once on what cannot be read, and on what its handler refuses")
    func rejects() async throws {
        let calls = Locked(0)
        try await run { entry in
            calls.withLock { $0 += 1 }
            throw ServiceError(.invalidArgument, "no such name")
        } during: { bus in
            try await bus.publish(BusMessage(routingKey: "log.INFO", body: Array("{\"name\":".utf8)), to: "logs")
            try await bus.publish(BusMessage(routingKey: "log.INFO", json: Entry(name: "x")), to: "logs")
            try await wait { try await isEmpty(bus) }
            let letters = try await bus.deadLetters(of: "q", after: 0, limit: 10)
            #expect(Set(letters.map(\.reason)).count == 2)
            #expect(letters.contains { $0.reason.contains("unexpected EOF") })
            #expect(letters.contains { $0.reason.contains("no such name") })
        }
        #expect(calls.withLock { $0 } == 1)
    }

    @Test("does not hand over a message whose deadline has passed")
    func expired() async throws {
        let calls = Locked(0)
        try await run { _ in
            calls.withLock { $0 += 1 }
        } during: { bus in
            var message = BusMessage(routingKey: "log.INFO", json: Entry(name: "x"))
            message.deadline = WallTime(nanoseconds: 1_000_000_000)
            try await bus.publish(message, to: "logs")
            try await wait { try await isEmpty(bus) }
            #expect(
                try await bus.deadLetters(of: "q", after: 0, limit: 10).first?.reason.contains("deadline") == true)
        }
        #expect(calls.withLock { $0 } == 0)
    }

    @Test("takes alreadyExists for done: a handler that keeps the ids does its work once")
    func alreadyDone() async throws {
        try await run { _ in
            throw ServiceError(.alreadyExists, "this message was stored before")
        } during: { bus in
            try await bus.publish(BusMessage(routingKey: "log.INFO", json: Entry(name: "x")), to: "logs")
            try await wait { try await isEmpty(bus) }
            #expect(try await bus.deadLetters(of: nil, after: 0, limit: 10).isEmpty)
        }
    }

    @Test("finishes what is in hand when it is stopped, and leaves the rest in the queue")
    func drains() async throws {
        var options = Self.quick
        options.concurrency = 1
        let bus = try await EmbeddedBus.open(.memory)
        try await bus.declare(BusTopology(queues: [Self.queue]))
        for number in 0..<5 {
            try await bus.publish(BusMessage(routingKey: "log.INFO", json: Entry(name: "\(number)")), to: "logs")
        }
        let signal = ShutdownSignal()
        let done = Locked<[String]>([])
        let subscription = Subscription(
            to: Self.queue, on: bus, telemetry: .disabled, options: options,
            Endpoint("handle") { (entry: Entry) in
                signal.trigger()
                // Others are asked for meanwhile, if there are any to come.
                for _ in 0..<100 { await Task.yield() }
                done.withLock { $0.append(entry.name) }
            }.fromMessages())
        try await ShutdownSignal.$current.withValue(signal) { try await subscription.run() }
        #expect(done.withLock { $0 } == ["0"])
        #expect(try await bus.queues().first?.messages == 4)
        #expect(try await bus.queues().first?.unsettled == 0)
        await bus.close()
    }

    @Test("that is cancelled gives back what it was at, and the attempt is not counted")
    func cancelled() async throws {
        let bus = try await EmbeddedBus.open(.memory)
        try await bus.declare(BusTopology(queues: [Self.queue]))
        try await bus.publish(BusMessage(routingKey: "log.INFO", json: Entry(name: "slow")), to: "logs")
        let begun = ShutdownSignal()
        let subscription = Subscription(
            to: Self.queue, on: bus, telemetry: .disabled,
            Endpoint("handle") { (_: Entry) in
                begun.trigger()
                try await Task.sleep(for: .seconds(60))
            }.fromMessages())
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await subscription.run() }
            await begun.wait()
            group.cancelAll()
            try await group.waitForAll()
        }
        let consumer = try await bus.consume(Self.queue, prefetch: 1)
        #expect(try await consumer.next()?.attempt == 1)
        await consumer.close()
        await bus.close()
    }
}
