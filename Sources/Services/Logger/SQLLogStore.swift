public import MartletCore
public import MartletSQL
internal import MartletWire

/// Entries in an SQL table. Times are nanoseconds since 1970, and never go back: an entry that comes later is not dated
/// earlier, whatever happens to the clock, so that a time finds its place by the id.
public struct SQLLogStore: LogStore {
    let database: any SQLDatabase
    private let latest: Locked<Int64>
    let clock: @Sendable () -> Int64

    /// Two calls may be dated in one order and written in the other; a time's place in the ids is looked for with this
    /// much room, and the times themselves decide.
    private static let slack: Int64 = 5_000_000_000

    /// Takes over an open database and brings its schema up to date.
    /// - Parameter clock: nanoseconds since 1970.
    public init(
        _ database: any SQLDatabase, clock: @escaping @Sendable () -> Int64 = { WallTime.now.nanoseconds }
    ) async throws {
        try await database.migrate(Self.migrations)
        self.database = database
        self.clock = clock
        let newest: Int64? = try await database.single("SELECT max(created_at) FROM logs")?.get(0)
        latest = Locked(newest ?? 0)
    }

    /// Not interpolated: what every request does should not put its statement together each time.
    private static let insertion = "INSERT INTO logs (name, data, created_at, updated_at) VALUES ($1, $2, $3, $3)"
    private static let keyedInsertion = """
        INSERT INTO logs (name, data, created_at, updated_at, key) VALUES ($1, $2, $3, $3, $4) \
        ON CONFLICT (key) WHERE key IS NOT NULL DO NOTHING
        """

    private func now() -> Int64 {
        let time = clock()
        return latest.withLock { latest in
            latest = max(latest, time)
            return latest
        }
    }

    public func append(_ entry: LogEntry, key: String?) async throws {
        let time = now()
        guard let key else {
            try await database.execute(
                SQLStatement(Self.insertion, [.text(entry.name), .text(entry.data), .integer(time)]))
            return
        }
        let isNew =
            try await database.execute(
                SQLStatement(
                    Self.keyedInsertion, [.text(entry.name), .text(entry.data), .integer(time), .text(key)])
            ).changes > 0
        if !isNew { try await refuseUnlessEqual(entry, key) }
    }

    /// An entry that is not written because of its key must be there: one that says something else was not repeated, and
    /// whoever sent it has to know.
    private func refuseUnlessEqual(_ entry: LogEntry, _ key: String) async throws {
        let kept = try await database.single("SELECT name, data FROM logs WHERE key = \(key)")
        // Nil: its time came in between.
        guard let kept else { return }
        guard try kept.get(0) == entry.name, try kept.get(1) == entry.data else {
            throw ServiceError(.failedPrecondition, "the idempotency key is that of another entry")
        }
    }

    public func page(_ query: LogQuery) async throws -> LogPage {
        var limit = min(max(query.limit, 1), 1000)
        while true {
            do {
                return try await page(query, limit: limit)
            } catch let error as SQLError where error.kind == .tooLarge && limit > 1 {
                // Large entries: a shorter page has room for them, and the next one goes on after it.
                limit /= 2
            }
        }
    }

    private func page(_ query: LogQuery, limit: Int) async throws -> LogPage {
        var statement: SQLStatement = """
            SELECT id, name, data, created_at, updated_at FROM logs WHERE id <> (SELECT id FROM logs_last_id)
            """
        Self.append(query, to: &statement)
        if let before = query.before { statement.append(" AND id < \(before)") }
        statement.append(" ORDER BY id DESC LIMIT \(limit + 1)")

        let rows = try await database.query(statement, limit: limit + 1)
        var page = LogPage()
        page.entries = try rows.prefix(limit).map(Self.entry)
        if rows.count > limit, let last = page.entries.last { page.next = String(last.id) }
        return page
    }

    /// What the entries must have.
    static func append(_ query: LogQuery, to statement: inout SQLStatement) {
        if let name = query.name, !name.isEmpty { statement.append(" AND name = \(name)") }
        if let text = query.text, !text.isEmpty {
            statement.append(" AND data LIKE \(pattern(containing: text)) ESCAPE '\\'")
        }
        if let since = query.since?.sinceEpoch {
            statement.append(" AND created_at >= \(since)")
            statement.append(
                """
                 AND id >= coalesce((SELECT id FROM logs WHERE created_at >= \(since - slack) \
                ORDER BY created_at LIMIT 1), 9223372036854775807)
                """)
        }
        if let until = query.until?.sinceEpoch {
            statement.append(" AND created_at < \(until)")
            statement.append(
                """
                 AND id <= coalesce((SELECT id FROM logs WHERE created_at < \(until + slack) \
                ORDER BY created_at DESC LIMIT 1), 0)
                """)
        }
    }

    static func entry(_ row: SQLRow) throws -> StoredEntry {
        var entry = StoredEntry()
        entry.id = try row.get(0)
        entry.name = try row.get(1)
        entry.data = try row.get(2)
        entry.createdAt = Timestamp(sinceEpoch: try row.get(3))
        entry.updatedAt = Timestamp(sinceEpoch: try row.get(4))
        return entry
    }

    /// `%`, `_` and `\` mean themselves.
    private static func pattern(containing text: String) -> String {
        var pattern = "%"
        for character in text.unicodeScalars {
            if character == "%" || character == "_" || character == "\\" { pattern.unicodeScalars.append("\\") }
            pattern.unicodeScalars.append(character)
        }
        return pattern + "%"
    }

    public func problem() async -> String? {
        do {
            _ = try await database.single("SELECT 1")
            return nil
        } catch {
            return "\(error)"
        }
    }
}

extension Timestamp {
    /// Since 1970; clamped to what 64 bits hold (the years 1677 to 2262), with room to add to it.
    var sinceEpoch: Int64 {
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, overflowed) = scaled.addingReportingOverflow(Int64(nanoseconds))
        if overflow || overflowed { return seconds < 0 ? .min / 2 : .max / 2 }
        return min(max(sum, .min / 2), .max / 2)
    }

    init(sinceEpoch nanoseconds: Int64) {
        self.init(
            seconds: nanoseconds / 1_000_000_000, nanoseconds: Int32(truncatingIfNeeded: nanoseconds % 1_000_000_000))
    }
}
