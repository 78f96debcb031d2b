internal import MartletSQL

extension SQLLogStore {
    /// Entries of one stretch.
    private static let stretchCount = 100
    /// The text of a stretch in bytes, its last entry aside: what a reader costs in memory, however slow it is.
    private static let stretchSize: Int64 = 64 << 10

    public func newestID() async throws -> Int64 {
        try await database.single("SELECT coalesce(max(id), 0) FROM logs")?.get(0) ?? 0
    }

    public func stretch(_ query: LogQuery, after id: Int64) async throws -> LogStretch {
        // Before the entries: all up to here are seen by what follows, so that those which the query is not for are
        // looked at once.
        let newest = try await newestID()
        guard newest > id else { return LogStretch(end: id) }
        // Sizes first, so that no more is read than is given back. Bytes, because `length` of a text ends at a NUL.
        var statement: SQLStatement = """
            SELECT logs.id, name, data, created_at, updated_at FROM logs JOIN (\
            SELECT id, sum(size) OVER (ORDER BY id) - size AS preceding FROM (\
            SELECT id, length(CAST(name AS BLOB)) + length(CAST(data AS BLOB)) AS size FROM logs \
            WHERE id > \(id) AND id <= \(newest) AND id <> (SELECT id FROM logs_last_id)
            """
        Self.append(query, to: &statement)
        statement.append(
            """
             ORDER BY id LIMIT \(Self.stretchCount))) AS stretch ON stretch.id = logs.id \
            WHERE preceding < \(Self.stretchSize) ORDER BY logs.id
            """)
        let entries = try await database.query(statement, limit: Self.stretchCount).map(Self.entry)
        guard let last = entries.last else { return LogStretch(end: newest) }
        let size = entries.reduce(0) { $0 + Int64($1.name.utf8.count + $1.data.utf8.count) }
        return LogStretch(
            entries: entries, end: last.id, isFull: entries.count == Self.stretchCount || size >= Self.stretchSize)
    }
}
