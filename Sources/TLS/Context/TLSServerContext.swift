internal import COpenSSL
public import MartletCore
internal import MartletRuntime

/// A server's side of TLS: made once, used for all its connections, with certificates that may change while it is used.
///
///     let identity = TLSIdentity.files(chain: "/etc/tls/tls.crt", key: "/etc/tls/tls.key")
///     let tls = try TLSServerContext(TLSServerConfiguration(identities: [identity]))
///     try await connection.startTLS(tls, deadline: .now + .seconds(10))
public final class TLSServerContext: Sendable {
    public let configuration: TLSServerConfiguration
    /// Told what each look at the files came to that found something new.
    public let onReload: @Sendable (TLSReload) -> Void
    private let ticketKeys: TicketKeys
    private let current: ReloadableValue<ServerContextSet>

    /// - Throws: `failedPrecondition` with the file and what is wrong with it.
    public init(
        _ configuration: TLSServerConfiguration, onReload: @escaping @Sendable (TLSReload) -> Void = { _ in }
    ) throws(ServiceError) {
        self.configuration = configuration
        self.onReload = onReload
        let keys = TicketKeys()
        ticketKeys = keys
        current = try ReloadableValue(files: configuration.files) { () throws(ServiceError) in
            try ServerContextSet(configuration, ticketKeys: keys)
        }
    }

    /// What new connections are given, in the order of the configuration.
    public var certificates: [TLSCertificate] { current.value.certificates }
    /// Why the files cannot be used as they are now; nil when they can.
    public var reloadFailure: String? { current.failure }
    /// How often the files were read with success, the first time included.
    public var loads: Int { current.generation }

    /// Reads the files again, those that changed or all. It blocks for about a millisecond: not for an event loop.
    @discardableResult
    public func reload(onlyIfChanged: Bool = true) -> TLSReload {
        let outcome = current.reload(onlyIfChanged: onlyIfChanged)
        if outcome != .unchanged { onReload(outcome) }
        return outcome
    }

    /// Reads the files again whenever they change, until the current task's shutdown is asked for.
    public func keepCurrent(every interval: Duration = .seconds(10)) async {
        await ReloadWatch.run(every: interval, isNeeded: !configuration.files.isEmpty) { [self] in reload() }
    }

    func makeSession(protocols: TLSProtocols = .unsaid) throws(ConnectionError) -> TLSSession {
        let set = current.value
        return try TLSSession(set.first, isServer: true, protocols: protocols, keeping: set)
    }
}

/// What the files had at one time. A connection keeps the one it began with.
final class ServerContextSet: @unchecked Sendable {
    // @unchecked: nothing changes after `init`, which alone calls into OpenSSL to change something.

    let certificates: [TLSCertificate]
    private let contexts: [SSLContext]
    var first: SSLContext { contexts[0] }
    private let names: ServerNameTable
    private let ticketKeys: TicketKeys

    init(_ configuration: TLSServerConfiguration, ticketKeys: TicketKeys) throws(ServiceError) {
        guard !configuration.identities.isEmpty else {
            throw ServiceError(.invalidArgument, "a TLS server needs a certificate")
        }
        self.ticketKeys = ticketKeys
        var contexts: [SSLContext] = []
        var certificates: [TLSCertificate] = []
        for identity in configuration.identities {
            let context = try SSLContext(isServer: true, minimumVersion: configuration.minimumVersion)
            certificates.append(try context.use(identity))
            try Self.askClients(configuration, context)
            if configuration.sessionTickets {
                ticketKeys.attach(to: context)
            } else {
                martlet_ssl_ctx_give_no_tickets(context.pointer)
            }
            contexts.append(context)
        }
        self.contexts = contexts
        self.certificates = certificates
        // A certificate without alternative names is for no name; the first is given to all who ask for others.
        names = ServerNameTable(certificates.map(\.dnsNames))
        let me = Unmanaged.passUnretained(self).toOpaque()
        for context in contexts {
            martlet_ssl_ctx_set_servername(context.pointer, Self.onServerName, me)
            SSL_CTX_set_alpn_select_cb(context.pointer, Self.onProtocols, nil)
        }
    }

    private static func askClients(
        _ configuration: TLSServerConfiguration, _ context: SSLContext
    ) throws(ServiceError) {
        guard let authorities = configuration.clientAuthorities else { return }
        try context.trust(authorities, namesThem: true)
        var mode = SSL_VERIFY_PEER
        if case .required = configuration.clientCertificates { mode |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT }
        SSL_CTX_set_verify(context.pointer, mode, nil)
        SSL_CTX_set_verify_depth(context.pointer, 10)
        // A ticket says that its holder was verified, and holds only where that would come to the same.
        var digest = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
        let scope = Array("\(configuration.clientCertificates)".utf8)
        SHA256(scope, scope.count, &digest)
        SSL_CTX_set_session_id_context(context.pointer, digest, UInt32(digest.count))
    }

    private func context(named name: String) -> SSLContext? { names.index(for: name).map { contexts[$0] } }

    // MARK: OpenSSL's callbacks

    private static let onServerName:
        @convention(c) (OpaquePointer?, UnsafeMutablePointer<Int32>?, UnsafeMutableRawPointer?) -> Int32 = {
            ssl, _, data in
            guard let ssl, let data, let name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name) else {
                return SSL_TLSEXT_ERR_OK
            }
            let set = Unmanaged<ServerContextSet>.fromOpaque(data).takeUnretainedValue()
            if let context = set.context(named: String(cString: name)), context !== set.first {
                SSL_set_SSL_CTX(ssl, context.pointer)
            }
            return SSL_TLSEXT_ERR_OK
        }

    private static let onProtocols: SSL_CTX_alpn_select_cb_func = { ssl, chosen, chosenCount, offered, count, _ in
        guard let protocols = TLSSession.of(ssl)?.protocols, let chosen, let chosenCount, let offered else {
            return SSL_TLSEXT_ERR_ALERT_FATAL
        }
        if protocols == .unsaid { return SSL_TLSEXT_ERR_NOACK }
        guard let place = protocols.choose(from: UnsafeBufferPointer(start: offered, count: Int(count))) else {
            return SSL_TLSEXT_ERR_ALERT_FATAL
        }
        // It points into the client's list, which stays until the library has copied it.
        chosen.pointee = offered + place.lowerBound
        chosenCount.pointee = UInt8(truncatingIfNeeded: place.count)
        return SSL_TLSEXT_ERR_OK
    }
}
