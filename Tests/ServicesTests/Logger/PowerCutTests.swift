import MartletCore
import MartletSQLite
import PowerCutChecks
import Testing

@testable import LoggerService

@Suite("The logger and a power cut", .timeLimit(.minutes(2)))
struct LoggerPowerCutTests {
    private func names(on disk: SimulatedDisk) async throws -> [String] {
        try await disk.withDatabase { database in
            let book = LogBook(store: try await SQLLogStore(database))
            var query = LogQuery()
            query.limit = 1000
            return try await book.readLogs(query).entries.map(\.name)
        }
    }

    @Test("every entry that was answered is kept, once; what was forgotten stays so")
    func everyAnswer() async throws {
        let report = try await PowerCut.everyCut { disk, ledger in
            let clock = Locked<Int64>(1_700_000_000_000_000_000)
            for start in 0..<2 {
                try await disk.withDatabase { database in
                    let store = try await SQLLogStore(database) { clock.withLock { $0 } }
                    let book = LogBook(store: store)
                    for round in 0..<3 {
                        try await write(10, named: "\(start).\(round)", to: book, disk, ledger)
                        clock.withLock { $0 += 3_600_000_000_000 }
                        if round == 1 { try disk.checkpoint() }
                    }
                    // Older than two hours and a half at the end of each start.
                    let old =
                        start == 0
                        ? keys("0.0", 10) : keys("0.1", 10) + keys("0.2", 10) + keys("0.last", 4) + keys("1.0", 10)
                    try await ledger.remove(old) {
                        let limits = RetentionLimits(age: .seconds(9000), size: 1 << 30)
                        _ = try await store.prune(limits)
                    }
                    try await write(4, named: "\(start).last", to: book, disk, ledger)
                }
            }
        } audit: {
            try await names(on: $0)
        }
        #expect(report.problems.isEmpty, "\(report)")
        #expect(report.cuts >= 100 && report.answers > report.cuts, "\(report)")
    }

    private func keys(_ name: String, _ count: Int) -> [String] { (0..<count).map { "\(name).\($0)" } }

    /// As many callers at once, some with more than a page.
    private func write(
        _ count: Int, named name: String, to book: LogBook, _ disk: SimulatedDisk, _ ledger: Ledger
    ) async throws {
        let writeLog = book.writeLog
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (number, key) in keys(name, count).enumerated() {
                let data = String(repeating: "x", count: number % 5 == 4 ? 6000 : 60)
                group.addTask {
                    try await disk.untilCut {
                        try await ledger.add(key) { try await writeLog(LogEntry(name: key, data: data)) }
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    @Test("an entry that is sent again after the cut, because nobody knows whether it is kept, is kept once")
    func sentAgain() async throws {
        let all = (0..<4).flatMap { keys("\($0)", 5) }
        let report = try await PowerCut.everyCut(PowerCut.Effort(cuts: 60, cutsTwice: false)) { disk, ledger in
            try await disk.withDatabase { database in
                let store = try await SQLLogStore(database)
                for round in 0..<4 {
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        for name in keys("\(round)", 5) {
                            group.addTask {
                                try await disk.untilCut {
                                    try await ledger.add(name) {
                                        try await store.append(LogEntry(name: name, data: "d"), key: name)
                                    }
                                }
                            }
                        }
                        try await group.waitForAll()
                    }
                    if round == 1 { try disk.checkpoint() }
                }
            }
        } audit: { disk in
            try await disk.withDatabase { database in
                // Not cut a second time: the audit writes, of which the ledger does not know.
                let store = try await SQLLogStore(database)
                let before = try await store.page(LogQuery()).entries.map(\.name)
                for name in all { try await store.append(LogEntry(name: name, data: "d"), key: name) }
                let after = try await store.page(LogQuery()).entries.map(\.name)
                guard after.sorted() == all.sorted() else { return after + after }
                return before
            }
        }
        #expect(report.problems.isEmpty, "\(report)")
        #expect(report.cuts >= 20 && report.answers > report.cuts, "\(report)")
    }

    @Test("on a disk that only says it has synced, entries are lost: the audit sees it")
    func lyingDisk() async throws {
        let effort = PowerCut.Effort(cuts: 30, tornImages: 1, cutsTwice: false)
        let report = try await PowerCut.everyCut(effort) { disk in
            disk.lieAboutSyncs(ofFilesEndingWith: "")
        } of: { disk, ledger in
            try await disk.withDatabase { database in
                let book = LogBook(store: try await SQLLogStore(database))
                for round in 0..<5 { try await write(4, named: "\(round)", to: book, disk, ledger) }
            }
        } audit: {
            try await names(on: $0)
        }
        #expect(!report.problems(.lost).isEmpty, "\(report)")
    }
}
