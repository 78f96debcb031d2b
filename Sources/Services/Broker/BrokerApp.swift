public import MartletCore
internal import MartletHTTP
public import MartletKit
internal import MartletMessaging

/// The broker as it is deployed.
public enum BrokerApp: ServiceApp {
    public static let name = "broker"
    public static let summary = "takes requests in and passes them to the service that can do them"

    public static let port = StandardKeys.httpPort(8080)
    static let authentication = serviceURL("AUTH_URL", flag: "auth-url", 8081, "The authentication service.")
    static let logger = serviceURL("LOGGER_URL", flag: "logger-url", 8082, "The logger.")
    static let mail = serviceURL("MAIL_URL", flag: "mail-url", 8083, "The mail service.")
    static let trustedProxies = StandardKeys.trustedProxies(
        default: .none,
        "The reverse proxies whose X-Forwarded-For is believed: the authentication service is told of the client that "
            + "they name. Everybody else's is dropped.")

    static let logTransport = ConfigurationKey<LogTransport>(
        "LOG_TRANSPORT", .choice(of: LogTransport.self), flag: "log-transport", default: .http,
        "How the action log reaches the logger, unless a request says so itself (\"transport\"): http, or bus, where a "
            + "listener takes it there.")

    public static let keys: [any AnyConfigurationKey] = [
        port, authentication, logger, mail, StandardKeys.bus, logTransport, trustedProxies,
    ]

    public static func make(_ setup: Setup) async throws -> ServiceGroup {
        let client = try setup.httpClient()
        func backend(_ key: ConfigurationKey<HTTPBaseURL>) -> Backend {
            Backend(client: client, base: setup.configuration[key])
        }
        let bus = try await setup.openBus()
        setup.readiness.mention("bus") { await bus.problem() }
        let broker = Broker(
            authentication: backend(authentication), logger: backend(logger), mail: backend(mail),
            events: EventPublisher(bus), proxies: setup.configuration[trustedProxies],
            logTransport: setup.configuration[logTransport])
        let server = try setup.httpServer(port: setup.configuration[port]) { router in broker.mount(on: &router) }
        return setup.group {
            BusKeeper(bus)
            server
        }
    }

    private static func serviceURL(
        _ variable: String, flag: String, _ port: Int, _ help: String
    ) -> ConfigurationKey<HTTPBaseURL> {
        ConfigurationKey(
            variable, .serviceURL, flag: flag, default: try? HTTPBaseURL(host: "127.0.0.1", port: port), help)
    }
}
