extension JSONReader {
    @usableFromInline
    enum IntegerToken {
        case positive(UInt64)
        /// With a minus sign: also `-0`.
        case negative(UInt64)
        /// A number with a fraction or an exponent, or beyond 64 bits.
        case fraction
        case nothing
        /// A value of another kind, still to be read.
        case other
    }

    @usableFromInline
    mutating func readInteger() -> IntegerToken {
        if isProto3 { return readProtoInteger() }
        switch readNumber() {
        case .nothing: return .nothing
        case .other: return .other
        case .opened: break
        }
        guard tokenIsInteger else { return .fraction }
        let isNegative = token[0] == UInt8(ascii: "-")
        var magnitude: UInt64 = 0
        // Nineteen digits always fit.
        guard token.count <= 19 || checkedMagnitude(&magnitude) else { return .fraction }
        if token.count <= 19 {
            for digit in token[(isNegative ? 1 : 0)...] { magnitude = magnitude &* 10 &+ UInt64(digit &- 0x30) }
        }
        return isNegative ? .negative(magnitude) : .positive(magnitude)
    }

    private func checkedMagnitude(_ magnitude: inout UInt64) -> Bool {
        for digit in token where digit != UInt8(ascii: "-") {
            let (tenfold, overflow) = magnitude.multipliedReportingOverflow(by: 10)
            let (sum, overflowed) = tenfold.addingReportingOverflow(UInt64(digit &- 0x30))
            if overflow || overflowed { return false }
            magnitude = sum
        }
        return true
    }

    public mutating func double(_ value: inout Double) {
        if isProto3, isNext(UInt8(ascii: "\"")) { return readText(of: &value) }
        switch readNumber() {
        case .nothing: break
        case .other: noteMismatch(Double.typeName)
        case .opened:
            guard let number = tokenDouble() else { return noteNumber(Double.typeName) }
            value = number
        }
    }

    public mutating func float(_ value: inout Float) {
        if isProto3, isNext(UInt8(ascii: "\"")) { return readText(of: &value) }
        switch readNumber() {
        case .nothing: break
        case .other: noteMismatch(Float.typeName)
        case .opened:
            // Not by way of a Double: rounding twice is not rounding once.
            guard let number = Float(String(decoding: token, as: UTF8.self)), number.isFinite else {
                return noteNumber(Float.typeName)
            }
            value = number
        }
    }

    mutating func readNumber() -> Opening {
        guard let byte = significantByte() else { return .nothing }
        if byte &- 0x30 < 10 || byte == UInt8(ascii: "-") {
            return scanNumber() ? .opened : .nothing
        }
        return takeNull() ? .nothing : .other
    }

    /// Passes over a number and leaves it in `token`.
    mutating func scanNumber() -> Bool {
        let first = at
        tokenIsInteger = true
        if at.pointee == UInt8(ascii: "-") { at += 1 }
        if at < end, at.pointee == UInt8(ascii: "0") {
            at += 1
        } else {
            guard scanDigits("in numeric literal") else { return false }
        }
        if at < end, at.pointee == UInt8(ascii: ".") {
            at += 1
            tokenIsInteger = false
            guard scanDigits("after decimal point in numeric literal") else { return false }
        }
        if at < end, at.pointee | 0x20 == UInt8(ascii: "e") {
            at += 1
            tokenIsInteger = false
            if at < end, at.pointee == UInt8(ascii: "+") || at.pointee == UInt8(ascii: "-") { at += 1 }
            guard scanDigits("in exponent of numeric literal") else { return false }
        }
        token = UnsafeBufferPointer(start: first, count: at - first)
        return true
    }

    @inline(__always)
    private mutating func scanDigits(_ place: StaticString) -> Bool {
        guard at < end else {
            failTruncated()
            return false
        }
        guard at.pointee &- 0x30 < 10 else {
            failCharacter("\(place)")
            return false
        }
        repeat { at += 1 } while at < end && at.pointee &- 0x30 < 10
        return true
    }

    /// The number that was scanned last; nil when it is beyond a double.
    func tokenDouble() -> Double? {
        if let exact = exactTokenDouble() { return exact }
        guard let number = Double(String(decoding: token, as: UTF8.self)), number.isFinite else { return nil }
        return number
    }

    /// Clinger's fast path: digits below 2^53 and a power of ten up to 22 are both exact, and one multiplication or
    /// division of exact numbers is rounded correctly.
    private func exactTokenDouble() -> Double? {
        guard token.count <= 19 else { return nil }
        var digits: UInt64 = 0
        var scale = 0
        var index = token[0] == UInt8(ascii: "-") ? 1 : 0
        var isFraction = false
        while index < token.count {
            let byte = token[index]
            index += 1
            if byte == UInt8(ascii: ".") {
                isFraction = true
            } else if byte | 0x20 == UInt8(ascii: "e") {
                break
            } else {
                digits = digits &* 10 &+ UInt64(byte &- 0x30)
                if isFraction { scale -= 1 }
            }
        }
        if index < token.count {
            let isNegative = token[index] == UInt8(ascii: "-")
            if isNegative || token[index] == UInt8(ascii: "+") { index += 1 }
            guard token.count - index <= 3 else { return nil }
            let exponent = token[index...].reduce(0) { $0 * 10 + Int($1 &- 0x30) }
            scale += isNegative ? -exponent : exponent
        }
        guard digits <= 1 << 53, abs(scale) <= 22 else { return nil }
        var power = 1.0
        for _ in 0..<abs(scale) { power *= 10 }
        let number = scale < 0 ? Double(digits) / power : Double(digits) * power
        return token[0] == UInt8(ascii: "-") ? -number : number
    }
}
