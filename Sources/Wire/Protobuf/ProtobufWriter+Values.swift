extension ProtobufWriter {
    // MARK: Scalars

    /// Whether the value is to be written. A tag before it then is.
    @inlinable @inline(__always)
    mutating func begin(_ wireType: WireType, isDefault: Bool) -> Bool {
        if isDefault, place == .field { return false }
        // The longest tag and the longest number.
        reserve(16)
        if place != .packed { putTag(wireType) }
        return true
    }

    @inlinable
    public mutating func bool(_ value: inout Bool) {
        guard begin(.varint, isDefault: !value) else { return }
        at.pointee = value ? 1 : 0
        at += 1
    }

    @inlinable
    public mutating func integer<Integer: FieldValue & FixedWidthInteger>(_ value: inout Integer) {
        if options.contains(.fixedWidth) {
            if MemoryLayout<Integer>.size > 4 {
                put(fixed64: UInt64(truncatingIfNeeded: value), isDefault: value == 0)
            } else {
                put(fixed32: UInt32(truncatingIfNeeded: value), isDefault: value == 0)
            }
            return
        }
        guard begin(.varint, isDefault: value == 0) else { return }
        // Negative numbers take ten bytes whatever their width, so that int32 and int64 are one on the wire.
        let wide = Int64(truncatingIfNeeded: value)
        if options.contains(.zigZag) {
            put(varint: UInt64(bitPattern: wide &<< 1 ^ wide &>> 63))
        } else {
            put(varint: UInt64(bitPattern: wide))
        }
    }

    @inlinable
    public mutating func double(_ value: inout Double) {
        put(fixed64: value.bitPattern, isDefault: value.bitPattern == 0)
    }

    @inlinable
    public mutating func float(_ value: inout Float) {
        put(fixed32: value.bitPattern, isDefault: value.bitPattern == 0)
    }

    @inlinable @inline(__always)
    mutating func put(fixed64 value: UInt64, isDefault: Bool) {
        guard begin(.fixed64, isDefault: isDefault) else { return }
        UnsafeMutableRawPointer(at).storeBytes(of: value.littleEndian, as: UInt64.self)
        at += 8
    }

    @inlinable @inline(__always)
    mutating func put(fixed32 value: UInt32, isDefault: Bool) {
        guard begin(.fixed32, isDefault: isDefault) else { return }
        UnsafeMutableRawPointer(at).storeBytes(of: value.littleEndian, as: UInt32.self)
        at += 4
    }

    @inlinable
    public mutating func enumeration<Value: MessageEnum>(_ value: inout Value) {
        let number = value.number
        guard begin(.varint, isDefault: number == 0) else { return }
        put(varint: UInt64(bitPattern: Int64(number)))
    }

    public mutating func string(_ value: inout String) {
        if place == .field, value.isEmpty { return }
        value.withUTF8 { putLengthPrefixed($0) }
    }

    public mutating func bytes(_ value: inout [UInt8]) {
        if place == .field, value.isEmpty { return }
        value.withUnsafeBufferPointer { putLengthPrefixed($0) }
    }

    private mutating func putLengthPrefixed(_ bytes: UnsafeBufferPointer<UInt8>) {
        reserve(bytes.count + 16)
        putTag(.length)
        put(varint: UInt64(bytes.count))
        guard let base = bytes.baseAddress else { return }
        at.update(from: base, count: bytes.count)
        at += bytes.count
    }

    // MARK: Well-known types

    public mutating func timestamp(_ value: inout Timestamp) {
        putParts(seconds: value.seconds, nanoseconds: value.nanoseconds)
    }

    public mutating func duration(_ value: inout Duration) {
        let parts = value.protobufParts
        putParts(seconds: parts.seconds, nanoseconds: parts.nanoseconds)
    }

    private mutating func putParts(seconds: Int64, nanoseconds: Int32) {
        let content = beginLength()
        options = []
        place = .field
        number = 1
        var seconds = seconds
        integer(&seconds)
        number = 2
        var nanoseconds = nanoseconds
        integer(&nanoseconds)
        endLength(content)
    }

    /// Recurses, as ``JSONWriter/json(_:)`` does.
    public mutating func json(_ value: inout JSONValue) { put(value) }

    private mutating func put(_ value: JSONValue) {
        let content = beginLength()
        options = []
        place = .element
        switch value {
        case .null:
            number = 1
            var none = false
            bool(&none)
        case .integer(let integer):
            number = 2
            var number = Double(integer)
            double(&number)
        case .number(var number):
            self.number = 2
            double(&number)
        case .string(var text):
            number = 3
            string(&text)
        case .bool(var value):
            number = 4
            bool(&value)
        case .object(var object):
            number = 5
            jsonObject(&object)
        case .array(let elements):
            number = 6
            var array = JSONArray(elements)
            jsonArray(&array)
        }
        endLength(content)
    }

    public mutating func jsonObject(_ value: inout JSONObject) {
        let content = beginLength()
        options = []
        for member in value.members {
            number = 1
            place = .element
            let entry = beginLength()
            var key = member.key
            string(&key)
            number = 2
            put(member.value)
            endLength(entry)
        }
        endLength(content)
    }

    public mutating func jsonArray(_ value: inout JSONArray) {
        let content = beginLength()
        for element in value.elements {
            number = 1
            place = .element
            put(element)
        }
        endLength(content)
    }
}
