import MartletHTTP
import MartletWire
import Testing

@testable import AuthenticationService

@Suite("The administration of users", .timeLimit(.minutes(1)))
struct UserRoutesTests {
    private static let routes: [(HTTPMethod, String)] = [
        (.get, "/users"), (.post, "/users"), (.get, "/users/2"), (.put, "/users/2"), (.delete, "/users/2"),
        (.post, "/users/2/password"),
    ]

    @Test("without a configured token every route is 403 and says why")
    func unconfigured() async throws {
        let service = try await AuthenticationHarness(adminToken: nil)
        for (method, path) in Self.routes {
            let answer = try await service.administer(method, path, "{}")
            #expect(answer.status == 403)
            #expect(answer.message == "user administration is off: ADMIN_TOKEN is not set")
        }
    }

    @Test(
        "without the right token every route is 401",
        arguments: [
            nil, "", "Bearer", "Bearer ", "Bearer wrong", "Basic \(AuthenticationHarness.token)",
            "Bearer \(AuthenticationHarness.token)x", "Bearer \(AuthenticationHarness.token.dropLast())",
        ])
    func unauthorized(authorization: String?) async throws {
        let service = try await AuthenticationHarness()
        var headers = HTTPHeaders()
        if let authorization { headers.add("Authorization", authorization) }
        for (method, path) in Self.routes {
            let answer = try await service.send(method, path, "{}", headers: headers)
            #expect(answer.status == 401)
            #expect(answer.headers["WWW-Authenticate"] == "Bearer")
            #expect(answer.isError == true)
        }
        #expect(try await service.store.user(id: 2) != nil)
    }

    @Test("a user is made, read, found, changed, given a password and deleted")
    func life() async throws {
        let service = try await AuthenticationHarness()
        let made = try await service.administer(
            .post, "/users",
            #"{"email":"ada@example.com","first_name":"Ada","last_name":"L","active":1,"password":"correct horse"}"#)
        #expect(made.status == 201)
        #expect(made.headers["Location"] == "/users/3")
        #expect(made.body == #"{"error":false,"message":"Created user 3","data":{"id":3}}"#)
        #expect(try await service.logIn("ada@example.com", "correct horse").status == 202)

        let read = try await service.administer(.get, "/users/3")
        #expect(read.status == 200)
        #expect(read.data?["first_name"] == "Ada")
        #expect(read.data?["created_at"] == read.data?["updated_at"])
        #expect(!read.body.contains("$2"))

        let found = try await service.administer(.get, "/users?email=ADA%40example.com")
        #expect(found.data?["users"] == .array([read.data ?? .null]))

        let changed = try await service.administer(
            .put, "/users/3", #"{"email":"lovelace@example.com","last_name":"Lovelace","active":0}"#)
        #expect(changed.status == 200)
        #expect(changed.data?["email"] == "lovelace@example.com")
        #expect(changed.data?["first_name"] == nil)
        #expect(changed.data?["active"] == 0)
        #expect(changed.data?["created_at"] == read.data?["created_at"])
        #expect(changed.data?["updated_at"] != read.data?["updated_at"])
        #expect(try await service.logIn("lovelace@example.com", "correct horse").status == 202)
        #expect(try await service.logIn("ada@example.com", "correct horse").status == 400)

        let password = try await service.administer(
            .post, "/users/3/password", #"{"password":"battery staple"}"#)
        #expect(password.status == 200)
        #expect(try await service.logIn("lovelace@example.com", "battery staple").status == 202)
        #expect(try await service.logIn("lovelace@example.com", "correct horse").status == 400)

        #expect(try await service.administer(.delete, "/users/3").status == 200)
        #expect(try await service.administer(.get, "/users/3").status == 404)
        #expect(try await service.logIn("lovelace@example.com", "battery staple").status == 400)
        // An id that somebody had is never given to somebody else.
        #expect(try await service.addUser("next@example.com") == 4)
    }

    @Test("a new hash is bcrypt with the original's prefix, and of its cost by default")
    func hash() async throws {
        let service = try await AuthenticationHarness()
        let body = #"{"email":"ada@example.com","password":"correct horse"}"#
        #expect(try await service.administer(.post, "/users", body).status == 201)
        let account = try await service.store.account(email: "ada@example.com")
        #expect(account?.passwordHash.hasPrefix("$2a$04$") == true)
        #expect(PasswordHasher.standardCost == 12)
    }

    @Test("what is not there is 404, and nothing is hashed for it", arguments: [7, 1, Int.max])
    func missing(id: Int) async throws {
        let service = try await AuthenticationHarness()
        let form = #"{"email":"a@example.com","active":1}"#
        #expect(try await service.administer(.get, "/users/\(id)").status == 404)
        #expect(try await service.administer(.put, "/users/\(id)", form).message == "there is no user \(id)")
        #expect(try await service.administer(.delete, "/users/\(id)").status == 404)
        let password = try await service.administer(.post, "/users/\(id)/password", #"{"password":"long enough"}"#)
        #expect(password.status == 404)
        #expect(service.crypt.settings.isEmpty)
    }

    @Test("an id is a positive integer", arguments: ["0", "-1", "+2", "2.0", "x", "99999999999999999999", "2%20"])
    func ids(id: String) async throws {
        let service = try await AuthenticationHarness()
        let answer = try await service.administer(.get, "/users/\(id)")
        #expect(answer.status == 400)
        #expect(answer.message == "the id must be a positive integer")
    }

    @Test("an address that is taken is 409, whatever its case, and costs no hash")
    func taken() async throws {
        let service = try await AuthenticationHarness()
        try await service.addUser("ada@example.com")
        let made = try await service.administer(
            .post, "/users", #"{"email":"ADA@EXAMPLE.COM","password":"long enough"}"#)
        #expect(made.status == 409)
        #expect(made.message == "there is a user with this e-mail address already")
        #expect(service.crypt.settings.isEmpty)
        let changed = try await service.administer(.put, "/users/2", #"{"email":"Ada@example.com","active":1}"#)
        #expect(changed.status == 409)
        // The case of one's own address may change.
        let own = try await service.administer(.put, "/users/3", #"{"email":"Ada@example.com","active":1}"#)
        #expect(own.status == 200)
    }

    @Test(
        "what is wrong with a user is said",
        arguments: [
            (#"{"password":"long enough"}"#, "the e-mail address is empty"),
            (#"{"email":"ada","password":"long enough"}"#, "the e-mail address must have the form name@domain"),
            (#"{"email":"a@b@c","password":"long enough"}"#, "the e-mail address must have the form name@domain"),
            (#"{"email":"a b@c","password":"long enough"}"#, "the e-mail address holds a blank or a control character"),
            (#"{"email":"a@b\n","password":"long enough"}"#, "the e-mail address holds a blank or a control character"),
            (#"{"email":"a@b","password":""}"#, "the password is shorter than 8 bytes"),
            (#"{"email":"a@b","password":"1234567"}"#, "the password is shorter than 8 bytes"),
            (#"{"email":"a@b","password":"12345678\u0000"}"#, "the password holds a NUL character"),
            (#"{"email":"a@b","active":2,"password":"long enough"}"#, "active must be 0 or 1"),
            (#"{"email":"a@b","active":-1,"password":"long enough"}"#, "active must be 0 or 1"),
            (
                #"{"email":"a@b","first_name":"\u0007","password":"long enough"}"#,
                "the first name holds a control character"
            ),
            (
                #"{"email":"a@b","last_name":""# + String(repeating: "x", count: 256) + #"","password":"long enough"}"#,
                "the last name is longer than 255 characters"
            ),
            (
                #"{"email":"a@"# + String(repeating: "x", count: 253) + #"","password":"long enough"}"#,
                "the e-mail address is longer than 254 bytes"
            ),
            (
                #"{"email":"a@b","password":""# + String(repeating: "x", count: 73) + #""}"#,
                "the password is longer than 72 bytes"
            ),
        ])
    func validation(body: String, message: String) async throws {
        let service = try await AuthenticationHarness()
        let answer = try await service.administer(.post, "/users", body)
        #expect(answer.status == 400)
        #expect(answer.message == message)
        #expect(service.crypt.settings.isEmpty)
    }

    @Test("a change must say whether the user is active, and cannot set the password")
    func change() async throws {
        let service = try await AuthenticationHarness()
        #expect(
            try await service.administer(.put, "/users/2", #"{"email":"a@b"}"#).message == "active must be 0 or 1")
        let password = try await service.administer(
            .put, "/users/2", #"{"email":"a@b","active":1,"password":"long enough"}"#)
        #expect(password.status == 400)
        #expect(password.message == "the password is set by POST /users/2/password")
    }

    @Test("the list is by last name, and paged without a gap or a repeat")
    func list() async throws {
        let service = try await AuthenticationHarness()
        // Equal last names, none at all, and one that a cursor has to carry with care.
        for (index, last) in ["Zuse", "", "Zuse", "O'Neil – \"x\"", "Adams", "Zuse"].enumerated() {
            try await service.addUser("u\(index)@example.com", last: last)
        }
        var seen: [JSONValue] = []
        var target = "/users?limit=2"
        while seen.count < 20 {
            let page = try await service.administer(.get, target)
            #expect(page.status == 200)
            guard case .array(let users)? = page.data?["users"] else { break }
            #expect(users.count <= 2)
            seen += users
            guard case .string(let next)? = page.data?["next"] else { break }
            target = "/users?limit=2&cursor=\(next)"
        }
        let names = seen.map { $0["last_name"] ?? "" }
        #expect(names == ["", "Adams", "O'Neil – \"x\"", "User", "Zuse", "Zuse", "Zuse"])
        #expect(Set(seen.compactMap { $0["id"] }).count == 7)
        let whole = try await service.administer(.get, "/users")
        #expect(whole.data?["users"] == .array(seen))
        #expect(whole.data?["next"] == nil)
        #expect(whole.message == "7 users")
    }

    @Test(
        "a page that cannot be is refused",
        arguments: [
            "limit=0", "limit=501", "limit=x", "cursor=x", "cursor=", "cursor=1-6", "cursor=1-zz", "cursor=-6162",
        ])
    func pages(query: String) async throws {
        let service = try await AuthenticationHarness()
        #expect(try await service.administer(.get, "/users?\(query)").status == 400)
    }

    @Test("an address nobody has gives an empty list", arguments: ["nobody%40example.com", "", "%00", "'%20OR%201"])
    func nobody(email: String) async throws {
        let service = try await AuthenticationHarness()
        let answer = try await service.administer(.get, "/users?email=\(email)")
        #expect(answer.status == 200)
        #expect(answer.data?["users"] == .array([]))
    }
}
