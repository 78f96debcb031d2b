public import MartletCore
internal import MartletHTTP
public import MartletKit
internal import MartletMessaging

/// The listener as it is deployed.
public enum ListenerApp: ServiceApp {
    public static let name = "listener"
    public static let summary = "takes events from the bus and hands each to the service that it concerns"

    /// Of health and metrics alone.
    public static let port = StandardKeys.httpPort(8084)
    static let logger = ConfigurationKey<HTTPBaseURL>(
        "LOGGER_URL", .serviceURL, flag: "logger-url", default: try? HTTPBaseURL(host: "127.0.0.1", port: 8082),
        "The logger.")
    static let concurrency = ConfigurationKey(
        "EVENT_CONCURRENCY", .integer(in: 1...1000), flag: "event-concurrency", default: 16,
        "Events that are handed on at once.")

    public static let keys: [any AnyConfigurationKey] = [port, StandardKeys.bus, logger, concurrency]

    public static func make(_ setup: Setup) async throws -> ServiceGroup {
        let bus = try await setup.openBus()
        setup.readiness.require("bus") { await bus.problem() }
        let client = try setup.httpClient()
        let dispatcher = EventDispatcher(logger: LoggerClient(client: client, base: setup.configuration[logger]))
        var options = Subscription.Options()
        options.concurrency = setup.configuration[concurrency]
        let subscription = Subscription(
            to: CourseBus.listener, on: bus, telemetry: setup.telemetry, options: options, loops: setup.loops,
            dispatcher.handleEvent)
        let server = try setup.httpServer(port: setup.configuration[port], heartbeat: false) { _ in }
        return setup.group {
            BusKeeper(bus)
            subscription
            server
        }
    }
}
