import MartletSQL
import MartletSQLite
import SQLDriverChecks
import Testing

@Suite("SQLite as a driver of SQL", .timeLimit(.minutes(1)))
struct DriverTests {
    @Test("every check of SQL drivers holds in memory", arguments: SQLDriverCheck.all)
    func inMemory(_ check: SQLDriverCheck) async throws {
        let database = try await SQLiteDatabase.open(.memory)
        try await check.run(database)
        await database.close()
    }

    @Test("every check of SQL drivers holds on a file", arguments: SQLDriverCheck.all)
    func onDisk(_ check: SQLDriverCheck) async throws {
        let scratch = try Scratch()
        let database = try await scratch.open()
        try await check.run(database)
        await database.close()
    }

    @Test("blobs and texts with NUL come back whole")
    func bytes() async throws {
        let database = try await SQLiteDatabase.open(.memory)
        try await database.execute("CREATE TABLE v (t TEXT, b BLOB)")
        let blobs: [[UInt8]] = [[], [0], Array(0...255), [UInt8](repeating: 7, count: 1_000_000)]
        for blob in blobs {
            try await database.execute("DELETE FROM v")
            try await database.execute("INSERT INTO v VALUES (\("a\0b\0"), \(blob))")
            let row = try #require(try await database.single("SELECT t, b, typeof(b) AS type FROM v"))
            #expect(try row.get("t") == "a\0b\0")
            #expect(try row.get("b") == blob)
            #expect(try row.get("type") == "blob")
        }
        await database.close()
    }

    @Test("infinity is kept, NaN is refused rather than turned into NULL")
    func reals() async throws {
        let database = try await SQLiteDatabase.open(.memory)
        let row = try await database.single("SELECT \(Double.infinity) AS r")
        #expect(try row?.get("r") == Double.infinity)
        let error = try await sqlError { _ = try await database.query("SELECT \(Double.nan)") }
        #expect(error.kind == .usage)
        await database.close()
    }

    @Test("a value larger than a row may be is refused")
    func tooLarge() async throws {
        var configuration = SQLiteConfiguration()
        configuration.rowByteLimit = 10_000
        configuration.resultByteLimit = 20_000
        let database = try await SQLiteDatabase.open(.memory, configuration: configuration)
        try await database.execute("CREATE TABLE v (t TEXT)")
        let text = String(repeating: "x", count: 9_000)
        let error = try await sqlError { try await database.execute("INSERT INTO v VALUES (\(text + text))") }
        #expect(error.kind == .tooLarge)
        for _ in 0..<3 { try await database.execute("INSERT INTO v VALUES (\(text))") }
        let answer = try await sqlError { _ = try await database.query("SELECT t FROM v") }
        #expect(answer.kind == .tooLarge)
        await database.close()
    }

    @Test(
        "what would end the batch or weaken the database is refused",
        arguments: [
            "BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT a", "RELEASE body", "VACUUM", "ATTACH 'x' AS y",
            "PRAGMA synchronous = OFF", "PRAGMA journal_mode = DELETE", "PRAGMA writable_schema = ON",
            "PRAGMA wal_checkpoint", "BEGIN IMMEDIATE",
        ])
    func refused(_ text: String) async throws {
        let scratch = try Scratch()
        let database = try await scratch.open()
        try await database.execute("CREATE TABLE v (n INTEGER)")
        let statement = SQLStatement(text, [])
        #expect(try await sqlError { try await database.execute(statement) }.kind == .usage)
        let inside = try await sqlError { try await database.transaction { _ = try await $0.execute(statement) } }
        #expect(inside.kind == .usage)
        try await database.execute("INSERT INTO v VALUES (1)")
        #expect(try Outsider(scratch.file).integer("SELECT count(*) FROM v") == 1)
        await database.close()
    }

    @Test("a string in double quotes is no string")
    func doubleQuotes() async throws {
        let database = try await SQLiteDatabase.open(.memory)
        #expect(try await sqlError { _ = try await database.query("SELECT \"nothing\"") }.kind == .schema)
        await database.close()
    }

    @Test("a cached statement follows a change of the schema")
    func schemaChange() async throws {
        let database = try await SQLiteDatabase.open(.memory)
        try await database.execute("CREATE TABLE v (a INTEGER)")
        try await database.execute("INSERT INTO v VALUES (1)")
        #expect(try await database.single("SELECT * FROM v")?.columns.names == ["a"])
        try await database.execute("ALTER TABLE v ADD COLUMN b INTEGER DEFAULT 2")
        let row = try #require(try await database.single("SELECT * FROM v"))
        #expect(row.columns.names == ["a", "b"])
        #expect(try row.get("b") == 2)
        await database.close()
    }

    @Test("a statement that is used again is not compiled again")
    func statementCache() async throws {
        let database = try await SQLiteDatabase.open(.memory)
        try await database.execute("CREATE TABLE v (n INTEGER)")
        let before = database.statistics.prepares
        for number in 0..<100 { try await database.execute("INSERT INTO v VALUES (\(number))") }
        #expect(database.statistics.prepares == before + 1)
        await database.close()
    }

    @Test("more texts than the cache keeps still work")
    func cacheOverflow() async throws {
        var configuration = SQLiteConfiguration()
        configuration.statementCacheLimit = 4
        let database = try await SQLiteDatabase.open(.memory, configuration: configuration)
        try await database.execute("CREATE TABLE v (n INTEGER)")
        for number in 0..<40 {
            try await database.execute(SQLStatement("INSERT INTO v VALUES ($1 + \(number % 8))", [.integer(0)]))
        }
        #expect(try await database.single("SELECT count(*) FROM v")?.get(0) == 40)
        #expect(database.statistics.prepares >= 40)
        await database.close()
    }

    @Test("the bytes that are stored grow and shrink with the data")
    func storedBytes() async throws {
        let scratch = try Scratch()
        let database = try await scratch.open()
        try await database.execute("CREATE TABLE v (b BLOB)")
        let empty = try await database.storedBytes()
        try await database.execute("INSERT INTO v VALUES (zeroblob(1000000))")
        #expect(try await database.storedBytes() > empty + 900_000)
        try await database.execute("DELETE FROM v")
        #expect(try await database.storedBytes() < empty + 10_000)
        #expect(try await database.integrityProblems().isEmpty)
        await database.close()
    }
}
