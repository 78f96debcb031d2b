import MartletCore
import MartletHTTP
import MartletKit
import Testing

@testable import AuthenticationService
@testable import BrokerService

/// Whose address the broker tells the authentication service, which counts failed logins by it.
@Suite("A login's way through proxies", .timeLimit(.minutes(1)))
struct ForwardingTests {
    private static let login = #"{"action":"auth","auth":{"email":"admin@example.com","password":"wrong"}}"#

    /// The values of X-Forwarded-For that the authentication service gets, for those that the broker got.
    private func told(_ received: String, proxies: String?) async throws -> [String] {
        let authentication = try StandIn(.unauthorized, "")
        var settings = ["AUTH_URL": authentication.url]
        settings["TRUSTED_PROXIES"] = proxies
        try await withService(BrokerApp.self, settings) { broker in
            _ = try await broker.post("/handle", Self.login, headers: ["X-Forwarded-For": received])
        }
        return try #require(authentication.requests.first).headers.values(of: "X-Forwarded-For")
    }

    @Test("by default nobody is believed: the peer it is")
    func stranger() async throws {
        #expect(try await told("6.6.6.6", proxies: nil) == ["127.0.0.1"])
        #expect(try await told("6.6.6.6", proxies: "192.0.2.1") == ["127.0.0.1"])
    }

    @Test("a trusted proxy's client is told alone, without what that client wrote itself")
    func proxy() async throws {
        #expect(try await told("192.0.2.7", proxies: "127.0.0.1") == ["192.0.2.7"])
        #expect(try await told("6.6.6.6, 192.0.2.7", proxies: "127.0.0.1") == ["192.0.2.7"])
        #expect(try await told("6.6.6.6, 192.0.2.7, 10.0.0.1", proxies: "127.0.0.1,10.0.0.0/8") == ["192.0.2.7"])
        #expect(try await told("2001:db8::7", proxies: "127.0.0.1") == ["2001:db8::7"])
        #expect(try await told("nonsense", proxies: "127.0.0.1") == ["127.0.0.1"])
    }

    /// The statuses of logins that all fail, each with another list.
    private func logIn(_ lists: [String], proxies: String?) async throws -> [Int] {
        var statuses: [Int] = []
        try await withService(AuthenticationApp.self, ["DSN": "sqlite::memory:"]) { authentication in
            var settings = ["AUTH_URL": authentication.base.description]
            settings["TRUSTED_PROXIES"] = proxies
            try await withService(BrokerApp.self, settings) { broker in
                for list in lists {
                    let reply = try await broker.post("/handle", Self.login, headers: ["X-Forwarded-For": list])
                    statuses.append(reply.status)
                }
            }
        }
        return statuses
    }

    @Test("a guesser with a forged header for every guess meets the limit like anybody")
    func forged() async throws {
        let lists = (1...6).map { "198.51.100.\($0)" }
        #expect(try await logIn(lists, proxies: nil) == [400, 400, 400, 400, 400, 429])
    }

    @Test("and so does one behind the proxy, who locks out nobody else there")
    func forgedThroughProxy() async throws {
        let lists = (1...6).map { "198.51.100.\($0), 192.0.2.7" } + ["192.0.2.8"]
        #expect(try await logIn(lists, proxies: "127.0.0.1") == [400, 400, 400, 400, 400, 429, 400])
    }
}
