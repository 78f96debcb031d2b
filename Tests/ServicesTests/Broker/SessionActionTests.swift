import MartletCore
import MartletHTTP
import MartletKit
import Testing

@testable import BrokerService

@Suite("Sessions through the broker", .timeLimit(.minutes(1)))
struct SessionActionTests {
    private static let login = #"{"action":"auth","auth":{"email":"a@example.com","password":"p"}}"#
    private static let logout = #"{"action":"logout"}"#
    private static let cookie = "martlet_session=abc; Path=/; Max-Age=60; HttpOnly; SameSite=Lax"

    private func headers(_ cookie: String, fields: [String]) -> [String] { (fields + ["set-cookie"]).sorted() }

    @Test("the cookie of a login reaches the browser as it is, and the body stays the original's")
    func login() async throws {
        var headers = HTTPHeaders.json
        headers.add("Set-Cookie", Self.cookie)
        let authentication = try StandIn(.accepted, #"{"error":false,"message":"x","data":{"id":1}}"#, headers: headers)
        try await withService(BrokerApp.self, ["AUTH_URL": authentication.url]) { broker in
            let reply = try await broker.post("/handle", Self.login)
            reply.isEnvelope(
                202, #"{"error":false,"message":"Authenticated!","data":{"id":1}}"#,
                fields: ["content-type", "set-cookie", "vary"])
            #expect(reply.headers["Set-Cookie"] == Self.cookie)
        }
    }

    @Test("logout takes the session's cookie, and no other, to the authentication service")
    func logout() async throws {
        var headers = HTTPHeaders.json
        headers.add("Set-Cookie", "martlet_session=; Max-Age=0")
        let authentication = try StandIn(.accepted, #"{"error":false,"message":"Signed out"}"#, headers: headers)
        try await withService(BrokerApp.self, ["AUTH_URL": authentication.url]) { broker in
            let sent: HTTPHeaders = [
                "Cookie": "other=1; martlet_session=abc;third=2", "Origin": "http://localhost:8001",
            ]
            let reply = try await broker.post("/handle", Self.logout, headers: sent)
            #expect(reply.status == 202 && reply.body == #"{"error":false,"message":"Signed out"}"#)
            #expect(reply.headers["Set-Cookie"] == "martlet_session=; Max-Age=0")
            // Without these a page of another origin is not given the cookie.
            #expect(reply.headers["Access-Control-Allow-Credentials"] == "true")
            #expect(reply.headers["Access-Control-Allow-Origin"] == "http://localhost:8001")
        }
        let asked = try #require(authentication.requests.first)
        #expect(asked.line == "POST /logout" && asked.body == "{}")
        #expect(asked.headers.values(of: "Cookie") == ["martlet_session=abc"])
        #expect(asked.headers["Origin"] == nil)
    }

    @Test("nobody who is signed in is 401, and the browser forgets the cookie")
    func notSignedIn() async throws {
        var headers = HTTPHeaders.json
        headers.add("Set-Cookie", "martlet_session=; Max-Age=0")
        let authentication = try StandIn(
            .unauthorized, #"{"error":true,"message":"not signed in"}"#, headers: headers)
        try await withService(BrokerApp.self, ["AUTH_URL": authentication.url]) { broker in
            try await broker.post("/handle", Self.logout).isEnvelope(
                401, #"{"error":true,"message":"not signed in"}"#, fields: ["content-type", "set-cookie", "vary"])
        }
        #expect(authentication.requests.first?.headers["Cookie"] == nil)
    }

    @Test(
        "any other answer is 400; one that is busy is passed on",
        arguments: [(HTTPStatus.ok, 400), (.internalServerError, 400), (.notFound, 400), (.serviceUnavailable, 503)])
    func failure(status: HTTPStatus, expected: Int) async throws {
        let authentication = try StandIn(status, #"{"error":true,"message":"inside"}"#)
        try await withService(BrokerApp.self, ["AUTH_URL": authentication.url]) { broker in
            let reply = try await broker.post("/handle", Self.logout)
            #expect(reply.status == expected)
            #expect(reply.body.contains(expected == 503 ? "inside" : "error calling auth service"))
        }
    }
}
