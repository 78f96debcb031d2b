internal import COpenSSL

/// What the two sides agreed on, and who the other one is.
public struct TLSAgreement: Sendable {
    public let version: TLSVersion
    /// As OpenSSL calls it: `TLS_AES_256_GCM_SHA384`.
    public let cipher: String
    /// What is spoken above (ALPN); nil when nothing was agreed.
    public let negotiatedProtocol: String?
    /// The name that the client asked for.
    public let serverName: String?
    /// Verified, but for a client ``TLSClientConfiguration/insecureWithoutVerification``. Nil when the peer showed none.
    public let peerCertificate: TLSCertificate?
    /// A ticket took the place of a full handshake.
    public let isResumed: Bool

    init(_ ssl: OpaquePointer) {
        version = TLSVersion(rawValue: SSL_version(ssl)) ?? .tls12
        cipher = SSL_CIPHER_get_name(SSL_get_current_cipher(ssl)).map { String(cString: $0) } ?? ""
        var (name, count): (UnsafePointer<UInt8>?, UInt32) = (nil, 0)
        SSL_get0_alpn_selected(ssl, &name, &count)
        negotiatedProtocol =
            count > 0 ? String(decoding: UnsafeBufferPointer(start: name, count: Int(count)), as: UTF8.self) : nil
        serverName = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name).map { String(cString: $0) }
        isResumed = SSL_session_reused(ssl) == 1
        if let certificate = SSL_get1_peer_certificate(ssl) {
            peerCertificate = TLSCertificate(certificate)
            X509_free(certificate)
        } else {
            peerCertificate = nil
        }
    }
}
