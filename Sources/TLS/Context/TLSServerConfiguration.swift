/// How a server protects its connections.
///
/// TLS 1.2 with forward secrecy and authenticated ciphers alone, and TLS 1.3. No renegotiation, no compression.
public struct TLSServerConfiguration: Sendable, Hashable {
    /// Whether a client has to show who it is.
    public enum ClientCertificates: Sendable, Hashable {
        case notAsked
        /// A client may come without one; with one that these authorities did not sign it is turned away.
        case optional(TLSAuthorities)
        case required(TLSAuthorities)
    }

    /// A client gets the one that has the name it asks for among its alternative names, wildcards included; one that
    /// asks for another name, or for none, gets the first.
    public var identities: [TLSIdentity]
    public var clientCertificates: ClientCertificates
    public var minimumVersion = TLSVersion.tls12
    /// Whether a client may come back without a full handshake (RFC 8446 §2.2). The tickets' keys are in memory alone,
    /// change every twelve hours, and hold for one change more.
    public var sessionTickets = true

    public init(identities: [TLSIdentity], clientCertificates: ClientCertificates = .notAsked) {
        self.identities = identities
        self.clientCertificates = clientCertificates
    }

    var clientAuthorities: TLSAuthorities? {
        switch clientCertificates {
        case .notAsked: nil
        case .optional(let authorities), .required(let authorities): authorities
        }
    }

    var files: [String] { identities.flatMap(\.files) + (clientAuthorities?.files ?? []) }
}
