// What writing the JSON of proto3 does otherwise than the JSON of Go services.
extension JSONWriter {
    /// `log_entry` as `"logEntry":`, after a comma if one is due.
    @usableFromInline
    mutating func putCamelCase(_ name: StaticString) {
        let name = UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
        precondition(name.count <= Self.bufferSize - 4, "a field's name is longer than the buffer")
        let comma = needsComma ? 1 : 0
        put(upTo: name.count + 4) { target in
            target[0] = UInt8(ascii: ",")
            target[comma] = UInt8(ascii: "\"")
            var count = comma + 1
            var isUpper = false
            for byte in name {
                if byte == UInt8(ascii: "_") {
                    isUpper = true
                    continue
                }
                target[count] = isUpper && byte &- UInt8(ascii: "a") < 26 ? byte - 32 : byte
                isUpper = false
                count += 1
            }
            target[count] = UInt8(ascii: "\"")
            target[count + 1] = UInt8(ascii: ":")
            return count + 2
        }
    }

    /// JavaScript's numbers have 53 bits.
    @usableFromInline
    mutating func putQuoted(magnitude: UInt64, isNegative: Bool) {
        put(UInt8(ascii: "\""))
        put(magnitude: magnitude, isNegative: isNegative)
        put(UInt8(ascii: "\""))
    }

    /// What is not finite, and zero: some readers take `-0` for an integer, which has no sign then.
    mutating func putSpecial(_ value: Double) {
        if value == 0 { return value.sign == .minus ? put(literal: "-0.0") : put(literal: "0") }
        if value.isNaN { return put(literal: #""NaN""#) }
        value > 0 ? put(literal: #""Infinity""#) : put(literal: #""-Infinity""#)
    }

    public mutating func duration(_ value: inout Duration) {
        guard isProto3 else {
            let nanoseconds = value.wholeNanoseconds
            return put(magnitude: nanoseconds.magnitude, isNegative: nanoseconds < 0)
        }
        put(value.protobufText)
    }

    @inlinable
    public mutating func wellKnown<Value: WellKnownMessage>(_ value: inout Value) {
        guard isProto3 else { return message(&value) }
        _ = value.visitJSONForm(with: &self)
    }

    /// The type and the message as base64: nobody here knows how to write a type by its name. No reader of proto3 JSON
    /// takes it for the message, ours included; it is for a person's eyes.
    public mutating func any(_ value: inout AnyMessage) {
        guard isProto3 else { return message(&value) }
        put(UInt8(ascii: "{"))
        if value != AnyMessage() {
            put(literal: #""@type":"#)
            put(value.typeURL)
            put(literal: #","value":"#)
            bytes(&value.value)
        }
        put(UInt8(ascii: "}"))
    }
}
