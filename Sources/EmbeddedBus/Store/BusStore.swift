internal import Glibc
internal import MartletCore
internal import MartletMessaging
internal import MartletSQL
internal import MartletSQLite

/// The bus's tables: statements in, rows out. Knows nothing of consumers; what to write when is the engine's.
final class BusStore: Sendable {
    let database: SQLiteDatabase
    private let lock: OwnerLock?
    /// Where ``HandoverJournal`` is; nil for a store in memory.
    let journalPath: String?

    /// The most that one look into a queue brings into memory.
    static let fetchBytes = 4 << 20

    private init(_ database: SQLiteDatabase, _ lock: OwnerLock?, journalPath: String?) {
        self.database = database
        self.lock = lock
        self.journalPath = journalPath
    }

    static func open(_ location: SQLiteLocation, _ configuration: BusConfiguration) async throws -> BusStore {
        let database = try await SQLiteDatabase.open(location, configuration: settings(configuration))
        do {
            // Two owners of one store would both deliver everything.
            guard case .file(let path) = location else { return try await open(database) }
            return try await open(database, try OwnerLock(path + ".lock"), journalPath: path + ".inhand")
        } catch {
            await database.close()
            throw error
        }
    }

    /// On a database that nobody else has; it is closed with the store.
    static func open(
        _ database: SQLiteDatabase, _ lock: OwnerLock? = nil, journalPath: String? = nil
    ) async throws -> BusStore {
        try await database.migrate(BusSchema.migrations)
        return BusStore(database, lock, journalPath: journalPath)
    }

    static func settings(_ configuration: BusConfiguration) -> SQLiteConfiguration {
        var settings = SQLiteConfiguration()
        settings.resultByteLimit = max(fetchBytes, 2 * configuration.messageByteLimit)
        settings.rowByteLimit = max(settings.rowByteLimit, 2 * configuration.messageByteLimit)
        settings.fileByteLimit = configuration.fileByteLimit
        return settings
    }

    func close() async {
        await database.close()
        lock?.release()
    }

    // MARK: One batch

    /// Writes everything or nothing, and returns when it is on disk.
    func write(_ plan: WritePlan) async throws {
        try await database.transaction { transaction in
            for message in plan.inserts {
                try await transaction.execute(
                    SQLStatement(
                        "INSERT INTO messages (id, at, data) VALUES ($1, $2, $3)",
                        [.integer(message.id), .integer(message.at), .blob(message.data)]))
            }
            for run in WritePlan.runs(of: plan.deletes) {
                try await transaction.execute(
                    SQLStatement(
                        "DELETE FROM messages WHERE id BETWEEN $1 AND $2",
                        [.integer(run.lowerBound), .integer(run.upperBound)]))
            }
            for id in plan.delayedDeletes { try await Self.forget(id, isDelayed: true, transaction) }
            for delay in plan.delays { try await Self.write(delay, transaction) }
            for death in plan.deaths { try await Self.write(death, transaction) }
            for number in plan.revived {
                try await transaction.execute("DELETE FROM dead_letters WHERE number = \(number)")
            }
            for (queue, change) in plan.changes where change.messages != 0 || change.bytes != 0 {
                try await transaction.execute(
                    SQLStatement(
                        "UPDATE queues SET messages = messages + $1, bytes = bytes + $2 WHERE number = $3",
                        [.integer(Int64(change.messages)), .integer(Int64(change.bytes)), .integer(queue)]))
            }
            if !plan.publishIDs.isEmpty {
                try await transaction.execute(
                    SQLStatement(
                        "INSERT INTO publishes (number, at, ids) VALUES ($1, $2, $3)",
                        [
                            .integer(plan.publishRow), .integer(plan.at),
                            .blob(RepeatWindow.bytes(of: plan.publishIDs)),
                        ]))
            }
            if let row = plan.forgottenRow {
                try await transaction.execute("DELETE FROM publishes WHERE number < \(row)")
            }
        }
    }

    private static func forget(_ id: Int64, isDelayed: Bool, _ transaction: any SQLTransaction) async throws {
        let statement = isDelayed ? "DELETE FROM delayed WHERE id = $1" : "DELETE FROM messages WHERE id = $1"
        try await transaction.execute(SQLStatement(statement, [.integer(id)]))
    }

    private static func write(_ delay: WritePlan.Delay, _ transaction: any SQLTransaction) async throws {
        let message = delay.message
        if message.isDelayed {
            try await transaction.execute(
                "UPDATE delayed SET due = \(delay.due), attempts = \(message.attempts) WHERE id = \(message.id)")
        } else {
            try await forget(message.id, isDelayed: false, transaction)
            try await transaction.execute(
                """
                INSERT INTO delayed (id, queue, due, attempts, at, data) VALUES (\(message.id), \(delay.queue), \
                \(delay.due), \(message.attempts), \(message.at), \(message.data))
                """)
        }
    }

    private static func write(_ death: WritePlan.Death, _ transaction: any SQLTransaction) async throws {
        let message = death.message
        try await forget(message.id, isDelayed: message.isDelayed, transaction)
        try await transaction.execute(
            """
            INSERT INTO dead_letters (queue, attempts, at, died_at, size, reason, data) VALUES (\(death.queue), \
            \(message.attempts), \(message.at), \(death.diedAt), \(message.data.count), \(death.reason), \
            \(message.data))
            """)
    }

    // MARK: Looking into a queue

    /// The next messages after `id`, in order.
    func messages(ofQueue queue: Int64, after id: Int64, limit: Int) async throws -> [StoredMessage] {
        try await shortening(limit) { [database] limit in
            try await database.query(
                SQLStatement(
                    "SELECT id, at, data FROM messages WHERE id > $1 AND id <= $2 ORDER BY id LIMIT $3",
                    [.integer(id), .integer(BusSchema.lastID(ofQueue: queue)), .integer(Int64(limit))]),
                limit: limit
            ).map { row in
                StoredMessage(id: try row.get(0), attempts: 0, at: try row.get(1), data: try row.get(2))
            }
        }
    }

    /// The next messages that failed, by the time they are due: those that are due until `bound`, and the time of the first
    /// that is not.
    func delayed(
        ofQueue queue: Int64, after place: DelayedPlace, until bound: Int64, limit: Int
    ) async throws -> (due: [StoredMessage], place: DelayedPlace, next: Int64?) {
        let rows = try await shortening(limit) { [database] limit in
            try await database.query(
                SQLStatement(
                    """
                    SELECT id, attempts, at, data, due FROM delayed \
                    WHERE queue = $1 AND (due, id) > ($2, $3) AND due <= $4 ORDER BY due, id LIMIT $5
                    """,
                    [
                        .integer(queue), .integer(place.due), .integer(place.id), .integer(bound),
                        .integer(Int64(limit)),
                    ]), limit: limit
            ).map { row in
                (
                    StoredMessage(
                        id: try row.get(0), attempts: try row.get(1), at: try row.get(2), data: try row.get(3),
                        isDelayed: true), try row.get(4, as: Int64.self)
                )
            }
        }
        let last = rows.last.map { DelayedPlace(due: $0.1, id: $0.0.id) } ?? place
        let next: Int64? = try await database.single(
            """
            SELECT due FROM delayed WHERE queue = \(queue) AND (due, id) > (\(last.due), \(last.id)) \
            ORDER BY due, id LIMIT 1
            """
        )?.get(0)
        return (rows.map(\.0), last, next)
    }

    /// Large messages: fewer of them at a time fit into an answer.
    private func shortening<Row>(_ limit: Int, _ body: (Int) async throws -> [Row]) async throws -> [Row] {
        var limit = limit
        while true {
            do {
                return try await body(limit)
            } catch let error as SQLError where error.kind == .tooLarge && limit > 1 {
                limit /= 2
            }
        }
    }
}

/// Where the reading of a queue's delayed messages has come to.
struct DelayedPlace: Sendable, Hashable {
    var due: Int64 = -1
    var id: Int64 = -1
}
