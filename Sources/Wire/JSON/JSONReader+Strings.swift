extension JSONReader {
    /// Passes over a string, from after its opening quote, and leaves its contents in `token`.
    ///
    /// Eight bytes at a time: subtracting 1 from a byte that is 0 borrows, so `(x - 0x01…) & ~x & 0x80…` marks the first
    /// zero byte of `x`, and with `x` the word xor a pattern, the first byte like the pattern. Marks above the first may
    /// be false, which does no harm as only the first is used.
    mutating func scanString() -> Bool {
        let first = at
        var here = at
        var bits: UInt64 = 0
        tokenHasEscapes = false
        while true {
            while end - here >= 8 {
                let word = UInt64(littleEndian: UnsafeRawPointer(here).loadUnaligned(as: UInt64.self))
                let quote = word ^ 0x2222_2222_2222_2222
                let backslash = word ^ 0x5C5C_5C5C_5C5C_5C5C
                let marks =
                    ((quote &- 0x0101_0101_0101_0101) & ~quote
                        | (backslash &- 0x0101_0101_0101_0101) & ~backslash
                        | (word &- 0x2020_2020_2020_2020) & ~word) & 0x8080_8080_8080_8080
                if marks == 0 {
                    bits |= word
                    here += 8
                    continue
                }
                let plain = marks.trailingZeroBitCount & ~7
                bits |= word & ((1 << UInt64(plain)) &- 1)
                here += plain >> 3
                break
            }
            guard here < end else {
                at = end
                failTruncated()
                return false
            }
            let byte = here.pointee
            switch byte {
            case UInt8(ascii: "\""):
                at = here + 1
                token = UnsafeBufferPointer(start: first, count: here - first)
                tokenIsASCII = bits & 0x8080_8080_8080_8080 == 0
                return true
            case UInt8(ascii: "\\"):
                at = here + 1
                guard scanEscape() else { return false }
                here = at
                tokenHasEscapes = true
            case 0..<0x20:
                at = here
                failCharacter("in string literal")
                return false
            default:
                bits |= UInt64(byte)
                here += 1
            }
        }
    }

    /// Passes over an escape, from after its backslash.
    private mutating func scanEscape() -> Bool {
        guard at < end else {
            failTruncated()
            return false
        }
        switch at.pointee {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            at += 1
            return true
        case UInt8(ascii: "u"):
            for _ in 0..<4 {
                at += 1
                guard at < end else {
                    failTruncated()
                    return false
                }
                guard Self.hexadecimalDigit(at.pointee) != nil else {
                    failCharacter("in \\u hexadecimal character escape")
                    return false
                }
            }
            at += 1
            return true
        default:
            failCharacter("in string escape code")
            return false
        }
    }

    private static func hexadecimalDigit(_ byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a")) + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A")) + 10
        default: nil
        }
    }

    // MARK: Values

    public mutating func string(_ value: inout String) {
        switch readString() {
        case .opened: value = tokenString()
        case .nothing: break
        case .other: noteMismatch(String.typeName)
        }
    }

    public mutating func bytes(_ value: inout [UInt8]) {
        switch readString() {
        case .opened:
            guard let bytes = Base64.decode(tokenString().utf8, isLenient: isProto3) else {
                return note(text: "illegal base64 data")
            }
            value = bytes
        case .nothing: value = []
        case .other: isProto3 ? noteMismatch("bytes") : array(&value)  // Go takes an array of numbers, too.
        }
    }

    public mutating func timestamp(_ value: inout Timestamp) {
        switch readString() {
        case .opened:
            guard let time = tokenHasEscapes ? Timestamp(tokenString()) : Timestamp(text: token) else {
                return note(text: "json: not an RFC 3339 time")
            }
            value = time
        case .nothing: break
        case .other: noteMismatch(Timestamp.typeName)
        }
    }

    /// The string that comes next, if one does.
    @usableFromInline
    mutating func readName() -> String? {
        skipSpace()
        guard at < end, at.pointee == UInt8(ascii: "\"") else { return nil }
        at += 1
        return scanString() ? tokenString() : nil
    }

    mutating func readString() -> Opening {
        guard let byte = significantByte() else { return .nothing }
        if byte == UInt8(ascii: "\"") {
            at += 1
            return scanString() ? .opened : .nothing
        }
        return takeNull() ? .nothing : .other
    }

    /// The string that was scanned last.
    mutating func tokenString() -> String {
        if !tokenHasEscapes { return Self.repairedString(token, isASCII: tokenIsASCII) }
        scratch.removeAll(keepingCapacity: true)
        unescapeToken(into: &scratch)
        return String(decoding: scratch, as: UTF8.self)
    }

    static func repairedString(_ bytes: UnsafeBufferPointer<UInt8>, isASCII: Bool) -> String {
        if isASCII { return String(decoding: bytes, as: UTF8.self) }
        if let string = String(validating: bytes, as: UTF8.self) { return string }
        var repaired: [UInt8] = []
        repaired.reserveCapacity(bytes.count + 16)
        appendRepaired(bytes, to: &repaired)
        return String(decoding: repaired, as: UTF8.self)
    }

    // MARK: Escapes and broken UTF-8

    /// Valid UTF-8 whatever the token holds.
    func unescapeToken(into bytes: inout [UInt8]) {
        var index = 0
        while index < token.count {
            guard token[index] == UInt8(ascii: "\\") else {
                let run = token[index...].prefix { $0 != UInt8(ascii: "\\") }
                Self.appendRepaired(UnsafeBufferPointer(rebasing: run), to: &bytes)
                index = run.endIndex
                continue
            }
            let escape = token[index + 1]
            index += 2
            switch escape {
            case UInt8(ascii: "b"): bytes.append(0x08)
            case UInt8(ascii: "f"): bytes.append(0x0C)
            case UInt8(ascii: "n"): bytes.append(0x0A)
            case UInt8(ascii: "r"): bytes.append(0x0D)
            case UInt8(ascii: "t"): bytes.append(0x09)
            case UInt8(ascii: "u"):
                bytes.append(contentsOf: Unicode.Scalar(unescapedScalar(&index)).utf8)
            default: bytes.append(escape)
            }
        }
    }

    /// The character of a `\u` escape whose digits begin at `index`, and of its second half if there is one.
    private func unescapedScalar(_ index: inout Int) -> Unicode.Scalar {
        let unit = codeUnit(index)
        index += 4
        if let scalar = Unicode.Scalar(unit) { return scalar }
        guard unit < 0xDC00, token.count - index >= 6, token[index] == UInt8(ascii: "\\"),
            token[index + 1] == UInt8(ascii: "u"), case let low = codeUnit(index + 2), (0xDC00..<0xE000).contains(low),
            let scalar = Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00))
        else { return "\u{FFFD}" }
        index += 6
        return scalar
    }

    private func codeUnit(_ index: Int) -> UInt32 {
        token[index..<index + 4].reduce(0) { $0 << 4 | (Self.hexadecimalDigit($1) ?? 0) }
    }

    /// Appends the bytes, each one that is part of no valid sequence replaced by U+FFFD. (Swift's own repair replaces a
    /// truncated sequence as a whole; Go's does not.)
    private static func appendRepaired(_ bytes: UnsafeBufferPointer<UInt8>, to target: inout [UInt8]) {
        var index = 0
        while index < bytes.count {
            let count = sequenceCount(bytes, at: index)
            if count == 0 {
                target.append(contentsOf: [0xEF, 0xBF, 0xBD])
                index += 1
            } else {
                target.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[index..<index + count]))
                index += count
            }
        }
    }

    /// The bytes of the valid UTF-8 sequence that begins here (Unicode, table 3-7); 0 when none does.
    private static func sequenceCount(_ bytes: UnsafeBufferPointer<UInt8>, at index: Int) -> Int {
        let count: Int
        var second: ClosedRange<UInt8> = 0x80...0xBF
        switch bytes[index] {
        case 0..<0x80: return 1
        case 0xC2...0xDF: count = 2
        case 0xE0: (count, second) = (3, 0xA0...0xBF)
        case 0xED: (count, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: count = 3
        case 0xF0: (count, second) = (4, 0x90...0xBF)
        case 0xF4: (count, second) = (4, 0x80...0x8F)
        case 0xF1...0xF3: count = 4
        default: return 0
        }
        guard bytes.count - index >= count, second.contains(bytes[index + 1]) else { return 0 }
        for byte in bytes[(index + 2)..<max(index + 2, index + count)] where byte & 0xC0 != 0x80 { return 0 }
        return count
    }
}
