import MartletCore
import MartletHTTP
import MartletKit
import MartletSQLite
import MartletWire
import Testing

@testable import LoggerService

extension LiveService {
    /// A page of the logger.
    func page(_ query: String) async throws -> LogPage {
        let reply = try await get("/logs?" + query)
        try #require(reply.status == 200, "\(reply.body)")
        return try JSON.decode(LogPage.self, from: Array(reply.body.utf8))
    }

    func write(_ name: String, _ data: String) async throws {
        let reply = try await send(.post, "/log", .bytes(JSON.encode(LogEntry(name: name, data: data))))
        try #require(reply.status == 202, "\(reply.body)")
    }
}

@Suite("GET /logs", .timeLimit(.minutes(1)))
struct LogQueryTests {
    private func withLogger(_ body: (LiveService) async throws -> Void) async throws {
        try await withService(LoggerApp.self, ["DSN": "sqlite::memory:"], body)
    }

    @Test("entries come newest first, as JSON with these fields")
    func shape() async throws {
        try await withLogger { logger in
            let empty = try await logger.get("/logs")
            empty.isEnvelope(200, #"{"entries":[]}"#, fields: ["content-type"])
            try await logger.write("a", "<1>")
            try await logger.write("b", "2")
            let page = try await logger.page("")
            #expect(page.entries.map(\.name) == ["b", "a"] && page.next == nil)
            let first = page.entries[1]
            #expect(first.id < page.entries[0].id && first.createdAt == first.updatedAt)
            let text = try await logger.get("/logs?name=a").body
            #expect(
                text == #"{"entries":[{"id":\#(first.id),"name":"a","data":"\u003c1\u003e","#
                    + #""created_at":"\#(first.createdAt)","updated_at":"\#(first.createdAt)"}]}"#)
        }
    }

    @Test("by name: exactly this one; an empty name is no question")
    func name() async throws {
        try await withLogger { logger in
            for name in ["event", "Event", "event ", "even", ""] { try await logger.write(name, "d") }
            #expect(try await logger.page("name=event").entries.map(\.name) == ["event"])
            #expect(try await logger.page("name=event%20").entries.map(\.name) == ["event "])
            #expect(try await logger.page("name=').entries").entries.isEmpty)
            #expect(try await logger.page("name=").entries.count == 5)
        }
    }

    @Test("by text: anywhere in the data, %, _ and \\ meaning themselves")
    func text() async throws {
        let all = ["100%", "100", "a_b", "acb", #"c:\d"#, "c:d", "Straße", "quote ' and \"", "50% of a_b\\"]
        let questions: [(String, [String])] = [
            ("%25", ["50% of a_b\\", "100%"]), ("_", ["50% of a_b\\", "a_b"]), ("%5C", ["50% of a_b\\", #"c:\d"#]),
            ("100%25", ["100%"]), ("a_b", ["50% of a_b\\", "a_b"]), ("%5Cd", [#"c:\d"#]),
            ("A_B", ["50% of a_b\\", "a_b"]),
            ("stra%C3%9Fe", ["Straße"]), ("'", ["quote ' and \""]), ("zzz", []), ("%25%25", []),
        ]
        try await withLogger { logger in
            for data in all { try await logger.write("n", data) }
            for (question, found) in questions {
                #expect(try await logger.page("text=\(question)").entries.map(\.data) == found, "\(question)")
            }
            #expect(try await logger.page("text=").entries.count == all.count)
        }
    }

    @Test("by time: since is included, until is not")
    func time() async throws {
        let clock = Locked<Int64>(1_000)
        let database = try await SQLiteDatabase.open(.memory)
        let store = try await SQLLogStore(database) { clock.withLock { $0 } }
        for second in 1...10 {
            clock.withLock { $0 = Int64(second) * 1_000_000_000 }
            try await store.append(LogEntry(name: "\(second)", data: ""))
        }
        func names(_ since: Int64?, _ until: Int64?) async throws -> [String] {
            var query = LogQuery()
            query.since = since.map { Timestamp(seconds: $0, nanoseconds: 0) }
            query.until = until.map { Timestamp(seconds: $0, nanoseconds: 0) }
            return try await store.page(query).entries.map(\.name)
        }
        #expect(try await names(8, nil) == ["10", "9", "8"])
        #expect(try await names(nil, 3) == ["2", "1"])
        #expect(try await names(4, 6) == ["5", "4"])
        #expect(try await names(6, 4).isEmpty)
        #expect(try await names(11, nil).isEmpty)
        #expect(try await names(nil, 1).isEmpty)
        #expect(try await names(-62_135_596_800, 253_402_300_799).count == 10)
        await database.close()
    }

    @Test("a clock that is set back does not date a later entry earlier")
    func clockSetBack() async throws {
        let clock = Locked<Int64>(2_000_000_000_000)
        let database = try await SQLiteDatabase.open(.memory)
        let store = try await SQLLogStore(database) { clock.withLock { $0 } }
        try await store.append(LogEntry(name: "before", data: ""))
        clock.withLock { $0 = 1 }
        try await store.append(LogEntry(name: "after", data: ""))
        let again = try await SQLLogStore(database) { clock.withLock { $0 } }
        try await again.append(LogEntry(name: "restarted", data: ""))
        let page = try await again.page(LogQuery())
        #expect(page.entries.map(\.name) == ["restarted", "after", "before"])
        #expect(Set(page.entries.map(\.createdAt)).count == 1)
        await database.close()
    }

    @Test("the limit is 1 to 1000, 100 without one")
    func limit() async throws {
        try await withLogger { logger in
            for number in 0..<101 { try await logger.write("\(number)", "") }
            #expect(try await logger.page("").entries.count == 100)
            #expect(try await logger.page("limit=1").entries.map(\.name) == ["100"])
            let all = try await logger.page("limit=1000")
            #expect(all.entries.count == 101 && all.next == nil)
            let exact = try await logger.page("limit=101")
            #expect(exact.next == nil, "there is no next page")
        }
    }

    @Test(
        "a bad parameter is 400 with its name and what is allowed",
        arguments: [
            ("limit=0", "limit must be an integer from 1 to 1000"),
            ("limit=1001", "limit must be an integer from 1 to 1000"),
            ("limit=-1", "limit must be an integer from 1 to 1000"),
            ("limit=", "limit must be an integer from 1 to 1000"),
            ("limit=ten", "limit must be an integer from 1 to 1000"),
            ("limit=99999999999999999999", "limit must be an integer from 1 to 1000"),
            ("cursor=0", #"cursor must be the \"next\" of an earlier page"#),
            ("cursor=x", #"cursor must be the \"next\" of an earlier page"#),
            ("since=yesterday", "since must be a time as 2026-11-20T13:00:00Z"),
            ("until=2026-13-01T00:00:00Z", "until must be a time as 2026-11-20T13:00:00Z"),
            ("until=", "until must be a time as 2026-11-20T13:00:00Z"),
            ("text=a%00b", "text must not hold a NUL character"),
        ])
    func badParameter(query: String, message: String) async throws {
        try await withLogger { logger in
            try await logger.get("/logs?" + query).isEnvelope(
                400, #"{"error":true,"message":"\#(message)"}"#, fields: ["content-type"])
        }
    }

    @Test("the cursor reaches every entry once while others write")
    func paging() async throws {
        try await withLogger { logger in
            let writers = 8
            let each = 130  // a page of 1000 is not enough for them
            try await Self.writeAll(logger, writers: writers, each: each, prefix: "before")
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await Self.writeAll(logger, writers: writers, each: each, prefix: "meanwhile") }
                for limit in [7, 100, 1000] {
                    group.addTask {
                        var ids: [Int64] = []
                        var found: [String] = []
                        var cursor: String? = nil
                        repeat {
                            let page = try await logger.page("limit=\(limit)" + (cursor.map { "&cursor=\($0)" } ?? ""))
                            ids += page.entries.map(\.id)
                            found += page.entries.filter { $0.name == "before" }.map(\.data)
                            cursor = page.next
                        } while cursor != nil
                        #expect(zip(ids, ids.dropFirst()).allSatisfy { $0 > $1 }, "none twice, newest first")
                        #expect(found.count == writers * each)
                        #expect(Set(found).count == writers * each, "none is missed")
                    }
                }
                try await group.waitForAll()
            }
            var total = 0
            var cursor: String? = nil
            repeat {
                let page = try await logger.page("limit=1000" + (cursor.map { "&cursor=\($0)" } ?? ""))
                total += page.entries.count
                cursor = page.next
            } while cursor != nil
            #expect(total == writers * each * 2)
        }
    }

    private static func writeAll(
        _ logger: LiveService, writers: Int, each count: Int, prefix: String
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<writers {
                group.addTask {
                    for number in 0..<count { try await logger.write(prefix, "\(writer)-\(number)") }
                }
            }
            try await group.waitForAll()
        }
    }

    @Test("a page of large entries is cut where the store's answer would be too large, and the cursor goes on")
    func largeEntries() async throws {
        var configuration = SQLiteConfiguration()
        configuration.resultByteLimit = 100_000
        let database = try await SQLiteDatabase.open(.memory, configuration: configuration)
        let store = try await SQLLogStore(database)
        let data = String(repeating: "x", count: 10_000)
        for number in 0..<40 { try await store.append(LogEntry(name: "\(number)", data: data)) }
        var names: [String] = []
        var query = LogQuery()
        while true {
            let page = try await store.page(query)
            names += page.entries.map(\.name)
            guard let next = page.next else { break }
            query.before = Int64(next)
        }
        #expect(names == (0..<40).reversed().map { "\($0)" })
        await database.close()
    }
}
