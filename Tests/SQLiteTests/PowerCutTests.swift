import MartletSQL
import MartletSQLite
import PowerCutChecks
import Testing

@Suite("A power cut", .timeLimit(.minutes(2)))
struct PowerCutTests {
    /// A key may be there twice, so that a row that was written twice is seen.
    private static let migrations = [
        Migration(1, "rows", ["CREATE TABLE rows (key TEXT NOT NULL, data BLOB NOT NULL CHECK (length(data) > 0))"]),
        Migration(2, "keys", ["CREATE INDEX rows_key ON rows (key)"]),
        Migration(3, "sizes", ["ALTER TABLE rows ADD COLUMN size INTEGER", "UPDATE rows SET size = length(data)"]),
    ]

    private func keys(on disk: SimulatedDisk) async throws -> [String] {
        try await disk.withDatabase { database in
            try await database.migrate(Self.migrations)
            return try await database.query("SELECT key FROM rows").map { try $0.get(0) }
        }
    }

    private static func insertion(_ key: String, size: Int = 40) -> SQLStatement {
        "INSERT INTO rows (key, data) VALUES (\(key), zeroblob(\(size)))"
    }

    @Test("at any change of the first starts leaves a database that starts again, and knows what it answered")
    func firstStart() async throws {
        let report = try await PowerCut.everyCut(PowerCut.Effort(cuts: .max)) { disk, ledger in
            for start in 1...Self.migrations.count {
                try await disk.withDatabase { database in
                    try await database.migrate(Array(Self.migrations.prefix(start)))
                    for number in 0..<3 {
                        let key = "\(start).\(number)"
                        try await ledger.add(key) { try await database.execute(Self.insertion(key)) }
                    }
                }
            }
        } audit: {
            try await keys(on: $0)
        }
        #expect(report.problems.isEmpty, "\(report)")
        #expect(report.cuts == report.steps && report.cuts >= 60 && report.answers > report.cuts, "\(report)")
    }

    @Test("under load loses nothing that was answered, and splits no transaction")
    func groupCommit() async throws {
        let report = try await PowerCut.everyCut { disk, ledger in
            for start in 0..<2 {
                try await disk.withDatabase { database in
                    try await database.migrate(Self.migrations)
                    for round in 0..<3 {
                        try await load(database, named: "\(start).\(round)", disk, ledger)
                        // The next commit begins the log anew, over what it held.
                        if round < 2 { try disk.checkpoint() }
                    }
                }
            }
        } audit: {
            try await keys(on: $0)
        }
        #expect(report.problems.isEmpty, "\(report)")
        #expect(report.cuts >= 100 && report.answers > report.cuts, "\(report)")
    }

    /// Statements, transactions, failures and a deletion of many callers at once.
    private func load(
        _ database: SQLiteDatabase, named name: String, _ disk: SimulatedDisk, _ ledger: Ledger
    ) async throws {
        let old = (0..<3).map { "\(name).old\($0)" }
        for key in old { try await ledger.add(key) { try await database.execute(Self.insertion(key)) } }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for caller in 0..<8 {
                let key = "\(name).\(caller)"
                group.addTask {
                    try await disk.untilCut {
                        switch caller % 4 {
                        case 0:
                            let (first, second, third) = (key + "a", key + "b", key + "c")
                            try await ledger.add(first, second, third) {
                                try await database.transaction { transaction in
                                    try await transaction.execute(Self.insertion(first))
                                    try await transaction.execute(Self.insertion(second, size: 9000))
                                    try await transaction.execute(Self.insertion(third))
                                }
                            }
                        case 1:
                            let refused = try? await database.execute(Self.insertion(key, size: 0))
                            #expect(refused == nil)
                        default:
                            try await ledger.add(key) { try await database.execute(Self.insertion(key)) }
                            try await ledger.add(key + "'") { try await database.execute(Self.insertion(key + "'")) }
                        }
                    }
                }
            }
            group.addTask {
                try await disk.untilCut {
                    try await ledger.remove(old) {
                        try await database.execute("DELETE FROM rows WHERE key LIKE \(name + ".old%")")
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    @Test("while the log is copied back, by the writer itself, loses nothing")
    func checkpoint() async throws {
        let report = try await PowerCut.everyCut { disk, ledger in
            // Small pages, to fill a thousand of them soon.
            let connection = try RawConnection(disk)
            try connection.run("PRAGMA page_size = 512")
            try connection.run("CREATE TABLE others (n INTEGER)")
            try await disk.withDatabase { database in
                try await database.migrate(Self.migrations)
                // A row is 60 pages: the 17th copies the log back, and the 18th begins it anew.
                for number in 0..<22 {
                    try await ledger.add("\(number)") {
                        try await database.execute(Self.insertion("\(number)", size: 30_000))
                    }
                }
            }
        } audit: {
            try await keys(on: $0)
        }
        #expect(report.problems.isEmpty, "\(report)")
        #expect(report.steps > 2000 && report.answers > report.cuts, "\(report)")
    }

    @Test("is survived no better than the disk syncs", arguments: ["", "-wal"])
    func lyingDisk(_ suffix: String) async throws {
        let effort = PowerCut.Effort(cuts: 40, tornImages: 1, cutsTwice: false)
        let report = try await PowerCut.everyCut(effort) { disk in
            disk.lieAboutSyncs(ofFilesEndingWith: suffix)
        } of: { disk, ledger in
            try await disk.withDatabase { database in
                try await database.migrate(Self.migrations)
                for round in 0..<2 { try await load(database, named: "\(round)", disk, ledger) }
            }
        } audit: {
            try await keys(on: $0)
        }
        #expect(!report.problems(.lost).isEmpty, "\(report)")
    }

    /// A setting of SQLite, and what its documentation says a power cut does to it.
    struct Setting: Sendable, CustomTestStringConvertible {
        var journal: String
        var synchronous: String
        var isDurable = false
        var isConsistent = true

        var testDescription: String { "\(journal), \(synchronous)" }
    }

    /// https://www.sqlite.org/pragma.html#pragma_synchronous
    static let settings = [
        Setting(journal: "WAL", synchronous: "FULL", isDurable: true),
        Setting(journal: "WAL", synchronous: "NORMAL"),
        Setting(journal: "WAL", synchronous: "OFF", isConsistent: false),
        Setting(journal: "DELETE", synchronous: "EXTRA", isDurable: true),
        Setting(journal: "DELETE", synchronous: "FULL"),
        Setting(journal: "DELETE", synchronous: "OFF", isConsistent: false),
    ]

    @Test("does to every setting of SQLite what its documentation says", arguments: settings)
    func documented(_ setting: Setting) async throws {
        let report = try await PowerCut.everyCut(PowerCut.Effort(cuts: 60)) { disk, ledger in
            let connection = try RawConnection(disk)
            try connection.run("PRAGMA journal_mode = \(setting.journal)")
            try connection.run("PRAGMA synchronous = \(setting.synchronous)")
            try connection.run("CREATE TABLE rows (key TEXT NOT NULL, data BLOB)")
            try connection.run("CREATE INDEX rows_key ON rows (key)")
            for number in 0..<12 {
                try await ledger.add("\(number)", "\(number)'") {
                    try connection.run(
                        "INSERT INTO rows VALUES ('\(number)', zeroblob(5000)), ('\(number)''', zeroblob(500))")
                }
                if number == 6 { try connection.run("PRAGMA wal_checkpoint(PASSIVE)") }
            }
        } audit: { disk in
            let connection = try RawConnection(disk)
            try connection.run("CREATE TABLE IF NOT EXISTS rows (key TEXT NOT NULL, data BLOB)")
            return try connection.strings("SELECT key FROM rows NOT INDEXED")
        }
        #expect(report.problems(.lost).isEmpty == setting.isDurable, "\(report)")
        if setting.isConsistent {
            #expect(report.problems.count == report.problems(.lost).count, "\(report)")
        } else {
            #expect(report.problems.count > report.problems(.lost).count, "\(report)")
        }
    }
}
