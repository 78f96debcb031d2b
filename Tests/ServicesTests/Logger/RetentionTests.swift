import MartletCore
import MartletHTTP
import MartletSQL
import MartletSQLite
import MartletWire
import Testing

@testable import LoggerService

@Suite("The logger's retention and failures", .timeLimit(.minutes(1)))
struct RetentionTests {
    private let clock = Locked<Int64>(1_700_000_000_000_000_000)

    private func store() async throws -> (SQLLogStore, SQLiteDatabase) {
        let database = try await SQLiteDatabase.open(.memory)
        return (try await SQLLogStore(database) { [clock] in clock.withLock { $0 } }, database)
    }

    private func names(_ store: SQLLogStore) async throws -> [String] {
        var query = LogQuery()
        query.limit = 1000
        return try await store.page(query).entries.map(\.name)
    }

    @Test("entries over the age go, younger ones stay")
    func age() async throws {
        let (store, database) = try await store()
        for hour in 0..<10 {
            clock.withLock { $0 += 3_600_000_000_000 }
            try await store.append(LogEntry(name: "\(hour)", data: ""))
        }
        let limits = RetentionLimits(age: .seconds(3 * 3600), size: 1 << 30)
        #expect(try await store.prune(limits) == 6)
        #expect(try await names(store) == ["9", "8", "7", "6"], "one that is just as old as allowed stays")
        #expect(try await store.prune(limits) == 0)
        await database.close()
    }

    @Test("more old entries than one step takes go all the same")
    func many() async throws {
        let (store, database) = try await store()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<2500 { group.addTask { try await store.append(LogEntry(name: "\(number)", data: "")) } }
            try await group.waitForAll()
        }
        clock.withLock { $0 += 7_200_000_000_000 }
        try await store.append(LogEntry(name: "new", data: ""))
        #expect(try await store.prune(RetentionLimits(age: .seconds(3600), size: 1 << 30)) == 2500)
        #expect(try await names(store) == ["new"])
        await database.close()
    }

    @Test("a store over its size forgets the oldest, and no more of them than it has to")
    func size() async throws {
        let (store, database) = try await store()
        let data = String(repeating: "x", count: 100_000)
        for number in 0..<30 { try await store.append(LogEntry(name: "\(number)", data: data)) }
        let limits = RetentionLimits(age: .seconds(3600), size: 2_000_000)
        let pruned = try await store.prune(limits)
        let left = try await names(store)
        #expect(left == (pruned..<30).reversed().map { "\($0)" }, "the newest are kept")
        // 30 entries are 3 MB, so at least ten must go; steps of 1, 2, 4 and 8 make it fifteen.
        #expect((10...15).contains(pruned))
        #expect(try await store.prune(limits) == 0)
        await database.close()
    }

    @Test("a limit that holds nothing ends with an empty store, not in a loop")
    func impossible() async throws {
        let (store, database) = try await store()
        for number in 0..<5 { try await store.append(LogEntry(name: "\(number)", data: "")) }
        #expect(try await store.prune(RetentionLimits(age: .seconds(3600), size: 0)) == 5)
        #expect(try await names(store).isEmpty)
        await database.close()
    }

    private func ids(_ store: SQLLogStore) async throws -> [Int64] {
        try await store.page(LogQuery()).entries.map(\.id)
    }

    @Test("an id is never given twice, not even after everything was forgotten and the store was opened anew")
    func ids() async throws {
        let database = try await SQLiteDatabase.open(.memory)
        let everything = RetentionLimits(age: .seconds(60), size: 0)
        let clock = { @Sendable [clock] in clock.withLock { $0 } }
        var store = try await SQLLogStore(database, clock: clock)
        for _ in 0..<5 { try await store.append(LogEntry(name: "old", data: "")) }
        #expect(try await store.prune(everything) == 5)
        store = try await SQLLogStore(database, clock: clock)
        for _ in 0..<2 { try await store.append(LogEntry(name: "new", data: "")) }
        #expect(try await ids(store) == [7, 6])
        #expect(try await store.prune(everything) == 2)
        try await store.append(LogEntry(name: "newest", data: ""))
        #expect(try await ids(store) == [8])
        await database.close()
    }

    @Test("nor after an operator has deleted the newest")
    func deletedByHand() async throws {
        let (store, database) = try await store()
        for _ in 0..<5 { try await store.append(LogEntry(name: "old", data: "")) }
        try await database.execute("DELETE FROM logs WHERE id > 2")
        for _ in 0..<2 { try await store.append(LogEntry(name: "new", data: "")) }
        #expect(try await ids(store) == [7, 6, 2, 1])
        await database.close()
    }

    @Test("a store from before that rule keeps its entries, and has it from then on")
    func migrated() async throws {
        let database = try await SQLiteDatabase.open(.memory)
        try await database.migrate(Array(SQLLogStore.migrations.prefix(1)))
        try await database.execute("INSERT INTO logs VALUES (41, 'kept', 'd', 1, 1)")
        let store = try await SQLLogStore(database) { [clock] in clock.withLock { $0 } }
        #expect(try await names(store) == ["kept"])
        #expect(try await store.prune(RetentionLimits(age: .seconds(60), size: 1 << 30)) == 1)
        try await store.append(LogEntry(name: "next", data: ""))
        #expect(try await ids(store) == [42])
        await database.close()
    }

    /// The schema as it was before migration 4, which had triggers where there are tombstones now.
    private func oldStore(_ statements: String...) async throws -> (SQLLogStore, SQLiteDatabase) {
        let database = try await SQLiteDatabase.open(.memory)
        try await database.migrate(Array(SQLLogStore.migrations.prefix(3)))
        for statement in statements { try await database.execute(SQLStatement(statement, [])) }
        return (try await SQLLogStore(database) { [clock] in clock.withLock { $0 } }, database)
    }

    private static let tenOldEntries = """
        WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 10) \
        INSERT INTO logs (name, data, created_at, updated_at) SELECT 'old', 'd', n, n FROM n
        """

    @Test(
        "a store of the last version gives no id again whose entry it had forgotten, and keeps the entries it has",
        arguments: [
            ("DELETE FROM logs", 0), ("DELETE FROM logs WHERE id > 7", 7), ("DELETE FROM logs WHERE id < 3", 8),
        ])
    func migratedWithTriggers(deletion: String, left: Int) async throws {
        let (store, database) = try await oldStore(Self.tenOldEntries, deletion)
        #expect(try await names(store).count == left)
        #expect(try await store.newestID() == 10)
        try await store.append(LogEntry(name: "new", data: ""))
        #expect(try await ids(store).first == 11)
        #expect(try await names(store).count == left + 1)
        await database.close()
    }

    @Test("a store of the last version that went on after it had forgotten its newest has nothing but its entries")
    func migratedAndGoneOn() async throws {
        let (store, database) = try await oldStore(
            Self.tenOldEntries, "DELETE FROM logs WHERE id > 3",
            "INSERT INTO logs (name, data, created_at, updated_at) VALUES ('later', 'd', 20, 20)")
        #expect(try await ids(store) == [11, 3, 2, 1])
        #expect(try await database.single("SELECT count(*) FROM logs")?.get(0) == 4)
        await database.close()
    }

    @Test("what keeps an id from being given again is no entry: not of a page, a stretch or a count, nor pruned")
    func tombstone() async throws {
        let (store, database) = try await store()
        for number in 1...3 { try await store.append(LogEntry(name: "", data: "\(number)"), key: "k\(number)") }
        let everything = RetentionLimits(age: .seconds(60), size: 0)
        #expect(try await store.prune(everything) == 3)
        #expect(try await store.prune(everything) == 0, "and pruning ends")
        clock.withLock { $0 += 3_600_000_000_000 }
        #expect(try await store.prune(everything) == 0, "though it is old")
        #expect(try await store.newestID() == 3)
        #expect(try await store.stretch(LogQuery(), after: 0) == LogStretch(end: 3))
        var query = LogQuery()
        query.name = ""
        #expect(try await store.page(query) == LogPage())
        query.since = Timestamp(sinceEpoch: 0)
        query.until = Timestamp(sinceEpoch: .max / 2)
        #expect(try await store.page(query) == LogPage())
        try await store.append(LogEntry(name: "", data: "4"), key: "k3")
        #expect(try await store.page(LogQuery()).entries.map(\.data) == ["4"], "its key is free again")
        await database.close()
    }

    @Test("a tombstone goes when there is a newer entry; there is never more than one")
    func oneTombstone() async throws {
        let (store, database) = try await store()
        func rows() async throws -> Int? { try await database.single("SELECT count(*) FROM logs")?.get(0) }
        for _ in 0..<2 { try await store.append(LogEntry(name: "a", data: "")) }
        #expect(try await store.prune(RetentionLimits(age: .seconds(60), size: 0)) == 2)
        #expect(try await rows() == 1)
        try await store.append(LogEntry(name: "b", data: ""))
        // Without a pruning in between, as when the newest goes while another prunes.
        try await database.execute("DELETE FROM logs WHERE id = 3")
        #expect(try await rows() == 1)
        #expect(try await ids(store).isEmpty)
        try await database.execute("DELETE FROM logs")
        #expect(try await rows() == 1, "not even by hand")
        try await store.append(LogEntry(name: "c", data: ""))
        #expect(try await ids(store) == [4])
        #expect(try await store.prune(RetentionLimits(age: .seconds(60), size: 1 << 30)) == 0)
        #expect(try await rows() == 1)
        #expect(try await names(store) == ["c"])
        await database.close()
    }

    @Test("the janitor prunes at its start, goes on after a failure, and ends when it is told to")
    func janitor() async throws {
        let store = FailingStore(prunesBeforeFailure: 1)
        let log = RecordingLog()
        let janitor = Retention(
            store, RetentionLimits(age: .seconds(60), size: 1), every: .milliseconds(1),
            logger: Logger(label: "test", handler: log))
        let signal = ShutdownSignal()
        store.onPrune = { if $0 == 3 { signal.trigger() } }
        try await ShutdownSignal.$current.withValue(signal) { try await janitor.run() }
        #expect(log.lines.first?.message == "forgot old entries")
        #expect(log.lines.contains { $0.level == .warning && $0.message.contains("the disk is on fire") })
    }

    @Test("a store that fails is not 202: the status says whether to try again, and the text hides the store")
    func storeFailure() async throws {
        try await withService(LoggerApp.self, ["DSN": "sqlite::memory:"]) { logger in
            try await logger.write("a", "")
        }
        let cases: [(SQLiteFailure, Int, String, String?)] = [
            (.closed, 503, "the store cannot be reached; try again", "1"),
            (.busy, 503, "the store is busy; try again", "1"),
            (.full, 503, "the store is full", nil), (.io, 500, "internal error", nil),
            (.late, 504, "the store did not answer in time", nil),
        ]
        for (failure, status, message, wait) in cases {
            let store = FailingStore(failure.error)
            try await withLogBook(store) { logger in
                var fields = ["content-type", "vary"]
                if wait != nil { fields.insert("retry-after", at: 1) }
                let reply = try await logger.post("/log", #"{"name":"n","data":"d"}"#)
                reply.isEnvelope(status, #"{"error":true,"message":"\#(message)"}"#, fields: fields)
                #expect(reply.headers["Retry-After"] == wait)
                #expect(try await logger.get("/logs").status == status)
                #expect(
                    logger.log.lines.contains { $0.message == "unexpected error" },
                    "the log has what the caller has not")
            }
        }
    }
}
