/// Writes a message's fields, folded and encoded so that they mean what was given and nothing else.
struct MailFieldWriter {
    var bytes: [UInt8] = []

    /// Lines should not be longer than this (RFC 5322 §2.1.1), without CRLF.
    private static let lineLength = 78

    /// A field of our own making, folded already.
    mutating func unstructured(_ name: StaticString, _ value: String) {
        bytes += "\(name): \(value)\r\n".utf8
    }

    /// A field of free text.
    mutating func text(_ name: StaticString, _ value: String) throws(MailMessageError) {
        let label = "\(name)".lowercased()
        guard value.utf8.count <= MailMessage.subjectLimit else {
            throw MailMessageError("the \(label) is longer than \(MailMessage.subjectLimit) bytes")
        }
        guard !value.utf8.contains(where: Self.endsField) else {
            throw MailMessageError("the \(label) holds a line break or a NUL character")
        }
        let start = "\(name): "
        if EncodedWord.isNeeded(for: value) {
            bytes += start.utf8
            bytes += EncodedWord.encode(value, firstLine: Self.lineLength - start.utf8.count).utf8
        } else {
            fold(start, value.split(separator: " ", omittingEmptySubsequences: false).map(String.init))
        }
        bytes += "\r\n".utf8
    }

    mutating func addresses(_ name: StaticString, _ list: [NamedMailAddress]) throws(MailMessageError) {
        var words: [String] = []
        for (index, entry) in list.enumerated() {
            if let display = entry.name, !display.isEmpty { words.append(try Self.phrase(display)) }
            words.append("<\(entry.address)>" + (index + 1 < list.count ? "," : ""))
        }
        fold("\(name): ", words)
        bytes += "\r\n".utf8
    }

    /// A leaf of the message, with its own fields.
    mutating func part(_ type: String, _ content: String) {
        unstructured("Content-Type", "\(type); charset=UTF-8")
        unstructured("Content-Transfer-Encoding", "quoted-printable")
        bytes += "\r\n".utf8
        QuotedPrintable.encode(content, into: &bytes)
    }

    /// Puts words on lines, a blank between them.
    private mutating func fold(_ start: String, _ words: [String]) {
        var column = start.utf8.count
        bytes += start.utf8
        for (index, word) in words.enumerated() {
            if index > 0 {
                // A word of several lines goes on where its last line ends.
                if column + 1 + word.utf8.count > Self.lineLength {
                    bytes += "\r\n".utf8
                    column = 0
                }
                bytes.append(ASCII.space)
                column += 1
            }
            bytes += word.utf8
            column = word.utf8.lastIndex(of: ASCII.lf).map { word.utf8[$0...].count - 1 } ?? column + word.utf8.count
        }
    }

    /// A name as the quoted string, or the encoded words, that stand for it.
    private static func phrase(_ name: String) throws(MailMessageError) -> String {
        guard !name.utf8.contains(where: endsField) else {
            throw MailMessageError("a name holds a line break or a NUL character")
        }
        if name.utf8.contains(where: { $0 < 0x20 || $0 > 0x7E }) || name.contains("=?") {
            return EncodedWord.encode(name, firstLine: 60)
        }
        var quoted = "\""
        for character in name {
            if character == "\"" || character == "\\" { quoted.append("\\") }
            quoted.append(character)
        }
        return quoted + "\""
    }

    private static func endsField(_ byte: UInt8) -> Bool { byte == ASCII.cr || byte == ASCII.lf || byte == 0 }
}
