import MartletCore
import MartletKit
import MartletSQLite
import MartletWire
import Testing

@testable import LoggerService
@testable import MartletHTTP

@Suite("GET /logs/stream", .timeLimit(.minutes(1)))
struct LogStreamTests {
    private func withLogger(
        _ environment: [String: String] = [:], _ body: (LiveService) async throws -> Void
    ) async throws {
        try await withService(
            LoggerApp.self, environment.merging(["DSN": "sqlite::memory:"]) { given, _ in given }, body)
    }

    private func ids(_ logger: LiveService, _ query: String = "limit=1000") async throws -> [Int64] {
        try await logger.page(query).entries.map(\.id).reversed()
    }

    @Test("an entry comes when it is written, as GET /logs shows it, and with its id")
    func live() async throws {
        try await withLogger { logger in
            try await logger.write("before", "1")
            let events = try await logger.follow()
            #expect(events.status == 200 && events.headers["Content-Type"] == "text/event-stream")
            let before = try #require(try await ids(logger).last)
            #expect(try await events.next() == .init(id: "\(before)", data: nil), "where it begins")
            for number in 0..<3 {
                try await logger.write("event", "<\(number)>\n")
                let event = try #require(try await events.next())
                let page = try await logger.get("/logs?limit=1").body
                let data = try #require(event.data)
                #expect(page.contains(#"{"entries":["# + data + "]"))
                #expect(try await ids(logger).last.map(String.init) == event.id)
            }
        }
    }

    @Test("who says which id came last gets what follows, without a gap and without a repeat")
    func resume() async throws {
        try await withLogger { logger in
            for number in 0..<5 { try await logger.write("event", "\(number)") }
            let first = try await logger.follow("/logs/stream?after=0").ids(3)
            for number in 5..<8 { try await logger.write("event", "\(number)") }
            let rest = try await logger.follow("/logs/stream?after=0", after: "\(first[2])").ids(5)
            let all = try await ids(logger)
            #expect(first + rest == all)
        }
    }

    @Test("who lost the connection before the first entry misses none")
    func resumeFromNothing() async throws {
        try await withLogger { logger in
            try await logger.write("before", "")
            let position = try #require(try await logger.follow().next()?.id)
            for _ in 0..<3 { try await logger.write("event", "") }
            #expect(try await logger.follow(after: position).ids(3) == ids(logger).suffix(3))
        }
    }

    @Test("a reader goes on where it was after a restart of the logger")
    func restart() async throws {
        try await withTemporaryFolder { folder in
            var last = ""
            var events: EventReader?
            try await withService(LoggerApp.self, ["DATA_DIR": folder]) { logger in
                events = try await logger.follow()
                for number in 0..<4 { try await logger.write("event", "\(number)") }
                last = try await "\(#require(events).ids(2)[1])"
            }
            // The stream ended with the logger, and well.
            while try await events?.next() != nil {}
            try await withService(LoggerApp.self, ["DATA_DIR": folder]) { logger in
                for number in 4..<6 { try await logger.write("event", "\(number)") }
                let (rest, all) = try await (logger.follow(after: last).ids(4), ids(logger))
                #expect(rest == all.suffix(4))
            }
        }
    }

    @Test("an id that this store never gave, as after its file was deleted, does not hold up what comes")
    func foreignID() async throws {
        try await withLogger { logger in
            try await logger.write("old", "")
            let events = try await logger.follow(after: "123456")
            #expect(try await events.next()?.data == nil)
            try await logger.write("new", "")
            #expect(try await events.ids(1) == ids(logger).suffix(1))
        }
    }

    @Test("by name and by text, as GET /logs, and entries of others do not count as seen twice")
    func filters() async throws {
        try await withLogger { logger in
            let events = try await logger.follow("/logs/stream?name=mail&text=Zurich")
            #expect(try await events.next()?.data == nil)
            for (name, data) in [
                ("mail", "to zurich"), ("event", "to Zurich"), ("mail", "to Bern"), ("mail", "Zurich!"),
            ] {
                try await logger.write(name, data)
            }
            #expect(try await events.ids(2) == ids(logger, "name=mail&text=zurich"))
        }
    }

    @Test("a reader who is far behind gets all of it in order")
    func behind() async throws {
        try await withLogger { logger in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<350 {
                    let data = number % 50 == 0 ? String(repeating: "x", count: 90_000) : "\(number)"
                    group.addTask { try await logger.write("event", data) }
                }
                try await group.waitForAll()
            }
            #expect(try await logger.follow("/logs/stream?after=0").ids(350) == ids(logger))
        }
    }

    @Test("entries that are written while a reader catches up come once, in order")
    func race() async throws {
        try await withLogger { logger in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<300 { group.addTask { try await logger.write("event", "\(number)") } }
                let seen = try await logger.follow("/logs/stream?after=0").ids(300)
                try await group.waitForAll()
                #expect(try await seen == ids(logger))
            }
        }
    }

    @Test("a reader that takes nothing holds up neither the writers nor the others, and misses nothing")
    func slowReader() async throws {
        try await withLogger { logger in
            let slow = try await logger.follow()
            let quick = try await logger.follow()
            let data = String(repeating: "x", count: 20_000)
            for _ in 0..<60 { try await logger.write("event", data) }
            let expected = try await ids(logger)
            #expect(try await quick.ids(60) == expected)
            #expect(try await slow.ids(60) == expected)
        }
    }

    @Test("what a reader has not taken stays in the store: it is read for once, and again when there is room")
    func backpressure() async throws {
        let database = try await SQLiteDatabase.open(.memory)
        let store = CountingStore(try await SQLLogStore(database))
        let book = LogBook(store: store)
        let writer = BlockedWriter()
        let stream = LogStream(
            store: store, feed: book.feed, query: LogQuery(), start: 0, reader: try book.feed.admit())
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await stream.send(to: ServerSentEventWriter(writer)) }
            // The beginning has gone through; the first stretch does not.
            try await book.writeLog(LogEntry(name: "event", data: "0"))
            await writer.isBlocked.wait()
            for number in 1..<500 { try await book.writeLog(LogEntry(name: "event", data: "\(number)")) }
            #expect(store.stretches <= 2, "of 500 entries, those that came first")
            #expect(writer.size < 10_000)
            writer.open.trigger()
            await writer.hasSeen(#"data":"499""#)
            #expect(writer.text.ranges(of: "\ndata: ").count == 500)
            group.cancelAll()
        }
        await database.close()
    }

    @Test("one over the limit is told to come back, and let in when another has gone")
    func limit() async throws {
        try await withLogger(["LOG_STREAMS": "2"]) { logger in
            let first = try await logger.follow()
            var second: EventReader? = try await logger.follow()
            #expect(try await second?.next()?.data == nil)
            let refused = try await logger.get("/logs/stream")
            #expect(refused.status == 503 && refused.headers["Retry-After"] != nil)
            second = nil
            var third = try await logger.follow()
            while third.status == 503 { third = try await logger.follow() }
            try await logger.write("event", "")
            #expect(try await third.ids(1) == first.ids(1))
        }
    }

    @Test("asking for the head alone takes no place")
    func head() async throws {
        try await withLogger(["LOG_STREAMS": "1"]) { logger in
            for _ in 0..<3 {
                let reply = try await logger.send(.head, "/logs/stream")
                #expect(reply.status == 200)
            }
            let events = try await logger.follow()
            #expect(events.status == 200)
        }
    }

    @Test("the end of the service ends the streams")
    func drain() async throws {
        var events: EventReader?
        try await withLogger { logger in
            let open = try await logger.follow()
            #expect(try await open.next()?.data == nil)
            events = open
        }
        #expect(try await events?.next() == nil)
    }

    @Test("what is no id, or no query, is refused", arguments: ["after=x", "after=-1", "after=1.5", "since=never"])
    func refused(query: String) async throws {
        try await withLogger { logger in
            let reply = try await logger.get("/logs/stream?" + query)
            #expect(reply.status == 400 && reply.body.contains(query.prefix(5)))
            let other = try await logger.get("/logs/stream", headers: ["Last-Event-ID": "x"])
            #expect(other.status == 400)
        }
    }

    @Test("pages of other sites are kept out, as from GET /logs")
    func foreignPage() async throws {
        try await withLogger { logger in
            for origin in ["http://elsewhere.example", "http://localhost:8001", "null"] {
                let reply = try await logger.get("/logs/stream", headers: ["Origin": origin])
                #expect(reply.status == 403)
            }
        }
    }

    @Test("a store that does not work is an answer, not a stream that breaks")
    func brokenStore() async throws {
        try await withLogBook(FailingStore()) { logger in
            let reply = try await logger.get("/logs/stream")
            #expect(reply.status >= 500)
        }
    }
}

@Suite("A stretch of the log", .timeLimit(.minutes(1)))
struct LogStretchTests {
    private func withStore(_ body: (SQLLogStore) async throws -> Void) async throws {
        let database = try await SQLiteDatabase.open(.memory)
        try await body(try await SQLLogStore(database))
        await database.close()
    }

    @Test(
        "has at most a hundred entries, and one more than 64 KiB of text have room in",
        arguments: [("a", 1, 100), ("x", 1_000, 66), ("x", 30_000, 3), ("é", 40_000, 1), ("\u{0}", 70_000, 1)])
    func bounds(letter: String, length: Int, expected: Int) async throws {
        try await withStore { store in
            let data = String(repeating: letter, count: length)
            for _ in 0..<101 { try await store.append(LogEntry(name: "", data: data)) }
            let stretch = try await store.stretch(LogQuery(), after: 0)
            #expect(stretch.entries.count == expected && stretch.isFull)
            #expect(stretch.end == stretch.entries.last?.id)
            #expect(stretch.entries.allSatisfy { $0.data == data })
        }
    }

    @Test("goes past entries that the query is not for, so that they are looked at once")
    func passesOver() async throws {
        try await withStore { store in
            for name in ["a", "b", "b"] { try await store.append(LogEntry(name: name, data: "")) }
            var query = LogQuery()
            query.name = "a"
            let first = try await store.stretch(query, after: 0)
            #expect(first.entries.map(\.name) == ["a"] && !first.isFull)
            let second = try await store.stretch(query, after: first.end)
            #expect(try await second == LogStretch(end: store.newestID()))
            #expect(try await store.stretch(query, after: second.end) == second)
        }
    }
}
