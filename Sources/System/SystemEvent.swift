internal import AuthenticationService
internal import BrokerService
internal import ListenerService
internal import MailService
internal import MartletKit
internal import MartletMessaging

/// An event of the system: who publishes it, and whose it is.
public struct SystemEvent: Sendable, Hashable {
    /// The routing key: `log.INFO`.
    public let key: String
    public let exchange: String
    /// Services, by name.
    public let publishers: [String]
    /// Where it waits for its consumer.
    public let queue: String
    /// The service that consumes from the queue, by name.
    public let consumer: String
}

extension SystemEvent {
    /// All of the course system. `log.WARNING` and `log.ERROR` reach the listener too; no service of the system publishes
    /// them.
    public static let all: [SystemEvent] = [
        SystemEvent(
            key: "log.INFO", exchange: CourseBus.logs, publishers: [AuthenticationApp.name, BrokerApp.name],
            queue: CourseBus.listener.name, consumer: ListenerApp.name),
        SystemEvent(
            key: "mail.send", exchange: CourseBus.mails, publishers: [AuthenticationApp.name],
            queue: CourseBus.mail.name, consumer: MailApp.name),
    ]
}
