/// A place in the bytes of one message. Nothing is read beyond its end: what is not there reads as 0, and
/// ``isBroken`` says so.
@usableFromInline
struct GobCursor {
    @usableFromInline var at: UnsafePointer<UInt8>
    @usableFromInline var end: UnsafePointer<UInt8>
    @usableFromInline var isBroken = false
    /// What broke it, where it is not the end of the bytes.
    @usableFromInline var isBadNumber = false

    @usableFromInline
    init(_ bytes: UnsafeRawBufferPointer) {
        let bytes = bytes.bindMemory(to: UInt8.self)
        let nowhere: StaticString = ""
        at = bytes.baseAddress ?? nowhere.utf8Start
        end = at + bytes.count
    }

    @inlinable var left: Int { end - at }

    @inlinable @inline(__always)
    mutating func unsigned() -> UInt64 {
        guard at < end else {
            isBroken = true
            return 0
        }
        let first = at.pointee
        at += 1
        return first < 0x80 ? UInt64(first) : long(first)
    }

    @usableFromInline
    mutating func long(_ first: UInt8) -> UInt64 {
        let count = 256 - Int(first)
        guard count <= 8, count <= left else {
            isBadNumber = count > 8
            isBroken = true
            return 0
        }
        var value: UInt64 = 0
        for index in 0..<count { value = value << 8 | UInt64(at[index]) }
        at += count
        return value
    }

    @inlinable @inline(__always)
    mutating func signed() -> Int64 {
        let value = unsigned()
        return Int64(bitPattern: value & 1 == 0 ? value >> 1 : ~(value >> 1))
    }

    /// A count of bytes and the bytes.
    @inlinable @inline(__always)
    mutating func counted() -> UnsafeBufferPointer<UInt8> {
        let count = unsigned()
        guard count <= UInt64(left) else {
            isBroken = true
            return UnsafeBufferPointer(start: at, count: 0)
        }
        let bytes = UnsafeBufferPointer(start: at, count: Int(truncatingIfNeeded: count))
        at += bytes.count
        return bytes
    }
}
