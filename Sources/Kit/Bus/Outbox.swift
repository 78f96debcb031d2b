public import MartletCore
public import MartletMessaging
public import MartletSQL
internal import MartletWire

/// Events that are written into a service's own store, in the transaction that makes them true, and published from
/// there: no event of what did not happen, and none is missing for what did, whenever the process or the bus dies.
///
///     let signedOut = try await database.transaction { transaction in
///         …
///         try await outbox.add(event, to: CourseBus.mails, in: transaction)
///     }
///     outbox.wake()
///
/// An event keeps its message id, so that the bus drops what is published again after a crash, and consumers can. Events
/// are published about in order; nobody should rely on it. Without a bus they wait, up to a limit: then the oldest go, which
/// is an error in the log and a count.
public final class Outbox: Service {
    public let name = "outbox"
    private let database: any SQLDatabase
    private let publisher: EventPublisher
    private let limit: Int64
    private let retry: RetryPolicy
    private let logger: Logger
    private let wakeUp = WakeUp()
    private let published, dropped, refused: Counter
    private let loss = Locked(Loss())

    private struct Loss {
        /// Dropped, and not said yet.
        var events = 0
        /// When it may be said again: with each event one more goes, and the log must not fill up with that.
        var nextWord = MonotonicTime(nanoseconds: 0)
    }
    private static let wordInterval: Duration = .seconds(10)
    private static let batch = 64
    /// For one batch to be published, and for the last one when the service stops.
    private static let patience: Duration = .seconds(10)
    private static let lastPatience: Duration = .seconds(2)

    /// The table. Part of the service's own migrations, under a number of theirs.
    public static func migration(_ number: Int) -> Migration {
        Migration(
            number, "outbox",
            [
                """
                CREATE TABLE outbox (number INTEGER PRIMARY KEY, exchange TEXT NOT NULL, message_id TEXT NOT NULL, \
                routing_key TEXT NOT NULL, content_type TEXT NOT NULL, headers TEXT NOT NULL, body BLOB NOT NULL)
                """
            ])
    }

    /// - Parameter limit: events that may wait.
    public init(
        _ database: any SQLDatabase, publisher: EventPublisher, telemetry: Telemetry, limit: Int = 100_000,
        retry: RetryPolicy = RetryPolicy(initial: .milliseconds(100), maximum: .seconds(10))
    ) {
        self.database = database
        self.publisher = publisher
        self.limit = Int64(max(1, limit))
        self.retry = retry
        logger = telemetry.logger
        let outcomes = telemetry.metrics.counters(
            "martlet_outbox_events_total", help: "Events of this service's outbox, by what became of them.",
            labels: ["outcome"])
        published = outcomes.with("published")
        dropped = outcomes.with("dropped")
        refused = outcomes.with("refused")
    }

    // MARK: Writing

    /// Writes an event that is published once the transaction is on disk; ``wake()`` then.
    public func add(_ message: BusMessage, to exchange: String, in transaction: any SQLTransaction) async throws {
        try message.check()
        let headers = Dictionary(message.headers.fields.map { ($0.name, $0.value) }) { $1 }
        let number: Int64? = try await transaction.execute(
            """
            INSERT INTO outbox (exchange, message_id, routing_key, content_type, headers, body) \
            VALUES (\(exchange), \(message.id), \(message.routingKey), \(message.contentType), \
            \(JSON.text(headers)), \(message.body)) RETURNING number
            """
        ).rows.first?.get(0)
        guard let number, number > limit else { return }
        let gone = try await transaction.execute("DELETE FROM outbox WHERE number <= \(number - limit)").changes
        guard gone > 0 else { return }
        dropped.increment(by: UInt64(clamping: gone))
        loss.withLock { $0.events += gone }
        sayWhatWasLost()
    }

    /// - Parameter isLast: there will be no other time.
    private func sayWhatWasLost(isLast: Bool = false) {
        let now = MonotonicTime.now
        let events = loss.withLock { loss in
            guard loss.events > 0, isLast || now >= loss.nextWord else { return 0 }
            defer { loss = Loss(events: 0, nextWord: now + Self.wordInterval) }
            return loss.events
        }
        guard events > 0 else { return }
        logger.error(
            "the outbox is full: its oldest events are lost, as the bus does not take them",
            metadata: ["events": .integer(Int64(events)), "limit": .integer(limit)])
    }

    /// Says that there is something to publish. Never waits.
    public func wake() { wakeUp.signal() }

    // MARK: Publishing

    /// Publishes until the shutdown is asked for, then once more what there is, for a short time; the rest waits for the
    /// next start.
    public func run() async throws {
        let signal = ShutdownSignal.current ?? ShutdownSignal()
        let registration = signal.onTrigger { [wakeUp] in wakeUp.signal() }
        defer { signal.remove(registration) }
        var failures = 0
        while !Task.isCancelled {
            let isLast = signal.isTriggered
            let failure = await publishAll(within: isLast ? Self.lastPatience : Self.patience)
            sayWhatWasLost(isLast: isLast)
            if isLast { return }
            if let failure {
                // Once for each outage: it must not fill this service's log.
                if failures == 0 { logger.warning("events wait in the outbox: \(failure)") }
                failures += 1
                _ = await signal.wait(atMost: retry.delay(after: failures))
            } else {
                if failures > 0 { logger.notice("the bus takes events again") }
                failures = 0
                await wakeUp.wait(atMost: .seconds(60))
            }
        }
    }

    /// Goes through the table once.
    /// - Returns: why something is left; nil when nothing is.
    private func publishAll(within patience: Duration) async -> (any Error)? {
        var failure: (any Error)?
        var place: Int64 = 0
        do {
            while true {
                let entries = try await entries(after: place)
                guard let last = entries.last else { return failure }
                place = last.number
                let deadline = MonotonicTime.now + patience
                let (done, error) = await publish(entries, deadline: deadline)
                try await delete(done)
                failure = failure ?? error
                // The bus is away: the others would only wait for it as well.
                if let error = error as? ServiceError, error.code != .resourceExhausted { return error }
            }
        } catch {
            return error
        }
    }

    private struct Entry: Sendable {
        var number: Int64
        var exchange: String
        var message: BusMessage
    }

    private func entries(after place: Int64) async throws -> [Entry] {
        try await database.query(
            """
            SELECT number, exchange, message_id, routing_key, content_type, headers, body FROM outbox \
            WHERE number > \(place) ORDER BY number LIMIT \(Self.batch)
            """, limit: Self.batch
        ).map { row in
            let headers = JSON.texts(try row.get(5)).map { MessageHeaders.Field($0.key, $0.value) }
            return Entry(
                number: try row.get(0), exchange: try row.get(1),
                message: BusMessage(
                    id: try row.get(2), routingKey: try row.get(3), contentType: try row.get(4),
                    headers: MessageHeaders(headers), body: try row.get(6), context: nil))
        }
    }

    /// All at once, so that they share the bus's commit.
    /// - Returns: those that need not be published again, and what the others failed with.
    private func publish(_ entries: [Entry], deadline: MonotonicTime) async -> ([Int64], (any Error)?) {
        let context = CallContext(trace: .root(isSampled: false), deadline: deadline)
        return await withTaskGroup(of: (Int64, (any Error)?).self) { group in
            for entry in entries {
                group.addTask { [publisher] in
                    do {
                        try await CallContext.$current.withValue(context) {
                            try await publisher.publish(entry.message, to: entry.exchange)
                        }
                        return (entry.number, nil)
                    } catch {
                        return (entry.number, error)
                    }
                }
            }
            var done: [Int64] = []
            var failure: (any Error)?
            for await (number, error) in group {
                switch error {
                case nil:
                    published.increment()
                    done.append(number)
                case let error as ServiceError where error.code == .invalidArgument:
                    // No bus will ever take it.
                    refused.increment()
                    logger.error("the bus refuses an event: \(error.message)")
                    done.append(number)
                case let error?: failure = error
                }
            }
            return (done, failure)
        }
    }

    private func delete(_ numbers: [Int64]) async throws {
        guard !numbers.isEmpty else { return }
        try await database.transaction { transaction in
            for number in numbers { try await transaction.execute("DELETE FROM outbox WHERE number = \(number)") }
        }
    }
}

/// Headers, as the table keeps them.
extension JSON {
    fileprivate static func text(_ headers: [String: String]) -> String {
        String(decoding: JSON.encode(Headers(fields: headers)), as: UTF8.self)
    }

    fileprivate static func texts(_ text: String) -> [String: String] {
        (try? JSON.decode(Headers.self, from: Array(text.utf8)))?.fields ?? [:]
    }

    private struct Headers: Message {
        static let messageName = "OutboxHeaders"
        var fields: [String: String] = [:]

        init() {}
        init(fields: [String: String]) { self.fields = fields }

        mutating func visitFields<V: FieldVisitor>(_ visit: inout V) { visit.field(1, "fields", &fields) }
    }
}
