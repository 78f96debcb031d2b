/// An absolute URL of a service (RFC 3986, the parts that clients need). Described without its password.
public struct ServiceURL: Sendable, Hashable, CustomStringConvertible {
    /// In lower case.
    public let scheme: String
    public let user: String?
    public let password: Secret<String>?
    /// An IPv6 address without its brackets.
    public let host: String
    public let port: Int?
    /// From the slash on; empty when there is none.
    public let path: String
    /// Without the question mark.
    public let query: String?

    /// Nil for what has no scheme or host, or anything but visible ASCII. A fragment is left out.
    public init?(_ text: String) {
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), text.utf8.count <= 8192,
            let separator = text.schemeSeparator
        else { return nil }
        scheme = text[..<separator.lowerBound].lowercased()
        guard let first = scheme.utf8.first, (0x61...0x7A).contains(first),
            scheme.utf8.allSatisfy({ byte in
                (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || "+-.".utf8.contains(byte)
            })
        else { return nil }
        var rest = text[separator.upperBound...]
        if let fragment = rest.firstIndex(of: "#") { rest = rest[..<fragment] }
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        rest = rest.dropFirst(authority.count)
        if let question = rest.firstIndex(of: "?") {
            path = String(rest[..<question])
            query = String(rest[rest.index(after: question)...])
        } else {
            path = String(rest)
            query = nil
        }
        var location = authority
        if let at = authority.lastIndex(of: "@") {
            let credentials = authority[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            user = String(credentials[0])
            password = credentials.count == 2 ? Secret(String(credentials[1])) : nil
            location = authority[authority.index(after: at)...]
        } else {
            user = nil
            password = nil
        }
        let end = location.lastIndex(of: "]").map { location.index(after: $0) } ?? location.startIndex
        if location[end...].contains(":") {
            guard let address = HostPort(String(location)) else { return nil }
            host = address.host
            port = address.port
        } else {
            let bare = location.hasPrefix("[") && location.hasSuffix("]") ? location.dropFirst().dropLast() : location
            guard HostPort.isHost(bare) else { return nil }
            host = String(bare)
            port = nil
        }
    }

    /// The URL without its password, and without the values of query items that are called one.
    public var description: String {
        var text = "\(scheme)://"
        if let user { text += user + (password == nil ? "@" : ":\(redactedText)@") }
        text += host.contains(":") ? "[\(host)]" : host
        if let port { text += ":\(port)" }
        text += path
        if let query { text += "?" + Redaction.query(query) }
        return text
    }
}

extension String {
    /// The first `://`.
    var schemeSeparator: Range<Index>? {
        var start = startIndex
        while let colon = self[start...].firstIndex(of: ":") {
            start = index(after: colon)
            if self[start...].hasPrefix("//") { return colon..<index(start, offsetBy: 2) }
        }
        return nil
    }
}
