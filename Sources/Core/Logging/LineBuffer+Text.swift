// Appending to a line: the few primitives that both formats are made of. The hot one is `append(jsonString:)`, which
// looks at each byte once and copies whole runs of plain ones.

extension LineBuffer {
    mutating func append(decimal value: Int64) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
            var rest = value.magnitude
            var index = 20
            repeat {
                index -= 1
                digits[index] = 0x30 + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            } while rest > 0
            if value < 0 {
                index -= 1
                digits[index] = UInt8(ascii: "-")
            }
            append(UnsafeBufferPointer(rebasing: digits[index...]))
        }
    }

    /// `1.234`: a duration in milliseconds, to the microsecond.
    mutating func append(milliseconds nanoseconds: Int64) {
        let microseconds = nanoseconds / 1000
        if microseconds < 0 { append(UInt8(ascii: "-")) }
        let magnitude = microseconds.magnitude
        append(decimal: Int64(magnitude / 1000))
        let fraction = Int(magnitude % 1000)
        append(UInt8(ascii: "."))
        append(0x30 + UInt8(fraction / 100))
        append(0x30 + UInt8(fraction / 10 % 10))
        append(0x30 + UInt8(fraction % 10))
    }

    /// The text as a JSON string with its quotes, cut at ``LogLimits/string``.
    mutating func append(jsonString text: String) {
        append(UInt8(ascii: "\""))
        appendCut(text) { byte in
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): true
            default: byte < 0x20
            }
        } escape: { bytes, escaped in
            switch bytes[0] {
            case UInt8(ascii: "\""): escaped.append(literal: "\\\"")
            case UInt8(ascii: "\\"): escaped.append(literal: "\\\\")
            case 0x08: escaped.append(literal: "\\b")
            case 0x09: escaped.append(literal: "\\t")
            case 0x0A: escaped.append(literal: "\\n")
            case 0x0C: escaped.append(literal: "\\f")
            case 0x0D: escaped.append(literal: "\\r")
            case let byte:
                escaped.append(literal: "\\u00")
                escaped.append(hexadecimalDigit: byte >> 4)
                escaped.append(hexadecimalDigit: byte & 15)
            }
            return 1
        }
        append(UInt8(ascii: "\""))
    }

    /// The text without anything that a terminal obeys, cut at ``LogLimits/string``.
    mutating func append(terminalText text: String) {
        appendCut(text) { byte in
            // C0 and DEL, and the lead bytes of C1 (C2), ALM (D8) and the general punctuation and BOM (E2, EF).
            byte < 0x20 || byte == 0x7F || byte == 0xC2 || byte == 0xD8 || byte == 0xE2 || byte == 0xEF
        } escape: { bytes, escaped in
            let scalar = Unicode.Scalar(leading: bytes)
            let length = Swift.min(UTF8.width(scalar), bytes.count)
            if scalar.isObeyedByTerminals {
                switch scalar {
                case "\n": escaped.append(literal: "\\n")
                case "\t": escaped.append(literal: "\\t")
                case "\r": escaped.append(literal: "\\r")
                default:
                    escaped.append(literal: "\\u{")
                    escaped.append(plain: String(scalar.value, radix: 16))
                    escaped.append(UInt8(ascii: "}"))
                }
            } else {
                escaped.append(UnsafeBufferPointer(rebasing: bytes[0..<length]))
            }
            return length
        }
    }

    private mutating func append(hexadecimalDigit nibble: UInt8) {
        append(nibble < 10 ? nibble + 0x30 : nibble + 0x57)
    }

    /// Copies runs of bytes that are not `special`; at one that is, `escape` appends what stands for it and says how
    /// many bytes that was.
    @inline(__always)
    private mutating func appendCut(
        _ text: String, special: (UInt8) -> Bool, escape: (UnsafeBufferPointer<UInt8>, inout LineBuffer) -> Int
    ) {
        var text = text
        text.withUTF8 { utf8 in
            var end = utf8.count
            if end > LogLimits.string {
                end = LogLimits.string
                while end > 0, utf8[end] & 0xC0 == 0x80 { end -= 1 }
            }
            var run = 0
            var index = 0
            while index < end {
                guard special(utf8[index]) else {
                    index += 1
                    continue
                }
                append(UnsafeBufferPointer(rebasing: utf8[run..<index]))
                index += escape(UnsafeBufferPointer(rebasing: utf8[index..<end]), &self)
                run = index
            }
            append(UnsafeBufferPointer(rebasing: utf8[run..<end]))
            if end < utf8.count { append(literal: "…") }
        }
    }
}

extension Unicode.Scalar {
    /// The first scalar of valid UTF-8.
    fileprivate init(leading bytes: UnsafeBufferPointer<UInt8>) {
        var decoder = UTF8()
        var iterator = bytes.makeIterator()
        if case .scalarValue(let scalar) = decoder.decode(&iterator) { self = scalar } else { self = "\u{FFFD}" }
    }

    /// Control characters, line and paragraph separators, and what changes the direction or presence of other text.
    package var isObeyedByTerminals: Bool {
        switch value {
        case 0..<0x20, 0x7F...0x9F, 0x061C, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x2069, 0xFEFF: true
        default: false
        }
    }
}
