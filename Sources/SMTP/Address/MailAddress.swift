/// Where mail can be sent (RFC 5321 §4.1.2): `name@domain`, `"quoted name"@domain`, `name@[127.0.0.1]`. ASCII alone: the
/// extension for other characters (RFC 6531) is not spoken here.
public struct MailAddress: Sendable, Hashable, CustomStringConvertible {
    /// As it was written, with its quotes if it has any.
    public let localPart: String
    /// A name, or an address in brackets.
    public let domain: String

    /// In bytes (RFC 5321 §4.5.3.1).
    static let localPartLimit = 64
    static let domainLimit = 255
    /// A path of 256 bytes without its brackets.
    static let limit = 254

    public var description: String { "\(localPart)@\(domain)" }

    /// - Throws: what is wrong with it.
    public init(_ text: some StringProtocol) throws(MailAddressError) {
        let bytes = Array(text.utf8)
        guard !bytes.isEmpty else { throw MailAddressError("no address") }
        guard bytes.count <= Self.limit else { throw MailAddressError("longer than \(Self.limit) bytes") }
        guard bytes.allSatisfy({ $0 < 0x80 }) else { throw MailAddressError("characters outside ASCII") }
        guard bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else { throw MailAddressError("a control character") }
        let end = try Self.endOfLocalPart(bytes)
        guard end < bytes.count, bytes[end] == UInt8(ascii: "@") else {
            // The words of Go's net/mail, which the original answers with (contracts, course A.6).
            throw MailAddressError(bytes.contains(ASCII.space) ? "no angle-addr" : "missing '@' or angle-addr")
        }
        guard end <= Self.localPartLimit else {
            throw MailAddressError("more than \(Self.localPartLimit) bytes before the @")
        }
        let domain = bytes[(end + 1)...]
        try Self.checkDomain(domain)
        localPart = String(decoding: bytes[..<end], as: UTF8.self)
        self.domain = String(decoding: domain, as: UTF8.self)
    }

    private static func endOfLocalPart(_ bytes: [UInt8]) throws(MailAddressError) -> Int {
        if bytes[0] == ASCII.quote {
            var index = 1
            while index < bytes.count, bytes[index] != ASCII.quote {
                index += bytes[index] == ASCII.backslash ? 2 : 1
            }
            guard index < bytes.count else { throw MailAddressError("a quoted string without an end") }
            return index + 1
        }
        var index = 0
        var atomLength = 0
        while index < bytes.count {
            if bytes[index] == ASCII.dot {
                guard atomLength > 0 else { throw MailAddressError("a dot that does not stand between two atoms") }
                atomLength = 0
            } else if ASCII.isAtomText(bytes[index]) {
                atomLength += 1
            } else {
                break
            }
            index += 1
        }
        if index < bytes.count, bytes[index] == UInt8(ascii: "@"), atomLength == 0 {
            throw MailAddressError(index == 0 ? "nothing before the @" : "a dot that does not stand between two atoms")
        }
        return index
    }

    private static func checkDomain(_ domain: ArraySlice<UInt8>) throws(MailAddressError) {
        guard let first = domain.first else { throw MailAddressError("no domain after the @") }
        guard domain.count <= domainLimit else { throw MailAddressError("a domain of over \(domainLimit) bytes") }
        if first == UInt8(ascii: "[") {
            // What stands in the brackets is for the server that it names; nothing in it can end them.
            let inside = domain.dropFirst().dropLast()
            guard domain.count > 2, domain.last == UInt8(ascii: "]"),
                inside.allSatisfy({ ASCII.isDigit($0) || ASCII.isLetter($0) || ".:-".utf8.contains($0) })
            else { throw MailAddressError("a malformed address literal") }
            return
        }
        for label in domain.split(separator: ASCII.dot, omittingEmptySubsequences: false) {
            guard !label.isEmpty, label.count <= 63, label.first != UInt8(ascii: "-"), label.last != UInt8(ascii: "-"),
                label.allSatisfy({ ASCII.isDigit($0) || ASCII.isLetter($0) || $0 == UInt8(ascii: "-") })
            else { throw MailAddressError("a malformed domain") }
        }
    }
}

/// What is wrong with an address, in a few words.
public struct MailAddressError: Error, Sendable, Hashable, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }
}
