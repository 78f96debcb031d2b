internal import CCurl
public import MartletCore
internal import MartletRuntime

/// Hands messages to one mail server, each over a connection of its own, by libcurl.
///
/// libcurl blocks, so it runs on threads of its own; how many there are is how many messages are under way at once.
public final class SMTPClient: Sendable {
    /// The server, and how it is spoken to.
    public struct Server: Sendable {
        public var address: HostPort
        public var encryption: SMTPEncryption
        /// Offered when the server asks for it.
        public var user: String
        public var password: Secret<String>
        /// What the client calls itself in EHLO.
        public var domain: String
        /// Certificates to trust, PEM, instead of the system's; nil for those.
        public var authorities: String?

        public init(
            address: HostPort, encryption: SMTPEncryption = .opportunistic, user: String = "",
            password: Secret<String> = Secret(""), domain: String = "localhost", authorities: String? = nil
        ) {
            self.address = address
            self.encryption = encryption
            self.user = user
            self.password = password
            self.domain = domain
            self.authorities = authorities
        }
    }

    public let server: Server
    private let connectTime: Duration
    private let sendTime: Duration
    private let threads: OffloadPool

    /// - Parameters:
    ///   - connectTime: until the connection stands, TLS included.
    ///   - sendTime: for the message after that.
    public init(
        _ server: Server, connections: Int = 4, connectTime: Duration = .seconds(10),
        sendTime: Duration = .seconds(10)
    ) {
        self.server = server
        self.connectTime = connectTime
        self.sendTime = sendTime
        threads = OffloadPool(name: "smtp-client", threads: connections, queueLimit: 64)
    }

    /// Returns when the server has taken the message.
    /// - Parameter content: lines that end in CRLF; dots are doubled here.
    /// - Throws: ``SMTPClientError``, or what an ``OffloadPool`` throws.
    public func send(_ content: [UInt8], _ envelope: SMTPEnvelope) async throws {
        let server = server
        let times = (connect: connectTime, whole: connectTime + sendTime)
        try await threads.run {
            let transfer = try SMTPTransfer(server, envelope, content)
            try transfer.perform(connect: times.connect, whole: times.whole)
        }
    }
}

/// Why a message was not handed over.
public struct SMTPClientError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The server will not take the message however often it is offered (a 5yz reply to it).
    public let isPermanent: Bool
    /// What happened, and the server's last words.
    public let description: String

    init(isPermanent: Bool, _ description: String) {
        self.isPermanent = isPermanent
        self.description = description
    }
}
