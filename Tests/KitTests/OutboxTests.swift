import MartletCore
import MartletEmbeddedBus
import MartletKit
import MartletMessaging
import MartletSQL
import MartletSQLite
import Testing

@Suite("The outbox", .timeLimit(.minutes(1)))
struct OutboxTests {
    private static let queue = Queue("q", bindings: [Binding("#", of: "x")])

    private let metrics = Metrics()

    private struct Undone: Error {}

    /// What was said of lost events.
    private final class LossLines: LogHandler {
        private let kept = Locked<[(level: Logger.Level, events: Int64)]>([])
        var lines: [(level: Logger.Level, events: Int64)] { kept.withLock { $0 } }
        func log(_ record: borrowing LogRecord) {
            guard record.message.hasPrefix("the outbox is full: ") else { return }
            guard case .integer(let events)? = record.metadata["events"] else { return }
            let level = record.level
            kept.withLock { $0.append((level, events)) }
        }
    }

    private func count(_ outcome: String) -> UInt64 {
        metrics.counters(
            "martlet_outbox_events_total", help: "Events of this service's outbox, by what became of them.",
            labels: ["outcome"]
        ).with(outcome).value
    }

    private func outbox(
        _ database: SQLiteDatabase, _ bus: any MessageBus, limit: Int = 1000, logger: Logger = .disabled
    ) -> Outbox {
        Outbox(
            database, publisher: EventPublisher(bus, topology: BusTopology(queues: [Self.queue])),
            telemetry: Telemetry(service: "test", logger: logger, metrics: metrics), limit: limit,
            retry: RetryPolicy(initial: .milliseconds(1), maximum: .milliseconds(5)))
    }

    private func database() async throws -> SQLiteDatabase {
        let database = try await SQLiteDatabase.open(.memory)
        try await database.migrate([Outbox.migration(1)])
        return database
    }

    private func waiting(_ database: SQLiteDatabase) async throws -> Int {
        try #require(try await database.single("SELECT count(*) FROM outbox")).get(0)
    }

    private func add(_ outbox: Outbox, _ database: SQLiteDatabase, _ messages: [BusMessage]) async throws {
        try await database.transaction { transaction in
            for message in messages { try await outbox.add(message, to: "x", in: transaction) }
        }
        outbox.wake()
    }

    private func message(_ number: Int, key: String = "a.b") -> BusMessage {
        BusMessage(id: "m\(number)", routingKey: key, body: Array("\(number)".utf8))
    }

    /// Runs the outbox while `body` does, then stops it gracefully.
    private func running(_ outbox: Outbox, _ body: () async throws -> Void) async throws {
        let signal = ShutdownSignal()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await ShutdownSignal.$current.withValue(signal) { try await outbox.run() } }
            do {
                try await body()
            } catch {
                signal.trigger()
                throw error
            }
            signal.trigger()
            try await group.waitForAll()
        }
    }

    private func untilEmpty(_ database: SQLiteDatabase) async throws {
        while try await waiting(database) > 0, !Task.isCancelled { await Task.yield() }
    }

    /// What came of it on the bus, by id.
    private func delivered(_ bus: EmbeddedBus) async throws -> [BusMessage] {
        guard let count = try await bus.queues().first?.messages, count > 0 else { return [] }
        let consumer = try await bus.consume(Self.queue, prefetch: 1000)
        var messages: [BusMessage] = []
        while messages.count < count, let delivery = try await consumer.next() {
            messages.append(delivery.message)
            delivery.acknowledge()
        }
        await consumer.close()
        return messages.sorted { $0.id < $1.id }
    }

    @Test("what was committed is published as it was written, with its id, headers and trace")
    func published() async throws {
        let (database, bus) = (try await database(), try await EmbeddedBus.open(.memory))
        let outbox = outbox(database, bus)
        var message = message(1)
        message.contentType = "text/plain"
        message.headers["tenant"] = "a \"b\" é"
        message.headers.trace = .root()
        message.deadline = WallTime(nanoseconds: 2_000_000_000_000_000_000)
        try await running(outbox) {
            try await add(outbox, database, [message])
            try await untilEmpty(database)
        }
        let found = try #require(try await delivered(bus).first)
        #expect(found.id == message.id && found.routingKey == message.routingKey && found.body == message.body)
        #expect(found.contentType == "text/plain" && found.headers["tenant"] == "a \"b\" é")
        #expect(found.headers.trace == message.headers.trace && found.deadline == message.deadline)
        await bus.close()
    }

    @Test("what was rolled back is not published")
    func rolledBack() async throws {
        let (database, bus) = (try await database(), try await EmbeddedBus.open(.memory))
        let outbox = outbox(database, bus)
        try await running(outbox) {
            await #expect(throws: Undone.self) {
                try await database.transaction { transaction in
                    try await outbox.add(message(1), to: "x", in: transaction)
                    throw Undone()
                }
            }
            try await add(outbox, database, [message(2)])
            try await untilEmpty(database)
        }
        #expect(try await delivered(bus).map(\.id) == ["m2"])
        await bus.close()
    }

    @Test("more than a batch is published, each once")
    func many() async throws {
        let (database, bus) = (try await database(), try await EmbeddedBus.open(.memory))
        let outbox = outbox(database, bus)
        try await running(outbox) {
            for start in 0..<5 { try await add(outbox, database, (0..<50).map { message(1000 + start * 50 + $0) }) }
            try await untilEmpty(database)
        }
        #expect(try await delivered(bus).map(\.id) == (0..<250).map { "m\(1000 + $0)" })
        #expect(count("published") == 250)
        await bus.close()
    }

    @Test("a shutdown publishes what waits; what cannot be published waits for the next start")
    func shutdown() async throws {
        let (database, bus) = (try await database(), try await EmbeddedBus.open(.memory))
        let closed = try await EmbeddedBus.open(.memory)
        await closed.close()
        let first = outbox(database, closed)
        try await running(first) { try await add(first, database, [message(1), message(2)]) }
        #expect(try await waiting(database) == 2)
        let second = outbox(database, bus)
        let signal = ShutdownSignal()
        signal.trigger()
        try await ShutdownSignal.$current.withValue(signal) { try await second.run() }
        #expect(try await delivered(bus).map(\.id) == ["m1", "m2"])
        #expect(try await waiting(database) == 0)
        await bus.close()
    }

    @Test("what no bus will ever take is refused when it is written, or given up on, and holds up nobody")
    func invalid() async throws {
        let (database, bus) = (try await database(), try await EmbeddedBus.open(.memory))
        let outbox = outbox(database, bus)
        try await running(outbox) {
            let error = await #expect(throws: ServiceError.self) {
                try await add(outbox, database, [message(1, key: "no key")])
            }
            #expect(error?.code == .invalidArgument)
            var large = message(2)
            large.body = [UInt8](repeating: 0, count: bus.configuration.messageByteLimit + 1)
            try await add(outbox, database, [large, message(3)])
            try await untilEmpty(database)
        }
        #expect(try await delivered(bus).map(\.id) == ["m3"])
        #expect(count("refused") == 1)
        await bus.close()
    }

    @Test("without a bus so many wait; then the oldest go, are counted, and the log says so as an error, not each time")
    func limit() async throws {
        let (database, bus) = (try await database(), try await EmbeddedBus.open(.memory))
        let log = LossLines()
        let outbox = outbox(database, bus, limit: 10, logger: Logger(label: "test", handler: log))
        for number in 0..<10 { try await add(outbox, database, [message(100 + number)]) }
        #expect(log.lines.isEmpty && count("dropped") == 0)
        for number in 10..<25 { try await add(outbox, database, [message(100 + number)]) }
        #expect(try await waiting(database) == 10 && count("dropped") == 15)
        #expect(log.lines.map(\.level) == [.error] && log.lines.map(\.events) == [1])
        try await running(outbox) { try await untilEmpty(database) }
        #expect(log.lines.map(\.events) == [1, 14], "the last word is said at the end")
        #expect(try await delivered(bus).map(\.id) == (15..<25).map { "m\(100 + $0)" })
        await bus.close()
    }
}
