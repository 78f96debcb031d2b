// What an SQL database is to a service: statements with values in, rows and clear errors out. Drivers (SQLite;
// PostgreSQL) are rooms of their own above this one, and pass one suite of checks.
//
// What it is not: a query builder or an object mapper. Statements are SQL, as the engine reads it; a service that
// offers several engines keeps to the SQL they share.

/// What can run statements: a database, or a transaction on it.
public protocol SQLExecutor: Sendable {
    /// Reads rows. A statement that writes is refused: ``execute(_:)`` has the rows of a `RETURNING`.
    ///
    /// - Parameter limit: more rows than these are an error (``SQLError/Kind/tooLarge``), not a truncated answer.
    func query(_ statement: SQLStatement, limit: Int) async throws -> SQLRows

    /// Runs a statement that may write. On a database it returns when the change is on disk; in a transaction, when
    /// the statement has run.
    @discardableResult
    func execute(_ statement: SQLStatement) async throws -> SQLResult
}

extension SQLExecutor {
    /// At most 10,000 rows.
    public func query(_ statement: SQLStatement) async throws -> SQLRows {
        try await query(statement, limit: 10_000)
    }

    /// The only row, or nil when there is none. More than one is an error.
    public func single(_ statement: SQLStatement) async throws -> SQLRow? {
        try await query(statement, limit: 1).first
    }
}

/// A database that a driver has opened. Safe to call from any task, by thousands at once.
///
/// Every call throws ``SQLError``, or `CancellationError`, or `ServiceError(.unavailable)` when too many calls wait
/// already. The deadline of the current `CallContext` is honoured.
public protocol SQLDatabase: SQLExecutor {
    /// Runs `body`; what it wrote is kept when it returns, and undone when it throws. Returns when it is on disk.
    ///
    /// Keep `body` short and let it wait for its own statements alone: while it runs, an engine with one writer has no
    /// other. A nested transaction is not offered.
    func transaction<Value: Sendable>(
        _ body: @Sendable (any SQLTransaction) async throws -> Value
    ) async throws -> Value

    /// Finishes what was accepted, refuses what comes later, and closes the connection. A second call waits as well.
    func close() async
}

/// The statements of one transaction. Of no use once the body that received it has ended.
public protocol SQLTransaction: SQLExecutor {}
