import COpenSSL
import Glibc

/// Signs certificates for a test: of servers, of clients, expired ones. Everything on P-256, which takes no time.
public final class TestAuthority: @unchecked Sendable {  // Nothing changes after `init`.
    public struct Issued: Sendable {
        /// The certificate, and after it those that lead to the authority.
        public var chain: [UInt8]
        public var key: [UInt8]
    }

    public struct Failure: Error, CustomStringConvertible {
        public var description: String
    }

    /// The authority's own certificate.
    public let pem: [UInt8]
    private let key: OpaquePointer
    private let certificate: OpaquePointer

    public init(_ name: String = "Test Authority") throws {
        key = try Self.makeKey()
        let certificate = try Self.makeCertificate(
            name, key: key, days: -1...30, serial: 1, issuer: nil,
            extensions: [(NID_basic_constraints, "critical,CA:TRUE"), (NID_key_usage, "critical,keyCertSign,cRLSign")],
            signer: key)
        self.certificate = certificate
        pem = try Self.text { PEM_write_bio_X509($0, certificate) }
    }

    deinit {
        X509_free(certificate)
        EVP_PKEY_free(key)
    }

    /// - Parameters:
    ///   - names: alternative names as OpenSSL writes them: `DNS:localhost`, `IP:127.0.0.1`, `URI:spiffe://…`.
    ///   - days: from when to when, counted from now.
    public func issue(
        _ subject: String = "server", names: [String] = ["DNS:localhost", "IP:127.0.0.1", "IP:::1"],
        days: ClosedRange<Int> = -1...30, forClients: Bool = false
    ) throws -> Issued {
        let own = try Self.makeKey()
        defer { EVP_PKEY_free(own) }
        var extensions = [
            (NID_basic_constraints, "critical,CA:FALSE"), (NID_ext_key_usage, forClients ? "clientAuth" : "serverAuth"),
        ]
        if !names.isEmpty { extensions.append((NID_subject_alt_name, names.joined(separator: ","))) }
        let leaf = try Self.makeCertificate(
            subject, key: own, days: days, serial: Int.random(in: 2..<(1 << 40)), issuer: certificate,
            extensions: extensions, signer: key)
        defer { X509_free(leaf) }
        return Issued(
            chain: try Self.text { PEM_write_bio_X509($0, leaf) },
            key: try Self.text { PEM_write_bio_PrivateKey($0, own, nil, nil, 0, nil, nil) })
    }

    private static func makeKey() throws -> OpaquePointer {
        let context = EVP_PKEY_CTX_new_id(EVP_PKEY_EC, nil)
        defer { EVP_PKEY_CTX_free(context) }
        var key: OpaquePointer?
        guard EVP_PKEY_keygen_init(context) == 1,
            EVP_PKEY_CTX_set_ec_paramgen_curve_nid(context, NID_X9_62_prime256v1) == 1,
            EVP_PKEY_keygen(context, &key) == 1, let key
        else { throw Failure(description: "no key could be made") }
        return key
    }

    private static func makeCertificate(
        _ subject: String, key: OpaquePointer, days: ClosedRange<Int>, serial: Int, issuer: OpaquePointer?,
        extensions: [(Int32, String)], signer: OpaquePointer
    ) throws -> OpaquePointer {
        guard let certificate = X509_new() else { throw Failure(description: "no certificate could be made") }
        X509_set_version(certificate, 2)
        ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial)
        X509_gmtime_adj(X509_getm_notBefore(certificate), days.lowerBound * 86_400)
        X509_gmtime_adj(X509_getm_notAfter(certificate), days.upperBound * 86_400)
        X509_set_pubkey(certificate, key)
        let name = X509_get_subject_name(certificate)
        X509_NAME_add_entry_by_txt(name, "O", MBSTRING_UTF8, "Martlet Tests", -1, -1, 0)
        X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, subject, -1, -1, 0)
        X509_set_issuer_name(certificate, X509_get_subject_name(issuer ?? certificate))
        for (kind, value) in extensions {
            guard let made = X509V3_EXT_conf_nid(nil, nil, kind, value) else {
                throw Failure(description: "no certificate with \(value) could be made")
            }
            X509_add_ext(certificate, made, -1)
            X509_EXTENSION_free(made)
        }
        guard X509_sign(certificate, signer, EVP_sha256()) > 0 else {
            throw Failure(description: "the certificate could not be signed")
        }
        return certificate
    }

    private static func text(_ write: (OpaquePointer) -> Int32) throws -> [UInt8] {
        guard let memory = BIO_new(BIO_s_mem()) else { throw Failure(description: "no memory") }
        defer { BIO_free(memory) }
        guard write(memory) == 1 else { throw Failure(description: "PEM could not be written") }
        var bytes = [UInt8](repeating: 0, count: 16_384)
        return Array(bytes[..<Int(BIO_read(memory, &bytes, 16_384))])
    }
}

/// A folder of its own that goes with the test.
public final class TestFolder: Sendable {
    public let path: String

    public init() throws {
        var template = Array("/tmp/martlet-tls-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw TestAuthority.Failure(description: "mkdtemp: \(errno)") }
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    deinit {
        guard let folder = opendir(path) else { return }
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            unlink("\(path)/\(name)")
        }
        closedir(folder)
        rmdir(path)
    }

    /// Puts the file in place at once, as whoever renews certificates does. Returns its path.
    @discardableResult
    public func write(_ bytes: [UInt8], to name: String) throws -> String {
        let (temporary, final) = ("\(path)/.\(name)", "\(path)/\(name)")
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw TestAuthority.Failure(description: "\(final): \(errno)") }
        defer { close(descriptor) }
        guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count, rename(temporary, final) == 0 else {
            throw TestAuthority.Failure(description: "\(final): \(errno)")
        }
        return final
    }
}
