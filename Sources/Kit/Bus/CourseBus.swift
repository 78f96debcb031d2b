public import MartletMessaging

/// The exchanges and queues of the course system's events (contracts, course A.7): what the services that publish and
/// those that consume have to agree on without knowing each other, as they agree on the envelope.
///
/// Whoever publishes declares the queues too. So an event is kept from the first one on, whether or not its consumer has
/// ever run.
public enum CourseBus {
    /// Where log events go, as `log.INFO`, `log.WARNING` or `log.ERROR`: `{"name","data"}`.
    public static let logs = "logs_topic"
    /// Where mails to be sent go, as `mail.send`: what `POST /send` of the mail service takes.
    public static let mails = "mail_topic"

    /// An event that the logger does not take waits up to a minute for its next attempt, so that an outage of some
    /// twenty minutes makes no dead letter.
    private static let attempts = 30

    /// Shared by all listeners: each event goes to one of them.
    public static let listener = Queue(
        "listener", bindings: ["log.INFO", "log.WARNING", "log.ERROR"].map { Binding($0, of: logs) },
        maximumAttempts: attempts)

    /// Shared by all mail services.
    public static let mail = Queue("mail", bindings: [Binding("mail.send", of: mails)], maximumAttempts: attempts)

    public static let topology = BusTopology(queues: [listener, mail])
}
