public import MartletCore
internal import MartletTLS

extension StandardKeys {
    public static let certificateFiles = ConfigurationKey(
        "TLS_CERT_FILE", .paths, flag: "tls-cert-file", default: [],
        "The service's certificate and its chain, in PEM form: with it, the HTTP interface speaks https. Of several, "
            + "separated by commas, a client gets the one for the name it asks for.")
    public static let keyFiles = ConfigurationKey(
        "TLS_KEY_FILE", .paths, flag: "tls-key-file", default: [],
        "The private key of TLS_CERT_FILE, in PEM form and without a password; as many as there are certificates.")
    public static let clientAuthorities = ConfigurationKey.optional(
        "TLS_CLIENT_CA_FILE", .string, flag: "tls-client-ca-file",
        "Whose signatures count on clients' certificates, in PEM form: with it, a client has to show one.")
    public static let clientAuthentication = ConfigurationKey(
        "TLS_CLIENT_AUTH", .word(of: ["required", "optional"]), flag: "tls-client-auth", default: "required",
        "Whether a client may come without a certificate where TLS_CLIENT_CA_FILE is given.")
    public static let allowsCleartext = ConfigurationKey(
        "TLS_ALLOW_CLEARTEXT", .boolean, flag: "tls-allow-cleartext", default: false,
        "Whether the port takes requests without TLS as well, while clients change over.")
    public static let authorities = ConfigurationKey.optional(
        "TLS_CA_FILE", .string, flag: "tls-ca-file",
        "Whose signatures count on the certificates of the services that this one calls over https, in PEM form; the "
            + "system's without it.")
    public static let ownCertificate = ConfigurationKey.optional(
        "TLS_CLIENT_CERT_FILE", .string, flag: "tls-client-cert-file",
        "The certificate that this service shows to those that it calls, in PEM form.")
    public static let ownKey = ConfigurationKey.optional(
        "TLS_CLIENT_KEY_FILE", .string, flag: "tls-client-key-file", "The private key of TLS_CLIENT_CERT_FILE.")

    static let tls: [any AnyConfigurationKey] = [
        certificateFiles, keyFiles, clientAuthorities, clientAuthentication, allowsCleartext, authorities,
        ownCertificate,
        ownKey,
    ]

    /// What whoever calls services reads.
    public static let outgoingTLS: [any AnyConfigurationKey] = [authorities, ownCertificate, ownKey]

    static let tlsChecks: [@Sendable (Configuration) -> String?] = [
        { configuration in
            // Not everybody who has the other settings has these.
            configuration.source(of: certificateFiles) == nil ? nil : mistake(in: configuration)
        }
    ]

    private static func mistake(in configuration: Configuration) -> String? {
        let (certificates, keys) = (configuration[certificateFiles].count, configuration[keyFiles].count)
        if certificates != keys {
            return "TLS_CERT_FILE names \(certificates) files and TLS_KEY_FILE \(keys); they go in pairs"
        }
        if certificates == 0, configuration[clientAuthorities] != nil {
            return "TLS_CLIENT_CA_FILE is set without TLS_CERT_FILE: nobody would be asked for a certificate"
        }
        if certificates == 0, configuration[allowsCleartext] {
            return "TLS_ALLOW_CLEARTEXT is set without TLS_CERT_FILE: everything is cleartext"
        }
        return (configuration[ownCertificate] == nil) == (configuration[ownKey] == nil)
            ? nil : "TLS_CLIENT_CERT_FILE and TLS_CLIENT_KEY_FILE go together; one of them is missing"
    }

    /// Whether the service's HTTP interface speaks https.
    public static func speaksTLS(_ configuration: Configuration) -> Bool { !configuration[certificateFiles].isEmpty }
}

extension TLSServerConfiguration {
    /// Nil for a service that speaks http.
    init?(_ configuration: Configuration) {
        // A configuration that was read without these settings has none of them.
        guard configuration.source(of: StandardKeys.certificateFiles) != nil else { return nil }
        let files = zip(configuration[StandardKeys.certificateFiles], configuration[StandardKeys.keyFiles])
        let identities = files.map { TLSIdentity.files(chain: $0, key: $1) }
        guard !identities.isEmpty else { return nil }
        self.init(identities: identities)
        guard let file = configuration[StandardKeys.clientAuthorities] else { return }
        let isOptional = configuration[StandardKeys.clientAuthentication] == "optional"
        clientCertificates = isOptional ? .optional(.file(file)) : .required(.file(file))
    }
}

extension TLSClientConfiguration {
    /// Nil where nothing is said: then what is usual holds, and is not made before it is used.
    init?(_ configuration: Configuration) {
        guard configuration.source(of: StandardKeys.authorities) != nil else { return nil }
        let authorities = configuration[StandardKeys.authorities]
        var identity: TLSIdentity?
        if let chain = configuration[StandardKeys.ownCertificate], let key = configuration[StandardKeys.ownKey] {
            identity = .files(chain: chain, key: key)
        }
        guard authorities != nil || identity != nil else { return nil }
        self.init(authorities: authorities.map { .file($0) } ?? .system, identity: identity)
    }
}

extension ConfigurationType<[String]> {
    /// Files, separated by commas.
    fileprivate static var paths: Self {
        var type = Self(allowed: "paths of files, separated by commas") { text in
            let paths = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
            return paths.contains("") ? nil : paths
        } show: {
            $0.joined(separator: ",")
        }
        type.empty = []
        return type
    }
}
