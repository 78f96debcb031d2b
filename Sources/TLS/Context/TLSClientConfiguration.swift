/// How a client protects its connections, and whom it believes to be who they say.
public struct TLSClientConfiguration: Sendable, Hashable {
    /// Who signs for servers.
    public var authorities: TLSAuthorities
    /// What this client shows when the server asks who it is.
    public var identity: TLSIdentity?
    public var minimumVersion = TLSVersion.tls12
    let isVerifying: Bool

    public init(authorities: TLSAuthorities = .system, identity: TLSIdentity? = nil) {
        self.authorities = authorities
        self.identity = identity
        isVerifying = true
    }

    private init(withoutVerification _: Void) {
        authorities = .pem([])
        isVerifying = false
    }

    /// Believes whoever answers: anybody on the way can read and change everything. For a look at a server whose
    /// certificate is being repaired, and for nothing else.
    public static let insecureWithoutVerification = TLSClientConfiguration(withoutVerification: ())

    var files: [String] { (identity?.files ?? []) + authorities.files }
}
