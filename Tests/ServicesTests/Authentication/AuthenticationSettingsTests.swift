import MartletCore
import MartletHTTP
import MartletKit
import Testing

@testable import AuthenticationService

@Suite("The settings of the authentication service")
struct AuthenticationSettingsTests {
    private func load(_ environment: [String: String]) throws -> Configuration {
        try Configuration.load(
            StandardKeys.everyService + AuthenticationApp.keys, from: Configuration.Input(environment: environment))
    }

    @Test("without any it listens on 8081, and nobody administers users")
    func defaults() throws {
        let configuration = try load([:])
        #expect(configuration[AuthenticationKeys.port] == 8081)
        #expect(configuration[AuthenticationKeys.adminToken] == nil)
        #expect(configuration[AuthenticationKeys.sessionLifetime] == .seconds(12 * 3600))
        #expect(configuration[AuthenticationKeys.isCookieSecure] == false)
        #expect(configuration[AuthenticationKeys.trustedProxies] == .loopback)
        #expect(configuration[AuthenticationKeys.failureStatus] == "400")
    }

    @Test("the administrator's token is not shown")
    func hidden() throws {
        let configuration = try load(["ADMIN_TOKEN": "a-token-that-is-long-enough"])
        #expect(configuration[AuthenticationKeys.adminToken]?.exposed == "a-token-that-is-long-enough")
        #expect(!configuration.description.contains("long-enough"))
    }

    @Test(
        "what cannot be is refused",
        arguments: [
            ["ADMIN_TOKEN": "short"], ["ADMIN_TOKEN": "a token that has blanks in it"], ["TRUSTED_PROXIES": "broker"],
            ["BUS_URL": "bus.sock"], ["BUS_URL": "embedded:/a/bus.db"], ["SESSION_LIFETIME": "1s"],
            ["LOGIN_FAILURE_STATUS": "403"], ["PORT": "70000"],
        ])
    func refused(environment: [String: String]) throws {
        let error = #expect(throws: ConfigurationError.self) { try load(environment) }
        #expect(!"\(error as Any)".contains("short"))
    }

    @Test("no proxy at all can be trusted")
    func none() throws {
        #expect(try load(["TRUSTED_PROXIES": ""])[AuthenticationKeys.trustedProxies] == TrustedProxies.none)
    }

    @Test("the service is put together from its settings, and ends when it is told to")
    func whole() async throws {
        let configuration = try load(["PORT": "0", "DSN": "sqlite::memory:", "BUS_URL": "unix:/nowhere/bus.sock"])
        let signal = ShutdownSignal()
        let group = try await AuthenticationApp.make(
            Setup(
                service: "authentication", configuration: configuration,
                telemetry: Telemetry(service: "authentication", logger: .disabled)))
        try await group.start()
        signal.trigger()
        try await ShutdownSignal.$current.withValue(signal) { try await group.run() }
    }
}
