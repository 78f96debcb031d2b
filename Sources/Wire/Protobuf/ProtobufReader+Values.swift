extension ProtobufReader {
    // MARK: Bytes

    /// Whether the value at hand has this wire type; otherwise it is left alone.
    @inlinable @inline(__always)
    mutating func expect(_ wireType: WireType) -> Bool {
        if tag & 7 == wireType.rawValue || place == .packed { return true }
        status = .mismatched
        return false
    }

    @inlinable @inline(__always)
    mutating func readVarint() -> UInt64? {
        if at < end, case let byte = at.pointee, byte < 0x80 {
            at += 1
            return UInt64(byte)
        }
        return readLongVarint()
    }

    /// Up to ten bytes; the last may have one bit.
    @usableFromInline
    mutating func readLongVarint() -> UInt64? {
        let first = at
        var value: UInt64 = 0
        var shift: UInt64 = 0
        var here = at
        while here < end {
            let byte = here.pointee
            here += 1
            if shift == 63, byte > 1 {
                fail(.malformed, "a varint of more than 64 bits", at: first)
                return nil
            }
            value |= UInt64(byte & 0x7F) &<< shift
            if byte < 0x80 {
                at = here
                return value
            }
            shift &+= 7
        }
        fail(.truncated, "the message ends inside a varint", at: first)
        return nil
    }

    /// The length before what comes next, which is within the message.
    @usableFromInline
    mutating func readLength() -> Int? {
        guard expect(.length) else { return nil }
        let first = at
        guard let count = readVarint() else { return nil }
        guard count <= UInt64(end - at) else {
            fail(.truncated, "a length of \(count) where \(end - at) bytes are left", at: first)
            return nil
        }
        return Int(truncatingIfNeeded: count)
    }

    private mutating func readBytes() -> UnsafeBufferPointer<UInt8>? {
        guard let count = readLength() else { return nil }
        defer { at += count }
        return UnsafeBufferPointer(start: at, count: count)
    }

    @inlinable @inline(__always)
    mutating func readFixed64() -> UInt64? {
        guard expect(.fixed64), hasBytes(8) else { return nil }
        defer { at += 8 }
        return UInt64(littleEndian: UnsafeRawPointer(at).loadUnaligned(as: UInt64.self))
    }

    @inlinable @inline(__always)
    mutating func readFixed32() -> UInt32? {
        guard expect(.fixed32), hasBytes(4) else { return nil }
        defer { at += 4 }
        return UInt32(littleEndian: UnsafeRawPointer(at).loadUnaligned(as: UInt32.self))
    }

    @inlinable @inline(__always)
    mutating func hasBytes(_ count: Int) -> Bool {
        if end - at >= count { return true }
        failTruncatedNumber()
        return false
    }

    @usableFromInline @inline(never)
    mutating func failTruncatedNumber() { fail(.truncated, "the message ends inside a number", at: at) }

    // MARK: Scalars

    @inlinable
    public mutating func bool(_ value: inout Bool) {
        guard expect(.varint), let raw = readVarint() else { return }
        value = raw != 0
    }

    @inlinable
    public mutating func integer<Integer: FieldValue & FixedWidthInteger>(_ value: inout Integer) {
        let first = at
        if options.contains(.fixedWidth) {
            if MemoryLayout<Integer>.size > 4 {
                guard let raw = readFixed64() else { return }
                value = Integer(truncatingIfNeeded: raw)
            } else {
                guard let raw = readFixed32() else { return }
                assign(raw, to: &value, first)
            }
            return
        }
        guard expect(.varint), let raw = readVarint() else { return }
        if MemoryLayout<Integer>.size > 4 {
            value = Integer(truncatingIfNeeded: options.contains(.zigZag) ? Self.unzigzag(raw) : raw)
        } else {
            // Of int32, as of bool and of enumerations, the upper half is cut off.
            let raw = options.contains(.zigZag) ? Self.unzigzag(raw & 0xFFFF_FFFF) : raw
            assign(UInt32(truncatingIfNeeded: raw), to: &value, first)
        }
    }

    @inlinable @inline(__always)
    static func unzigzag(_ raw: UInt64) -> UInt64 { raw &>> 1 ^ (0 &- (raw & 1)) }

    /// Of the integers of 8 and 16 bits, which protobuf does not have, nothing is cut off.
    @inlinable @inline(__always)
    mutating func assign<Integer: FieldValue & FixedWidthInteger>(
        _ raw: UInt32, to value: inout Integer, _ first: UnsafePointer<UInt8>
    ) {
        let wide = Integer.isSigned ? Int64(Int32(bitPattern: raw)) : Int64(raw)
        value = Integer(truncatingIfNeeded: wide)
        if MemoryLayout<Integer>.size < 4, Int64(truncatingIfNeeded: value) != wide {
            failRange(wide, Integer.typeName, first)
        }
    }

    @usableFromInline @inline(never)
    mutating func failRange(_ number: Int64, _ typeName: String, _ first: UnsafePointer<UInt8>) {
        fail(.outOfRange, "\(number) is not a value of \(typeName)", at: first)
    }

    @inlinable
    public mutating func double(_ value: inout Double) {
        guard let raw = readFixed64() else { return }
        value = Double(bitPattern: raw)
    }

    @inlinable
    public mutating func float(_ value: inout Float) {
        guard let raw = readFixed32() else { return }
        value = Float(bitPattern: raw)
    }

    @inlinable
    public mutating func enumeration<Value: MessageEnum>(_ value: inout Value) {
        let first = at
        guard expect(.varint), let raw = readVarint() else { return }
        let number = Int32(truncatingIfNeeded: raw)
        if let named = Value(number: number) { value = named } else { failRange(Int64(number), Value.typeName, first) }
    }

    public mutating func string(_ value: inout String) {
        guard let bytes = readBytes() else { return }
        // Three times as fast as validating, which does not know that text is mostly ASCII.
        if Self.isASCII(bytes) {
            value = String(decoding: bytes, as: UTF8.self)
        } else if let text = String(validating: bytes, as: UTF8.self) {
            value = text
        } else {
            fail(.invalidUTF8, "invalid UTF-8 in a string", at: bytes.baseAddress ?? at)
        }
    }

    public mutating func bytes(_ value: inout [UInt8]) {
        guard let bytes = readBytes() else { return }
        value = [UInt8](bytes)
    }

    private static func isASCII(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let base = bytes.baseAddress else { return true }
        var bits: UInt64 = 0
        var index = 0
        while bytes.count - index >= 8 {
            bits |= UnsafeRawPointer(base + index).loadUnaligned(as: UInt64.self)
            index += 8
        }
        while index < bytes.count {
            bits |= UInt64(base[index])
            index += 1
        }
        return bits & 0x8080_8080_8080_8080 == 0
    }

    // MARK: Skipping

    /// Passes over the field at hand, and brings the next one to hand.
    @usableFromInline
    mutating func skipField() {
        skipValue()
        if status == .fine { nextTag() }
    }

    /// Passes over the value of the tag at hand.
    @usableFromInline
    mutating func skipValue() {
        switch WireType(rawValue: tag & 7) {
        case .varint: _ = readVarint()
        case .fixed64: if hasBytes(8) { at += 8 }
        case .fixed32: if hasBytes(4) { at += 4 }
        case .length: _ = readBytes()
        case .startGroup: skipGroup()
        case .endGroup: fail(.malformed, "the end of a group that has not begun", at: tagStart)
        case nil: fail(.malformed, "wire type \(tag & 7)", at: tagStart)
        }
    }

    /// A group ends with a tag, not by a length. Does not recurse.
    private mutating func skipGroup() {
        var open = [tag]
        let first = tagStart
        while let group = open.last {
            nextTag()
            if status != .fine { return }
            if tag == 0 { return fail(.truncated, "the message ends inside a group", at: at) }
            switch WireType(rawValue: tag & 7) {
            case .startGroup:
                guard open.count < depth else {
                    return fail(.tooDeep, "groups are nested too deeply", at: tagStart)
                }
                open.append(tag)
            case .endGroup:
                guard tag >> 3 == group >> 3 else {
                    return fail(.malformed, "the end of another group than the one that began", at: tagStart)
                }
                open.removeLast()
            default:
                skipValue()
                if status != .fine { return }
            }
        }
        // What is kept of an unknown group begins where the group does.
        tagStart = first
    }
}
