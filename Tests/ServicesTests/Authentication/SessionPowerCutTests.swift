import MartletCore
import MartletKit
import MartletSQL
import MartletSQLite
import PowerCutChecks
import Testing

@testable import AuthenticationService

/// What is told of logins and sign-outs, and a power cut: an event is on disk with what it tells of, or neither is.
@Suite("Sessions and a power cut", .timeLimit(.minutes(2)))
struct SessionPowerCutTests {
    private func book(_ database: SQLiteDatabase) async throws -> SessionBook {
        try await database.migrate(AuthenticationApp.schema)
        let outbox = Outbox(
            database, publisher: EventPublisher(AwayBus()), telemetry: Telemetry(service: "test", logger: .disabled))
        return SessionBook(database: database, outbox: outbox, lifetime: .seconds(3600))
    }

    private func user(_ number: Int) -> User { User(id: 100 + number, email: "u\(number)@example.com") }

    /// `session 1`, `login 1`, `mail 1` of what is in the store.
    private func keys(_ disk: SimulatedDisk) async throws -> [String] {
        try await disk.withDatabase { database in
            _ = try await book(database)
            var keys = try await database.query("SELECT user_id FROM sessions").map { row in
                "session \(try row.get(0, as: Int.self) - 100)"
            }
            for row in try await database.query("SELECT routing_key, body FROM outbox") {
                let body = String(decoding: try row.get(1, as: [UInt8].self), as: UTF8.self)
                let address = try #require(body.split { $0 == "\"" || $0 == " " }.first { $0.contains("@") })
                let number = address.dropFirst().prefix { $0 != "@" }
                keys.append(try row.get(0) == "mail.send" ? "mail \(number)" : "login \(number)")
            }
            return keys
        }
    }

    @Test("every login and sign-out that was answered is kept, with its event, once")
    func everyAnswer() async throws {
        let report = try await PowerCut.everyCut(PowerCut.Effort(cuts: 80)) { disk, ledger in
            try await disk.withDatabase { database in
                let sessions = try await book(database)
                for number in 0..<12 {
                    try await database.execute(
                        """
                        INSERT INTO users (id, email, password) VALUES (\(user(number).id), \(user(number).email), '')
                        """)
                }
                for round in 0..<3 {
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        for number in round * 4..<round * 4 + 4 {
                            group.addTask {
                                try await disk.untilCut {
                                    try await session(number, in: sessions, ledger)
                                }
                            }
                        }
                        try await group.waitForAll()
                    }
                    if round == 1 { try disk.checkpoint() }
                }
            }
        } audit: {
            try await keys($0)
        }
        #expect(report.problems.isEmpty, "\(report)")
        #expect(report.cuts >= 40 && report.answers > report.cuts, "\(report)")
    }

    private func session(_ number: Int, in sessions: SessionBook, _ ledger: Ledger) async throws {
        var token: SessionToken?
        try await ledger.add("session \(number)", "login \(number)") {
            token = try await sessions.begin(for: user(number), replacing: nil)
        }
        // Every other one stays.
        guard let token, number % 2 == 0 else { return }
        try await ledger.remove(["session \(number)"], isOne: false) {
            try await ledger.add("mail \(number)") {
                let wasThere = try await sessions.end(token)
                #expect(wasThere)
            }
        }
    }
}
