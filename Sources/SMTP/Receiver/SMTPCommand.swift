/// One command of a client (RFC 5321 §4.1.1), read from its line.
public enum SMTPCommand: Sendable, Hashable {
    case hello(domain: String, isExtended: Bool)
    /// `sender` is nil for the null path; `size` is the client's own estimate in bytes (RFC 1870).
    case mail(sender: MailAddress?, size: Int?)
    case recipient(MailAddress)
    case data
    case reset
    case noop
    case verify
    case help
    case quit
    /// A request of HTTP: a browser that was made to talk to the wrong port.
    case foreign

    /// - Parameter line: without its CRLF.
    /// - Throws: the reply that says what is wrong.
    public init(line: UnsafeRawBufferPointer) throws(SMTPReply) {
        guard !line.contains(0) else { throw SMTPReply(500, "5.5.2", "a command holds no NUL") }
        let end = line.firstIndex(of: ASCII.space) ?? line.count
        let verb = line[..<end]
        let rest = Self.trim(line[end...])
        if ASCII.isEqual(verb, "EHLO") || ASCII.isEqual(verb, "HELO") {
            self = .hello(domain: try Self.domain(rest), isExtended: ASCII.isEqual(verb, "EHLO"))
        } else if ASCII.isEqual(verb, "MAIL") {
            self = try Self.mail(rest)
        } else if ASCII.isEqual(verb, "RCPT") {
            self = try Self.recipient(rest)
        } else if ASCII.isEqual(verb, "DATA") {
            self = try Self.bare(.data, rest)
        } else if ASCII.isEqual(verb, "RSET") {
            self = try Self.bare(.reset, rest)
        } else if ASCII.isEqual(verb, "NOOP") {
            self = .noop
        } else if ASCII.isEqual(verb, "VRFY") {
            guard !rest.isEmpty else { throw SMTPReply(501, "5.5.4", "VRFY needs a name") }
            self = .verify
        } else if ASCII.isEqual(verb, "HELP") {
            self = .help
        } else if ASCII.isEqual(verb, "QUIT") {
            self = try Self.bare(.quit, rest)
        } else if Self.isForeign(verb) {
            self = .foreign
        } else {
            throw SMTPReply(500, "5.5.1", "unknown command")
        }
    }

    private static func isForeign(_ verb: Slice<UnsafeRawBufferPointer>) -> Bool {
        ASCII.isEqual(verb, "GET") || ASCII.isEqual(verb, "POST") || ASCII.isEqual(verb, "PUT")
            || ASCII.isEqual(verb, "HEAD") || ASCII.isEqual(verb, "OPTIONS") || ASCII.isEqual(verb, "CONNECT")
            || ASCII.isEqual(verb, "DELETE") || ASCII.isEqual(verb, "PATCH")
    }

    private static func bare(
        _ command: SMTPCommand, _ rest: Slice<UnsafeRawBufferPointer>
    ) throws(SMTPReply) -> SMTPCommand {
        guard rest.isEmpty else { throw SMTPReply(501, "5.5.4", "this command takes no argument") }
        return command
    }

    /// What a client calls itself is kept for the `Received` field, so nothing may be in it that could end that.
    private static func domain(_ rest: Slice<UnsafeRawBufferPointer>) throws(SMTPReply) -> String {
        guard !rest.isEmpty, rest.count <= MailAddress.domainLimit,
            rest.allSatisfy({ ASCII.isDigit($0) || ASCII.isLetter($0) || ".:-_[]".utf8.contains($0) })
        else { throw SMTPReply(501, "5.5.4", "the client's name must be a domain or an address in brackets") }
        return String(decoding: rest, as: UTF8.self)
    }

    private static func mail(_ rest: Slice<UnsafeRawBufferPointer>) throws(SMTPReply) -> SMTPCommand {
        guard ASCII.isEqual(rest.prefix(5), "FROM:") else {
            throw SMTPReply(501, "5.5.4", "it must be MAIL FROM:<address>")
        }
        let (path, parameters) = try split(trim(rest.dropFirst(5)))
        var size: Int?
        for parameter in parameters {
            let parts = parameter.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            if ASCII.isEqual(parts[0], "SIZE"), parts.count == 2 {
                guard parts[1].count <= 18, !parts[1].isEmpty, parts[1].allSatisfy(ASCII.isDigit) else {
                    throw SMTPReply(501, "5.5.4", "SIZE must be a number of bytes")
                }
                size = parts[1].reduce(0) { $0 &* 10 &+ Int($1 &- 0x30) }
            } else if ASCII.isEqual(parts[0], "BODY"), parts.count == 2 {
                guard ASCII.isEqual(parts[1], "7BIT") || ASCII.isEqual(parts[1], "8BITMIME") else {
                    throw SMTPReply(501, "5.5.4", "BODY must be 7BIT or 8BITMIME")
                }
            } else {
                throw SMTPReply(555, "5.5.4", "unknown parameter of MAIL")
            }
        }
        return .mail(sender: path.isEmpty ? nil : try address(path, "5.1.7"), size: size)
    }

    private static func recipient(_ rest: Slice<UnsafeRawBufferPointer>) throws(SMTPReply) -> SMTPCommand {
        guard ASCII.isEqual(rest.prefix(3), "TO:") else {
            throw SMTPReply(501, "5.5.4", "it must be RCPT TO:<address>")
        }
        let (path, parameters) = try split(trim(rest.dropFirst(3)))
        guard parameters.isEmpty else { throw SMTPReply(555, "5.5.4", "unknown parameter of RCPT") }
        // The one recipient that needs no domain (RFC 5321 §4.1.1.3).
        if ASCII.isEqual(path, "postmaster") { return .recipient(try address("postmaster@localhost".utf8, "5.1.3")) }
        return .recipient(try address(path, "5.1.3"))
    }

    /// `<path> parameter parameter`.
    private static func split(
        _ text: Slice<UnsafeRawBufferPointer>
    ) throws(SMTPReply) -> (path: Slice<UnsafeRawBufferPointer>, parameters: [Slice<UnsafeRawBufferPointer>]) {
        guard text.first == UInt8(ascii: "<") else { throw SMTPReply(501, "5.5.4", "an address stands in < and >") }
        var index = text.startIndex + 1
        var isQuoted = false
        while index < text.endIndex, isQuoted || text[index] != UInt8(ascii: ">") {
            if text[index] == ASCII.quote { isQuoted.toggle() }
            if isQuoted, text[index] == ASCII.backslash { index += 1 }
            index += 1
        }
        guard index < text.endIndex else { throw SMTPReply(501, "5.5.4", "the address has no >") }
        let rest = text[(index + 1)...]
        guard rest.isEmpty || rest.first == ASCII.space else {
            throw SMTPReply(501, "5.5.4", "a blank is missing after >")
        }
        return (text[(text.startIndex + 1)..<index], rest.split(separator: ASCII.space))
    }

    private static func address(_ path: some Collection<UInt8>, _ enhanced: String) throws(SMTPReply) -> MailAddress {
        var text = String(decoding: path, as: UTF8.self)
        // A source route is taken and not followed (RFC 5321 §4.1.1.3, appendix C).
        if text.first == "@", let colon = text.firstIndex(of: ":") { text = String(text[text.index(after: colon)...]) }
        do throws(MailAddressError) {
            return try MailAddress(text)
        } catch {
            throw SMTPReply(553, enhanced, "not an address: \(error)")
        }
    }

    private static func trim(_ bytes: Slice<UnsafeRawBufferPointer>) -> Slice<UnsafeRawBufferPointer> {
        var bytes = bytes.drop { $0 == ASCII.space || $0 == ASCII.tab }
        while let last = bytes.last, last == ASCII.space || last == ASCII.tab { bytes = bytes.dropLast() }
        return bytes
    }
}
