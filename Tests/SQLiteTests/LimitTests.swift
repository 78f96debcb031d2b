import MartletCore
import MartletSQL
import MartletSQLite
import Testing

@Suite("Deadlines, cancellation and limits", .timeLimit(.minutes(1)))
struct LimitTests {
    @Test("a call whose deadline has passed is not run", arguments: [true, false])
    func deadlineBefore(inMemory: Bool) async throws {
        let scratch = try Scratch()
        let database = try await SQLiteDatabase.open(inMemory ? .memory : .file(path: scratch.file))
        try await database.execute("CREATE TABLE v (n INTEGER)")
        let write = try await sqlError {
            try await within(.zero) { _ = try await database.execute("INSERT INTO v VALUES (1)") }
        }
        #expect(write.kind == .timeout)
        #expect(write.serviceError.code == .deadlineExceeded)
        #expect(
            try await sqlError { try await within(.zero) { _ = try await database.query("SELECT 1") } }.kind == .timeout
        )
        let transaction = try await sqlError { try await within(.zero) { try await database.transaction { _ in } } }
        #expect(transaction.kind == .timeout)
        #expect(try await database.query("SELECT n FROM v").isEmpty)
        await database.close()
    }

    @Test("a read that runs past its deadline is stopped", arguments: [true, false])
    func deadlineDuring(inMemory: Bool) async throws {
        let scratch = try Scratch()
        let database = try await SQLiteDatabase.open(inMemory ? .memory : .file(path: scratch.file))
        let error = try await sqlError { try await within(.milliseconds(20)) { _ = try await database.query(endless) } }
        #expect(error.kind == .timeout)
        #expect(try await database.query("SELECT 1").count == 1)
        await database.close()
    }

    @Test("without a deadline a statement has the database's time limit")
    func statementLimit() async throws {
        var configuration = SQLiteConfiguration()
        configuration.statementTimeLimit = .milliseconds(20)
        let database = try await SQLiteDatabase.open(.memory, configuration: configuration)
        #expect(try await sqlError { _ = try await database.query(endless) }.kind == .timeout)
        await database.close()
    }

    @Test("a cancelled read is stopped", arguments: [true, false])
    func cancelledRead(inMemory: Bool) async throws {
        let scratch = try Scratch()
        let database = try await SQLiteDatabase.open(inMemory ? .memory : .file(path: scratch.file))
        let task = Task { try await database.query(endless) }
        await eventually { database.statistics.waiting == 1 }
        task.cancel()
        await #expect(throws: CancellationError.self) { _ = try await task.value }
        #expect(try await database.query("SELECT 1").count == 1)
        await database.close()
    }

    @Test("a write that is cancelled before its turn is not run")
    func cancelledWrite() async throws {
        let database = try await SQLiteDatabase.open(.memory)
        try await database.execute("CREATE TABLE v (n INTEGER)")
        try await whileHeld(database, calls: 0) { _ in
        } then: {
            let task = Task { try await database.execute("INSERT INTO v VALUES (1)") }
            await eventually { database.statistics.waiting == 2 }
            task.cancel()
            // Answered when its turn comes: the transaction goes on first.
            Task.detached { await #expect(throws: CancellationError.self) { _ = try await task.value } }
        }
        await eventually { database.statistics.waiting == 0 }
        #expect(try await database.query("SELECT n FROM v").isEmpty)
        await database.close()
    }

    @Test("one call more than may wait is refused at once")
    func queueLimit() async throws {
        var configuration = SQLiteConfiguration()
        configuration.queueLimit = 11
        let database = try await SQLiteDatabase.open(.memory, configuration: configuration)
        try await database.execute("CREATE TABLE v (n INTEGER)")
        try await whileHeld(database, calls: 10) { group in
            for number in 0..<10 { group.addTask { try await database.execute("INSERT INTO v VALUES (\(number))") } }
        } then: {
            for _ in 0..<3 {
                let error = await #expect(throws: ServiceError.self) {
                    try await database.execute("INSERT INTO v VALUES (99)")
                }
                #expect(error?.code == .unavailable)
                await #expect(throws: ServiceError.self) { try await database.transaction { _ in } }
            }
        }
        #expect(try await database.single("SELECT count(*) FROM v")?.get(0) == 10)
        await database.close()
    }

    @Test("more bytes than may wait are refused, one large value is not")
    func queueBytes() async throws {
        var configuration = SQLiteConfiguration()
        configuration.queueByteLimit = 1000
        let database = try await SQLiteDatabase.open(.memory, configuration: configuration)
        try await database.execute("CREATE TABLE v (t TEXT)")
        let text = String(repeating: "x", count: 900)
        try await database.execute("INSERT INTO v VALUES (\(text + text))")
        try await whileHeld(database, calls: 1) { group in
            group.addTask { try await database.execute("INSERT INTO v VALUES (\(text))") }
        } then: {
            await #expect(throws: ServiceError.self) { try await database.execute("INSERT INTO v VALUES (\(text))") }
        }
        await database.close()
    }

    @Test("closing answers everything that was accepted, and what was answered is stored")
    func closeUnderLoad() async throws {
        let scratch = try Scratch()
        let database = try await scratch.open()
        try await database.execute("CREATE TABLE v (n INTEGER)")
        let stored = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<500 {
                group.addTask {
                    for round in 0..<20 {
                        do {
                            if number % 5 == 0 {
                                try await database.transaction {
                                    _ = try await $0.execute("INSERT INTO v VALUES (\(number))")
                                }
                            } else {
                                try await database.execute("INSERT INTO v VALUES (\(number))")
                            }
                            _ = try await database.query("SELECT 1")
                        } catch let error as SQLError where error.kind == .connectionLost {
                            // The write may have been answered before the read was refused.
                            return error.message.isEmpty ? -1 : round
                        }
                    }
                    return 20
                }
            }
            group.addTask {
                await eventually { database.statistics.writes > 1000 }
                await database.close()
                return 0
            }
            return try await group.reduce(0, +)
        }
        await database.close()
        let outsider = try Outsider(scratch.file)
        let count = outsider.integer("SELECT count(*) FROM v")
        #expect(count >= stored && count <= stored + 500)
        #expect(outsider.integer("SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'") == 0)
    }

    @Test("a database that is let go without closing does no harm")
    func droppedWithoutClose() async throws {
        let scratch = try Scratch()
        for number in 0..<5 {
            let database = try await scratch.open()
            try await database.execute("CREATE TABLE IF NOT EXISTS v (n INTEGER)")
            try await database.execute("INSERT INTO v VALUES (\(number))")
        }
        let database = try await scratch.open()
        #expect(try await database.single("SELECT count(*) FROM v")?.get(0) == 5)
        await database.close()
    }
}
