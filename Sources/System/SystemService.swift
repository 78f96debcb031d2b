// System: the one description of what makes up the system: which services there are, on which ports, and who calls
// whom. `martlet up` and `martlet status` read it, so that they cannot disagree. It describes and hosts services; what
// a service does is in Services, and the command line is in martlet.

internal import AuthenticationService
internal import BrokerService
internal import BusService
internal import FrontEndService
internal import ListenerService
internal import LoggerService
internal import MailService
public import MartletCore
public import MartletKit

/// One service of the system.
public struct SystemService: Sendable {
    public let app: any ServiceApp.Type
    public let port: ConfigurationKey<Int>
    /// Further ports that it listens on, by what is spoken there.
    public let otherPorts: [OtherPort]
    /// Which of its variables holds the URL of which other service.
    public let calls: [Call]

    public struct OtherPort: Sendable {
        /// `smtp`.
        public let name: String
        public let key: ConfigurationKey<Int>
    }

    public struct Call: Sendable {
        public let variable: String
        public let service: String
        /// Whether a browser uses the URL: it is given `localhost`, where the page comes from.
        public let isForBrowsers: Bool
    }

    public var name: String { app.name }

    /// Whether it publishes to the bus, consumes from it, or is it.
    public var usesBus: Bool { app.keys.contains { $0.variable == StandardKeys.bus.variable } }

    /// What its variables begin with where several services share an environment: `FRONT_END` in `FRONT_END_PORT`.
    public let scope: String

    /// - Parameter scope: only where the name does not do: with `MAIL`, the originals' `MAIL_HOST` and `MAIL_PORT`, which
    ///   are those of a mail server, would say where the mail service listens.
    public init(
        app: any ServiceApp.Type, port: ConfigurationKey<Int>, otherPorts: [OtherPort] = [], calls: [Call] = [],
        scope: String? = nil
    ) {
        self.app = app
        self.port = port
        self.otherPorts = otherPorts
        self.calls = calls
        self.scope = scope ?? app.name.uppercased().map { $0 == "-" ? "_" : String($0) }.joined()
    }
}

extension SystemService {
    /// The course system, in the order of starting: who is called first.
    public static let all: [SystemService] = [
        SystemService(app: BusApp.self, port: BusApp.port),
        SystemService(app: LoggerApp.self, port: LoggerApp.port),
        SystemService(
            app: ListenerApp.self, port: ListenerApp.port,
            calls: [Call(variable: "LOGGER_URL", service: LoggerApp.name, isForBrowsers: false)]),
        SystemService(app: AuthenticationApp.self, port: AuthenticationApp.port),
        SystemService(
            app: MailApp.self, port: MailApp.port, otherPorts: [OtherPort(name: "smtp", key: MailApp.smtpPort)],
            scope: "MAILER"),
        SystemService(
            app: BrokerApp.self, port: BrokerApp.port,
            calls: [
                Call(variable: "AUTH_URL", service: AuthenticationApp.name, isForBrowsers: false),
                Call(variable: "LOGGER_URL", service: LoggerApp.name, isForBrowsers: false),
                Call(variable: "MAIL_URL", service: MailApp.name, isForBrowsers: false),
            ]),
        SystemService(
            app: FrontEndApp.self, port: FrontEndApp.port,
            calls: [
                Call(variable: "BROKER_URL", service: BrokerApp.name, isForBrowsers: true),
                Call(variable: "LOGGER_URL", service: LoggerApp.name, isForBrowsers: false),
                Call(variable: "MAIL_URL", service: MailApp.name, isForBrowsers: false),
            ]),
    ]
}
