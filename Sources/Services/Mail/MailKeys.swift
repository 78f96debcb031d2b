internal import MartletCore
internal import MartletHTTP
internal import MartletKit
internal import MartletSMTP

/// The service's settings. Those of the mail server and of the sender are the original's (contracts, course A.1).
enum MailKeys {
    static let smtpPort = ConfigurationKey(
        "SMTP_PORT", .port, flag: "smtp-port", default: 1025,
        "The TCP port on which the mailbox takes mail from any program.")
    static let store = StandardKeys.embeddedStore("The mailbox, and the mails that wait for the mail server")
    static let age = ConfigurationKey(
        "MAIL_RETENTION", .duration(in: .seconds(60) ... .seconds(10 * 366 * 86_400)), flag: "mail-retention",
        default: .seconds(30 * 86_400),
        "Mails older than this are forgotten, unless they still wait for the mail server.")
    static let size = ConfigurationKey(
        "MAIL_MAX_BYTES", .bytes(in: (16 << 20)...(1 << 50)), flag: "mail-max-bytes", default: 1 << 30,
        "The oldest mails are forgotten when the store is larger. As much may wait for the mail server.")
    static let token = ConfigurationKey<Secret<String>?>.optional(
        "MAILBOX_TOKEN", .token,
        "What is shown to read or delete messages: Authorization: Bearer. Without it, reading is for whoever reaches the "
            + "port, and deleting is refused unless HOST is this machine's own loopback.")
    static let templates = ConfigurationKey<String?>.optional(
        "MAIL_TEMPLATES", .string, flag: "mail-templates",
        "A folder with templates, NAME.html and NAME.txt, that go before the built-in ones (message, signed-out) or join "
            + "them.")

    // The mail server

    static let server = ConfigurationKey<DataSourceName?>.optional(
        "MAIL_DSN", .mailServer, flag: nil,
        "Where mails go: mailbox: keeps them; smtp://user:password@host:port (STARTTLS if it is offered) and smtps:// "
            + "hand them to a mail server. Instead of it, MAIL_HOST and the others. Neither: the mailbox.")
    static let host = ConfigurationKey(
        "MAIL_HOST", .mailHost, flag: "mail-host", default: "",
        "The mail server; without one, the mailbox keeps all mails.")
    static let port = ConfigurationKey<Int?>.optional(
        "MAIL_PORT", .integer(in: 1...65_535), flag: "mail-port",
        "The mail server's port; without it 587 for tls and starttls, 465 for ssl, 25 for none.")
    static let user = ConfigurationKey(
        "MAIL_USERNAME", .text, flag: "mail-username", default: "", "Who to log in as, if the mail server asks for it.")
    static let password = ConfigurationKey<Secret<String>?>.optional(
        "MAIL_PASSWORD", .secret, "The password that belongs to MAIL_USERNAME.")
    static let encryption = ConfigurationKey(
        "MAIL_ENCRYPTION", .text, flag: "mail-encryption", default: "",
        "ssl: TLS from the first byte. none or nothing: none. starttls: STARTTLS, or no mail. tls and any other word: "
            + "STARTTLS if the server offers it, and no password without it.")
    static let authorities = ConfigurationKey<String?>.optional(
        "MAIL_CA_FILE", .string, flag: "mail-ca-file",
        "A PEM file with the certificates that the mail server's must go back to, instead of the system's.")
    static let giveUp = ConfigurationKey(
        "MAIL_GIVE_UP_AFTER", .duration(in: .seconds(1) ... .seconds(30 * 86_400)), flag: "mail-give-up-after",
        default: .seconds(4 * 86_400), "A mail that the mail server did not take for so long becomes a dead letter.")

    // The sender

    static let domain = ConfigurationKey(
        "MAIL_DOMAIN", .domain, flag: "mail-domain", default: "localhost",
        "What the service calls itself to mail servers, and what message ids end in.")
    static let fromName = ConfigurationKey(
        "FROM_NAME", .text, flag: "from-name", default: "",
        "The sender's name in mails that do not say from whom they are.")
    static let fromAddress = ConfigurationKey(
        "FROM_ADDRESS", .mailAddress, flag: "from-address", default: "no-reply@localhost",
        "The sender of mails that do not say from whom they are.")

    static let all: [any AnyConfigurationKey] = [
        MailApp.port, smtpPort, StandardKeys.bus, store, age, size, token, templates, server, host, port, user,
        password, encryption,
        authorities, giveUp, domain, fromName, fromAddress,
    ]

    static let checks: [@Sendable (Configuration) -> String?] = [
        { configuration in
            guard configuration[server] != nil, !configuration[host].isEmpty else { return nil }
            return "MAIL_DSN and MAIL_HOST both say where mails go; give one of them"
        }
    ]
}

extension ConfigurationType<Secret<String>> {
    /// A secret that is long enough not to be found by trying.
    fileprivate static var token: Self {
        let length = BearerToken.length
        var type = secret
        type.allowed = "\(length.lowerBound) to \(length.upperBound) visible ASCII characters"
        type.parse = { text in
            let isToken = length.contains(text.utf8.count) && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
            return isToken ? Secret(text) : nil
        }
        return type
    }
}

extension ConfigurationType<DataSourceName> {
    fileprivate static var mailServer: Self {
        let any = dataSource
        var type = any
        type.allowed = "mailbox:, smtp://user:password@host:port or smtps://…"
        type.parse = { text in MailDestination(dsn: text, domain: "localhost") == nil ? nil : any.parse(text) }
        return type
    }
}

extension ConfigurationType<String> {
    fileprivate static var mailHost: Self {
        var type = Self(
            allowed: "a host name or IP address", parse: { MailDestination.isHost($0) ? $0 : nil }, show: { $0 })
        type.empty = ""
        return type
    }

    fileprivate static var domain: Self {
        Self(
            allowed: "a domain such as example.com", parse: { (try? MailAddress("a@\($0)")) == nil ? nil : $0 },
            show: { $0 })
    }

    fileprivate static var mailAddress: Self {
        Self(
            allowed: "a mail address such as me@example.com", parse: { (try? MailAddress($0)) == nil ? nil : $0 },
            show: { $0 })
    }
}
