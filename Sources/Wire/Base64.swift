/// Standard base64 with padding (RFC 4648 section 4): how JSON writes bytes.
package enum Base64 {
    package static func encodedCount(_ count: Int) -> Int { (count + 2) / 3 * 4 }

    /// Writes exactly ``encodedCount(_:)`` bytes.
    static func encode(_ bytes: UnsafeBufferPointer<UInt8>, to text: UnsafeMutablePointer<UInt8>) {
        var out = 0
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let left = bytes.count - start
            let first = UInt32(bytes[start])
            let second = left > 1 ? UInt32(bytes[start + 1]) : 0
            let third = left > 2 ? UInt32(bytes[start + 2]) : 0
            let group = first << 16 | second << 8 | third
            text[out] = digit(group >> 18)
            text[out + 1] = digit(group >> 12)
            text[out + 2] = left > 1 ? digit(group >> 6) : UInt8(ascii: "=")
            text[out + 3] = left > 2 ? digit(group) : UInt8(ascii: "=")
            out += 4
        }
    }

    package static func encode(_ bytes: [UInt8]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: encodedCount(bytes.count)) { text, count in
            count = encodedCount(bytes.count)
            guard let start = text.baseAddress else { return }
            bytes.withUnsafeBufferPointer { encode($0, to: start) }
        }
    }

    /// Nil when the text is not base64. Line ends are passed over, as Go does.
    ///
    /// - Parameter isLenient: Takes the alphabet for URLs as well (RFC 4648 section 5), and text without padding.
    package static func decode(_ text: String.UTF8View, isLenient: Bool = false) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 4 * 3)
        var group: UInt32 = 0
        var digits = 0
        var padding = 0
        for character in text where character != 0x0A && character != 0x0D {
            if character == UInt8(ascii: "=") {
                padding += 1
                guard digits + padding <= 4, digits >= 2 else { return nil }
                continue
            }
            guard padding == 0, let value = value(character) ?? (isLenient ? urlValue(character) : nil) else {
                return nil
            }
            group = group << 6 | value
            digits += 1
            if digits == 4 {
                bytes.append(UInt8(truncatingIfNeeded: group >> 16))
                bytes.append(UInt8(truncatingIfNeeded: group >> 8))
                bytes.append(UInt8(truncatingIfNeeded: group))
                (group, digits) = (0, 0)
            }
        }
        guard digits == 0 || digits + padding == 4 || isLenient && padding == 0 && digits != 1 else { return nil }
        if digits >= 2 { bytes.append(UInt8(truncatingIfNeeded: group >> (digits == 2 ? 4 : 10))) }
        if digits == 3 { bytes.append(UInt8(truncatingIfNeeded: group >> 2)) }
        return bytes
    }

    private static func digit(_ value: UInt32) -> UInt8 {
        let value = UInt8(truncatingIfNeeded: value & 63)
        return switch value {
        case 0..<26: value + UInt8(ascii: "A")
        case 26..<52: value - 26 + UInt8(ascii: "a")
        case 52..<62: value - 52 + UInt8(ascii: "0")
        case 62: UInt8(ascii: "+")
        default: UInt8(ascii: "/")
        }
    }

    private static func urlValue(_ digit: UInt8) -> UInt32? {
        switch digit {
        case UInt8(ascii: "-"): 62
        case UInt8(ascii: "_"): 63
        default: nil
        }
    }

    private static func value(_ digit: UInt8) -> UInt32? {
        switch digit {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(digit - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(digit - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(digit - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
