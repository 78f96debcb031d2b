extension SQLDatabase {
    /// Brings the database to the schema of the last of `migrations`, one transaction each, and returns the numbers of
    /// those that were applied now.
    ///
    /// What has been applied stands in the table `martlet_migrations`. A database that is ahead of the program, and a
    /// migration that was edited after it had been applied, are refused (``SQLError/Kind/schema``) before anything is
    /// changed. Two programs may do this at once: the record's primary key lets one of them through.
    @discardableResult
    public func migrate(_ migrations: [Migration]) async throws -> [Int] {
        try Migration.checkOrder(of: migrations)
        try await execute(
            """
            CREATE TABLE IF NOT EXISTS martlet_migrations (number BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL, \
            checksum TEXT NOT NULL, applied_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP)
            """)
        var applied: [Int] = []
        var pending = try Migration.pending(of: migrations, after: try await records())[...]
        while let migration = pending.first {
            do {
                try await apply(migration)
                applied.append(migration.number)
                pending = pending.dropFirst()
            } catch let error as SQLError where error.constraint?.table == "martlet_migrations" {
                // Another program was faster. What it did counts, if it was the same.
                let rest = try Migration.pending(of: migrations, after: try await records())
                guard rest.count < pending.count else { throw error }
                pending = rest[...]
            }
        }
        return applied
    }

    private func records() async throws -> [Migration.Record] {
        let rows = try await query("SELECT number, name, checksum FROM martlet_migrations ORDER BY number")
        return try rows.map { row in
            Migration.Record(number: try row.get(0), name: try row.get(1), checksum: try row.get(2))
        }
    }

    private func apply(_ migration: Migration) async throws {
        try await transaction { transaction in
            // The record first: of two programs the second waits here or fails, before it has run any statement.
            try await transaction.execute(
                """
                INSERT INTO martlet_migrations (number, name, checksum) \
                VALUES (\(migration.number), \(migration.name), \(migration.checksum))
                """)
            for statement in migration.statements {
                do {
                    try await transaction.execute(SQLStatement(statement, []))
                } catch var error as SQLError {
                    error.message = "Migration \(migration.number) (\(migration.name)) failed: \(error.message)"
                    throw error
                }
            }
        }
    }
}

extension Migration {
    /// What a database says has been applied to it.
    struct Record: Sendable {
        var number: Int
        var name: String
        var checksum: String
    }

    static func checkOrder(of migrations: [Migration]) throws(SQLError) {
        var last = 0
        for migration in migrations {
            guard migration.number > last else {
                throw SQLError(
                    .usage,
                    "Migration \(migration.number) (\(migration.name)) must have a number greater than \(last).")
            }
            last = migration.number
        }
    }

    /// The migrations to apply after `records`, which are in the order of their numbers.
    static func pending(of migrations: [Migration], after records: [Record]) throws(SQLError) -> [Migration] {
        for (index, record) in records.enumerated() {
            guard index < migrations.count else {
                throw SQLError(
                    .schema,
                    """
                    The database is newer than this program: it has migration \(record.number) (\(record.name)), which \
                    the program does not know. Start the newer program, or restore a backup from before it.
                    """)
            }
            let migration = migrations[index]
            guard migration.number == record.number else {
                throw SQLError(
                    .schema,
                    """
                    The database has migration \(record.number) (\(record.name)) where this program has \
                    \(migration.number) (\(migration.name)): it belongs to another program, or to a newer one.
                    """)
            }
            guard migration.checksum == record.checksum else {
                throw SQLError(
                    .schema,
                    """
                    Migration \(migration.number) (\(migration.name)) was edited after this database had applied it. \
                    Undo the edit, and put the change in a new migration.
                    """)
            }
        }
        return Array(migrations.dropFirst(records.count))
    }
}
