/// An address and the name of whom it belongs to, as a message's fields have them (RFC 5322 §3.4): `a@b`,
/// `Ada Lovelace <a@b>`, `"Lovelace, Ada" <a@b>`.
public struct NamedMailAddress: Sendable, Hashable, CustomStringConvertible {
    /// Nil when there is none.
    public var name: String?
    public var address: MailAddress

    /// In bytes.
    static let nameLimit = 512

    public init(name: String? = nil, address: MailAddress) {
        self.name = name
        self.address = address
    }

    /// Reads one address; several, groups and comments are refused.
    public init(_ text: String) throws(MailAddressError) {
        let trimmed = Self.trim(text[...])
        guard !trimmed.utf8.contains(where: { $0 < 0x20 && $0 != ASCII.tab || $0 == 0x7F }) else {
            throw MailAddressError("a control character")
        }
        guard trimmed.last == ">" else {
            self.init(address: try MailAddress(trimmed))
            return
        }
        let (name, rest) = try Self.name(of: trimmed)
        guard rest.first == "<" else { throw MailAddressError("no angle-addr") }
        guard name.utf8.count <= Self.nameLimit else {
            throw MailAddressError("a name of over \(Self.nameLimit) bytes")
        }
        self.init(name: name.isEmpty ? nil : name, address: try MailAddress(rest.dropFirst().dropLast()))
    }

    /// What stands before the angle bracket, and the rest from there on.
    private static func name(of text: Substring) throws(MailAddressError) -> (String, Substring) {
        guard text.first == "\"" else {
            let name = text.prefix { $0 != "<" }
            guard name.utf8.allSatisfy({ isPhrase($0) }) else { throw MailAddressError("a name that needs quotes") }
            return (String(trim(name)), text[name.endIndex...])
        }
        var name = ""
        var rest = text.unicodeScalars.dropFirst()
        while let scalar = rest.popFirst(), scalar != "\"" {
            guard scalar == "\\" else {
                name.unicodeScalars.append(scalar)
                continue
            }
            guard let escaped = rest.popFirst() else { break }
            name.unicodeScalars.append(escaped)
        }
        return (name, trim(Substring(rest)))
    }

    private static func isPhrase(_ byte: UInt8) -> Bool {
        byte >= 0x80 || byte == ASCII.space || byte == ASCII.tab || byte == ASCII.dot || ASCII.isAtomText(byte)
    }

    private static func trim(_ text: Substring) -> Substring {
        var text = text.drop { $0 == " " || $0 == "\t" }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return text
    }

    public var description: String { name.map { "\"\($0)\" <\(address)>" } ?? "\(address)" }
}
