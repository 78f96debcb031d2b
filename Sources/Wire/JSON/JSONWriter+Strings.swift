extension JSONWriter {
    /// The string in quotes.
    @usableFromInline
    mutating func put(_ string: String) {
        var string = string
        string.withUTF8 { text in
            let keepsHTML = options.contains(.unescapedHTML)
            let plain = Self.plainCount(text, from: 0, keepsHTML: keepsHTML)
            if plain == text.count, plain <= Self.bufferSize - 2, let base = text.baseAddress {
                put(upTo: plain + 2) { target in
                    target[0] = UInt8(ascii: "\"")
                    (target + 1).update(from: base, count: plain)
                    target[plain + 1] = UInt8(ascii: "\"")
                    return plain + 2
                }
            } else {
                putEscaped(text, plain: plain, keepsHTML: keepsHTML)
            }
        }
    }

    @inline(never)
    private mutating func putEscaped(_ text: UnsafeBufferPointer<UInt8>, plain: Int, keepsHTML: Bool) {
        put(UInt8(ascii: "\""))
        var index = 0
        var plain = plain
        while true {
            put(UnsafeBufferPointer(rebasing: text[index..<index + plain]))
            index += plain
            if index == text.count { break }
            index += putCharacter(text, at: index, keepsHTML: keepsHTML)
            plain = Self.plainCount(text, from: index, keepsHTML: keepsHTML)
        }
        put(UInt8(ascii: "\""))
    }

    /// Writes the character that ended a plain run, and returns its bytes in `text`.
    private mutating func putCharacter(_ text: UnsafeBufferPointer<UInt8>, at index: Int, keepsHTML: Bool) -> Int {
        let byte = text[index]
        switch byte {
        case UInt8(ascii: "\""): put(literal: #"\""#)
        case UInt8(ascii: "\\"): put(literal: #"\\"#)
        case 0x08: put(literal: #"\b"#)
        case 0x09: put(literal: #"\t"#)
        case 0x0A: put(literal: #"\n"#)
        case 0x0C: put(literal: #"\f"#)
        case 0x0D: put(literal: #"\r"#)
        case 0xE2:
            // U+2028 and U+2029 are E2 80 A8 and A9; they end a line in JavaScript before 2019.
            if index + 2 < text.count, text[index + 1] == 0x80, text[index + 2] & 0xFE == 0xA8 {
                text[index + 2] == 0xA8 ? put(literal: #"\u2028"#) : put(literal: #"\u2029"#)
                return 3
            }
            put(byte)
        default:
            put(literal: #"\u00"#)
            put(Self.hexadecimalDigit(byte >> 4))
            put(Self.hexadecimalDigit(byte & 15))
        }
        return 1
    }

    private static func hexadecimalDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") - 10 + value
    }

    /// How many bytes need no escape, from `index` on. Eight at a time, as in `JSONReader.scanString`.
    private static func plainCount(_ text: UnsafeBufferPointer<UInt8>, from index: Int, keepsHTML: Bool) -> Int {
        guard let base = text.baseAddress else { return 0 }
        var here = index
        while text.count - here >= 8 {
            let word = UInt64(littleEndian: UnsafeRawPointer(base + here).loadUnaligned(as: UInt64.self))
            var marks = (word &- 0x2020_2020_2020_2020) & ~word | zeros(word ^ 0x5C5C_5C5C_5C5C_5C5C)
            if keepsHTML {
                marks |= zeros(word ^ 0x2222_2222_2222_2222)
            } else {
                // `"` and `&` differ in one bit, and so do `<` and `>`.
                marks |= zeros((word & ~0x0404_0404_0404_0404) ^ 0x2222_2222_2222_2222)
                marks |= zeros((word & ~0x0202_0202_0202_0202) ^ 0x3C3C_3C3C_3C3C_3C3C)
                marks |= zeros(word ^ 0xE2E2_E2E2_E2E2_E2E2)
            }
            marks &= 0x8080_8080_8080_8080
            if marks != 0 { return here + marks.trailingZeroBitCount >> 3 - index }
            here += 8
        }
        while here < text.count, !isSpecial(base[here], keepsHTML: keepsHTML) { here += 1 }
        return here - index
    }

    @inline(__always)
    private static func zeros(_ word: UInt64) -> UInt64 { (word &- 0x0101_0101_0101_0101) & ~word }

    @inline(__always)
    private static func isSpecial(_ byte: UInt8, keepsHTML: Bool) -> Bool {
        switch byte {
        case 0..<0x20, UInt8(ascii: "\""), UInt8(ascii: "\\"): true
        case UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "&"), 0xE2: !keepsHTML
        default: false
        }
    }
}
