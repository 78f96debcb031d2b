import MartletCore
import MartletRuntime
import MartletSQL
import MartletSQLite
import Testing

@Suite("Transactions on SQLite", .timeLimit(.minutes(1)))
struct TransactionTests {
    @Test("a body that keeps the database too long is undone, and others go on")
    func bodyTimeLimit() async throws {
        var configuration = SQLiteConfiguration()
        configuration.transactionTimeLimit = .milliseconds(50)
        let database = try await SQLiteDatabase.open(.memory, configuration: configuration)
        try await database.execute("CREATE TABLE v (n INTEGER)")
        let (entered, release) = (Gate(), Gate())
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                // Even if its time was over before it came that far.
                defer { entered.open() }
                let error = try await sqlError {
                    try await database.transaction { transaction in
                        try await transaction.execute("INSERT INTO v VALUES (1)")
                        entered.open()
                        await release.wait()
                        let late = try await sqlError { try await transaction.execute("INSERT INTO v VALUES (2)") }
                        #expect(late.kind == .timeout)
                    }
                }
                #expect(error.kind == .timeout)
            }
            await entered.wait()
            // Answered only because the body's time is over.
            try await database.execute("INSERT INTO v VALUES (3)")
            release.open()
            try await group.waitForAll()
        }
        let rows: [Int] = try await database.query("SELECT n FROM v").map { try $0.get(0) }
        #expect(rows == [3])
        await database.close()
    }

    @Test("who waits for a transaction to end waits no longer than its own deadline")
    func waitersTimeOut() async throws {
        let database = try await SQLiteDatabase.open(.memory)
        try await database.execute("CREATE TABLE v (n INTEGER)")
        try await whileHeld(database, calls: 0) { _ in
        } then: {
            let statement = try await sqlError {
                try await within(.milliseconds(20)) { _ = try await database.execute("INSERT INTO v VALUES (1)") }
            }
            #expect(statement.kind == .timeout)
            let transaction = try await sqlError {
                try await within(.milliseconds(20)) { try await database.transaction { _ in } }
            }
            #expect(transaction.kind == .timeout)
        }
        #expect(try await database.query("SELECT n FROM v").isEmpty)
        await database.close()
    }

    @Test("transactions whose bodies wait take turns, and statements get in between")
    func turns() async throws {
        let scratch = try Scratch()
        let database = try await scratch.open()
        try await database.execute("CREATE TABLE v (n INTEGER PRIMARY KEY, owner INTEGER)")
        let inside = Locked(0)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for owner in 0..<40 {
                group.addTask {
                    try await database.transaction { transaction in
                        #expect(
                            inside.withLock {
                                $0 += 1
                                return $0
                            } == 1)
                        for _ in 0..<3 {
                            try await transaction.execute("INSERT INTO v (owner) VALUES (\(owner))")
                            await Task.yield()
                        }
                        inside.withLock { $0 -= 1 }
                    }
                }
                group.addTask { try await database.execute("INSERT INTO v (owner) VALUES (-1)") }
            }
            try await group.waitForAll()
        }
        #expect(try await database.single("SELECT count(*) FROM v")?.get(0) == 160)
        // Nobody's three rows have another's between them.
        let split = try await database.single(
            "SELECT count(*) FROM (SELECT owner FROM v WHERE owner >= 0 GROUP BY owner HAVING max(n) - min(n) > 2)")
        #expect(try split?.get(0) == 0)
        await database.close()
    }

    @Test("a body that waits for its own statements alone runs in one go, and shares the commit with others")
    func sharedCommits() async throws {
        let scratch = try Scratch()
        let database = try await scratch.open()
        try await database.execute("CREATE TABLE v (n INTEGER)")
        let before = database.statistics
        let loop = EventLoop(name: "callers")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<1000 {
                // As a server's handlers run: with an executor of their own, which they would be sent back to.
                group.addTask(executorPreference: loop) {
                    try await database.transaction { transaction in
                        for _ in 0..<3 { try await transaction.execute("INSERT INTO v VALUES (\(number))") }
                    }
                }
            }
            try await group.waitForAll()
        }
        loop.stop()
        #expect(database.statistics.writes == before.writes + 1000)
        #expect(database.statistics.commits - before.commits < 250)
        #expect(try await database.single("SELECT count(*) FROM v")?.get(0) == 3000)
        await database.close()
    }

    @Test("the database itself is refused inside a body, where it would wait for ever")
    func databaseInsideBody() async throws {
        let database = try await SQLiteDatabase.open(.memory)
        let error = try await sqlError {
            try await database.transaction { _ in _ = try await database.query("SELECT 1") }
        }
        #expect(error.kind == .usage)
        await database.close()
    }

    @Test("a transaction is of no use once its body has ended")
    func escaped() async throws {
        let database = try await SQLiteDatabase.open(.memory)
        let kept = Locked((any SQLTransaction)?.none)
        try await database.transaction { transaction in kept.withLock { $0 = transaction } }
        let transaction = try #require(kept.withLock { $0 })
        #expect(try await sqlError { _ = try await transaction.query("SELECT 1") }.kind == .usage)
        await database.close()
    }

    @Test("a transaction that breaks a deferred foreign key is undone alone")
    func deferredForeignKey() async throws {
        let database = try await SQLiteDatabase.open(.memory)
        try await database.execute("CREATE TABLE parents (id INTEGER PRIMARY KEY)")
        try await database.execute(
            "CREATE TABLE children (parent INTEGER REFERENCES parents (id) DEFERRABLE INITIALLY DEFERRED)")
        let error = try await sqlError {
            try await database.transaction { _ = try await $0.execute("INSERT INTO children VALUES (1)") }
        }
        #expect(error.constraint?.rule == .foreignKey)
        try await database.transaction { transaction in
            try await transaction.execute("INSERT INTO children VALUES (1)")
            try await transaction.execute("INSERT INTO parents VALUES (1)")
        }
        #expect(try await database.query("SELECT parent FROM children").count == 1)
        await database.close()
    }

    @Test("a statement that undoes the whole transaction ends it")
    func rolledBackInside() async throws {
        let database = try await SQLiteDatabase.open(.memory)
        try await database.execute("CREATE TABLE v (n INTEGER UNIQUE)")
        let error = try await sqlError {
            try await database.transaction { transaction in
                try await transaction.execute("INSERT INTO v VALUES (1)")
                _ = try? await transaction.execute("INSERT OR ROLLBACK INTO v VALUES (1)")
                _ = try? await transaction.execute("INSERT INTO v VALUES (2)")
            }
        }
        #expect(error.constraint?.rule == .unique)
        #expect(try await database.query("SELECT n FROM v").isEmpty)
        try await database.execute("INSERT INTO v VALUES (3)")
        await database.close()
    }

    @Test("a cancelled task's transaction is undone")
    func cancelled() async throws {
        let database = try await SQLiteDatabase.open(.memory)
        try await database.execute("CREATE TABLE v (n INTEGER)")
        let (entered, release) = (Gate(), Gate())
        let task = Task {
            try await database.transaction { transaction in
                try await transaction.execute("INSERT INTO v VALUES (1)")
                entered.open()
                await release.wait()
                try await transaction.execute("INSERT INTO v VALUES (2)")
            }
        }
        await entered.wait()
        task.cancel()
        release.open()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(try await database.query("SELECT n FROM v").isEmpty)
        await database.close()
    }
}
