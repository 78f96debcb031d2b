public import MartletCore
public import MartletHTTP
internal import MartletTLS

extension Setup {
    /// What the service's HTTP interface is protected with; nil where the settings name no certificate. What becomes of
    /// the files is in the log, on `/metrics`, and on `/readyz` as long as they cannot be used.
    func serverTLS() throws -> HTTPServer.TLS? {
        guard let settings = TLSServerConfiguration(configuration) else { return nil }
        let context = try TLSServerContext(settings, onReload: report("the service's certificates"))
        let metrics = telemetry.metrics
        metrics.observe(
            "martlet_tls_certificate_expiry_seconds",
            help: "When the first of the service's certificates expires, in seconds since 1970."
        ) { Double(context.certificates.map(\.notAfter).min() ?? 0) }
        metrics.observe(
            "martlet_tls_reload_failed",
            help: "1 while the certificates' files have changed and cannot be used, so that the old ones still are."
        ) { context.reloadFailure == nil ? 0 : 1 }
        metrics.observe(
            "martlet_tls_loads_total", help: "How often the certificates' files were read with success.", kind: .counter
        ) { Double(context.loads) }
        readiness.mention("certificates") { context.reloadFailure }
        return HTTPServer.TLS(context, allowsCleartext: configuration[StandardKeys.allowsCleartext])
    }

    /// A client for calling other services: with the service's traces, on its loops, and over https with whom its
    /// settings say that it trusts.
    public func httpClient(limits: HTTPClient.Limits = HTTPClient.Limits()) throws -> HTTPClient {
        HTTPClient(
            limits: limits, tracer: telemetry.tracer,
            tls: try outgoing.context(TLSClientConfiguration(configuration), onReload: report("the authorities")),
            group: loops)
    }

    private func report(_ what: String) -> @Sendable (TLSReload) -> Void {
        { [logger = telemetry.logger] outcome in
            switch outcome {
            case .unchanged: break
            case .reloaded: logger.info("\(what) were read again")
            case .failed(let reason): logger.error("\(what) cannot be read again, and stay as they were: \(reason)")
            }
        }
    }
}

extension HTTPClient {
    /// A client that trusts whom `settings` name (``StandardKeys/outgoingTLS``): for a program that calls services and is
    /// none.
    public convenience init(limits: Limits, settings: Configuration) throws {
        let tls = try TLSClientConfiguration(settings).map { try TLSClientContext($0) }
        self.init(limits: limits, tls: tls)
    }
}

/// What all clients of a service share.
final class OutgoingTLS: Sendable {
    private let made = Locked<TLSClientContext?>(nil)

    var keeper: TLSKeeper? { made.withLock { $0 }.map(TLSKeeper.init) }

    func context(
        _ settings: TLSClientConfiguration?, onReload: @escaping @Sendable (TLSReload) -> Void
    ) throws(ServiceError) -> TLSClientContext? {
        guard let settings else { return nil }
        if let known = made.withLock({ $0 }) { return known }
        let context = try TLSClientContext(settings, onReload: onReload)
        return made.withLock { made in
            made = made ?? context
            return made
        }
    }
}

/// Has a client's files read again when they change; a server sees to its own.
struct TLSKeeper: Service {
    let name = "tls"
    let context: TLSClientContext

    func run() async throws { await context.keepCurrent() }
}
