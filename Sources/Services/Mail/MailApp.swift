public import MartletCore
internal import MartletHTTP
public import MartletKit
internal import MartletMessaging
internal import MartletRuntime
internal import MartletSMTP
internal import MartletSQL
internal import MartletSQLite

/// The mail service as it is deployed.
public enum MailApp: ServiceApp {
    public static let name = "mail"
    public static let summary = "takes mail, writes it with templates, and keeps it in a mailbox or delivers it"

    public static let port = StandardKeys.httpPort(8083)
    /// Where programs send mail to the mailbox.
    public static var smtpPort: ConfigurationKey<Int> { MailKeys.smtpPort }

    public static var keys: [any AnyConfigurationKey] { MailKeys.all }
    public static var checks: [@Sendable (Configuration) -> String?] { MailKeys.checks }

    public static func make(_ setup: Setup) async throws -> ServiceGroup {
        let configuration = setup.configuration
        let templates = try makeTemplates(configuration)
        let database = try await setup.openSQLite(MailKeys.store, named: "mails")
        let store = try await MailStore(database)
        setup.readiness.require("store") { await store.problem() }

        let limits = MailRetentionLimits(age: configuration[MailKeys.age], size: configuration[MailKeys.size])
        let intake = MailIntake(limit: limits.size / 8)
        let reader = MIMEReader()
        let outcomes = setup.telemetry.metrics.counters(
            "martlet_mails_total", help: "Mails by what became of them.", labels: ["outcome"])
        let courier = try await makeCourier(setup, store, outcomes)

        let address = configuration[MailKeys.fromAddress]
        let senderName = configuration[MailKeys.fromName]
        let sender = NamedMailAddress(name: senderName.isEmpty ? nil : senderName, address: try MailAddress(address))
        let domain = configuration[MailKeys.domain]
        let office = PostOffice(
            store: store, templates: templates, sender: sender, domain: domain, queue: courier?.queue, intake: intake)
        let mailbox = Mailbox(store: store, reader: reader, queue: courier?.queue)
        let host = configuration[StandardKeys.host]
        let gate = MailboxGate(
            token: configuration[MailKeys.token], isLoopback: host == "::1" || host.hasPrefix("127."))
        let server = try setup.httpServer(port: configuration[port]) { router in
            office.mount(on: &router)
            mailbox.mount(on: &router, gate: gate)
        }
        let reception = Reception(store: store, reader: reader, intake: intake, domain: domain)
        let receiver = MailReceiver(
            server: SMTPServer(
                name: "mail smtp",
                address: try SocketAddress(host: host, port: UInt16(clamping: configuration[MailKeys.smtpPort])),
                domain: domain, group: setup.loops,
                handler: reception.receiveMail.with(DefaultStack(setup.telemetry))))
        let bus = try await setup.openBus()
        setup.readiness.mention("bus") { await bus.problem() }
        // What `mail.send` asks for: the same as `POST /send`, once for each message's id.
        let subscription = Subscription(
            to: CourseBus.mail, on: bus, telemetry: setup.telemetry, loops: setup.loops,
            office.sendMail.fromMessages())
        return setup.group {
            StoreKeeper(database)
            BusKeeper(bus)
            MailRetention(store: store, limits: limits, intake: intake, logger: setup.telemetry.logger)
            if let courier { courier }
            subscription
            receiver
            server
        }
    }

    private static func makeTemplates(_ configuration: Configuration) throws -> MailTemplates {
        var templates = try MailTemplates()
        if let folder = configuration[MailKeys.templates] { try templates.read(folder: folder) }
        return templates
    }

    /// Nil where the mailbox is the end of every mail's way.
    private static func makeCourier(
        _ setup: Setup, _ store: MailStore, _ outcomes: LabelledMetrics<Counter>
    ) async throws -> Courier? {
        guard case .server(let server) = MailDestination(setup.configuration) else { return nil }
        let workers = 4
        let client = SMTPClient(server, connections: workers)
        let queue = DeliveryQueue(byteLimit: setup.configuration[MailKeys.size])
        try await store.releaseClaims()
        let backlog = try await store.backlog()
        queue.begin(count: backlog.count, bytes: backlog.bytes)
        setup.telemetry.metrics.observe("martlet_mails_waiting", help: "Mails that wait for the mail server.") {
            Double(queue.count)
        }
        return Courier(
            store: store, queue: queue, schedule: RetrySchedule(giveUpAfter: setup.configuration[MailKeys.giveUp]),
            workers: workers, logger: setup.telemetry.logger, outcomes: outcomes
        ) { source, envelope in
            try await client.send(source, envelope)
        }
    }
}
