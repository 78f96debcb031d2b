/// Where a store, a bus or a mail server is: `sqlite:logs.db`, `postgres://user:password@host/name`,
/// `host=… password=…` as libpq has it. The driver reads it; here it is only kept, and described without passwords.
public struct DataSourceName: Sendable, Hashable, CustomStringConvertible {
    /// With its password: for the driver alone.
    public let exposed: String

    /// Nil for an empty text or one with control characters.
    public init?(_ text: String) {
        guard !text.isEmpty, text.utf8.count <= 8192, !text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else {
            return nil
        }
        exposed = text
    }

    /// What stands before the first colon, in lower case: `sqlite`, `postgres`. Nil for the form of keywords.
    public var scheme: String? {
        guard let colon = exposed.firstIndex(of: ":") else { return nil }
        let scheme = exposed[..<colon]
        guard !scheme.isEmpty, scheme.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "+-.".contains($0)) })
        else { return nil }
        return scheme.lowercased()
    }

    public var description: String { Redaction.dataSource(exposed) }
}

extension DataSourceName: CustomDebugStringConvertible, CustomReflectable {
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(reflecting: description) }
}

/// Takes passwords out of texts that may hold them. Where a text is malformed, too much is taken out rather than too
/// little.
enum Redaction {
    static func dataSource(_ text: String) -> String {
        guard let separator = text.schemeSeparator else { return keywords(text) }
        let start = separator.upperBound
        let authority = text[start...].prefix { !"/?#".contains($0) }
        // A password with an unescaped slash ends the authority early; then everything up to the last @ is taken.
        let isCut = !authority.contains("@") && text[start...].contains("@") && hasPassword(authority)
        guard let at = (isCut ? text[start...] : authority).lastIndex(of: "@") else {
            return text[..<start] + tail(text[start...])
        }
        let user = text[start..<at].prefix { $0 != ":" }
        let password = user.endIndex < at ? ":\(redactedText)" : ""
        return "\(text[..<start])\(user)\(password)\(tail(text[at...]))"
    }

    private static func hasPassword(_ authority: Substring) -> Bool {
        guard let colon = authority.lastIndex(of: ":") else { return false }
        return UInt16(authority[authority.index(after: colon)...]) == nil
    }

    private static func tail(_ text: Substring) -> String {
        guard let question = text.firstIndex(of: "?") else { return String(text) }
        return text[...question] + query(String(text[text.index(after: question)...]))
    }

    static func query(_ query: String) -> String {
        query.split(separator: "&", omittingEmptySubsequences: false).map { item in
            guard let equals = item.firstIndex(of: "="), isSecret(item[..<equals]) else { return String(item) }
            return item[...equals] + redactedText
        }.joined(separator: "&")
    }

    /// `key=value key='quoted \' value'`.
    private static func keywords(_ text: String) -> String {
        var shown = ""
        var rest = Substring(text)
        while let equals = rest.firstIndex(of: "=") {
            let key = rest[..<equals]
            let name = key.split(separator: " ").last ?? ""
            rest = rest[rest.index(after: equals)...]
            let gap = rest.prefix { $0 == " " }
            rest = rest.dropFirst(gap.count)
            let value = value(in: rest)
            rest = rest.dropFirst(value.count)
            shown += "\(key)=\(gap)\(isSecret(name) ? redactedText : String(value))"
        }
        return shown + rest
    }

    private static func value(in text: Substring) -> Substring {
        guard text.first == "'" else { return text.prefix { $0 != " " } }
        var index = text.index(after: text.startIndex)
        while index < text.endIndex {
            let character = text[index]
            index = text.index(after: index)
            if character == "'" { break }
            if character == "\\", index < text.endIndex { index = text.index(after: index) }
        }
        return text[..<index]
    }

    private static func isSecret(_ name: some StringProtocol) -> Bool {
        let name = name.lowercased()
        return ["pass", "pwd", "secret", "token", "key"].contains { name.contains($0) }
    }
}
