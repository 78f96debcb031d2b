/// Writes what a description visits, as the fields of gob values. Of use inside a ``GobEncoder`` only, which owns the
/// memory.
public struct GobWriter: FieldVisitor {
    var start: UnsafeMutablePointer<UInt8>
    @usableFromInline var at: UnsafeMutablePointer<UInt8>
    @usableFromInline var end: UnsafeMutablePointer<UInt8>

    /// The field being visited, and the last one written, in the struct at hand.
    @usableFromInline var index = -1
    @usableFromInline var lastIndex = -1
    /// The value being visited is a field itself, not something inside an optional or a container.
    @usableFromInline var isField = false
    /// The value is one that a field leaves out, and ``isEmptyField`` does not know of it.
    @usableFromInline var isLeftOut = false

    init() {
        start = .allocate(capacity: 256)
        at = start
        end = start + 256
    }

    func deallocate() { start.deallocate() }

    // MARK: Bytes

    @usableFromInline var count: Int { at - start }

    @usableFromInline @inline(never)
    mutating func grow(_ count: Int) {
        let held = at - start
        let capacity = max((end - start) * 2, held + count)
        let fresh = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
        fresh.update(from: start, count: held)
        start.deallocate()
        start = fresh
        at = fresh + held
        end = fresh + capacity
    }

    /// Room for nine more bytes: an unsigned number and its length.
    @inlinable @inline(__always)
    mutating func reserve(_ count: Int) {
        if end - at < count { grow(count) }
    }

    @inlinable @inline(__always)
    mutating func put(unsigned value: UInt64) {
        reserve(9)
        if value < 0x80 {
            at.pointee = UInt8(truncatingIfNeeded: value)
            at += 1
        } else {
            putLong(value)
        }
    }

    /// The negated count of bytes, then the bytes, the highest first.
    @usableFromInline
    mutating func putLong(_ value: UInt64) {
        let count = (64 - value.leadingZeroBitCount + 7) / 8
        at[0] = UInt8(truncatingIfNeeded: 0 &- count)
        UnsafeMutableRawPointer(at + 1).storeBytes(
            of: (value << UInt64(64 - 8 * count)).bigEndian, as: UInt64.self)
        at += 1 + count
    }

    @inlinable @inline(__always)
    mutating func put(signed value: Int64) {
        let shifted = UInt64(bitPattern: value) << 1
        put(unsigned: value < 0 ? ~shifted : shifted)
    }

    @usableFromInline
    mutating func put(_ bytes: UnsafeBufferPointer<UInt8>) {
        put(unsigned: UInt64(bytes.count))
        guard let base = bytes.baseAddress, bytes.count > 0 else { return }
        reserve(bytes.count)
        at.update(from: base, count: bytes.count)
        at += bytes.count
    }

    mutating func put(text: String) {
        var text = text
        text.withUTF8 { put($0) }
    }

    // MARK: Messages

    /// Leaves a byte for the length, which is enough for most.
    @usableFromInline
    mutating func beginMessage() -> Int {
        reserve(9)
        at += 1
        return at - start
    }

    @usableFromInline
    mutating func endMessage(_ body: Int) {
        let length = at - start - body
        if length < 0x80 {
            start[body - 1] = UInt8(truncatingIfNeeded: length)
        } else {
            endLongMessage(body, length)
        }
    }

    @inline(never)
    private mutating func endLongMessage(_ body: Int, _ length: Int) {
        let count = (64 - length.leadingZeroBitCount + 7) / 8
        reserve(count)
        let first = start + body
        (first + count).update(from: first, count: length)
        at += count
        start[body - 1] = UInt8(truncatingIfNeeded: 0 &- count)
        for index in 0..<count {
            first[index] = UInt8(truncatingIfNeeded: length >> (8 * (count - 1 - index)))
        }
    }

    // MARK: Structure

    @inlinable
    public mutating func field<Value: FieldValue>(
        _ number: Int, _ name: StaticString, _ value: inout Value, _ options: FieldOptions
    ) {
        index &+= 1
        if value.isEmptyField { return }
        let mark = count
        let last = lastIndex
        put(unsigned: UInt64(truncatingIfNeeded: index &- last))
        lastIndex = index
        isField = true
        value.visitValue(with: &self)
        if isLeftOut {
            isLeftOut = false
            at -= count - mark
            lastIndex = last
        }
    }

    @inlinable
    public mutating func message<Value: Message>(_ value: inout Value) {
        let (outerIndex, outerLast) = (index, lastIndex)
        index = -1
        lastIndex = -1
        value.visitFields(&self)
        put(unsigned: 0)
        index = outerIndex
        lastIndex = outerLast
    }

    /// Nothing has no form of its own where a value must stand, in a slice or alone: there it is the zero value.
    @inlinable
    public mutating func optional<Wrapped: FieldValue>(_ value: inout Wrapped?) {
        isField = false
        var wrapped = value ?? Wrapped.fieldDefault
        wrapped.visitValue(with: &self)
    }

    @inlinable
    public mutating func array<Element: FieldValue>(_ value: inout [Element]) {
        put(unsigned: UInt64(value.count))
        for var element in value {
            isField = false
            element.visitValue(with: &self)
        }
    }

    /// In the order of the keys' bytes: the same map is always written alike. (In Go it is not.)
    @inlinable
    public mutating func map<Value: FieldValue>(_ value: inout [String: Value]) {
        put(unsigned: UInt64(value.count))
        for (key, element) in value.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
            var (key, element) = (key, element)
            string(&key)
            isField = false
            element.visitValue(with: &self)
        }
    }

    /// In the order of the keys' texts.
    @inlinable
    public mutating func map<Key: MapKey, Value: FieldValue>(keyed value: inout [Key: Value]) {
        put(unsigned: UInt64(value.count))
        for (key, element) in value.sorted(by: { $0.key.keyText < $1.key.keyText }) {
            var (key, element) = (key, element)
            isField = false
            key.visitValue(with: &self)
            element.visitValue(with: &self)
        }
    }

    // MARK: Scalars

    @inlinable
    public mutating func bool(_ value: inout Bool) { put(unsigned: value ? 1 : 0) }

    @inlinable
    public mutating func integer<Integer: FieldValue & FixedWidthInteger>(_ value: inout Integer) {
        if Integer.isSigned {
            put(signed: Int64(truncatingIfNeeded: value))
        } else {
            put(unsigned: UInt64(truncatingIfNeeded: value))
        }
    }

    @inlinable
    public mutating func enumeration<Value: MessageEnum>(_ value: inout Value) { put(signed: Int64(value.number)) }

    /// The bytes of the bit pattern reversed, because those of small whole numbers end in zeros.
    @inlinable
    public mutating func double(_ value: inout Double) { put(unsigned: value.bitPattern.byteSwapped) }

    @inlinable
    public mutating func float(_ value: inout Float) { put(unsigned: Double(value).bitPattern.byteSwapped) }

    @inlinable
    public mutating func string(_ value: inout String) { value.withUTF8 { put($0) } }

    @inlinable
    public mutating func bytes(_ value: inout [UInt8]) { value.withUnsafeBufferPointer { put($0) } }

    public mutating func json(_ value: inout JSONValue) {
        JSON.withEncoded(value) { put($0.bindMemory(to: UInt8.self)) }
    }

    /// The form of Go's `Time.MarshalBinary`, version 1: seconds since the year 1, nanoseconds, and -1 for UTC.
    public mutating func timestamp(_ value: inout Timestamp) {
        if isField, value == .goZero {
            isLeftOut = true
            return
        }
        put(unsigned: 15)
        reserve(15)
        at[0] = 1
        let seconds = value.seconds &- Timestamp.goZero.seconds
        UnsafeMutableRawPointer(at + 1).storeBytes(of: seconds.bigEndian, as: Int64.self)
        UnsafeMutableRawPointer(at + 9).storeBytes(of: value.nanoseconds.bigEndian, as: Int32.self)
        at[13] = 0xFF
        at[14] = 0xFF
        at += 15
    }
}
