internal import MartletCore
internal import MartletSMTP

/// Where mails go.
enum MailDestination: Sendable {
    /// They stay here.
    case mailbox
    case server(SMTPClient.Server)

    /// By the service's settings.
    init(_ configuration: Configuration) {
        let domain = configuration[MailKeys.domain]
        if let dsn = configuration[MailKeys.server], let destination = MailDestination(dsn: dsn.exposed, domain: domain)
        {
            self = destination
        } else if configuration[MailKeys.host].isEmpty {
            self = .mailbox
        } else {
            let encryption = SMTPEncryption(word: configuration[MailKeys.encryption])
            self = .server(
                SMTPClient.Server(
                    address: HostPort(
                        host: configuration[MailKeys.host],
                        port: configuration[MailKeys.port] ?? encryption.standardPort),
                    encryption: encryption, user: configuration[MailKeys.user],
                    password: configuration[MailKeys.password] ?? Secret(""), domain: domain))
        }
        if case .server(var server) = self {
            server.authorities = configuration[MailKeys.authorities]
            self = .server(server)
        }
    }

    /// `mailbox:`, `smtp://user:password@host:port`, `smtps://…`; nil for anything else. User and password may be
    /// percent-encoded.
    init?(dsn: String, domain: String) {
        if dsn == "mailbox:" {
            self = .mailbox
            return
        }
        guard let url = ServiceURL(dsn), url.scheme == "smtp" || url.scheme == "smtps",
            url.path.isEmpty || url.path == "/",
            url.query == nil, let user = Self.decoded(url.user ?? ""),
            let password = Self.decoded(url.password?.exposed ?? "")
        else { return nil }
        let encryption: SMTPEncryption = url.scheme == "smtps" ? .implicit : .opportunistic
        self = .server(
            SMTPClient.Server(
                address: HostPort(host: url.host, port: url.port ?? encryption.standardPort), encryption: encryption,
                user: user, password: Secret(password), domain: domain))
    }

    /// An IPv6 address without its brackets, or a name.
    static func isHost(_ text: String) -> Bool { HostPort("\(text.contains(":") ? "[\(text)]" : text):25") != nil }

    private static func decoded(_ text: String) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16),
                value != 0
            else { return nil }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
