/// Who somebody is to the other side: a certificate, the chain up to its authority, and the private key. As PEM.
public struct TLSIdentity: Sendable, Hashable {
    enum Source: Sendable, Hashable {
        case files(chain: String, key: String)
        case bytes(chain: [UInt8], key: [UInt8])
    }

    let source: Source

    /// Files that are read again when they change. One file may hold both.
    public static func files(chain: String, key: String) -> TLSIdentity {
        TLSIdentity(source: .files(chain: chain, key: key))
    }

    /// The certificate comes first, then those that lead to its authority, each signed by the next.
    public static func pem(chain: [UInt8], key: [UInt8]) -> TLSIdentity {
        TLSIdentity(source: .bytes(chain: chain, key: key))
    }

    var files: [String] {
        if case .files(let chain, let key) = source { chain == key ? [chain] : [chain, key] } else { [] }
    }
}

/// Whose signatures count.
public enum TLSAuthorities: Sendable, Hashable {
    /// Those of the operating system; `SSL_CERT_FILE` and `SSL_CERT_DIR` of the environment replace them.
    case system
    /// A PEM file that is read again when it changes.
    case file(String)
    case pem([UInt8])

    var files: [String] { if case .file(let path) = self { [path] } else { [] } }
}
