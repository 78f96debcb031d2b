import MartletCore
import MartletHTTP
import MartletSQL
import MartletSQLite
import MartletWire
import Testing

@testable import AuthenticationService

/// The rows of contracts, course A.2 and A.4, for `POST /authenticate`.
@Suite("POST /authenticate", .timeLimit(.minutes(1)))
struct AuthenticateContractTests {
    @Test("the seeded user logs in: 202, and the user in the original's order, to the byte")
    func seed() async throws {
        let service = try await AuthenticationHarness()
        let answer = try await service.logIn("admin@example.com", "verysecret")
        #expect(answer.status == 202)
        #expect(answer.headers["Content-Type"] == "application/json")
        #expect(
            answer.body
                == #"{"error":false,"message":"Logged in user admin@example.com\n","data":{"id":2,"#
                + #""email":"admin@example.com","first_name":"Admin","last_name":"User","active":1,"#
                + #""created_at":"2022-03-14T00:00:00Z","updated_at":"2022-03-14T00:00:00Z"}}"#)
        #expect(
            try await service.events() == [
                #"log.INFO {"name":"authentication","data":"admin@example.com logged in"}"#
            ])
    }

    @Test("empty names are left out, and whether the user is active is not asked")
    func names() async throws {
        let service = try await AuthenticationHarness()
        try await service.addUser("nobody@example.com", active: 0)
        let answer = try await service.logIn("nobody@example.com", "correct horse")
        #expect(answer.status == 202)
        guard case .object(let user)? = answer.data else {
            Issue.record("no user in \(answer.body)")
            return
        }
        #expect(user.members.map(\.key) == ["id", "email", "active", "created_at", "updated_at"])
        #expect(user["active"] == 0)
        #expect(!answer.body.contains("password"))
    }

    @Test("the address is found whatever its case, and answered as it is stored")
    func caseOfAddress() async throws {
        let service = try await AuthenticationHarness()
        try await service.addUser("Ada@Example.com")
        let answer = try await service.logIn("aDA@example.COM", "correct horse")
        #expect(answer.status == 202)
        #expect(answer.message == "Logged in user Ada@Example.com\n")
    }

    @Test(
        "a body that cannot be read is 400 with the reason",
        arguments: [
            ("", "EOF"), ("  \n", "EOF"), (#"{"email""#, "unexpected EOF"),
            ("hello", "invalid character 'h' looking for beginning of value"),
            (#"{"email":7}"#, nil), ("[]", nil), (#"{}{}"#, "body must have only a single json value"),
        ])
    func unreadable(body: String, message: String?) async throws {
        let service = try await AuthenticationHarness()
        let answer = try await service.send(.post, "/authenticate", body)
        #expect(answer.status == 400)
        #expect(answer.isError == true)
        #expect(answer.data == nil)
        if let message { #expect(answer.message == message) } else { #expect(answer.message?.isEmpty == false) }
        #expect(service.crypt.settings.isEmpty)
    }

    @Test("more than a MiB is 400 and no work; exactly a MiB is read")
    func size() async throws {
        let service = try await AuthenticationHarness()
        let body = AuthenticationHarness.json(["email": "admin@example.com", "password": "wrong horse"])
        let padding = String(repeating: " ", count: (1 << 20) - body.utf8.count)
        let over = try await service.send(.post, "/authenticate", body + padding + " ")
        #expect(over.status == 400)
        #expect(over.message == "http: request body too large")
        #expect(service.crypt.settings.isEmpty)
        let exact = try await service.send(.post, "/authenticate", body + padding)
        #expect(exact.message == "invalid credentials")
    }

    @Test(
        "wrong credentials are 400 `invalid credentials`, whatever is wrong with them",
        arguments: [
            ("admin@example.com", "Verysecret"), ("admin@example.com", ""), ("nobody@example.com", "verysecret"),
            ("", "verysecret"), ("", ""), ("admin@example.com ", "verysecret"), ("admin", "verysecret"),
            ("admin@example.com' OR '1'='1", "verysecret"), ("%", "verysecret"),
            ("admin@example.com\u{0}", "verysecret"),
            (String(repeating: "a", count: 100_000) + "@example.com", "verysecret"), ("\u{202E}a@b", "verysecret"),
        ])
    func wrong(email: String, password: String) async throws {
        let service = try await AuthenticationHarness()
        let answer = try await service.logIn(email, password)
        #expect(answer.status == 400)
        #expect(answer.body == #"{"error":true,"message":"invalid credentials"}"#)
        #expect(answer.headers["Set-Cookie"] == nil)
        #expect(try await service.events().isEmpty)
    }

    @Test("missing fields are empty ones")
    func missing() async throws {
        let service = try await AuthenticationHarness()
        for body in ["{}", "null", #"{"email":null,"extra":[1,{}]}"#] {
            #expect(try await service.send(.post, "/authenticate", body).message == "invalid credentials")
        }
    }

    @Test(
        "a broken hash is `invalid credentials`, after the work of a real one",
        arguments: [
            "", "*0", "verysecret", "$2a$12$", "$2a$31$1zGLuYDDNvATh4RA4avbKuheAMpb1svexSzrQm7up.bnpwQHs0jNe",
            "$2a$12$1zGLuYDDNvATh4RA4avbKuheAMpb1svexSzrQm7up.bnpwQHs0jN!", "abJnggxhB/yWI",
        ])
    func brokenHash(hash: String) async throws {
        let service = try await AuthenticationHarness()
        _ = try await service.store.setPasswordHash(hash, ofUser: 2)
        let answer = try await service.logIn("admin@example.com", "verysecret")
        #expect(answer.status == 400)
        #expect(answer.message == "invalid credentials")
        #expect(service.crypt.settings.count == 1)
    }

    @Test("NULL in a column of a table that was there before is `invalid credentials`")
    func null() async throws {
        // As the original's schema has it: everything may be NULL, and so it may in a database that is taken over.
        let service = try await AuthenticationHarness(before: [
            """
            CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT, email VARCHAR(255), first_name VARCHAR(255), \
            last_name VARCHAR(255), password VARCHAR(60), user_active INTEGER DEFAULT 0, created_at TEXT, \
            updated_at TEXT)
            """,
            """
            INSERT INTO users (email, first_name, last_name, password, user_active, created_at, updated_at) \
            VALUES ('a@example.com', NULL, 'A', '$2a$12$1zGLuYDDNvATh4RA4avbKuheAMpb1svexSzrQm7up.bnpwQHs0jNe', 1, \
            '2022-03-14 00:00:00', '2022-03-14 00:00:00')
            """,
            """
            INSERT INTO users (email, first_name, last_name, password, user_active, created_at, updated_at) \
            VALUES ('b@example.com', 'B', 'B', NULL, 1, '2022-03-14 00:00:00', '2022-03-14 00:00:00')
            """,
        ])
        for email in ["a@example.com", "b@example.com"] {
            let answer = try await service.logIn(email, "verysecret")
            #expect(answer.status == 400)
            #expect(answer.message == "invalid credentials")
        }
        #expect(service.crypt.settings.count == 2)
        #expect(
            try await service.logIn("admin@example.com", "verysecret").status == 400, "no seed in a table of others")
    }

    @Test("a store that does not answer is 503, not wrong credentials")
    func noStore() async throws {
        let service = try await AuthenticationHarness()
        await service.database.close()
        let answer = try await service.logIn("admin@example.com", "verysecret")
        #expect(answer.status == 503)
        #expect(answer.isError == true)
        #expect(service.crypt.settings.isEmpty)
    }

    @Test("wrong credentials are 401 when that is configured")
    func unauthorized() async throws {
        let service = try await AuthenticationHarness(failureStatus: .unauthorized)
        let answer = try await service.logIn("nobody@example.com", "verysecret")
        #expect(answer.status == 401)
        #expect(answer.message == "invalid credentials")
    }

    @Test(
        "a password that bcrypt would cut is refused with the reason, and no work",
        arguments: [
            (String(repeating: "p", count: 73), "the password is longer than 72 bytes"),
            (String(repeating: "é", count: 37), "the password is longer than 72 bytes"),
            ("verysecret\u{0}", "the password holds a NUL character"),
            (String(repeating: "p", count: 1_000_000), "the password is longer than 72 bytes"),
        ])
    func uncheckable(password: String, message: String) async throws {
        let service = try await AuthenticationHarness()
        let answer = try await service.logIn("admin@example.com", password)
        #expect(answer.status == 400)
        #expect(answer.message == message)
        #expect(service.crypt.settings.isEmpty)
    }

    @Test("72 bytes are a password like any other, to the last of them")
    func longest() async throws {
        let service = try await AuthenticationHarness()
        let password = String(repeating: "p", count: 71)
        try await service.addUser("long@example.com", password + "a")
        #expect(try await service.logIn("long@example.com", password + "a").status == 202)
        #expect(try await service.logIn("long@example.com", password + "b").status == 400)
    }

    @Test("other methods are 405, other paths 404, the heartbeat is a dot")
    func routes() async throws {
        let service = try await AuthenticationHarness()
        #expect(try await service.send(.get, "/authenticate").status == 405)
        #expect(try await service.send(.post, "/authenticate/").status == 404)
        let ping = try await service.send(.get, "/ping")
        #expect(ping.status == 200)
        #expect(ping.body == ".")
    }

    @Test("pages of other sites may log in, and may not administer users")
    func origins() async throws {
        let service = try await AuthenticationHarness()
        let page: HTTPHeaders = ["Origin": "https://page.example", "Host": "127.0.0.1:8081"]
        let login = try await service.send(.post, "/authenticate", "{}", headers: page)
        #expect(login.headers["Access-Control-Allow-Origin"] == "https://page.example")
        var administrator = page
        administrator.add("Authorization", "Bearer \(AuthenticationHarness.token)")
        let users = try await service.send(.get, "/users", headers: administrator)
        #expect(users.isError == true)
        #expect(users.data == nil)
        #expect(users.headers["Access-Control-Allow-Origin"] == nil)
    }
}
