/// How a name of a schema becomes one of Swift, by the API design guidelines.
enum Identifier {
    /// Whether protoc could have read it: what is not one must not get into a program's text.
    static func isValid(_ name: some StringProtocol) -> Bool {
        guard let first = name.utf8.first, !isDigit(first) else { return false }
        return name.utf8.count <= 512 && name.utf8.allSatisfy { isLetter($0) || isDigit($0) || $0 == UInt8(ascii: "_") }
    }

    /// `log_entry`, `LogEntry` and `logEntry` as `logEntry`; `user_id` as `userID`; `HTTPStatus` as `httpStatus`.
    static func member(_ name: String) -> String {
        var words = words(of: name)
        guard let first = words.first else { return "value" }
        words[0] = loweringFirst(first)
        return protectingDigit(words[0] + words.dropFirst().map(raisingFirst).joined())
    }

    /// `DARK_RED` as `darkRed`; what is in another case as ``member(_:)``.
    static func constant(_ name: String) -> String {
        let isUpper = !name.utf8.contains { $0 &- UInt8(ascii: "a") < 26 }
        return member(isUpper ? name.lowercased() : name)
    }

    /// `log_entry` as `LogEntry`.
    static func type(_ name: String) -> String {
        let joined = words(of: name).map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
        return joined.isEmpty ? "Value" : protectingDigit(joined)
    }

    /// `LogLevel` as `LOG_LEVEL`: what the values of an enumeration begin with.
    static func screaming(_ name: String) -> String {
        var text = ""
        var isAfterLower = false
        for character in name {
            if character.isUppercase, isAfterLower { text += "_" }
            isAfterLower = character.isLowercase || character.isNumber
            text += character.uppercased()
        }
        return text
    }

    /// In backquotes where Swift has another use for the word.
    static func quoted(_ name: String) -> String { keywords.contains(name) ? "`\(name)`" : name }

    /// As proto3 JSON spells a field that has no name of its own for it.
    static func json(_ name: String) -> String {
        var text = ""
        var isUpper = false
        for character in name {
            if character == "_" {
                isUpper = true
            } else {
                text += isUpper ? character.uppercased() : String(character)
                isUpper = false
            }
        }
        return text
    }

    // MARK: Words

    /// Written in one case wherever they stand.
    private static let acronyms: Set<String> = [
        "api", "html", "http", "https", "id", "ip", "json", "sql", "tls", "uri", "url", "uuid",
    ]

    private static func words(of name: String) -> [String] {
        name.split(separator: "_").map(String.init)
    }

    private static func raisingFirst(_ word: String) -> String {
        acronyms.contains(word) ? word.uppercased() : word.prefix(1).uppercased() + word.dropFirst()
    }

    /// A run of capitals goes as one, but for the last, where a word begins with it.
    private static func loweringFirst(_ word: String) -> String {
        let run = word.utf8.prefix { $0 &- UInt8(ascii: "A") < 26 }.count
        if run <= 1 || run == word.utf8.count { return word.prefix(run).lowercased() + word.dropFirst(run) }
        let isDigitNext = word.utf8.dropFirst(run).first.map(isDigit) ?? false
        let count = isDigitNext ? run : run - 1
        return word.prefix(count).lowercased() + word.dropFirst(count)
    }

    private static func protectingDigit(_ name: String) -> String {
        name.utf8.first.map(isDigit) == true ? "_" + name : name
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }
    private static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- UInt8(ascii: "a") < 26 }

    private static let keywords: Set<String> = [
        "as", "associatedtype", "break", "case", "catch", "class", "continue", "default", "defer", "deinit", "do",
        "else",
        "enum", "extension", "fallthrough", "false", "fileprivate", "for", "func", "guard", "if", "import", "in",
        "inout", "internal", "is", "let", "nil", "operator", "precedencegroup", "private", "protocol", "public",
        "repeat", "rethrows", "return", "static", "struct", "subscript", "super", "switch", "throw", "throws", "true",
        "try", "typealias", "var", "where", "while",
    ]
}
