/// Text outside ASCII in a field (RFC 2047): `=?UTF-8?q?Gr=C3=BC=C3=9Fe?=`.
enum EncodedWord {
    private static let opening = "=?UTF-8?q?"
    private static let closing = "?="
    /// Of one word (RFC 2047 §2).
    private static let limit = 75

    /// Whether free text cannot stand in a field as it is.
    static func isNeeded(for text: String) -> Bool {
        if text.utf8.contains(where: { $0 < 0x20 || $0 > 0x7E }) || text.contains("=?") { return true }
        // Blanks that folding would lose or a reader would drop, and words that no line has room for.
        if text.hasPrefix(" ") || text.hasSuffix(" ") || text.contains("  ") { return true }
        return text.split(separator: " ").contains { $0.utf8.count > 70 }
    }

    /// Words of whole characters, one a line.
    /// - Parameter firstLine: what the first of them has room for, in bytes.
    static func encode(_ text: String, firstLine: Int) -> String {
        var encoded = opening
        var room = min(firstLine, limit) - opening.utf8.count - closing.utf8.count
        for scalar in text.unicodeScalars {
            let piece = encode(scalar)
            if piece.utf8.count > room {
                encoded += closing + "\r\n " + opening
                room = limit - opening.utf8.count - closing.utf8.count
            }
            encoded += piece
            room -= piece.utf8.count
        }
        return encoded + closing
    }

    private static func encode(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", "!", "*", "+", "-", "/": return String(Character(scalar))
        case " ": return "_"
        default: return UTF8.encode(scalar).map { $0.reduce(into: "") { $0 += QuotedPrintable.escape($1) } } ?? "?"
        }
    }
}
