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
        "PAGE_SERVICES", .text, flag: "page-services", default: "auth log mail",
        "What the broker can pass on (auth, log, mail, log-grpc); the button of one that is missing says so.")

    public static let keys: [any AnyConfigurationKey] = [port, broker, services]
    public static let checks: [@Sendable (Configuration) -> String?] = [
        { configuration in
            do {
                _ = try Page(broker: configuration[broker], services: [])
                return nil
            } catch {
                return "BROKER_URL: \(ServiceProcess.describe(error))"
            }
        }
    ]

    public static func make(_ setup: Setup) async throws -> ServiceGroup {
        let services = setup.configuration[services].split(separator: " ").map(String.init)
        let page = try FrontEnd(broker: setup.configuration[broker], services: services)
        let server = try setup.httpServer(port: setup.configuration[port], heartbeat: false) { router in
            // Every method and path that is nothing else: as in the original, the page.
            router.fallback(page.handler)
        }
        return setup.group { server }
    }
}
