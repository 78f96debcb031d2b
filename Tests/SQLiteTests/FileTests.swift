import Glibc
import MartletCore
import MartletSQL
import MartletSQLite
import Testing

@Suite("The file of a database", .timeLimit(.minutes(1)))
struct FileTests {
    private static func mode(_ path: String) -> UInt32 {
        var information = stat()
        return stat(path, &information) == 0 ? information.st_mode & 0o777 : 0
    }

    private static func write(_ bytes: [UInt8], at offset: Int, of path: String) {
        let descriptor = Glibc.open(path, O_WRONLY | O_CREAT, 0o600)
        #expect(pwrite(descriptor, bytes, bytes.count, offset) == bytes.count)
        close(descriptor)
    }

    private static func size(_ path: String) -> Int {
        var information = stat()
        return stat(path, &information) == 0 ? Int(information.st_size) : -1
    }

    @Test("is made for its owner alone, as are its folders and its log")
    func modes() async throws {
        let scratch = try Scratch()
        let path = scratch.path + "/a/b/store.db"
        let database = try await SQLiteDatabase.open(dsn: "sqlite:" + path)
        try await database.execute("CREATE TABLE v (n INTEGER)")
        #expect(Self.mode(scratch.path + "/a") == 0o700)
        #expect(Self.mode(scratch.path + "/a/b") == 0o700)
        for suffix in ["", "-wal", "-shm"] { #expect(Self.mode(path + suffix) == 0o600) }
        await database.close()
    }

    @Test("is in WAL mode, synchronous FULL, with foreign keys and without trust in its schema")
    func pragmas() async throws {
        let scratch = try Scratch()
        let database = try await scratch.open()
        let mode = try await database.transaction { try await $0.execute("PRAGMA journal_mode").rows }
        #expect(try mode.first?.get(0) == "wal")
        let settings = try await database.transaction { transaction in
            var settings: [Int] = []
            for name in ["synchronous", "foreign_keys", "trusted_schema"] {
                settings.append(try await transaction.single(SQLStatement("PRAGMA " + name, []))?.get(0) ?? -1)
            }
            return settings
        }
        #expect(settings == [2, 1, 0])
        await database.close()
    }

    @Test("has no log left when it was closed")
    func checkpointOnClose() async throws {
        let scratch = try Scratch()
        let database = try await scratch.open()
        try await database.execute("CREATE TABLE v (n INTEGER)")
        #expect(Self.size(scratch.file + "-wal") > 0)
        await database.close()
        #expect(Self.size(scratch.file + "-wal") <= 0)
    }

    @Test("has a log that does not grow without end")
    func boundedLog() async throws {
        let scratch = try Scratch()
        let database = try await scratch.open()
        try await database.execute("CREATE TABLE v (b BLOB)")
        for _ in 0..<100 { try await database.execute("INSERT INTO v VALUES (randomblob(200000))") }
        #expect(Self.size(scratch.file) > 15_000_000)
        #expect(Self.size(scratch.file + "-wal") < 10_000_000)
        await database.close()
    }

    @Test("behind a link to a volume that is not mounted is absent, which may pass; one in a place for no files is not")
    func absent() async throws {
        let scratch = try Scratch()
        #expect(symlink(scratch.path + "/volume", scratch.path + "/link") == 0)
        for path in ["/link/store.db", "/link/a/b/store.db"] {
            let error = try await sqlError { _ = try await SQLiteDatabase.open(.file(path: scratch.path + path)) }
            #expect(error.kind == .absent && error.mayPass, "\(error)")
        }
        #expect(mkdir(scratch.path + "/volume", 0o700) == 0)
        await (try await SQLiteDatabase.open(.file(path: scratch.path + "/link/a/b/store.db"))).close()
        for path in ["/proc/martlet/store.db", "/proc/store.db", scratch.path + "/link/a/b/store.db/store.db"] {
            let error = try await sqlError { _ = try await SQLiteDatabase.open(.file(path: path)) }
            #expect(!error.mayPass, "\(error)")
        }
    }

    @Test("that is no database is refused, and left as it was")
    func notADatabase() async throws {
        let scratch = try Scratch()
        Self.write([UInt8](repeating: 0x41, count: 5000), at: 0, of: scratch.file)
        let error = try await sqlError { _ = try await scratch.open() }
        #expect(error.kind == .notADatabase)
        #expect(error.message.contains(scratch.file))
        #expect(Self.size(scratch.file) == 5000)
    }

    private func fill(_ scratch: Scratch) async throws {
        let database = try await scratch.open()
        try await database.execute("CREATE TABLE v (n INTEGER, t TEXT)")
        try await database.execute(
            """
            INSERT INTO v WITH RECURSIVE c (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 5000) \
            SELECT i, hex(randomblob(50)) FROM c
            """)
        await database.close()
    }

    @Test("that was cut short is refused as damaged")
    func truncated() async throws {
        let scratch = try Scratch()
        try await fill(scratch)
        #expect(truncate(scratch.file, Self.size(scratch.file) / 2) == 0)
        let error = try await sqlError { _ = try await scratch.open() }
        #expect(error.kind == .corrupt)
        #expect(error.message.contains("backup"))
        #expect(error.serviceError.code == .dataLoss)
    }

    @Test("that is damaged inside says so when it is read")
    func damaged() async throws {
        let scratch = try Scratch()
        try await fill(scratch)
        for page in 5..<40 { Self.write([UInt8](repeating: 0xFF, count: 4096), at: page * 4096, of: scratch.file) }
        let database = try await scratch.open()
        #expect(try await sqlError { _ = try await database.query("SELECT sum(length(t)) FROM v") }.kind == .corrupt)
        let inside = try await sqlError {
            try await database.transaction { _ = try await $0.execute("UPDATE v SET t = 'x'") }
        }
        #expect(inside.kind == .corrupt)
        #expect(try await !database.integrityProblems().isEmpty)
        await database.close()
    }

    @Test("that another process has locked is busy, then timed out, then free")
    func busy() async throws {
        let scratch = try Scratch()
        var configuration = SQLiteConfiguration()
        configuration.busyTimeout = .milliseconds(100)
        let database = try await scratch.open(configuration)
        try await database.execute("CREATE TABLE v (n INTEGER)")
        let outsider = try Outsider(scratch.file)
        #expect(outsider.run("BEGIN IMMEDIATE") == 0)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<100 {
                group.addTask {
                    let error = try await sqlError { try await database.execute("INSERT INTO v VALUES (1)") }
                    #expect(error.kind == .busy)
                    #expect(error.serviceError.code == .unavailable)
                }
            }
            try await group.waitForAll()
        }
        let transaction = try await sqlError { try await database.transaction { _ in } }
        #expect(transaction.kind == .busy)
        let late = try await sqlError {
            try await within(.milliseconds(10)) { _ = try await database.execute("INSERT INTO v VALUES (1)") }
        }
        #expect(late.kind == .timeout)
        #expect(try await database.query("SELECT n FROM v").isEmpty)
        #expect(outsider.run("COMMIT") == 0)
        try await database.execute("INSERT INTO v VALUES (2)")
        await database.close()
    }

    @Test("may be opened twice: both write, and neither loses anything")
    func openedTwice() async throws {
        let scratch = try Scratch()
        let databases = [try await scratch.open(), try await scratch.open()]
        try await databases[0].execute("CREATE TABLE v (n INTEGER)")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<400 {
                group.addTask { try await databases[number % 2].execute("INSERT INTO v VALUES (\(number))") }
            }
            try await group.waitForAll()
        }
        for database in databases {
            #expect(try await database.single("SELECT count(*) FROM v")?.get(0) == 400)
            await database.close()
        }
    }

    @Test("that has reached its size is full; what was stored stays, and deleting makes room")
    func full() async throws {
        let scratch = try Scratch()
        var configuration = SQLiteConfiguration()
        configuration.fileByteLimit = 200_000
        let database = try await scratch.open(configuration)
        try await database.execute("CREATE TABLE v (n INTEGER, b BLOB)")
        let stored = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<200 {
                group.addTask {
                    do {
                        try await database.execute("INSERT INTO v VALUES (\(number), zeroblob(5000))")
                        return 1
                    } catch let error as SQLError {
                        #expect(error.kind == .full)
                        #expect(error.serviceError.code == .unavailable)
                        return 0
                    }
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(stored > 10 && stored < 41)
        #expect(try await database.single("SELECT count(*) FROM v")?.get(0) == stored)
        let transaction = try await sqlError {
            try await database.transaction { transaction in
                for _ in 0..<50 { try await transaction.execute("INSERT INTO v VALUES (-1, zeroblob(5000))") }
            }
        }
        #expect(transaction.kind == .full)
        try await database.execute("DELETE FROM v WHERE n % 2 = 0")
        try await database.execute("INSERT INTO v VALUES (1000, zeroblob(5000))")
        #expect(try await database.integrityProblems().isEmpty)
        await database.close()
    }
}

@Suite("A disk that is full or read-only", .timeLimit(.minutes(1)), .enabled(if: getuid() == 0), .serialized)
struct DiskTests {
    // From <sys/mount.h>: enumerations there, of a type that differs between C libraries.
    private static let detach: Int32 = 2
    private static let remountReadOnly: UInt = 32 | 1

    /// A file system of its own, which only root may mount.
    private func withDisk(_ options: String, _ body: (Scratch) async throws -> Void) async throws {
        let scratch = try Scratch()
        guard mount("tmpfs", scratch.path, "tmpfs", 0, options) == 0 else {
            // A container's root may not mount: there is nothing to test on.
            return
        }
        defer { umount2(scratch.path, DiskTests.detach) }
        try await body(scratch)
    }

    /// Waits while the kernel says EBUSY: a process that another test is just starting has copies of this one's
    /// descriptors until its `exec` closes them, and for so long a file of the disk is open for writing.
    private static func makeReadOnly(_ path: String) async throws {
        let end = MonotonicTime.now + .seconds(10)
        while mount("tmpfs", path, "tmpfs", remountReadOnly, nil) != 0 {
            let code = errno
            try #require(code == EBUSY && .now < end, "\(String(cString: strerror(code)))")
            try await Task.sleep(for: .milliseconds(2))
        }
    }

    @Test("a full disk fails the commit of everybody in it, and the store goes on when there is room")
    func fullDisk() async throws {
        try await withDisk("size=1m") { scratch in
            let database = try await scratch.open()
            try await database.execute("CREATE TABLE v (n INTEGER, b BLOB)")
            try await database.execute("INSERT INTO v VALUES (-1, zeroblob(100000))")
            let stored = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<300 {
                    group.addTask {
                        do {
                            try await database.execute("INSERT INTO v VALUES (\(number), zeroblob(10000))")
                            return 1
                        } catch let error as SQLError {
                            #expect(error.kind == .full, "\(error)")
                            return 0
                        }
                    }
                }
                return try await group.reduce(0, +)
            }
            #expect(stored < 300)
            #expect(try await database.single("SELECT count(*) FROM v WHERE n >= 0")?.get(0) == stored)
            await database.close()
        }
    }

    @Test("a store on a read-only disk is refused when it is opened")
    func readOnlyDisk() async throws {
        try await withDisk("size=1m") { scratch in
            let database = try await scratch.open()
            try await database.execute("CREATE TABLE v (n INTEGER)")
            await database.close()
            try await Self.makeReadOnly(scratch.path)
            #expect(try await sqlError { _ = try await scratch.open() }.kind == .readOnly)
            let missing = try await sqlError {
                _ = try await SQLiteDatabase.open(.file(path: scratch.path + "/new.db"))
            }
            #expect(missing.kind == .readOnly)
        }
    }
}
