/// 16 lower-case hexadecimal digits.
func hexadecimal(_ value: UInt64) -> String {
    String(unsafeUninitializedCapacity: 16) { digits in
        writeHexadecimal(value, to: digits, at: 0)
        return 16
    }
}

/// Writes 16 lower-case digits at `offset`; `bytes` must have room for them.
@inline(__always)
func writeHexadecimal(_ value: UInt64, to bytes: UnsafeMutableBufferPointer<UInt8>, at offset: Int) {
    for index in 0..<16 {
        let nibble = UInt8(truncatingIfNeeded: value >> UInt64(60 - 4 * index)) & 15
        bytes[offset + index] = nibble < 10 ? nibble + 0x30 : nibble + 0x57
    }
}

/// Up to 16 lower-case digits; nil for anything else, upper case included.
func readHexadecimal(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> UInt64? {
    var value: UInt64 = 0
    for index in range {
        let byte = bytes[index]
        switch byte {
        case 0x30...0x39: value = value << 4 | UInt64(byte - 0x30)
        case 0x61...0x66: value = value << 4 | UInt64(byte - 0x57)
        default: return nil
        }
    }
    return value
}
