import COpenSSL
import MartletRuntime

@testable import MartletTLS

/// What a peer could do, and our own client does not.
extension TLSSession {
    func limit(to version: TLSVersion) { _ = martlet_ssl_set_max_proto(ssl, version.rawValue) }

    func askToRenegotiate() -> Bool { martlet_ssl_renegotiate(ssl) == 1 }

    /// Comes back with the ticket that `other` was given.
    func resume(_ other: TLSSession) {
        let session = SSL_get1_session(other.ssl)
        SSL_set_session(ssl, session)
        SSL_SESSION_free(session)
    }
}

extension TLSSession {
    /// With the next bytes: this side's keys change, and the other is asked to change its own.
    func askForNewKeys() { SSL_key_update(ssl, SSL_KEY_UPDATE_REQUESTED) }
}
