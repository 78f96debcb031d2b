import MartletCore
import MartletHTTP
import MartletKit
import MartletSQL
import MartletSQLite
import Testing

@testable import LoggerService

@Suite("Entries that are sent again", .timeLimit(.minutes(1)))
struct IdempotencyTests {
    private static let logged = #"{"error":false,"message":"logged"}"#

    private func withLogger(_ body: (LiveService) async throws -> Void) async throws {
        try await withService(LoggerApp.self, ["DSN": "sqlite::memory:"], body)
    }

    private func log(_ logger: LiveService, _ data: String, key: String?) async throws -> Reply {
        var headers: HTTPHeaders = [:]
        headers["Idempotency-Key"] = key
        return try await logger.post("/log", #"{"name":"n","data":"\#(data)"}"#, headers: headers)
    }

    @Test("one key and one entry are kept once, however often they come, and answered alike")
    func once() async throws {
        try await withLogger { logger in
            for _ in 0..<3 { try await log(logger, "a", key: "k1").isEnvelope(202, Self.logged) }
            try await log(logger, "a", key: "k2").isEnvelope(202, Self.logged)
            #expect(try await logger.page("").entries.map(\.data) == ["a", "a"])
        }
    }

    @Test("without a key each is an entry of its own")
    func keyless() async throws {
        try await withLogger { logger in
            for _ in 0..<3 { try await log(logger, "a", key: nil).isEnvelope(202, Self.logged) }
            #expect(try await logger.page("").entries.count == 3)
        }
    }

    @Test("a key under which something else was kept is 400, and nothing is written")
    func otherEntry() async throws {
        try await withLogger { logger in
            try await log(logger, "a", key: "k").isEnvelope(202, Self.logged)
            try await log(logger, "b", key: "k").isEnvelope(
                400, #"{"error":true,"message":"the idempotency key is that of another entry"}"#)
            #expect(try await logger.page("").entries.map(\.data) == ["a"])
        }
    }

    @Test("repeats at the same time are one entry")
    func concurrent() async throws {
        try await withLogger { logger in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<60 {
                    group.addTask {
                        try await log(logger, "\(number % 6)", key: "k\(number % 6)").isEnvelope(202, Self.logged)
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await logger.page("").entries.map(\.data).sorted() == (0..<6).map { "\($0)" })
        }
    }

    @Test("a key over the limit is 400")
    func long() async throws {
        try await withLogger { logger in
            let key = String(repeating: "k", count: LogBook.keyLimit)
            try await log(logger, "a", key: key).isEnvelope(202, Self.logged)
            try await log(logger, "a", key: key + "k").isEnvelope(
                400, #"{"error":true,"message":"an idempotency key has at most 255 bytes"}"#)
        }
    }

    @Test("a key goes with its entry, so that what is kept of keys has the entries' bound")
    func retention() async throws {
        let time = Locked<Int64>(1_700_000_000_000_000_000)
        let database = try await SQLiteDatabase.open(.memory)
        let store = try await SQLLogStore(database) { time.withLock { $0 } }
        try await store.append(LogEntry(name: "n", data: "d"), key: "k")
        time.withLock { $0 += 3_600_000_000_000 }
        #expect(try await store.prune(RetentionLimits(age: .seconds(60), size: 1 << 30)) == 1)
        try await store.append(LogEntry(name: "n", data: "d"), key: "k")
        #expect(try await store.page(LogQuery()).entries.count == 1)
        await database.close()
    }

    @Test("an entry without a key costs the index of keys nothing")
    func index() async throws {
        let database = try await SQLiteDatabase.open(.memory)
        let store = try await SQLLogStore(database)
        for number in 0..<500 { try await store.append(LogEntry(name: "n", data: "\(number)")) }
        let kept = try #require(
            try await database.single("SELECT count(*) FROM logs INDEXED BY logs_key WHERE key IS NOT NULL"))
        #expect(try kept.get(0) == 0)
        await database.close()
    }

    @Test("a store of an earlier version is taken over with its entries")
    func earlier() async throws {
        let database = try await SQLiteDatabase.open(.memory)
        try await database.migrate(Array(SQLLogStore.migrations.prefix(1)))
        try await database.execute("INSERT INTO logs (name, data, created_at, updated_at) VALUES ('n', 'old', 1, 1)")
        let store = try await SQLLogStore(database)
        try await store.append(LogEntry(name: "n", data: "new"), key: "k")
        #expect(try await store.page(LogQuery()).entries.map(\.data) == ["new", "old"])
        await database.close()
    }
}
