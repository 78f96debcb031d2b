internal import COpenSSL
internal import Glibc
package import MartletRuntime

/// One connection's TLS: OpenSSL's state machine, without a socket. Records go in and out through the connection's own
/// buffers, with nothing in between that would hold a copy.
package final class TLSSession: ConnectionProtection {
    let ssl: OpaquePointer
    /// What the callbacks of OpenSSL go to.
    private let owner: AnyObject
    private let isServer: Bool
    let protocols: TLSProtocols
    private var failure: ConnectionError?
    private var hasSentEnd = false

    package private(set) var isEstablished = false
    package private(set) var hasPeerEnded = false
    /// From the end of the handshake on.
    package private(set) var agreement: TLSAgreement?

    /// What the library may read, and where it may write, while it is called. Only for ``TLSWire``.
    fileprivate var received = UnsafeRawBufferPointer(start: nil, count: 0)
    fileprivate var sent: UnsafeMutablePointer<ByteBuffer>?

    /// In bytes: one record (RFC 8446 §5.1).
    private static let recordLimit = 16 << 10

    init(
        _ context: SSLContext, isServer: Bool, protocols: TLSProtocols, keeping owner: AnyObject
    ) throws(ConnectionError) {
        self.owner = owner
        self.isServer = isServer
        self.protocols = protocols
        ERR_clear_error()
        guard let ssl = SSL_new(context.pointer) else { throw .insecure(OpenSSL.takeErrors()) }
        self.ssl = ssl
        guard let method = TLSWire.method, let wire = BIO_new(method) else {
            throw .insecure(OpenSSL.takeErrors())
        }
        BIO_set_data(wire, Unmanaged.passUnretained(self).toOpaque())
        BIO_set_init(wire, 1)
        SSL_set_bio(ssl, wire, wire)
        SSL_set_ex_data(ssl, 0, Unmanaged.passUnretained(self).toOpaque())
        if isServer {
            SSL_set_accept_state(ssl)
        } else {
            SSL_set_connect_state(ssl)
            if protocols != .unsaid { SSL_set_alpn_protos(ssl, protocols.bytes, UInt32(protocols.bytes.count)) }
        }
    }

    /// Whose library's object this is.
    static func of(_ ssl: OpaquePointer?) -> TLSSession? {
        SSL_get_ex_data(ssl, 0).map { Unmanaged<TLSSession>.fromOpaque($0).takeUnretainedValue() }
    }

    deinit { SSL_free(ssl) }

    /// Whom the certificate of the other side must be for. False: nobody can be called that.
    func expect(_ server: String, isVerifying: Bool) -> Bool {
        guard !server.isEmpty, server.utf8.count < 256, !server.utf8.contains(0) else { return false }
        var address = in6_addr()
        let isAddress = inet_pton(AF_INET, server, &address) == 1 || inet_pton(AF_INET6, server, &address) == 1
        // An address is no server name (RFC 6066 §3), and is looked for among the certificate's addresses.
        if !isAddress, martlet_ssl_set_servername(ssl, server) != 1 { return false }
        guard isVerifying else { return true }
        SSL_set_hostflags(ssl, UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS))
        return isAddress
            ? X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), server) == 1 : SSL_set1_host(ssl, server) == 1
    }

    // MARK: In

    package func open(
        _ wire: UnsafeRawBufferPointer, into plain: inout ByteBuffer, answer: inout ByteBuffer
    ) throws(ConnectionError) {
        if let failure { throw failure }
        received = wire
        defer { received = UnsafeRawBufferPointer(start: nil, count: 0) }
        let problem: ConnectionError? = withUnsafeMutablePointer(to: &answer) { answer in
            sent = answer
            defer { sent = nil }
            do throws(ConnectionError) {
                if !isEstablished { try shakeHands() }
                if isEstablished { try readRecords(into: &plain) }
                return nil
            } catch {
                return error
            }
        }
        if let problem { throw problem }
    }

    private func shakeHands() throws(ConnectionError) {
        ERR_clear_error()
        let result = SSL_do_handshake(ssl)
        if result == 1 {
            isEstablished = true
            agreement = TLSAgreement(ssl)
        } else {
            try expectToWait(result)
        }
    }

    private func readRecords(into plain: inout ByteBuffer) throws(ConnectionError) {
        while !hasPeerEnded {
            var result: Int32 = 0
            ERR_clear_error()
            // No more room than what came can need, or an idle connection would hold that of a whole record.
            plain.withWritable(minimum: max(256, min(received.count, Self.recordLimit))) { room in
                result = SSL_read(ssl, room.baseAddress, Int32(clamping: room.count))
                return Int(max(0, result))
            }
            guard result <= 0 else { continue }
            if SSL_get_error(ssl, result) == SSL_ERROR_ZERO_RETURN {
                hasPeerEnded = true
            } else {
                return try expectToWait(result)
            }
        }
    }

    /// Nothing more can be done until more comes in; or never.
    private func expectToWait(_ result: Int32) throws(ConnectionError) {
        switch SSL_get_error(ssl, result) {
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return
        default: throw fail()
        }
    }

    private func fail() -> ConnectionError {
        let verification = SSL_get_verify_result(ssl)
        var reason = OpenSSL.takeErrors()
        if verification != Int(X509_V_OK), let text = X509_verify_cert_error_string(verification) {
            reason = "\(isServer ? "the client's" : "the server's") certificate is refused: \(String(cString: text))"
        }
        let error = ConnectionError.insecure(reason)
        failure = error
        return error
    }

    // MARK: Out

    package func seal(_ plain: UnsafeRawBufferPointer, into wire: inout ByteBuffer) throws(ConnectionError) {
        if let failure { throw failure }
        guard !plain.isEmpty else { return }
        let problem: ConnectionError? = withUnsafeMutablePointer(to: &wire) { wire in
            sent = wire
            defer { sent = nil }
            ERR_clear_error()
            var written = 0
            // All of it: what takes the records takes any number.
            guard SSL_write_ex(ssl, plain.baseAddress, plain.count, &written) == 1, written == plain.count else {
                return fail()
            }
            return nil
        }
        if let problem { throw problem }
    }

    package func sealEnd(into wire: inout ByteBuffer) {
        guard failure == nil, isEstablished, !hasSentEnd else { return }
        hasSentEnd = true
        withUnsafeMutablePointer(to: &wire) { wire in
            sent = wire
            defer { sent = nil }
            ERR_clear_error()
            SSL_shutdown(ssl)
        }
    }
}

/// The wire as OpenSSL sees it (`BIO`): reads what the connection has just received, and writes to where the connection
/// sends from.
private enum TLSWire {
    nonisolated(unsafe) static let method: OpaquePointer? = {
        // Made once, never changed and never freed.
        guard let method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "martlet connection") else {
            return nil
        }
        BIO_meth_set_read(method, read)
        BIO_meth_set_write(method, write)
        BIO_meth_set_ctrl(method, control)
        return method
    }()

    private static func session(of wire: OpaquePointer?) -> TLSSession? {
        BIO_get_data(wire).map { Unmanaged<TLSSession>.fromOpaque($0).takeUnretainedValue() }
    }

    private static let read: @convention(c) (OpaquePointer?, UnsafeMutablePointer<CChar>?, Int32) -> Int32 = {
        wire, target, limit in
        martlet_bio_clear_retry(wire)
        guard let session = TLSWire.session(of: wire), let target, limit > 0 else { return -1 }
        let count = min(Int(limit), session.received.count)
        guard count > 0, let base = session.received.baseAddress else {
            martlet_bio_retry_read(wire)
            return -1
        }
        UnsafeMutableRawPointer(target).copyMemory(from: base, byteCount: count)
        session.received = UnsafeRawBufferPointer(rebasing: session.received.dropFirst(count))
        return Int32(count)
    }

    private static let write: @convention(c) (OpaquePointer?, UnsafePointer<CChar>?, Int32) -> Int32 = {
        wire, source, count in
        martlet_bio_clear_retry(wire)
        guard let sent = TLSWire.session(of: wire)?.sent, let source, count > 0 else { return -1 }
        sent.pointee.append(UnsafeRawBufferPointer(start: source, count: Int(count)))
        return count
    }

    private static let control: @convention(c) (OpaquePointer?, Int32, Int, UnsafeMutableRawPointer?) -> Int = {
        _, command, _, _ in command == BIO_CTRL_FLUSH ? 1 : 0
    }
}
