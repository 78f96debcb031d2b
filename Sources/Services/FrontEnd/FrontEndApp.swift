public import MartletCore
internal import MartletHTTP
public import MartletKit

/// The front end as it is deployed.
public enum FrontEndApp: ServiceApp {
    public static let name = "front-end"
    public static let summary = "gives out the page with the buttons"

    public static let port = StandardKeys.httpPort(8001)
    public static let broker = ConfigurationKey(
        "BROKER_URL", .string, flag: "broker-url", default: "http://localhost:8080",
        "The broker, as a browser reaches it.")
    public static let services = ConfigurationKey(
        "PAGE_SERVICES", .text, flag: "page-services", default: "auth log bus mail logout",
        "What the broker can pass on (auth, log, bus, mail, logout, log-grpc); what is missing says so on the page.")
    public static let relay = ConfigurationKey(
        "PAGE_RELAY", .word(of: ["auto", "on", "off"]), flag: "page-relay", default: "auto",
        "Whether the page shows log lines and mails, which whoever reaches the page can read then, and delete mails; auto "
            + "is on where HOST is this machine's own loopback.")
    static let logger = serviceURL("LOGGER_URL", flag: "logger-url", 8082, "The logger, whose lines the page shows.")
    static let mail = serviceURL("MAIL_URL", flag: "mail-url", 8083, "The mail service, whose mailbox the page shows.")

    public static let keys: [any AnyConfigurationKey] = [port, broker, services, relay, logger, mail]
    public static let checks: [@Sendable (Configuration) -> String?] = [
        { configuration in
            do {
                _ = try Page(broker: configuration[broker], services: [], panels: [])
                return nil
            } catch {
                return "BROKER_URL: \(ServiceProcess.describe(error))"
            }
        }
    ]

    public static func make(_ setup: Setup) async throws -> ServiceGroup {
        let services = setup.configuration[services].split(separator: " ").map(String.init)
        let panels = relays(setup.configuration) ? FrontEnd.Panel.allCases.filter { services.contains($0.service) } : []
        let page = try FrontEnd(broker: setup.configuration[broker], services: services, panels: panels)
        var streamLimits = HTTPClient.Limits()
        // A stream ends when its reader likes: nobody waits for that.
        streamLimits.waiting = 0
        let relay = Relay(
            client: try setup.httpClient(),
            streams: try setup.httpClient(limits: streamLimits))
        let server = try setup.httpServer(port: setup.configuration[port], heartbeat: false) { router in
            if panels.contains(.log) { relay.mountLogs(at: setup.configuration[logger], on: &router) }
            if panels.contains(.mailbox) { relay.mountMailbox(at: setup.configuration[mail], on: &router) }
            // Every method and path that is nothing else: as in the original, the page.
            router.fallback(page.handler)
        }
        return setup.group {
            server
            relay
        }
    }

    /// The logger and the mail service ask nobody who they are as long as only this machine reaches them. Passing that
    /// on to a network is for an operator to decide.
    static func relays(_ configuration: Configuration) -> Bool {
        let host = configuration[StandardKeys.host]
        return switch configuration[relay] {
        case "on": true
        case "off": false
        default: host == "::1" || host.hasPrefix("127.")
        }
    }

    private static func serviceURL(
        _ variable: String, flag: String, _ port: Int, _ help: String
    ) -> ConfigurationKey<HTTPBaseURL> {
        ConfigurationKey(
            variable, .serviceURL, flag: flag, default: try? HTTPBaseURL(host: "127.0.0.1", port: port), help)
    }
}
