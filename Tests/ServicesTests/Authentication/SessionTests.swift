import MartletCore
import MartletEmbeddedBus
import MartletHTTP
import MartletKit
import MartletMessaging
import MartletSQL
import MartletSQLite
import MartletWire
import Testing

@testable import AuthenticationService

@Suite("Sessions", .timeLimit(.minutes(1)))
struct SessionTests {
    private static let login = #"log.INFO {"name":"authentication","data":"ada@example.com logged in"}"#

    /// Signs a user in, and gives the cookie as the browser sends it back.
    private func signIn(
        _ service: AuthenticationHarness, _ email: String = "ada@example.com", with cookie: String? = nil
    ) async throws -> String {
        let body = AuthenticationHarness.json(["email": .string(email), "password": "correct horse"])
        var headers: HTTPHeaders = [:]
        headers["Cookie"] = cookie
        let answer = try await service.send(.post, "/authenticate", body, headers: headers)
        #expect(answer.status == 202)
        return String(try #require(answer.headers["Set-Cookie"]).prefix { $0 != ";" })
    }

    private func signOut(_ service: AuthenticationHarness, _ cookie: String?) async throws -> Answer {
        var headers: HTTPHeaders = [:]
        headers["Cookie"] = cookie
        return try await service.send(.post, "/logout", headers: headers)
    }

    private func harness(lifetime: Duration = .seconds(3600)) async throws -> AuthenticationHarness {
        let service = try await AuthenticationHarness(lifetime: lifetime)
        try await service.addUser("ada@example.com", first: "Ada")
        return service
    }

    private func count(_ service: AuthenticationHarness) async throws -> Int {
        try #require(try await service.database.single("SELECT count(*) FROM sessions")).get(0)
    }

    // MARK: The cookie

    @Test(
        "a login sets a cookie of 256 random bits that scripts and other sites' pages do not get",
        arguments: [false, true])
    func cookie(isSecure: Bool) async throws {
        let service = try await AuthenticationHarness(isCookieSecure: isSecure)
        let answer = try await service.logIn("admin@example.com", "verysecret")
        let cookie = try #require(answer.headers["Set-Cookie"])
        let parts = cookie.split(separator: ";").map { String($0.drop { $0 == " " }) }
        let value = try #require(parts.first?.split(separator: "=").last)
        #expect(value.count == 64 && value.allSatisfy(\.isHexDigit))
        #expect(
            Array(parts.dropFirst())
                == ["Path=/", "Max-Age=3600", "HttpOnly", "SameSite=Lax"] + (isSecure ? ["Secure"] : []))
        #expect(!answer.body.contains(value))
    }

    @Test("no two sessions have a cookie in common")
    func distinct() async throws {
        let service = try await harness()
        var cookies: Set<String> = []
        for _ in 0..<20 { cookies.insert(try await signIn(service)) }
        #expect(cookies.count == 20)
    }

    @Test("the store has the hash of a token and not the token")
    func hashed() async throws {
        let service = try await harness()
        let cookie = try await signIn(service)
        let token = try #require(SessionToken(String(cookie.dropFirst("martlet_session=".count))))
        let row = try #require(try await service.database.single("SELECT token_hash FROM sessions"))
        #expect(try row.get(0, as: [UInt8].self) == token.hash)
        #expect(token.hash.count == 32 && token.hash != Array(token.text.utf8))
    }

    @Test("the hash is SHA-256 of the token's bytes")
    func sha256() throws {
        // printf '%064d' 0 | xxd -r -p | sha256sum
        let token = try #require(SessionToken(String(repeating: "0", count: 64)))
        let digits = token.hash.map { byte in
            let text = String(byte, radix: 16)
            return text.count == 1 ? "0" + text : text
        }
        #expect(digits.joined() == "66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925")
        #expect(SessionToken(SessionToken().text) != nil)
    }

    @Test(
        "what is no token is none",
        arguments: [
            "", "abc", String(repeating: "g", count: 64), String(repeating: "A", count: 64),
            "+" + String(repeating: "0", count: 63),
        ])
    func noToken(text: String) { #expect(SessionToken(text) == nil) }

    // MARK: Signing out

    @Test("signing out ends the session, clears the cookie, and has one mail sent to the user")
    func signOut() async throws {
        let service = try await harness()
        let cookie = try await signIn(service)
        let answer = try await signOut(service, "theme=dark; " + cookie)
        #expect(answer.status == 202 && answer.body == #"{"error":false,"message":"Signed out"}"#)
        #expect(answer.headers["Set-Cookie"] == "martlet_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax")
        let mail =
            #"mail.send {"from":"","to":"ada@example.com","subject":"You signed out","template":"signed-out","#
            + #""data":{"name":"Ada","time":"2027-01-15 08:16 UTC"}}"#
        #expect(try await service.events() == [Self.login, mail])

        let again = try await signOut(service, cookie)
        #expect(again.status == 401 && again.body == #"{"error":true,"message":"not signed in"}"#)
        #expect(again.headers["Set-Cookie"]?.contains("Max-Age=0") == true)
        #expect(try await service.events().count == 2)
    }

    @Test(
        "without a cookie, or with another's idea of one, nobody is signed in",
        arguments: [
            nil, "", "martlet_session=", "martlet_session=x", "other=\(String(repeating: "0", count: 64))",
            "martlet_session=\(String(repeating: "0", count: 64))",
        ])
    func nobody(cookie: String?) async throws {
        let service = try await harness()
        _ = try await signIn(service)
        #expect(try await signOut(service, cookie).status == 401)
        #expect(try await count(service) == 1)
    }

    @Test("ten sign-outs of one session at once are one")
    func concurrent() async throws {
        let service = try await harness()
        let cookie = try await signIn(service)
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<10 { group.addTask { try await signOut(service, cookie).status } }
            return try await group.reduce(into: [Int]()) { $0.append($1) }
        }
        #expect(statuses.sorted() == [202] + Array(repeating: 401, count: 9))
        #expect(try await service.events().count == 2)
    }

    @Test("a page of another site cannot sign anybody out")
    func foreignPage() async throws {
        let service = try await harness()
        let cookie = try await signIn(service)
        let headers: HTTPHeaders = ["Cookie": cookie, "Origin": "https://evil.example", "Host": "127.0.0.1:8081"]
        #expect(try await service.send(.post, "/logout", headers: headers).status == 403)
        #expect(try await signOut(service, cookie).status == 202)
    }

    @Test("a user without a first name is addressed by the address")
    func noName() async throws {
        let service = try await AuthenticationHarness()
        try await service.addUser("nobody@example.com")
        _ = try await signOut(service, try await signIn(service, "nobody@example.com"))
        #expect(try await service.events().last?.contains(#""name":"nobody@example.com""#) == true)
    }

    // MARK: Other ends

    @Test("a session ends with its time, without a mail")
    func expired() async throws {
        let service = try await harness(lifetime: .seconds(100))
        let cookie = try await signIn(service)
        let other = try await signIn(service)
        service.clock.advance(.seconds(99))
        #expect(try await signOut(service, other).status == 202)
        service.clock.advance(.seconds(1))
        #expect(try await signOut(service, cookie).status == 401)
        #expect(try await service.events().count == 3)
    }

    @Test("sessions that are over are forgotten")
    func pruned() async throws {
        let service = try await harness(lifetime: .seconds(100))
        for _ in 0..<3 { _ = try await signIn(service) }
        service.clock.advance(.seconds(60))
        _ = try await signIn(service)
        service.clock.advance(.seconds(60))
        #expect(try await service.sessions.prune() == 3)
        #expect(try await count(service) == 1)
    }

    @Test("a login takes the place of the session that the browser had")
    func replaced() async throws {
        let service = try await harness()
        let first = try await signIn(service)
        let second = try await signIn(service, with: first)
        #expect(try await signOut(service, first).status == 401)
        #expect(try await signOut(service, second).status == 202)
    }

    @Test("a user has so many sessions; one more ends the oldest")
    func limit() async throws {
        let service = try await harness()
        try await service.addUser("grace@example.com")
        let others = try await signIn(service, "grace@example.com")
        let first = try await signIn(service)
        var last = first
        for _ in 0..<SessionBook.limit {
            service.clock.advance(.seconds(1))
            last = try await signIn(service)
        }
        #expect(try await count(service) == SessionBook.limit + 1)
        #expect(try await signOut(service, first).status == 401)
        for cookie in [last, others] { #expect(try await signOut(service, cookie).status == 202) }
    }

    @Test("a new password ends all sessions of the user, and no other's; so does the user's deletion")
    func administration() async throws {
        let service = try await harness()
        let id = try await service.addUser("grace@example.com")
        let ada = try await signIn(service)
        for change in 0..<2 {
            let grace = try await signIn(service, "grace@example.com")
            if change == 0 {
                let body = #"{"password":"correct horse"}"#
                #expect(try await service.administer(.post, "/users/\(id)/password", body).status == 200)
            } else {
                #expect(try await service.administer(.delete, "/users/\(id)").status == 200)
            }
            #expect(try await signOut(service, grace).status == 401)
        }
        #expect(try await signOut(service, ada).status == 202)
    }

    // MARK: The bus

    @Test("a login and a sign-out neither wait for a bus that is away nor fail with it; it is told when it is back")
    func busAway() async throws {
        let bus = SwitchedBus(try await BusHarness.open())
        let service = try await AuthenticationHarness(bus: bus)
        try await service.addUser("ada@example.com", first: "Ada")
        try await service.publishing {
            let cookie = try await signIn(service)
            #expect(try await signOut(service, cookie).status == 202)
            #expect(try await service.events().count == 2)
            await eventually { bus.refusals > 3 }
            bus.isAway = false
            while try await !service.events().isEmpty, !Task.isCancelled { await Task.yield() }
        }
        #expect(try await bus.inner.queues().map { "\($0.name) \($0.messages)" }.sorted() == ["listener 1", "mail 1"])
        await bus.inner.close()
    }

    @Test("an event that was published and not crossed out, because the process died, is published once all the same")
    func diedInBetween() async throws {
        let bus = try await BusHarness.open()
        let service = try await AuthenticationHarness(bus: bus)
        try await service.addUser("ada@example.com", first: "Ada")
        _ = try await signOut(service, try await signIn(service))
        let rows = try await service.database.query("SELECT * FROM outbox ORDER BY number")
        try await service.publishing {
            while try await !service.events().isEmpty, !Task.isCancelled { await Task.yield() }
        }
        // As the store would be after the crash.
        for row in rows {
            let values = (0..<7).compactMap { try? row.get($0, as: SQLValue.self) }
            try await service.database.execute(
                SQLStatement("INSERT INTO outbox VALUES ($1, $2, $3, $4, $5, $6, $7)", values))
        }
        #expect(try await service.events().count == 2)
        try await service.publishing {
            service.outbox.wake()
            while try await !service.events().isEmpty, !Task.isCancelled { await Task.yield() }
        }
        #expect(try await bus.queues().map { "\($0.name) \($0.messages)" }.sorted() == ["listener 1", "mail 1"])
        await bus.close()
    }
}
