// SQLite as a service's store: a driver of the SQL room. One thread writes, one reads; writes of many callers share a
// commit, and each is answered after the disk has it.
//
// What it is not: a pool, a replica, a server. One process owns the file; another that opens it is waited for, briefly.

internal import MartletCore
internal import MartletRuntime
public import MartletSQL

/// An open SQLite database. Safe to call from any task, by thousands at once.
///
///     let users = try await SQLiteDatabase.open(.file(path: "data/users.db"))
///     try await users.migrate(migrations)
///     try await users.execute("INSERT INTO users (email) VALUES (\(email))")       // on disk when it returns
///     let row = try await users.single("SELECT id, email FROM users WHERE email = \(email)")
///
/// WAL, `synchronous=FULL`, foreign keys on, the schema not trusted; the file is made with mode 0600, its folder 0700.
public final class SQLiteDatabase: SQLDatabase {
    public let location: SQLiteLocation
    public let configuration: SQLiteConfiguration

    private let writer: SQLiteWriter
    /// Nil in memory: a second connection would see another database.
    private let reader: SQLiteReader?
    private let closing = Locked(Closing.open)

    private enum Closing {
        case open
        case closing([UnsafeContinuation<Void, Never>])
        case closed
    }

    private init(
        location: SQLiteLocation, configuration: SQLiteConfiguration, writer: SQLiteWriter, reader: SQLiteReader?
    ) {
        self.location = location
        self.configuration = configuration
        self.writer = writer
        self.reader = reader
    }

    deinit {
        let wasOpen = closing.withLock { if case .open = $0 { true } else { false } }
        guard wasOpen else { return }
        // Nobody waits for anything, or this would not go: there is nothing to finish.
        writer.loop.stop()
        reader?.loop.stop()
    }

    // MARK: Opening

    /// Opens the database, and makes it when it is missing. What is no database, is damaged in its first pages or
    /// cannot be written is an ``SQLError`` that says so.
    public static func open(
        _ location: SQLiteLocation, configuration: SQLiteConfiguration = SQLiteConfiguration()
    ) async throws -> SQLiteDatabase {
        let (writerLoop, connection) = try await connect(location, .writer, configuration)
        let writer = SQLiteWriter(connection: connection, loop: writerLoop, configuration: configuration)
        guard location != .memory else {
            return SQLiteDatabase(location: location, configuration: configuration, writer: writer, reader: nil)
        }
        do {
            let (readerLoop, connection) = try await connect(location, .reader, configuration)
            let reader = SQLiteReader(connection: connection, loop: readerLoop, configuration: configuration)
            return SQLiteDatabase(location: location, configuration: configuration, writer: writer, reader: reader)
        } catch {
            writerLoop.stop()
            throw error
        }
    }

    /// Opens `sqlite:PATH` or `sqlite::memory:`; see ``SQLiteLocation/init(dsn:)``.
    public static func open(
        dsn: String, configuration: SQLiteConfiguration = SQLiteConfiguration()
    ) async throws -> SQLiteDatabase {
        try await open(SQLiteLocation(dsn: dsn), configuration: configuration)
    }

    /// A thread, and a connection opened there: opening reads the disk, and may wait for a lock.
    private static func connect(
        _ location: SQLiteLocation, _ role: SQLiteConnection.Role, _ configuration: SQLiteConfiguration
    ) async throws -> (EventLoop, SQLiteConnection) {
        let loop = EventLoop(name: role == .writer ? "sqlite-write" : "sqlite-read", worksOffQueue: role == .writer)
        do {
            // Through a lock and not through the continuation: see `SQLiteCall.isAnswered`.
            let opened = Locked<Result<SQLiteConnection, any Error>>(.failure(CancellationError()))
            await withUnsafeContinuation { continuation in
                loop.execute {
                    let result = Result {
                        if case .file(let path) = location, configuration.vfs == nil {
                            try DatabaseFile.create(at: path)
                        }
                        return try SQLiteConnection(location, role: role, configuration: configuration)
                    }
                    opened.withLock { $0 = result }
                    continuation.resume()
                }
            }
            return (loop, try opened.withLock { $0 }.get())
        } catch {
            loop.stop()
            throw error
        }
    }

    // MARK: Statements

    public func query(_ statement: SQLStatement, limit: Int) async throws -> SQLRows {
        try refuseInBody()
        let call = call(statement, .read(rowLimit: limit))
        if let reader {
            return try await answer(call, through: reader.mailbox) { reader.wake() }.rows
        }
        return try await answer(call, through: writer.mailbox) { writer.wake() }.rows
    }

    @discardableResult
    public func execute(_ statement: SQLStatement) async throws -> SQLResult {
        try refuseInBody()
        return try await answer(call(statement, .write), through: writer.mailbox) { writer.wake() }
    }

    private func call(_ statement: SQLStatement, _ access: SQLiteConnection.Access) -> SQLiteCall {
        let now = MonotonicTime.now
        return SQLiteCall(
            statement, access, deadline: deadline(within: configuration.statementTimeLimit, of: now),
            patience: now + configuration.busyTimeout)
    }

    private func answer(
        _ call: SQLiteCall, through mailbox: SQLiteMailbox, wake: () -> Void
    ) async throws -> SQLResult {
        await withUnsafeContinuation { continuation in
            call.willWait(continuation)
            do {
                if try mailbox.put(call) { wake() }
            } catch {
                call.answer(failure: error)
            }
        }
        return try call.outcome()
    }

    private func deadline(within limit: Duration, of now: MonotonicTime) -> MonotonicTime {
        min(now + limit, CallContext.current?.deadline ?? .never)
    }

    // MARK: Transactions

    /// Runs `body` on the database's own thread; its statements run there at once, without a hop.
    ///
    /// Others' writes wait meanwhile, so a body that is not done within ``SQLiteConfiguration/transactionTimeLimit`` is
    /// undone, and throws ``SQLError/Kind/timeout``.
    public func transaction<Value: Sendable>(
        _ body: @Sendable (any SQLTransaction) async throws -> Value
    ) async throws -> Value {
        try refuseInBody()
        let now = MonotonicTime.now
        let state = TransactionState(
            deadline: deadline(within: configuration.transactionTimeLimit, of: now),
            patience: now + configuration.busyTimeout)
        try Task.checkCancellation()
        try writer.mailbox.admitTransaction()
        let (result, ticket) = await withTaskExecutorPreference(writer.loop) { await writer.run(state, body) }
        switch result {
        case .success(let value):
            try await ticket?.wait()
            return value
        case .failure(let error):
            // The body's own failure is what its caller is told, whatever becomes of the batch.
            _ = try? await ticket?.wait()
            throw error
        }
    }

    /// A body that called the database instead of its transaction would wait for itself.
    private func refuseInBody() throws(SQLError) {
        guard !writer.loop.isCurrent else {
            throw SQLError(.usage, "Inside transaction { } use the transaction it is given, not the database.")
        }
    }

    // MARK: State

    /// What the database has done so far.
    public var statistics: SQLiteStatistics {
        var statistics = writer.statistics.withLock { $0 }
        statistics.waiting = writer.mailbox.unanswered + (reader?.mailbox.unanswered ?? 0)
        return statistics
    }

    /// What is wrong with the file, as SQLite's quick check finds it; empty when nothing is. Reads all of it.
    public func integrityProblems() async throws -> [String] {
        do {
            let findings: [String] = try await query("PRAGMA quick_check", limit: 100).map { try $0.get(0) }
            return findings == ["ok"] ? [] : findings
        } catch let error as SQLError where error.kind == .corrupt {
            return [error.message]
        }
    }

    // MARK: Closing

    public func close() async {
        let isFirst = closing.withLock { closing in
            guard case .open = closing else { return false }
            closing = .closing([])
            return true
        }
        guard isFirst else { return await waitUntilClosed() }
        writer.mailbox.close()
        reader?.mailbox.close()
        await reader?.close()
        await writer.close()
        let waiters: [UnsafeContinuation<Void, Never>] = closing.withLock { state in
            guard case .closing(let waiters) = state else { return [] }
            state = .closed
            return waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    private func waitUntilClosed() async {
        await withUnsafeContinuation { continuation in
            let isClosed = closing.withLock { state in
                guard case .closing(let waiters) = state else { return true }
                state = .closing(waiters + [continuation])
                return false
            }
            if isClosed { continuation.resume() }
        }
    }
}
