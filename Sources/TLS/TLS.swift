// TLS: a protected byte stream (RFC 8446, RFC 5246) over Runtime's connections, by OpenSSL. Certificates and their
// reload, server names, client certificates, ALPN. After `startTLS`, whoever uses the connection sees plain bytes.
//
// It is a room of its own, and not part of Runtime, so that a program of loops and sockets alone links no cryptography;
// Runtime knows only the protocol `ConnectionProtection`. It has no cryptography of its own either, and no say in what is
// spoken over it.

internal import COpenSSL

/// The versions that are spoken. TLS 1.1 and older are not (RFC 8996).
public enum TLSVersion: Int32, Sendable, Comparable, CustomStringConvertible {
    case tls12 = 0x0303
    case tls13 = 0x0304

    public static func < (left: TLSVersion, right: TLSVersion) -> Bool { left.rawValue < right.rawValue }

    public var description: String { self == .tls12 ? "TLS 1.2" : "TLS 1.3" }
}

enum OpenSSL {
    /// To be called before anything else of the library.
    ///
    /// Without a handler for the process's end: that would take the library down under the threads that still use it.
    static func start() { _ = started }

    private static let started = OPENSSL_init_ssl(UInt64(OPENSSL_INIT_NO_ATEXIT), nil)

    /// What the library has to say about the last failure on this thread, and forgets now.
    static func takeErrors() -> String {
        var texts: [String] = []
        while case let code = ERR_get_error(), code != 0 {
            let text = ERR_reason_error_string(code).map { String(cString: $0) } ?? "error \(code)"
            if texts.last != text, texts.count < 4 { texts.append(text) }
        }
        return texts.isEmpty ? "no reason given" : texts.joined(separator: "; ")
    }
}
