internal import AuthenticationService
internal import BrokerService
internal import BusService
internal import FrontEndService
internal import ListenerService
internal import LoggerService
internal import MailService
internal import MartletKit
internal import MartletMessaging

extension SystemService {
    /// The course system, in the order of starting: who is called first. Nothing needs that order; it only keeps the
    /// first calls from failing.
    public static let all: [SystemService] = [
        SystemService(app: BusApp.self, port: BusApp.port, stores: [Store("bus")]),
        SystemService(app: LoggerApp.self, port: LoggerApp.port, stores: [Store("logs")]),
        SystemService(
            app: ListenerApp.self, port: ListenerApp.port,
            calls: [Call(variable: "LOGGER_URL", service: LoggerApp.name)], consumes: [CourseBus.listener]),
        SystemService(
            app: AuthenticationApp.self, port: AuthenticationApp.port, stores: [Store("users")],
            publishes: [
                Publication(["log.INFO"], to: CourseBus.logs), Publication(["mail.send"], to: CourseBus.mails),
            ]),
        // With `MAIL` for its scope, the originals' `MAIL_HOST` and `MAIL_PORT`, which are those of a mail server, would say
        // where the mail service listens.
        SystemService(
            app: MailApp.self, port: MailApp.port, otherPorts: [OtherPort(name: "smtp", key: MailApp.smtpPort)],
            stores: [Store("mails")], consumes: [CourseBus.mail], scope: "MAILER"),
        SystemService(
            app: BrokerApp.self, port: BrokerApp.port,
            calls: [
                Call(variable: "AUTH_URL", service: AuthenticationApp.name),
                Call(variable: "LOGGER_URL", service: LoggerApp.name),
                Call(variable: "MAIL_URL", service: MailApp.name),
            ],
            publishes: [Publication(["log.INFO"], to: CourseBus.logs)]),
        SystemService(
            app: FrontEndApp.self, port: FrontEndApp.port,
            calls: [
                Call(variable: "BROKER_URL", service: BrokerApp.name, isForBrowsers: true),
                Call(variable: "LOGGER_URL", service: LoggerApp.name),
                Call(variable: "MAIL_URL", service: MailApp.name),
            ]),
    ]

    /// The service of that name; nil when the system has none.
    public static func named(_ name: String) -> SystemService? { all.first { $0.name == name } }
}
