extension JSONWriter {
    @inlinable
    public mutating func integer<Integer: FieldValue & FixedWidthInteger>(_ value: inout Integer) {
        if isProto3, MemoryLayout<Integer>.size > 4 {
            return putQuoted(magnitude: UInt64(truncatingIfNeeded: value.magnitude), isNegative: value < 0)
        }
        put(magnitude: UInt64(truncatingIfNeeded: value.magnitude), isNegative: value < 0)
    }

    @usableFromInline
    mutating func put(magnitude: UInt64, isNegative: Bool) {
        put(upTo: 20) { target in
            var count = isNegative ? 2 : 1
            var rest = magnitude / 10
            while rest != 0 {
                rest /= 10
                count += 1
            }
            target[0] = UInt8(ascii: "-")
            rest = magnitude
            var index = count
            repeat {
                index -= 1
                target[index] = 0x30 + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            } while rest != 0
            return count
        }
    }

    public mutating func double(_ value: inout Double) {
        if isProto3, !value.isFinite || value == 0 { return putSpecial(value) }
        put(value)
    }

    public mutating func float(_ value: inout Float) {
        if isProto3, !value.isFinite || value == 0 { return putSpecial(Double(value)) }
        guard value.isFinite else { return putNull() }
        let isPlain = value.magnitude >= 1e-6 && value.magnitude < 1e21
        put(shortest: value.description, isPlain: isPlain || value == 0)
    }

    mutating func put(_ value: Double) {
        guard value.isFinite else { return putNull() }
        // Below 2^53 the shortest digits of an integer are all its digits.
        if value.magnitude < 0x1p53, let integer = Int64(exactly: value), integer != 0 {
            return put(magnitude: integer.magnitude, isNegative: integer < 0)
        }
        let isPlain = value.magnitude >= 1e-6 && value.magnitude < 1e21
        put(shortest: value.description, isPlain: isPlain || value == 0)
    }

    /// Lays out the shortest digits, which `description` gives in Swift's own way (`5e-324`, `1.5`, `1e+16`), as
    /// ECMAScript does: plain, or with a bare exponent.
    private mutating func put(shortest description: String, isPlain: Bool) {
        var digits: [UInt8] = []
        var point: Int?
        var exponent = 0
        var text = description.utf8[...]
        if text.first == UInt8(ascii: "-") {
            put(UInt8(ascii: "-"))
            text.removeFirst()
        }
        if let mark = text.firstIndex(of: UInt8(ascii: "e")) {
            exponent = Int(Substring(text[text.index(after: mark)...])) ?? 0
            text = text[..<mark]
        }
        for byte in text {
            if byte == UInt8(ascii: ".") { point = digits.count } else { digits.append(byte) }
        }
        // From here on the number is 0.DIGITS times ten to the power of `scale`.
        var scale = (point ?? digits.count) + exponent
        let leading = digits.prefix { $0 == UInt8(ascii: "0") }.count
        digits.removeFirst(leading)
        scale -= leading
        while digits.last == UInt8(ascii: "0") { digits.removeLast() }
        if digits.isEmpty { return put(UInt8(ascii: "0")) }
        isPlain ? putPlain(digits, scale: scale) : putExponential(digits, exponent: scale - 1)
    }

    private mutating func putPlain(_ digits: [UInt8], scale: Int) {
        if scale <= 0 { put(literal: "0.") }
        for _ in 0..<max(0, 0 - scale) { put(UInt8(ascii: "0")) }
        for (index, digit) in digits.enumerated() {
            if index == scale, index > 0 { put(UInt8(ascii: ".")) }
            put(digit)
        }
        for _ in 0..<max(0, scale - digits.count) { put(UInt8(ascii: "0")) }
    }

    private mutating func putExponential(_ digits: [UInt8], exponent: Int) {
        for (index, digit) in digits.enumerated() {
            if index == 1 { put(UInt8(ascii: ".")) }
            put(digit)
        }
        put(UInt8(ascii: "e"))
        put(exponent < 0 ? UInt8(ascii: "-") : UInt8(ascii: "+"))
        put(magnitude: UInt64(exponent.magnitude), isNegative: false)
    }
}
