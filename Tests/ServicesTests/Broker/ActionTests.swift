import MartletCore
import MartletHTTP
import MartletKit
import Testing

@testable import BrokerService
@testable import LoggerService

/// The rows of contracts, course A.3, with stand-ins for the services behind the broker.
@Suite("The broker's actions", .timeLimit(.minutes(1)))
struct ActionTests {
    private static let login = #"{"action":"auth","auth":{"email":"a@example.com","password":"p"}}"#
    private static let entry = #"{"action":"log","log":{"name":"event","data":"d"}}"#
    private static let letter =
        #"{"action":"mail","mail":{"from":"me@example.com","to":"you@there.com","subject":"s","message":"m"}}"#

    private static let actions = [login, entry, letter]

    private func failure(_ text: String) -> String { #"{"error":true,"message":"\#(text)"}"# }

    // MARK: auth

    @Test("a good login is 202 with the user, keys sorted, and the caller's address goes along")
    func goodLogin() async throws {
        let authentication = try StandIn(
            .accepted,
            #"{"error":false,"message":"Logged in user a@example.com\n","data":{"id":2,"email":"a@example.com","#
                + #""first_name":"<A>","last_name":"U","active":1,"created_at":"2022-03-14T00:00:00Z","#
                + #""updated_at":"2022-03-14T00:00:00Z"}}"#)
        try await withService(BrokerApp.self, ["AUTH_URL": authentication.url]) { broker in
            try await broker.post("/handle", Self.login).isEnvelope(
                202,
                #"{"error":false,"message":"Authenticated!","data":{"active":1,"created_at":"2022-03-14T00:00:00Z","#
                    + #""email":"a@example.com","first_name":"\u003cA\u003e","id":2,"last_name":"U","#
                    + #""updated_at":"2022-03-14T00:00:00Z"}}"#)
        }
        let asked = try #require(authentication.requests.first)
        #expect(asked.line == "POST /authenticate")
        #expect(asked.body == #"{"email":"a@example.com","password":"p"}"#)
        #expect(asked.headers["X-Forwarded-For"] == "127.0.0.1")
    }

    private static let answers: [(HTTPStatus, String, Int, String)] = [
        (HTTPStatus.unauthorized, #"{"error":true,"message":"no"}"#, 400, "invalid credentials"),
        (.unauthorized, "", 400, "invalid credentials"),
        // What the original answers to a wrong password, in the spellings of its copies.
        (.badRequest, #"{"error":true,"message":"invalid credentials"}"#, 400, "invalid credentials"),
        (.badRequest, #"{"error":true,"message":"Invalid credentials"}"#, 400, "invalid credentials"),
        (.badRequest, #"{"error":true,"message":"invalid credentials 2"}"#, 400, "invalid credentials"),
        (.badRequest, #"{"error":true,"message":"EOF"}"#, 400, "error calling auth service"),
        (.badRequest, "garbage", 400, "error calling auth service"),
        (.internalServerError, "oh no", 400, "error calling auth service"),
        (.ok, #"{"error":false,"message":"Logged in"}"#, 400, "error calling auth service"),
        (.notFound, "404 page not found\n", 400, "error calling auth service"),
        (.accepted, #"{"error":true,"message":"not you"}"#, 401, "not you"),
        (.accepted, "<html>", 400, "error calling auth service"),
        (.accepted, "", 400, "error calling auth service"),
        (.accepted, #"{"error":"no"}"#, 400, "error calling auth service"),
    ]

    @Test("every other answer of the authentication service has its row", arguments: answers)
    func otherLogin(status: HTTPStatus, body: String, expected: Int, message: String) async throws {
        let authentication = try StandIn(status, body)
        try await withService(BrokerApp.self, ["AUTH_URL": authentication.url]) { broker in
            try await broker.post("/handle", Self.login).isEnvelope(expected, failure(message))
        }
    }

    @Test("a login that is answered without data has none")
    func noData() async throws {
        let authentication = try StandIn(.accepted, #"{"error":false,"message":"x","data":null}"#)
        try await withService(BrokerApp.self, ["AUTH_URL": authentication.url]) { broker in
            try await broker.post("/handle", Self.login).isEnvelope(
                202, #"{"error":false,"message":"Authenticated!"}"#)
        }
    }

    private static let busyAnswers: [(HTTPStatus, Int, String?, String?)] = [
        (.tooManyRequests, 429, "17", "17"), (.serviceUnavailable, 503, "2", "2"), (.tooManyRequests, 429, "-5", "0"),
        (.serviceUnavailable, 503, "soon", nil), (.tooManyRequests, 429, nil, nil),
    ]

    @Test("a service with too much to do is passed on, with its Retry-After", arguments: busyAnswers)
    func busy(status: HTTPStatus, expected: Int, wait: String?, passedOn: String?) async throws {
        var headers = HTTPHeaders.json
        headers["Retry-After"] = wait
        let authentication = try StandIn(status, #"{"error":true,"message":"come back"}"#, headers: headers)
        try await withService(BrokerApp.self, ["AUTH_URL": authentication.url]) { broker in
            let reply = try await broker.post("/handle", Self.login)
            reply.isEnvelope(
                expected, failure("come back"),
                fields: passedOn == nil ? ["content-type", "vary"] : ["content-type", "retry-after", "vary"])
            #expect(reply.headers["Retry-After"] == passedOn)
        }
    }

    // MARK: log

    @Test("log is 202 `logged!` once the logger has it")
    func log() async throws {
        try await withService(LoggerApp.self, ["DSN": "sqlite::memory:"]) { logger in
            try await withService(BrokerApp.self, ["LOGGER_URL": "\(logger.base)"]) { broker in
                try await broker.post("/handle", Self.entry).isEnvelope(202, #"{"error":false,"message":"logged!"}"#)
            }
            let stored = try await logger.page("")
            #expect(stored.entries.map(\.name) == ["event"] && stored.entries.map(\.data) == ["d"])
        }
    }

    @Test("log needs nothing but the logger's 202", arguments: ["", "garbage", #"{"error":true,"message":"x"}"#])
    func logBody(body: String) async throws {
        let logger = try StandIn(.accepted, body)
        try await withService(BrokerApp.self, ["LOGGER_URL": logger.url]) { broker in
            try await broker.post("/handle", Self.entry).isEnvelope(202, #"{"error":false,"message":"logged!"}"#)
        }
        #expect(logger.requests.map(\.line) == ["POST /log"])
        #expect(logger.requests.map(\.body) == [#"{"name":"event","data":"d"}"#])
    }

    @Test(
        "any other answer of the logger is 400",
        arguments: [HTTPStatus.ok, .badRequest, .unauthorized, .internalServerError, .found])
    func logFailure(status: HTTPStatus) async throws {
        let logger = try StandIn(status, #"{"error":true,"message":"inside"}"#)
        try await withService(BrokerApp.self, ["LOGGER_URL": logger.url]) { broker in
            try await broker.post("/handle", Self.entry).isEnvelope(400, failure("error calling logger service"))
        }
    }

    // MARK: mail

    @Test("mail is 202 `mail sent to` once the mail service has it")
    func mail() async throws {
        let service = try StandIn(.accepted, #"{"error":false,"message":"Sent to you@there.com"}"#)
        try await withService(BrokerApp.self, ["MAIL_URL": service.url]) { broker in
            try await broker.post("/handle", Self.letter).isEnvelope(
                202, #"{"error":false,"message":"mail sent to you@there.com"}"#)
        }
        let asked = try #require(service.requests.first)
        #expect(asked.line == "POST /send")
        #expect(asked.headers["Content-Type"] == "application/json")
        #expect(
            asked.body == #"{"from":"me@example.com","to":"you@there.com","subject":"s","message":"m"}"#)
    }

    @Test(
        "a mail service that fails is 400, and its own text is lost",
        arguments: [HTTPStatus.badRequest, .ok, .internalServerError])
    func mailFailure(status: HTTPStatus) async throws {
        let service = try StandIn(status, #"{"error":true,"message":"no such mailbox"}"#)
        try await withService(BrokerApp.self, ["MAIL_URL": service.url]) { broker in
            try await broker.post("/handle", Self.letter).isEnvelope(400, failure("error calling mail service"))
        }
    }

    // MARK: all

    @Test("a service that cannot be reached is 400 with the transport's text")
    func unreachable() async throws {
        let dead = try await deadURL()
        let environment = ["AUTH_URL": dead, "LOGGER_URL": dead, "MAIL_URL": dead]
        try await withService(BrokerApp.self, environment) { broker in
            for body in [Self.login, Self.entry, Self.letter] {
                let reply = try await broker.post("/handle", body)
                #expect(reply.status == 400)
                #expect(
                    reply.body.hasPrefix(#"{"error":true,"message":"cannot connect to \#(dead.dropFirst(7))"#)
                        || reply.body.hasPrefix(#"{"error":true,"message":"cannot connect to \#(dead)"#),
                    "\(reply.body)")
                #expect(reply.body.contains("refused"))
            }
        }
    }

    @Test("a service that hangs up is 400 with the transport's text")
    func broken() async throws {
        let service = try StandIn { _ in
            HTTPResponse(
                .accepted,
                body: .stream(length: 100) { writer in
                    try await writer.write("{")
                    throw CancellationError()
                })
        }
        try await withService(BrokerApp.self, ["AUTH_URL": service.url]) { broker in
            let reply = try await broker.post("/handle", Self.login)
            #expect(reply.status == 400 && reply.body.contains("closed by the server in the middle of the body"))
        }
    }

    @Test("an answer longer than anybody sends is the service's failure, not the caller's")
    func longAnswer() async throws {
        let long = String(repeating: " ", count: 2 << 20)
        for service in [
            try StandIn(.accepted, long),
            try StandIn { _ in HTTPResponse(.accepted, body: .stream { try await $0.write(long) }) },
        ] {
            try await withService(BrokerApp.self, ["AUTH_URL": service.url]) { broker in
                try await broker.post("/handle", Self.login).isEnvelope(
                    400, failure("\(service.url): the answer is longer than 1048576 bytes"))
            }
        }
    }

    @Test(
        "a service that does not answer is given up at the caller's deadline: 504", arguments: actions)
    func deadline(body: String) async throws {
        let slow = try StandIn(silence)
        let environment = ["AUTH_URL": slow.url, "LOGGER_URL": slow.url, "MAIL_URL": slow.url]
        try await withService(BrokerApp.self, environment) { broker in
            let reply = try await broker.post("/handle", body, headers: ["grpc-timeout": "50m"])
            reply.isEnvelope(504, failure("\(slow.url): no answer before the deadline"))
        }
        // What is left of the caller's 50 ms goes on to the service.
        let passedOn = try #require(slow.requests.first?.headers["grpc-timeout"].flatMap { CallTimeout.parse($0) })
        #expect(passedOn <= .milliseconds(50))
    }

    @Test("an action that is unknown, or missing, is 400", arguments: ["nothing", "", "Auth"])
    func unknown(action: String) async throws {
        try await withService(BrokerApp.self) { broker in
            try await broker.post("/handle", #"{"action":"\#(action)"}"#).isEnvelope(400, failure("unknown action"))
            try await broker.post("/handle", #"{"auth":{}}"#).isEnvelope(400, failure("unknown action"))
        }
    }

    @Test("missing parts are empty strings")
    func emptyParts() async throws {
        let service = try StandIn(.accepted, "")
        let environment = ["AUTH_URL": service.url, "LOGGER_URL": service.url, "MAIL_URL": service.url]
        try await withService(BrokerApp.self, environment) { broker in
            for action in ["auth", "log", "mail"] { _ = try await broker.post("/handle", #"{"action":"\#(action)"}"#) }
        }
        #expect(
            service.requests.map(\.body) == [
                #"{"email":"","password":""}"#, #"{"name":"","data":""}"#,
                #"{"from":"","to":"","subject":"","message":""}"#,
            ])
    }
}
