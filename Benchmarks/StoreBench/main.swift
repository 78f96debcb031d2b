// Rows a second with many callers that each wait for their row's fsync, against a bare SQLite loop that commits so many
// rows at a time on the same disk. Rounds in turn; the median of the paired ratios is what counts.
//
//     MARTLET_BENCH=1 swift run -c release StoreBench [callers] [rounds] [folder]

internal import CSQLite
internal import Glibc
internal import MartletCore
internal import MartletRuntime
internal import MartletSQL
internal import MartletSQLite

let table = "CREATE TABLE logs (id INTEGER PRIMARY KEY, name TEXT NOT NULL, data TEXT NOT NULL, at INTEGER NOT NULL)"
let name = "event"
let data = "Some kind of data"

func argument(_ index: Int, or standard: Int) -> Int {
    index < CommandLine.arguments.count ? max(1, Int(CommandLine.arguments[index]) ?? standard) : standard
}

/// The same settings as the driver's, one thread, nothing else.
func bareLoop(path: String, rows: Int, group: Int) -> Double {
    var handle: OpaquePointer?
    sqlite3_open(path, &handle)
    defer { sqlite3_close(handle) }
    for text in ["PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL", table] {
        sqlite3_exec(handle, text, nil, nil, nil)
    }
    var statement: OpaquePointer?
    sqlite3_prepare_v2(handle, "INSERT INTO logs (name, data, at) VALUES (?, ?, ?)", -1, &statement, nil)
    defer { sqlite3_finalize(statement) }
    let start = MonotonicTime.now
    var row = 0
    while row < rows {
        sqlite3_exec(handle, "BEGIN IMMEDIATE", nil, nil, nil)
        for _ in 0..<group {
            martlet_sqlite3_bind_text_copy(statement, 1, name, Int32(name.utf8.count))
            martlet_sqlite3_bind_text_copy(statement, 2, data, Int32(data.utf8.count))
            sqlite3_bind_int64(statement, 3, Int64(row))
            sqlite3_step(statement)
            sqlite3_reset(statement)
            sqlite3_clear_bindings(statement)
            row += 1
        }
        sqlite3_exec(handle, "COMMIT", nil, nil, nil)
    }
    return Double(row) / MonotonicTime.now.since(start).inSeconds
}

func callers(
    path: String, rows: Int, callers: Int, transactions: Bool, loop: EventLoop
) async throws -> (rate: Double, perCommit: Double) {
    let database = try await SQLiteDatabase.open(.file(path: path))
    try await database.execute(SQLStatement(table, []))
    let before = database.statistics
    let start = MonotonicTime.now
    try await withThrowingTaskGroup(of: Void.self) { group in
        for caller in 0..<callers {
            group.addTask(executorPreference: loop) {
                for row in 0..<(rows / callers) {
                    if transactions {
                        try await database.transaction { transaction in
                            _ = try await transaction.execute(
                                "INSERT INTO logs (name, data, at) VALUES (\(name), \(data), \(row * caller))")
                        }
                    } else {
                        try await database.execute(
                            "INSERT INTO logs (name, data, at) VALUES (\(name), \(data), \(row * caller))")
                    }
                }
            }
        }
        try await group.waitForAll()
    }
    let seconds = MonotonicTime.now.since(start).inSeconds
    let statistics = database.statistics
    await database.close()
    let commits = statistics.commits - before.commits
    return (Double(rows) / seconds, Double(statistics.writes - before.writes) / Double(max(1, commits)))
}

let count = argument(1, or: 64)
let rounds = argument(2, or: 9)
let folder = CommandLine.arguments.count > 3 ? CommandLine.arguments[3] : "."
let rows = 600 * count
let loop = EventLoop(name: "callers")
for transactions in [false, true] {
    var ratios: [Double] = []
    for round in 0..<rounds {
        var paths: [String] = []
        for kind in ["bare", "martlet"] {
            let path = "\(folder)/store-bench-\(getpid())-\(round)-\(kind).db"
            paths += [path, path + "-wal", path + "-shm"]
        }
        defer { for path in paths { unlink(path) } }
        let bare = bareLoop(path: paths[0], rows: rows, group: count)
        let ours = try await callers(
            path: paths[3], rows: rows, callers: count, transactions: transactions, loop: loop)
        ratios.append(ours.rate / bare)
        print(
            "\(transactions ? "transactions" : "statements"), \(count) callers: \(Int(ours.rate)) rows/s,",
            "\(Int(ours.perCommit)) a commit; bare loop \(Int(bare)); ratio \(Int(100 * ours.rate / bare)) %")
    }
    let median = ratios.sorted()[ratios.count / 2]
    print("\(transactions ? "transactions" : "statements"): median ratio \(Int(100 * median)) %")
}
loop.stop()
