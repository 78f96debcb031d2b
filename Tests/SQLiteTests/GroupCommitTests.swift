import MartletCore
import MartletSQL
import MartletSQLite
import Testing

@Suite("Group commit", .timeLimit(.minutes(1)))
struct GroupCommitTests {
    @Test("thousands of callers share commits, and each finds its row on disk when it is answered")
    func answeredMeansStored() async throws {
        let scratch = try Scratch()
        let database = try await scratch.open()
        try await database.execute("CREATE TABLE v (n INTEGER PRIMARY KEY)")
        let outsider = try Outsider(scratch.file)
        let before = database.statistics
        let callers = 3000
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<callers {
                group.addTask {
                    try await database.execute("INSERT INTO v VALUES (\(number))")
                    return outsider.integer("SELECT n FROM v WHERE n = \(number)") == number
                }
            }
            for try await isStored in group { #expect(isStored) }
        }
        let statistics = database.statistics
        #expect(statistics.writes - before.writes == callers)
        #expect(statistics.commits - before.commits < callers / 4)
        #expect(statistics.largestBatch <= 512)
        #expect(statistics.waiting == 0)
        await database.close()
    }

    @Test("calls that came together are one commit")
    func oneCommit() async throws {
        var configuration = SQLiteConfiguration()
        configuration.batchTimeLimit = .seconds(60)
        let database = try await SQLiteDatabase.open(.memory, configuration: configuration)
        try await database.execute("CREATE TABLE v (n INTEGER)")
        let before = database.statistics.commits
        try await whileHeld(database, calls: 100) { group in
            for number in 0..<100 { group.addTask { try await database.execute("INSERT INTO v VALUES (\(number))") } }
        }
        // The transaction that held them up is in it too.
        #expect(database.statistics.commits == before + 1)
        #expect(database.statistics.largestBatch == 101)
        await database.close()
    }

    @Test("who is told that a row exists already finds it")
    func failuresAreCommittedToo() async throws {
        let scratch = try Scratch()
        let database = try await scratch.open()
        try await database.execute("CREATE TABLE v (n INTEGER PRIMARY KEY)")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<600 {
                group.addTask {
                    let row = number / 3
                    do {
                        if number % 2 == 0 {
                            try await database.execute("INSERT INTO v VALUES (\(row))")
                        } else {
                            try await database.transaction { _ = try await $0.execute("INSERT INTO v VALUES (\(row))") }
                        }
                    } catch let error as SQLError where error.constraint != nil {
                        #expect(try await database.query("SELECT n FROM v WHERE n = \(row)").count == 1)
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await database.single("SELECT count(*) FROM v")?.get(0) == 200)
        await database.close()
    }

    @Test("a batch is no larger than its limit")
    func batchLimit() async throws {
        var configuration = SQLiteConfiguration()
        configuration.batchLimit = 10
        configuration.batchTimeLimit = .seconds(60)
        let database = try await SQLiteDatabase.open(.memory, configuration: configuration)
        try await database.execute("CREATE TABLE v (n INTEGER)")
        let before = database.statistics.commits
        try await whileHeld(database, calls: 99) { group in
            for number in 0..<99 { group.addTask { try await database.execute("INSERT INTO v VALUES (\(number))") } }
        }
        #expect(database.statistics.commits == before + 10)
        #expect(database.statistics.largestBatch == 10)
        await database.close()
    }

    @Test("what is not committed is not seen by readers")
    func readersSeeCommitted() async throws {
        let scratch = try Scratch()
        let database = try await scratch.open()
        try await database.execute("CREATE TABLE v (n INTEGER)")
        let count = try await database.transaction { transaction in
            try await transaction.execute("INSERT INTO v VALUES (1)")
            return try Outsider(scratch.file).integer("SELECT count(*) FROM v")
        }
        #expect(count == 0)
        #expect(try await database.query("SELECT n FROM v").count == 1)
        await database.close()
    }

    @Test("a read does not wait for a transaction that is under way")
    func readsPassWrites() async throws {
        let scratch = try Scratch()
        let database = try await scratch.open()
        try await database.execute("CREATE TABLE v (n INTEGER)")
        try await whileHeld(database, calls: 1) { group in
            group.addTask { try await database.execute("INSERT INTO v VALUES (1)") }
        } then: {
            let rows = try await database.query("SELECT n FROM v")
            #expect(rows.isEmpty)
        }
        #expect(try await database.query("SELECT n FROM v").count == 1)
        await database.close()
    }

    /// What a statement may do to its batch, beyond failing: each is one statement that must fail alone.
    static let culprits: [SQLStatement] = [
        "INSERT INTO v (n) VALUES (0)",  // ABORT: undoes itself
        "INSERT OR ROLLBACK INTO v (n) VALUES (0)",  // undoes the batch
        "INSERT INTO children (parent) VALUES (99)",  // would fail the commit
        "INSERT INTO v (n) VALUES ('rolled back by a trigger')",
        "INSERT INTO nowhere VALUES (1)",
    ]

    @Test("a statement that fails in a batch fails its own caller alone", arguments: culprits)
    func failsAlone(_ culprit: SQLStatement) async throws {
        let scratch = try Scratch()
        let database = try await scratch.open()
        try await database.execute("CREATE TABLE v (n INTEGER UNIQUE)")
        try await database.execute("INSERT INTO v VALUES (0)")
        try await database.execute("CREATE TABLE parents (id INTEGER PRIMARY KEY)")
        try await database.execute(
            "CREATE TABLE children (parent INTEGER REFERENCES parents (id) DEFERRABLE INITIALLY DEFERRED)")
        try await database.execute(
            """
            CREATE TRIGGER guard BEFORE INSERT ON v WHEN typeof(NEW.n) = 'text' \
            BEGIN SELECT RAISE(ROLLBACK, 'no texts'); END
            """)
        let failures = Locked(0)
        let (entered, release) = (Gate(), Gate())
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                // Empty: it only holds the others up. Where the batch is undone, so is it.
                do {
                    try await database.transaction { _ in
                        entered.open()
                        await release.wait()
                    }
                } catch let error as SQLError where error.kind == .rolledBack {}
            }
            await entered.wait()
            for number in 1...50 {
                group.addTask {
                    if number % 10 == 0 {
                        _ = try await sqlError { try await database.execute(culprit) }
                        failures.withLock { $0 += 1 }
                    } else {
                        try await database.execute("INSERT INTO v (n) VALUES (\(number))")
                    }
                }
            }
            await eventually { database.statistics.waiting == 51 }
            release.open()
            try await group.waitForAll()
        }
        #expect(failures.withLock { $0 } == 5)
        #expect(try await database.single("SELECT count(*) FROM v WHERE n > 0")?.get(0) == 45)
        #expect(try await database.query("SELECT parent FROM children").isEmpty)
        await database.close()
    }

    @Test("a write that runs past its deadline is undone, and the rest of its batch is not")
    func interruptedWrite() async throws {
        let scratch = try Scratch()
        let database = try await scratch.open()
        try await database.execute("CREATE TABLE v (n INTEGER UNIQUE)")
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                let error = try await sqlError {
                    try await within(.milliseconds(100)) { _ = try await database.execute(endlessWrite) }
                }
                #expect(error.kind == .timeout)
            }
            for number in 0..<200 { group.addTask { try await database.execute("INSERT INTO v VALUES (\(number))") } }
            try await group.waitForAll()
        }
        #expect(try await database.single("SELECT count(*) FROM v")?.get(0) == 200)
        await database.close()
    }
}
