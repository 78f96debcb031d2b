/// Reads one value into the fields that a description visits.
///
/// One pass through a description reads as many fields as come in its order: when the field at hand is the one that is
/// visited, its value is read and the *next* one is at hand for the fields after it. So what was defined in the schema's
/// order takes one pass.
///
/// Nothing throws: the first error ends reading, and every loop sees it.
public struct GobReader: FieldVisitor {
    @usableFromInline var cursor: GobCursor
    @usableFromInline let decoder: GobDecoder
    private let start: UnsafePointer<UInt8>

    /// The sender's type of the value that comes next, and the plan for the message in it.
    @usableFromInline var type: Int
    @usableFromInline var plan: UnsafeMutablePointer<GobPlan>?

    // The struct at hand: its slots, the one whose value comes next, the message's field for it (-1 at the end), and the
    // field that was visited last.
    @usableFromInline var slots = UnsafeMutableBufferPointer<GobPlan.Slot>(start: nil, count: 0)
    @usableFromInline var index = -1
    @usableFromInline var wanted = -1
    @usableFromInline var place = -1

    @usableFromInline var depth = 0
    @usableFromInline let maximumDepth: Int
    @usableFromInline var elementBytes = 0
    let elementLimit: Int

    @usableFromInline var error: GobError?
    /// A number did not fit: of which field, its message says.
    private var isOutOfRange = false

    @usableFromInline
    init(
        _ message: GobMessage, in bytes: UnsafeRawBufferPointer, _ known: GobDecoder.KnownValue,
        decoder: GobDecoder
    ) {
        cursor = GobCursor(UnsafeRawBufferPointer(rebasing: bytes[message.body]))
        start = cursor.at
        self.decoder = decoder
        type = message.type
        plan = known.plan
        maximumDepth = decoder.limits.nesting
        elementLimit = decoder.limits.elementBytes
        if !known.isStructure, cursor.unsigned() != 0 {
            fail("gob: decode: corrupted data: non-zero delta for singleton")
        }
    }

    // MARK: Structs

    @inlinable
    public mutating func field<Value: FieldValue>(
        _ number: Int, _ name: StaticString, _ value: inout Value, _ options: FieldOptions
    ) {
        place &+= 1
        guard place == wanted else { return }
        type = slots[index].type
        plan = slots[index].plan
        value.visitValue(with: &self)
        if error != nil { return noteField(name) }
        nextField()
    }

    /// Brings the next field that the message has to hand.
    @inlinable @inline(__always)
    mutating func nextField() {
        let delta = cursor.unsigned()
        guard delta &- 1 < UInt64(slots.count &- 1 &- index) else { return endOfFields(delta) }
        index &+= Int(truncatingIfNeeded: delta)
        wanted = slots[index].place
        if wanted < 0 { skipFields() }
    }

    @usableFromInline
    mutating func endOfFields(_ delta: UInt64) {
        wanted = -1
        if cursor.isBroken { return failBroken() }
        if delta != 0 { fail("gob: bad data: field numbers out of bounds") }
    }

    @usableFromInline
    mutating func skipFields() {
        while wanted < 0 {
            skip(slots[index].type)
            let delta = cursor.unsigned()
            guard error == nil, delta &- 1 < UInt64(slots.count - 1 - index) else { return endOfFields(delta) }
            index += Int(truncatingIfNeeded: delta)
            wanted = slots[index].place
        }
    }

    @inlinable
    public mutating func message<Value: Message>(_ value: inout Value) {
        guard let plan, enter() else { return }
        let (outerSlots, outerIndex, outerWanted, outerPlace) = (slots, index, wanted, place)
        slots = plan.pointee.slots
        index = -1
        if plan.pointee.hasTimes { resetTimes(&value) }
        nextField()
        while wanted >= 0 {
            let before = cursor.at
            place = -1
            value.visitFields(&self)
            // A description that leaves fields out now and then would have this go on for ever.
            if cursor.at == before { fail("gob: \(Value.messageName) does not visit all its fields") }
            if error != nil { break }
        }
        (slots, index, wanted, place) = (outerSlots, outerIndex, outerWanted, outerPlace)
        depth -= 1
    }

    @usableFromInline @inline(never)
    mutating func resetTimes<Value: Message>(_ value: inout Value) {
        var reset = GobTimeReset()
        value.visitFields(&reset)
    }

    @inlinable @inline(__always)
    mutating func enter() -> Bool {
        guard error == nil, depth < maximumDepth else {
            failDepth()
            return false
        }
        depth += 1
        return true
    }

    // MARK: Containers

    /// The value pointed to, of a pointer that is not nil.
    @inlinable
    public mutating func optional<Wrapped: FieldValue>(_ value: inout Wrapped?) {
        var wrapped = Wrapped.fieldDefault
        wrapped.visitValue(with: &self)
        value = wrapped
    }

    @inlinable
    public mutating func array<Element: FieldValue>(_ value: inout [Element]) {
        value = []
        guard let kind = elementType(), enter() else { return }
        let count = elementCount(stride: MemoryLayout<Element>.stride, kind.count)
        let plan = plan
        // What a message makes known is not what it has: elements come first, then room for more.
        value.reserveCapacity(min(count, 256))
        for _ in 0..<count {
            (type, self.plan) = (kind.type, plan)
            var element = Element.fieldDefault
            element.visitValue(with: &self)
            if error != nil { return }
            value.append(element)
        }
        depth -= 1
    }

    @inlinable
    public mutating func map<Value: FieldValue>(_ value: inout [String: Value]) {
        value = [:]
        guard let kind = elementType(), enter() else { return }
        let count = elementCount(stride: MemoryLayout<(String, Value)>.stride * 2, nil)
        let plan = plan
        for _ in 0..<count {
            var key = ""
            string(&key)
            (type, self.plan) = (kind.type, plan)
            var element = Value.fieldDefault
            element.visitValue(with: &self)
            if error != nil { return }
            value[key] = element
        }
        depth -= 1
    }

    @inlinable
    public mutating func map<Key: MapKey, Value: FieldValue>(keyed value: inout [Key: Value]) {
        value = [:]
        guard let kind = elementType(), enter() else { return }
        let count = elementCount(stride: MemoryLayout<(Key, Value)>.stride * 2, nil)
        let plan = plan
        for _ in 0..<count {
            var key = Key.fieldDefault
            key.visitValue(with: &self)
            (type, self.plan) = (kind.type, plan)
            var element = Value.fieldDefault
            element.visitValue(with: &self)
            if error != nil { return }
            value[key] = element
        }
        depth -= 1
    }

    /// The type of the elements in the container that comes next, and how many an array has.
    @usableFromInline
    mutating func elementType() -> (type: Int, count: Int?)? {
        switch decoder.definitions[type]?.shape {
        case .slice(let element), .map(_, let element): return (element, nil)
        case .array(let element, let count): return (element, count)
        default:
            fail("gob: unknown type id or corrupted data")
            return nil
        }
    }

    /// How many elements follow: each takes a byte at least.
    @usableFromInline
    mutating func elementCount(stride: Int, _ declared: Int?) -> Int {
        let count = cursor.unsigned()
        guard !cursor.isBroken, count <= UInt64(cursor.left) else {
            fail("gob: decoding array or slice: length exceeds input size (\(count) elements)")
            return 0
        }
        guard declared == nil || declared == Int(count) else {
            fail("gob: length mismatch in decodeArray")
            return 0
        }
        let (bytes, overflow) = Int(count).multipliedReportingOverflow(by: stride)
        elementBytes = elementBytes.addingReportingOverflow(bytes).partialValue
        guard !overflow, elementBytes >= 0, elementBytes <= elementLimit else {
            fail("gob: the elements would take more than \(elementLimit) bytes of memory")
            return 0
        }
        return Int(count)
    }

    // MARK: Scalars

    @inlinable
    public mutating func bool(_ value: inout Bool) {
        value = cursor.unsigned() != 0
        if cursor.isBroken { failBroken() }
    }

    @inlinable
    public mutating func integer<Integer: FieldValue & FixedWidthInteger>(_ value: inout Integer) {
        let read = Integer.isSigned ? Integer(exactly: cursor.signed()) : Integer(exactly: cursor.unsigned())
        if cursor.isBroken { return failBroken() }
        if let read { value = read } else { failRange(Integer.typeName) }
    }

    @inlinable
    public mutating func enumeration<Value: MessageEnum>(_ value: inout Value) {
        let number = Int32(exactly: cursor.signed())
        if cursor.isBroken { return failBroken() }
        if let read = number.flatMap(Value.init(number:)) { value = read } else { failRange(Value.typeName) }
    }

    @inlinable
    public mutating func double(_ value: inout Double) {
        value = Double(bitPattern: cursor.unsigned().byteSwapped)
        if cursor.isBroken { failBroken() }
    }

    @inlinable
    public mutating func float(_ value: inout Float) {
        let wide = Double(bitPattern: cursor.unsigned().byteSwapped)
        if cursor.isBroken { return failBroken() }
        if wide.isFinite, wide.magnitude > Double(Float.greatestFiniteMagnitude) { return failRange(Float.typeName) }
        value = Float(wide)
    }

    /// Invalid UTF-8, which Go does not look for, becomes U+FFFD.
    @inlinable
    public mutating func string(_ value: inout String) {
        value = String(decoding: cursor.counted(), as: UTF8.self)
        if cursor.isBroken { failBroken() }
    }

    @inlinable
    public mutating func bytes(_ value: inout [UInt8]) {
        value = [UInt8](cursor.counted())
        if cursor.isBroken { failBroken() }
    }

    public mutating func json(_ value: inout JSONValue) {
        let text = cursor.counted()
        if cursor.isBroken { return failBroken() }
        guard !text.isEmpty else {
            value = .null
            return
        }
        do throws(JSONError) {
            value = try JSON.decode(from: UnsafeRawBufferPointer(text), limits: JSONLimits(nesting: maximumDepth))
        } catch {
            fail("gob: \(error.message)")
        }
    }

    /// The form of Go's `Time.MarshalBinary`. The zone is of no account: the instant is what counts.
    public mutating func timestamp(_ value: inout Timestamp) {
        let bytes = UnsafeRawBufferPointer(cursor.counted())
        if cursor.isBroken { return failBroken() }
        guard let version = bytes.first else { return fail("Time.UnmarshalBinary: no data") }
        guard version == 1 || version == 2 else { return fail("Time.UnmarshalBinary: unsupported version") }
        guard bytes.count == 14 + Int(version) else { return fail("Time.UnmarshalBinary: invalid length") }
        let seconds = Int64(bigEndian: bytes.loadUnaligned(fromByteOffset: 1, as: Int64.self))
        let nanoseconds = Int32(bigEndian: bytes.loadUnaligned(fromByteOffset: 9, as: Int32.self))
        let (unix, overflow) = seconds.addingReportingOverflow(Timestamp.goZero.seconds)
        value = Timestamp(seconds: overflow ? .min : unix, nanoseconds: nanoseconds)
    }

    // MARK: Errors

    @usableFromInline @inline(never)
    mutating func fail(_ text: String) {
        if error == nil { error = GobError(.value, text, offset: cursor.at - start) }
        wanted = -1
        cursor.at = cursor.end
    }

    @usableFromInline @inline(never)
    mutating func failBroken() {
        fail(cursor.isBadNumber ? "gob: encoded unsigned integer out of range" : "gob: unexpected end of a message")
    }

    @usableFromInline @inline(never)
    mutating func failDepth() { fail("gob: value is nested too deep") }

    @usableFromInline @inline(never)
    mutating func failRange(_ type: String) {
        fail("value for \"\(type)\" out of range")
        isOutOfRange = true
    }

    /// The error lies in this field; the innermost counts.
    @usableFromInline @inline(never)
    mutating func noteField(_ name: StaticString) {
        guard isOutOfRange else { return }
        isOutOfRange = false
        error?.message = "value for \"\(Gob.fieldName(name))\" out of range"
    }

    @usableFromInline
    func finalError(_ message: GobMessage) -> GobError {
        var final = error ?? GobError(.value, "gob: no error")
        final.offset += message.streamOffset
        return final
    }
}
