internal import MartletCore

/// Text from elsewhere, made fit for a terminal: nothing in it moves the cursor, changes a colour, or reorders what
/// stands around it.
enum TerminalText {
    /// As one line of at most `limit` characters; the rest is cut, which an ellipsis shows.
    static func line(_ text: String, limit: Int = 1000) -> String {
        let shown = text.utf8.count > limit ? text.prefix(limit + 1) : text[...]
        let escaped = escape(shown, keepsLines: false)
        return shown.count > limit ? escaped.prefix(max(0, limit - 1)) + "…" : escaped
    }

    /// As it is, with its lines and tabs.
    static func block(_ text: String) -> String { escape(text[...], keepsLines: true) }

    private static func escape(_ text: Substring, keepsLines: Bool) -> String {
        guard text.unicodeScalars.contains(where: { $0.isObeyedByTerminals }) else { return String(text) }
        var escaped = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if !scalar.isObeyedByTerminals || keepsLines && (scalar == "\n" || scalar == "\t") {
                escaped.append(scalar)
            } else if keepsLines, scalar == "\r" {
                // Mail has it at the end of each line.
                continue
            } else {
                escaped.append(contentsOf: "\\u{\(String(scalar.value, radix: 16))}".unicodeScalars)
            }
        }
        return String(escaped)
    }
}
