internal import COpenSSL
public import MartletCore
internal import MartletRuntime

/// A client's side of TLS: made once, used for all connections to whatever servers.
public final class TLSClientContext: Sendable {
    public let configuration: TLSClientConfiguration
    public let onReload: @Sendable (TLSReload) -> Void
    private let context: ReloadableValue<SSLContext>

    /// - Throws: `failedPrecondition` with the file and what is wrong with it.
    public init(
        _ configuration: TLSClientConfiguration, onReload: @escaping @Sendable (TLSReload) -> Void = { _ in }
    ) throws(ServiceError) {
        self.configuration = configuration
        self.onReload = onReload
        context = try ReloadableValue(files: configuration.files) { () throws(ServiceError) -> SSLContext in
            let context = try SSLContext(isServer: false, minimumVersion: configuration.minimumVersion)
            if configuration.isVerifying {
                try context.trust(configuration.authorities, namesThem: false)
                SSL_CTX_set_verify(context.pointer, SSL_VERIFY_PEER, nil)
            } else {
                SSL_CTX_set_verify(context.pointer, SSL_VERIFY_NONE, nil)
            }
            if let identity = configuration.identity { try context.use(identity) }
            return context
        }
    }

    /// Why the files cannot be used as they are now; nil when they can.
    public var reloadFailure: String? { context.failure }

    /// Reads the files again, those that changed or all. It blocks: not for an event loop.
    @discardableResult
    public func reload(onlyIfChanged: Bool = true) -> TLSReload {
        let outcome = context.reload(onlyIfChanged: onlyIfChanged)
        if outcome != .unchanged { onReload(outcome) }
        return outcome
    }

    /// Reads the files again whenever they change, until the current task's shutdown is asked for.
    public func keepCurrent(every interval: Duration = .seconds(10)) async {
        await ReloadWatch.run(every: interval, isNeeded: !configuration.files.isEmpty) { [self] in reload() }
    }

    /// - Parameter server: the name or the address, in figures and without brackets, that the certificate must be for.
    func makeSession(
        with server: String, protocols: TLSProtocols = .unsaid
    ) throws(ConnectionError) -> TLSSession {
        let context = context.value
        let session = try TLSSession(context, isServer: false, protocols: protocols, keeping: context)
        guard session.expect(server, isVerifying: configuration.isVerifying) else {
            throw .insecure("'\(server)' cannot be the name of a server")
        }
        return session
    }
}
