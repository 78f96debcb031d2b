internal import COpenSSL
internal import Glibc
internal import MartletCore

/// A certificate (RFC 5280), read.
public struct TLSCertificate: Sendable, Hashable {
    /// As RFC 2253 writes it: `CN=logger,O=Example`.
    public let subject: String
    public let issuer: String
    /// The alternative names, by kind; in the order in which they stand there.
    public let dnsNames: [String]
    /// In figures: `127.0.0.1`, `::1`.
    public let ipAddresses: [String]
    /// A SPIFFE id is one of these.
    public let uris: [String]
    public let emailAddresses: [String]
    /// Seconds since 1970.
    public let notBefore: Int64
    public let notAfter: Int64
    /// The whole certificate.
    public let der: [UInt8]

    /// In bytes: longer names are cut off, and names beyond this number left out; they are what a stranger wrote.
    private static let nameLimit = 1024
    private static let nameCountLimit = 256

    init(_ certificate: OpaquePointer) {
        subject = Self.text(of: X509_get_subject_name(certificate))
        issuer = Self.text(of: X509_get_issuer_name(certificate))
        notBefore = Self.seconds(X509_get0_notBefore(certificate))
        notAfter = Self.seconds(X509_get0_notAfter(certificate))
        der = Self.bytes(of: certificate)
        var names: [Int32: [String]] = [:]
        if let list = X509_get_ext_d2i(certificate, NID_subject_alt_name, nil, nil) {
            let list = OpaquePointer(list)
            for index in 0..<min(martlet_names_count(list), Int32(Self.nameCountLimit)) {
                var (bytes, count): (UnsafePointer<UInt8>?, Int32) = (nil, 0)
                let kind = martlet_name_at(list, index, &bytes, &count)
                let value = UnsafeBufferPointer(start: bytes, count: Int(max(0, count)))
                guard kind >= 0, let text = kind == GEN_IPADD ? Self.address(value) : Self.name(value) else { continue }
                names[kind, default: []].append(text)
            }
            GENERAL_NAMES_free(list)
        }
        dnsNames = names[GEN_DNS] ?? []
        ipAddresses = names[GEN_IPADD] ?? []
        uris = names[GEN_URI] ?? []
        emailAddresses = names[GEN_EMAIL] ?? []
    }

    private static func text(of name: OpaquePointer?) -> String {
        guard let name, let memory = BIO_new(BIO_s_mem()) else { return "" }
        defer { BIO_free(memory) }
        martlet_print_name(memory, name)
        var bytes = [UInt8](repeating: 0, count: nameLimit)
        let count = BIO_read(memory, &bytes, Int32(nameLimit))
        return String(decoding: bytes[..<Int(max(0, count))], as: UTF8.self)
    }

    /// Visible ASCII, as all these names must be: one with a NUL in it has deceived many.
    private static func name(_ bytes: UnsafeBufferPointer<UInt8>) -> String? {
        guard !bytes.isEmpty, bytes.count <= nameLimit, bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func address(_ bytes: UnsafeBufferPointer<UInt8>) -> String? {
        guard bytes.count == 4 || bytes.count == 16 else { return nil }
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        guard inet_ntop(bytes.count == 4 ? AF_INET : AF_INET6, bytes.baseAddress, &text, socklen_t(text.count)) != nil
        else { return nil }
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    private static func seconds(_ time: UnsafePointer<ASN1_TIME>?) -> Int64 {
        var broken = tm()
        guard let time, ASN1_TIME_to_tm(time, &broken) == 1 else { return 0 }
        return Int64(timegm(&broken))
    }

    private static func bytes(of certificate: OpaquePointer) -> [UInt8] {
        var start: UnsafeMutablePointer<UInt8>?
        let count = i2d_X509(certificate, &start)
        guard count > 0, let start else { return [] }
        defer { CRYPTO_free(start, nil, 0) }
        return Array(UnsafeBufferPointer(start: start, count: Int(count)))
    }
}
