/// A text with placeholders: `{{.name}}`, as the originals' templates have them. Nothing else of Go's templates is read.
struct MailTemplate: Sendable, Hashable {
    private enum Piece: Sendable, Hashable {
        case text(String)
        case placeholder(String)
    }

    private let pieces: [Piece]

    /// - Throws: ``MailTemplateError`` that quotes the placeholder that is none.
    init(_ source: String) throws(MailTemplateError) {
        var pieces: [Piece] = []
        var rest = source[...]
        while let open = rest.firstRange(of: "{{") {
            guard let close = rest[open.upperBound...].firstRange(of: "}}") else {
                throw MailTemplateError("a {{ has no }}")
            }
            let inside = rest[open.upperBound..<close.lowerBound].drop { $0 == " " }
            let name = inside.dropFirst().prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
            guard inside.first == ".", !name.isEmpty, inside[name.endIndex...].allSatisfy({ $0 == " " }) else {
                throw MailTemplateError("“{{\(inside.prefix(60))}}” is no placeholder; they are written {{.name}}")
            }
            pieces.append(.text(String(rest[..<open.lowerBound])))
            pieces.append(.placeholder(String(name)))
            rest = rest[close.upperBound...]
        }
        pieces.append(.text(String(rest)))
        self.pieces = pieces
    }

    /// - Parameter isHTML: whether values are escaped, for text and for attributes in quotes.
    /// - Throws: ``MailTemplateError`` that names a placeholder without a value.
    func render(_ values: [String: String], isHTML: Bool) throws(MailTemplateError) -> String {
        var text = ""
        for piece in pieces {
            switch piece {
            case .text(let literal): text += literal
            case .placeholder(let name):
                guard let value = values[name] else {
                    throw MailTemplateError("the template needs a value of “\(name)”")
                }
                text += isHTML ? Self.escape(value) : value
            }
        }
        return text
    }

    private static func escape(_ text: String) -> String {
        var escaped: [UInt8] = []
        escaped.reserveCapacity(text.utf8.count + 16)
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "&"): escaped += "&amp;".utf8
            case UInt8(ascii: "<"): escaped += "&lt;".utf8
            case UInt8(ascii: ">"): escaped += "&gt;".utf8
            case UInt8(ascii: "\""): escaped += "&#34;".utf8
            case UInt8(ascii: "'"): escaped += "&#39;".utf8
            default: escaped.append(byte)
            }
        }
        return String(decoding: escaped, as: UTF8.self)
    }
}

/// What is wrong with a template, or with what it was given.
struct MailTemplateError: Error, Sendable, Hashable, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
