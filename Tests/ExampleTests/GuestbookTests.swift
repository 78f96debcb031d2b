import MartletCore
import MartletHTTP
import MartletKit
import MartletSQL
import MartletSQLite
import MartletWire
import Testing

@testable import guestbook

@Suite("The guestbook", .timeLimit(.minutes(1)))
struct GuestbookTests {
    /// Calls `body` with the book's routes: no socket, no file.
    private func withRoutes(_ body: (HTTPHandler) async throws -> Void) async throws {
        let database = try await SQLiteDatabase.open(.memory)
        try await database.migrate(Guestbook.migrations)
        var router = Router(failure: { .envelope(failure: $0) })
        Guestbook(database: database).mount(on: &router, limit: ConcurrencyLimit(limit: 2))
        try await body(router.handler())
        await database.close()
    }

    @Test("gives entries back, the newest first")
    func newestFirst() async throws {
        try await withRoutes { routes in
            for name in ["Ada", "Grace"] {
                let signed = try await routes(
                    HTTPRequest(.post, "/entries", headers: .json, body: .string(#"{"name":"\#(name)"}"#)))
                #expect(signed.status == .created)
            }
            let answer = try await routes(HTTPRequest(.get, "/entries"))
            let list = try JSON.decode(EntryList.self, from: try await answer.body.collect(upTo: 4096))
            #expect(list.entries.map(\.name) == ["Grace", "Ada"])
        }
    }

    @Test("refuses an entry without a name")
    func nameIsNeeded() async throws {
        try await withRoutes { routes in
            let answer = try await routes(HTTPRequest(.post, "/entries", headers: .json, body: .string("{}")))
            #expect(answer.status == .badRequest)
        }
    }

    @Test("a call above the limit is refused, and one after it is not")
    func limit() async throws {
        let inside = ShutdownSignal()
        let leave = ShutdownSignal()
        let slow = Endpoint("slow") { (_: Int) in
            inside.trigger()
            await leave.wait()
        }.with(ConcurrencyLimit(limit: 1))
        async let first: Void = slow(1)
        await inside.wait()
        await #expect(throws: ServiceError(.resourceExhausted, "slow is busy; try again", retryAfter: .seconds(1))) {
            try await slow(2)
        }
        leave.trigger()
        try await first
        try await slow(3)
    }
}
