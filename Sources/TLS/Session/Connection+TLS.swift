public import MartletCore
public import MartletRuntime

extension Connection {
    /// Protects the connection, as the server. What it has received already is the beginning of the handshake. From here
    /// on ``Connection/input`` and ``Connection/output`` are plain bytes on this side alone.
    ///
    /// - Parameters:
    ///   - protocols: what is spoken here. A client that offers only others is turned away; one that offers nothing is
    ///     not.
    ///   - deadline: of the handshake, when the connection is closed.
    /// - Throws: `.insecure` with the reason when the sides do not agree; the peer has been told by an alert.
    public func startTLS(
        _ server: TLSServerContext, protocols: TLSProtocols = .unsaid, deadline: MonotonicTime
    ) async throws(ConnectionError) {
        try await startTLS(until: deadline) { () throws(ConnectionError) in
            try server.makeSession(protocols: protocols)
        }
    }

    /// Protects the connection, as the client of `server`: the name, or the address in figures, that its certificate must
    /// be for.
    public func startTLS(
        _ client: TLSClientContext, server: String, protocols: TLSProtocols = .unsaid, deadline: MonotonicTime
    ) async throws(ConnectionError) {
        try await startTLS(until: deadline) { () throws(ConnectionError) in
            try client.makeSession(with: server, protocols: protocols)
        }
    }

    private func startTLS(
        until deadline: MonotonicTime, _ makeSession: () throws(ConnectionError) -> TLSSession
    ) async throws(ConnectionError) {
        let session: TLSSession
        do throws(ConnectionError) {
            session = try makeSession()
        } catch {
            close()
            throw error
        }
        try await protect(with: session, until: deadline)
    }

    /// What was agreed in the handshake; nil for a connection that is not protected.
    public var tls: TLSAgreement? { (protection as? TLSSession)?.agreement }

    /// What is to be spoken, `h2` for one (ALPN); nil when nothing was agreed.
    public var negotiatedProtocol: String? { tls?.negotiatedProtocol }

    /// Who the peer is; nil when it has not shown.
    public var peerCertificate: TLSCertificate? { tls?.peerCertificate }
}
