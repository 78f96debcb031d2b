internal import CSQLite
internal import MartletCore
internal import MartletSQL

/// One connection of SQLite: statements in, results out, at once. Knows nothing of callers and batches.
final class SQLiteConnection: @unchecked Sendable {
    // @unchecked: made on its loop's thread and used there alone, by the one actor that holds it. The last reference may
    // go elsewhere: then `deinit` has it to itself, and SQLite without a mutex asks for no more than one at a time.

    let location: String
    let watch = ExecutionWatch()
    private(set) var prepares = 0

    /// SQLite counts its memory under a lock, for figures that nobody here asks for; a row takes eight pieces. Once for
    /// the process, and only before anybody in it has opened a database: else SQLite refuses, and all is as it was.
    private static let countsNoMemory: Void = { _ = martlet_sqlite3_config_int(SQLITE_CONFIG_MEMSTATUS, 0) }()

    private var handle: OpaquePointer?
    private var cache: StatementCache
    /// Apart from the callers' cache, in which a caller's COMMIT would find the driver's.
    private var driverCache = StatementCache(limit: 8)
    private let resultByteLimit: Int

    init(_ location: SQLiteLocation, role: Role, configuration: SQLiteConfiguration) throws(SQLError) {
        self.location = location.description
        cache = StatementCache(limit: configuration.statementCacheLimit)
        resultByteLimit = configuration.resultByteLimit
        _ = Self.countsNoMemory
        var opened: OpaquePointer?
        // No mutex: the connection never leaves its thread.
        // A relative path gets a dot in front: SQLite reads some names as something else than files.
        var name = location.description
        if case .file(let path) = location, !path.hasPrefix("/") { name = "./" + path }
        let code = sqlite3_open_v2(
            name, &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
            configuration.vfs)
        handle = opened
        guard code == SQLITE_OK, let opened else { throw error(code, statement: nil) }
        sqlite3_extended_result_codes(opened, 1)
        watch.install(on: opened)
        try configure(opened, role: role, isFile: location != .memory, configuration)
    }

    deinit { close() }

    /// Frees the statements and the handle. A call after it fails with `connectionLost`.
    func close() {
        cache.removeAll()
        driverCache.removeAll()
        sqlite3_close_v2(handle)
        handle = nil
    }

    // MARK: Running

    enum Access {
        case read(rowLimit: Int)
        case write
    }

    /// Runs one statement to its end.
    func run(_ statement: SQLStatement, _ access: Access) throws(SQLError) -> SQLResult {
        let prepared = try prepare(statement.text)
        var rowLimit = Int.max
        if case .read(let limit) = access {
            rowLimit = limit
            guard prepared.isReadOnly else {
                throw SQLError(.usage, "query() only reads: use execute() for what writes.", statement: statement.text)
            }
        }
        defer { prepared.reset() }
        try prepared.bind(statement.values, text: statement.text)
        return try step(prepared, text: statement.text, rowLimit: rowLimit)
    }

    private func step(
        _ prepared: PreparedStatement, text: String, rowLimit: Int
    ) throws(SQLError) -> SQLResult {
        let changesBefore = sqlite3_total_changes64(handle)
        var columns: SQLColumns?
        var values: [SQLValue] = []
        var rows = 0
        var bytes = 0
        while true {
            let code = sqlite3_step(prepared.handle)
            if code == SQLITE_DONE { break }
            guard code == SQLITE_ROW else { throw error(code, statement: text) }
            rows += 1
            guard rows <= rowLimit else {
                throw SQLError(
                    .tooLarge, "The answer has more than \(rowLimit) rows: add a LIMIT, or ask for more.",
                    statement: text)
            }
            let names = columns ?? prepared.columns()
            columns = names
            for column in 0..<Int32(truncatingIfNeeded: names.names.count) {
                let value = prepared.value(column)
                bytes += value.byteCount
                values.append(value)
            }
            guard bytes <= resultByteLimit else {
                throw SQLError(
                    .tooLarge, "The answer is larger than \(resultByteLimit) bytes: read it in parts.", statement: text)
            }
        }
        // The count of changes is that of the last statement which made any: a CREATE leaves it as it was.
        let changed = sqlite3_total_changes64(handle) != changesBefore
        return SQLResult(
            changes: changed ? Int(sqlite3_changes64(handle)) : 0,
            rows: columns.map { SQLRows(columns: $0, values: values) } ?? .none)
    }

    private func prepare(_ text: String) throws(SQLError) -> PreparedStatement {
        if let statement = watch.isDriver ? driverCache.find(text) : cache.find(text) { return statement }
        let statement = try compile(text)
        if watch.isDriver { driverCache.insert(statement, for: text) } else { cache.insert(statement, for: text) }
        return statement
    }

    private func compile(_ text: String) throws(SQLError) -> PreparedStatement {
        guard let handle else { throw SQLError(.connectionLost, "The database has been closed.") }
        prepares += 1
        var text = text
        let (code, compiled, hasMore) = text.withUTF8 { bytes -> (Int32, OpaquePointer?, Bool) in
            guard let length = Int32(exactly: bytes.count) else { return (SQLITE_TOOBIG, nil, false) }
            guard let base = bytes.baseAddress else { return (SQLITE_OK, nil, false) }
            return base.withMemoryRebound(to: CChar.self, capacity: bytes.count) { start in
                var compiled: OpaquePointer?
                var tail: UnsafePointer<CChar>?
                let code = sqlite3_prepare_v3(
                    handle, start, length, UInt32(SQLITE_PREPARE_PERSISTENT), &compiled, &tail)
                guard code == SQLITE_OK, let tail else { return (code, compiled, false) }
                return (code, compiled, Self.hasStatement(tail, length - Int32(tail - start), handle))
            }
        }
        guard code == SQLITE_OK else { throw error(code, statement: text) }
        guard let compiled else { throw SQLError(.usage, "The statement is empty.", statement: text) }
        guard !hasMore, !text.utf8.contains(0) else {
            sqlite3_finalize(compiled)
            throw SQLError(
                .usage, "One statement at a time: there is more after the first one's end.", statement: text)
        }
        return try PreparedStatement(handle: compiled, text: text)
    }

    /// Whether there is more than blanks and comments.
    private static func hasStatement(_ tail: UnsafePointer<CChar>, _ length: Int32, _ handle: OpaquePointer) -> Bool {
        guard length > 0 else { return false }
        var compiled: OpaquePointer?
        let code = sqlite3_prepare_v2(handle, tail, length, &compiled, nil)
        sqlite3_finalize(compiled)
        return code != SQLITE_OK || compiled != nil
    }

    // MARK: The driver's own statements

    /// Runs a statement that callers may not: a pragma, a transaction's beginning or end.
    @discardableResult
    func drive(_ text: String) throws(SQLError) -> SQLRows {
        watch.isDriver = true
        watch.deadline = .never
        watch.call = nil
        defer { watch.isDriver = false }
        return try run(SQLStatement(text, []), .write).rows
    }

    /// Undoes the whole transaction, if SQLite has not by itself.
    func rollBack() {
        if !isIdle { _ = try? drive("ROLLBACK") }
    }

    /// Whether no transaction is open. After a failure it tells whether SQLite undid the whole of it by itself.
    var isIdle: Bool {
        guard let handle else { return true }
        return sqlite3_get_autocommit(handle) != 0
    }

    /// Whether a deferred foreign key is broken now, so that COMMIT would fail.
    var hasBrokenForeignKeys: Bool {
        var current: Int32 = 0
        var highest: Int32 = 0
        sqlite3_db_status(handle, SQLITE_DBSTATUS_DEFERRED_FKS, &current, &highest, 0)
        return current != 0
    }

    func error(_ code: Int32, statement: String?) -> SQLError {
        SQLError(code: code, of: handle, statement: statement, location: location)
    }
}
