internal import COpenSSL
internal import Glibc
internal import MartletCore

/// Reads PEM, from files or from bytes. Every object is one that the caller owns.
struct PEMFile {
    /// For messages.
    let name: String
    private let bytes: [UInt8]

    /// In bytes. The system's own list of authorities has 220 KB.
    private static let limit = 4 << 20

    init(_ path: String) throws(ServiceError) {
        name = path
        bytes = try Self.read(path)
    }

    init(_ bytes: [UInt8], name: String) {
        self.name = name
        self.bytes = bytes
    }

    /// All certificates in it, at least one. The caller frees them.
    func certificates() throws(ServiceError) -> [OpaquePointer] {
        var found: [OpaquePointer] = []
        let reader = reader()
        defer { BIO_free(reader) }
        ERR_clear_error()
        while let certificate = PEM_read_bio_X509(reader, nil, Self.noPassword, nil) { found.append(certificate) }
        let error = ERR_peek_last_error()
        // The end is an error as well: no other beginning was found.
        let isEnd = ERR_GET_REASON(error) == PEM_R_NO_START_LINE
        guard isEnd, !found.isEmpty else {
            for certificate in found { X509_free(certificate) }
            if isEnd { throw failure("there is no certificate in PEM form in it") }
            throw failure("a certificate in it cannot be read (\(OpenSSL.takeErrors()))")
        }
        ERR_clear_error()
        return found
    }

    /// The private key in it. The caller frees it.
    func privateKey() throws(ServiceError) -> OpaquePointer {
        let reader = reader()
        defer { BIO_free(reader) }
        ERR_clear_error()
        guard let key = PEM_read_bio_PrivateKey(reader, nil, Self.noPassword, nil) else {
            throw failure("there is no private key in PEM form in it, or it has a password (\(OpenSSL.takeErrors()))")
        }
        return key
    }

    func failure(_ reason: String) -> ServiceError { ServiceError(.failedPrecondition, "\(name): \(reason)") }

    private func reader() -> OpaquePointer? {
        bytes.withUnsafeBytes { bytes in
            let memory = BIO_new(BIO_s_mem())
            BIO_write(memory, bytes.baseAddress, Int32(clamping: bytes.count))
            return memory
        }
    }

    /// Otherwise the library would ask at the terminal.
    private static let noPassword:
        @convention(c) (
            UnsafeMutablePointer<CChar>?, Int32, Int32, UnsafeMutableRawPointer?
        ) -> Int32 = { _, _, _, _ in -1 }

    private static func read(_ path: String) throws(ServiceError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        func failure(_ reason: String) -> ServiceError {
            ServiceError(.failedPrecondition, "\(path): \(reason)")
        }
        guard descriptor >= 0 else { throw failure(String(cString: strerror(errno))) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure(String(cString: strerror(errno))) }
            guard count > 0 else { return bytes }
            bytes += chunk[..<count]
            guard bytes.count <= limit else { throw failure("it has more than 4 MiB") }
        }
    }
}
