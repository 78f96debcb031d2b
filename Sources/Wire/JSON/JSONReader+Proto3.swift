// What reading the JSON of proto3 takes beyond, and refuses of, the JSON of Go services.
extension JSONReader {
    // MARK: Members

    /// The name as the schema spells it, or in lowerCamelCase.
    func protoKeyEquals(_ name: StaticString) -> Bool {
        let name = UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
        return specialKeyBytes.elementsEqual(name) || Self.camelCaseEquals(specialKeyBytes, name)
    }

    @usableFromInline
    func specialKeyEquals(_ name: StaticString, or other: StaticString) -> Bool {
        let name = UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
        let other = UnsafeBufferPointer(start: other.utf8Start, count: other.utf8CodeUnitCount)
        return specialKeyBytes.elementsEqual(other) || specialKeyBytes.elementsEqual(name)
    }

    private static func camelCaseEquals(_ key: [UInt8], _ name: UnsafeBufferPointer<UInt8>) -> Bool {
        var index = 0
        var isUpper = false
        for byte in name {
            if byte == UInt8(ascii: "_") {
                isUpper = true
                continue
            }
            let expected = isUpper && byte &- UInt8(ascii: "a") < 26 ? byte - 32 : byte
            isUpper = false
            guard index < key.count, key[index] == expected else { return false }
            index += 1
        }
        return index == key.count
    }

    @usableFromInline
    mutating func skipUnknownMember() {
        if !ignoresUnknownFields {
            let name = String(decoding: specialKeyBytes.prefix(64), as: UTF8.self)
            noteMember(text: "json: unknown field \"\(name)\"")
        }
        skipMember()
    }

    /// A member of this oneof comes next. Null is none.
    @usableFromInline
    mutating func noteOneof(_ index: UInt16) {
        if isNext(UInt8(ascii: "n")) { return }
        let bit: UInt64 = 1 << UInt64(index & 63)
        if seenOneofs & bit != 0 { note(text: "json: more than one member of a oneof") }
        seenOneofs |= bit
    }

    @usableFromInline
    mutating func refuseNull<Value: FieldValue>(_ type: Value.Type) {
        // The value is read as any null is: what matters is that reading ends with an error.
        guard isNext(UInt8(ascii: "n")) else { return }
        note(text: "json: null where a value of type \(Value.typeName) must be")
    }

    // MARK: Numbers

    /// A number or a string of one; `1.0` and `1e3` are integers, too.
    mutating func readProtoInteger() -> IntegerToken {
        if isNext(UInt8(ascii: "\"")) {
            at += 1
            guard scanString() else { return .nothing }
        } else {
            switch readNumber() {
            case .nothing: return .nothing
            case .other: return .other
            case .opened: break
            }
        }
        return Self.exactInteger(token) ?? .fraction
    }

    /// Nil for what is no number, no integer, or beyond 64 bits.
    private static func exactInteger(_ text: UnsafeBufferPointer<UInt8>) -> IntegerToken? {
        let isNegative = text.first == UInt8(ascii: "-")
        var index = isNegative ? 1 : 0
        let firstDigit = index
        var magnitude: UInt64 = 0
        // Zeros after the last other digit, and by how many places the point is to be moved to the right.
        var zeros = 0
        var places = 0
        var hasPoint = false
        while index < text.count {
            let byte = text[index]
            if byte == UInt8(ascii: "."), !hasPoint, index > firstDigit {
                hasPoint = true
                index += 1
                continue
            }
            let digit = byte &- 0x30
            guard digit < 10 else { break }
            if hasPoint { places -= 1 }
            if digit != 0 {
                guard append(UInt64(digit), afterZeros: zeros, to: &magnitude) else { return nil }
                zeros = 0
            } else if magnitude != 0 {
                zeros += 1
            }
            index += 1
        }
        guard index > firstDigit, text[index - 1] != UInt8(ascii: ".") else { return nil }
        // JSON has no leading zeros.
        if text[firstDigit] == 0x30, index > firstDigit + 1, text[firstDigit + 1] != UInt8(ascii: ".") { return nil }
        if index < text.count {
            guard text[index] | 0x20 == UInt8(ascii: "e"), let exponent = exponent(text[(index + 1)...]) else {
                return nil
            }
            places += exponent
        }
        if magnitude != 0 {
            guard places + zeros >= 0, append(0, afterZeros: places + zeros, to: &magnitude, isLast: true) else {
                return nil
            }
        }
        return isNegative ? .negative(magnitude) : .positive(magnitude)
    }

    private static func append(
        _ digit: UInt64, afterZeros zeros: Int, to magnitude: inout UInt64, isLast: Bool = false
    ) -> Bool {
        for _ in 0..<(magnitude == 0 ? 0 : min(zeros, 20) + (isLast ? 0 : 1)) {
            let (tenfold, overflow) = magnitude.multipliedReportingOverflow(by: 10)
            if overflow { return false }
            magnitude = tenfold
        }
        let (sum, overflow) = magnitude.addingReportingOverflow(digit)
        magnitude = sum
        return !overflow
    }

    /// Cut off at what no number of 64 bits reaches.
    private static func exponent(_ text: Slice<UnsafeBufferPointer<UInt8>>) -> Int? {
        var text = text
        let sign = text.first
        if sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") { text.removeFirst() }
        guard !text.isEmpty else { return nil }
        var value = 0
        for byte in text {
            let digit = byte &- 0x30
            guard digit < 10 else { return nil }
            value = min(value * 10 + Int(digit), 1 << 32)
        }
        return sign == UInt8(ascii: "-") ? -value : value
    }

    /// `NaN`, `Infinity`, `-Infinity`, or a number.
    mutating func readText<Number: FieldValue & BinaryFloatingPoint & LosslessStringConvertible>(
        of value: inout Number
    ) {
        guard let text = readName() else { return }
        switch text {
        case "NaN": value = .nan
        case "Infinity": value = .infinity
        case "-Infinity": value = -.infinity
        default:
            let isNumber = text.utf8.allSatisfy { $0 &- 0x30 < 10 || "+-.eE".utf8.contains($0) }
            guard isNumber, text.utf8.first != UInt8(ascii: "+"), let number = Number(text), number.isFinite else {
                return noteString(Number.typeName)
            }
            value = number
        }
    }

    // MARK: Well-known types

    public mutating func duration(_ value: inout Duration) {
        guard isProto3 else {
            let before = value.wholeNanoseconds
            var nanoseconds = before
            integer(&nanoseconds)
            if nanoseconds != before { value = .nanoseconds(nanoseconds) }
            return
        }
        switch readString() {
        case .opened:
            guard let duration = Duration(protobufText: tokenString()) else {
                return note(text: "json: not a duration in seconds, as 1.5s")
            }
            value = duration
        case .nothing: break
        case .other: noteMismatch(Duration.typeName)
        }
    }

    @inlinable
    public mutating func wellKnown<Value: WellKnownMessage>(_ value: inout Value) {
        guard isProto3 else { return message(&value) }
        if !value.visitJSONForm(with: &self) { noteString(Value.typeName) }
    }

    /// Reading one would take knowing every type that it might name; an empty one has none.
    public mutating func any(_ value: inout AnyMessage) {
        guard isProto3 else { return message(&value) }
        let isObject = isNext(UInt8(ascii: "{"))
        let first = at
        skipValue()
        let content = UnsafeBufferPointer(start: first, count: at - first)
        if isObject, !isBroken, !content.contains(UInt8(ascii: "\"")) {
            value = AnyMessage()
            return
        }
        note(text: "json: the type of a google.protobuf.Any is not known here")
    }
}
