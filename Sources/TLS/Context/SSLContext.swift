internal import COpenSSL
internal import MartletCore

/// One `SSL_CTX`, with what is the same for everybody.
final class SSLContext: @unchecked Sendable {
    // @unchecked: changed only while it is being made; afterwards OpenSSL itself counts and locks.

    let pointer: OpaquePointer

    /// TLS 1.2: forward secrecy and authenticated encryption, which is what RFC 9113 §9.2.2 leaves as well.
    private static let ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20"

    init(isServer: Bool, minimumVersion: TLSVersion) throws(ServiceError) {
        OpenSSL.start()
        ERR_clear_error()
        guard let pointer = SSL_CTX_new(isServer ? TLS_server_method() : TLS_client_method()) else {
            throw ServiceError(.internal, "no TLS context (\(OpenSSL.takeErrors()))")
        }
        self.pointer = pointer
        guard martlet_ssl_ctx_set_min_proto(pointer, minimumVersion.rawValue) == 1,
            SSL_CTX_set_cipher_list(pointer, Self.ciphers) == 1
        else { throw ServiceError(.internal, "no TLS context (\(OpenSSL.takeErrors()))") }
        martlet_ssl_ctx_set_options(pointer)
        // An idle connection keeps no record's buffers, 34 KB of them.
        martlet_ssl_ctx_set_mode(
            pointer, Int(SSL_MODE_RELEASE_BUFFERS) | Int(SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER))
        martlet_ssl_ctx_set_session_cache_mode(pointer, Int(SSL_SESS_CACHE_OFF))
    }

    deinit { SSL_CTX_free(pointer) }

    /// - Returns: the certificate itself, read.
    @discardableResult
    func use(_ identity: TLSIdentity) throws(ServiceError) -> TLSCertificate {
        let (chain, key): (PEMFile, PEMFile)
        switch identity.source {
        case .files(let chainPath, let keyPath):
            chain = try PEMFile(chainPath)
            key = chainPath == keyPath ? chain : try PEMFile(keyPath)
        case .bytes(let chainBytes, let keyBytes):
            chain = PEMFile(chainBytes, name: "the certificate")
            key = PEMFile(keyBytes, name: "the private key")
        }
        let certificates = try chain.certificates()
        defer { for certificate in certificates { X509_free(certificate) } }
        let privateKey = try key.privateKey()
        defer { EVP_PKEY_free(privateKey) }
        ERR_clear_error()
        guard let leaf = certificates.first, SSL_CTX_use_certificate(pointer, leaf) == 1 else {
            throw chain.failure("the certificate cannot be used (\(OpenSSL.takeErrors()))")
        }
        for certificate in certificates.dropFirst() where martlet_ssl_ctx_add_chain(pointer, certificate) != 1 {
            throw chain.failure("the chain cannot be used (\(OpenSSL.takeErrors()))")
        }
        guard SSL_CTX_use_PrivateKey(pointer, privateKey) == 1, SSL_CTX_check_private_key(pointer) == 1 else {
            throw key.failure("the private key is not that of the certificate in \(chain.name)")
        }
        return TLSCertificate(leaf)
    }

    /// - Parameter namesThem: a server tells its clients whose certificates it takes.
    func trust(_ authorities: TLSAuthorities, namesThem: Bool) throws(ServiceError) {
        let file: PEMFile
        switch authorities {
        case .system:
            guard SSL_CTX_set_default_verify_paths(pointer) == 1 else {
                throw ServiceError(.failedPrecondition, "no authorities of the system (\(OpenSSL.takeErrors()))")
            }
            return
        case .file(let path): file = try PEMFile(path)
        case .pem(let bytes): file = PEMFile(bytes, name: "the authorities")
        }
        let certificates = try file.certificates()
        defer { for certificate in certificates { X509_free(certificate) } }
        let store = SSL_CTX_get_cert_store(pointer)
        for certificate in certificates {
            guard X509_STORE_add_cert(store, certificate) == 1 else {
                throw file.failure("an authority cannot be used (\(OpenSSL.takeErrors()))")
            }
            if namesThem { SSL_CTX_add_client_CA(pointer, certificate) }
        }
    }
}
