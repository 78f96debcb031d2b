/// Text as lines of at most 76 printable ASCII characters (RFC 2045 §6.7).
enum QuotedPrintable {
    /// Leaves room for the `=` of a soft line break.
    private static let lineLimit = 75

    /// Line ends of any kind become CRLF.
    static func encode(_ text: String, into output: inout [UInt8]) {
        let bytes = Array(text.utf8)
        output.reserveCapacity(output.count + bytes.count + bytes.count / 8)
        var column = 0
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            if byte == ASCII.cr || byte == ASCII.lf {
                if byte == ASCII.cr, index < bytes.count, bytes[index] == ASCII.lf { index += 1 }
                output += [ASCII.cr, ASCII.lf]
                column = 0
                continue
            }
            let isLast = index == bytes.count || bytes[index] == ASCII.cr || bytes[index] == ASCII.lf
            let isPlain = isPlain(byte, isLast: isLast, isFirst: column == 0)
            if column + (isPlain ? 1 : 3) > lineLimit {
                output += [UInt8(ascii: "="), ASCII.cr, ASCII.lf]
                column = 0
            }
            if isPlain {
                output.append(byte)
                column += 1
            } else {
                output += [UInt8(ascii: "="), digit(byte >> 4), digit(byte & 15)]
                column += 3
            }
        }
    }

    /// `=C3`.
    static func escape(_ byte: UInt8) -> String {
        String(decoding: [UInt8(ascii: "="), digit(byte >> 4), digit(byte & 15)], as: UTF8.self)
    }

    private static func isPlain(_ byte: UInt8, isLast: Bool, isFirst: Bool) -> Bool {
        switch byte {
        // Blanks at the end of a line are taken off by some on the way.
        case ASCII.space, ASCII.tab: !isLast
        // What ends a message in SMTP, and begins one in an mbox file ("From "), if it stands first in a line.
        case ASCII.dot, UInt8(ascii: "F"): !isFirst
        case UInt8(ascii: "="): false
        default: (0x21...0x7E).contains(byte)
        }
    }

    private static func digit(_ nibble: UInt8) -> UInt8 { nibble < 10 ? nibble + 0x30 : nibble + 0x37 }
}
