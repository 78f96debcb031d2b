import CSQLite
import Glibc
import MartletCore
import MartletSQL
import MartletSQLite
import Testing

/// A folder that is removed with everything in it.
final class Scratch: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/martlet-sqlite-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { throw Missing() }
        path = String(cString: made)
    }

    var file: String { path + "/store.db" }

    func open(_ configuration: SQLiteConfiguration = SQLiteConfiguration()) async throws -> SQLiteDatabase {
        try await SQLiteDatabase.open(.file(path: file), configuration: configuration)
    }

    deinit { Scratch.remove(path) }

    private static func remove(_ path: String) {
        if let folder = opendir(path) {
            while let entry = readdir(folder) {
                let name = withUnsafePointer(to: &entry.pointee.d_name) {
                    $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
                if name != ".", name != ".." { remove(path + "/" + name) }
            }
            closedir(folder)
            rmdir(path)
        } else {
            unlink(path)
        }
    }
}

/// A second connection, as another process would have it.
final class Outsider: @unchecked Sendable {  // One call at a time, by `handle`'s lock.
    private let handle: Locked<OpaquePointer>

    init(_ path: String) throws {
        var opened: OpaquePointer?
        #expect(sqlite3_open_v2(path, &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_FULLMUTEX, nil) == SQLITE_OK)
        handle = Locked(try #require(opened))
    }

    deinit { _ = handle.withLock { sqlite3_close_v2($0) } }

    @discardableResult
    func run(_ sql: String) -> Int32 {
        handle.withLock { handle in sqlite3_exec(handle, sql, nil, nil, nil) }
    }

    /// The first column of the first row; -1 when there is none.
    func integer(_ sql: String) -> Int {
        handle.withLock { handle in
            var statement: OpaquePointer?
            defer { sqlite3_finalize(statement) }
            guard sqlite3_prepare_v2(handle, sql, -1, &statement, nil) == SQLITE_OK else { return -1 }
            return sqlite3_step(statement) == SQLITE_ROW ? Int(sqlite3_column_int64(statement, 0)) : -1
        }
    }
}

/// Closed until it is opened, once.
final class Gate: Sendable {
    private let state = Locked((isOpen: false, waiters: [CheckedContinuation<Void, Never>]()))

    func open() {
        let waiters = state.withLock { state in
            state.isOpen = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    func wait() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiters.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }
}

/// Yields until `condition` holds: for what another thread is about to do. The suite's time limit ends a wait in vain.
func eventually(_ condition: () async throws -> Bool) async rethrows {
    while try await !condition() {
        if Task.isCancelled { return }
        await Task.yield()
    }
}

/// Keeps the writer busy with a transaction until `release`, while `body` puts calls in behind it.
func whileHeld(
    _ database: SQLiteDatabase, calls: Int, _ body: (inout ThrowingTaskGroup<Void, any Error>) -> Void,
    then: () async throws -> Void = {}
) async throws {
    let (entered, release) = (Gate(), Gate())
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
            try await database.transaction { _ in
                entered.open()
                await release.wait()
            }
        }
        await entered.wait()
        body(&group)
        await eventually { database.statistics.waiting == calls + 1 }
        try await then()
        release.open()
        try await group.waitForAll()
    }
}

/// Runs `body` with a deadline on its calls.
func within<Value: Sendable>(
    _ duration: Duration, _ body: @Sendable () async throws -> Value
) async rethrows -> Value {
    try await CallContext.$current.withValue(
        CallContext(trace: .root(), deadline: .now + duration), operation: body)
}

/// The ``SQLError`` that `body` throws; any other error, or none, fails the test.
func sqlError(_ body: () async throws -> Void) async throws -> SQLError {
    do {
        try await body()
    } catch let error as SQLError {
        return error
    }
    throw Missing()
}

struct Missing: Error {}

/// Never ends by itself.
let endless: SQLStatement = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
let endlessWrite: SQLStatement = """
    INSERT INTO v (n) WITH RECURSIVE n (i) AS (SELECT 1000000 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n WHERE i < 0
    """
