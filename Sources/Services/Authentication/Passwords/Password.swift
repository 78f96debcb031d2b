internal import MartletCore

/// A password as somebody typed it. No description, mirror or log line shows it.
struct Password: Sendable {
    /// UTF-8, 72 bytes at most, no NUL.
    let bytes: Secret<[UInt8]>

    /// What bcrypt reads; it would cut off the rest without a word, and two different passwords would be equal.
    static let limit = 72
    /// Of a new password, in bytes (NIST SP 800-63B §5.1.1.1).
    static let minimum = 8

    /// - Throws: `invalidArgument` for what bcrypt does not tell from a shorter password.
    init(_ text: String) throws(ServiceError) {
        let bytes = Array(text.utf8)
        guard bytes.count <= Self.limit else {
            throw ServiceError(.invalidArgument, "the password is longer than \(Self.limit) bytes")
        }
        guard !bytes.contains(0) else {
            throw ServiceError(.invalidArgument, "the password holds a NUL character")
        }
        self.bytes = Secret(bytes)
    }

    /// A password to be set.
    init(new text: String) throws(ServiceError) {
        try self.init(text)
        guard bytes.exposed.count >= Self.minimum else {
            throw ServiceError(.invalidArgument, "the password is shorter than \(Self.minimum) bytes")
        }
    }
}
