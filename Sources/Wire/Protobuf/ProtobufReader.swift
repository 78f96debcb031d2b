/// Reads a message into the fields that a description visits.
///
/// One pass through a description reads as many fields as come in its order: when a field's number is the one of the tag
/// at hand, its value is read and the *next* tag is at hand for the fields after it. So a message in the order of its
/// schema takes one pass, any other at most one per field. A field that a whole pass leaves unread is unknown.
///
/// Nothing throws. After an error no tag is at hand, and whoever has a loop sees ``status``. A value whose wire type is
/// not the schema's is left where it is, so that the pass ends on it as on an unknown field.
public struct ProtobufReader: FieldVisitor {
    @usableFromInline
    enum Status: UInt8 {
        case fine
        /// The field at hand has another wire type.
        case mismatched
        case broken
    }

    /// Where the value at hand stands, and with it what can stand there.
    @usableFromInline
    enum Place: UInt8 {
        /// All of the bytes are the value's.
        case root
        case field
        /// In an array or a map, where no container can stand.
        case element
        /// The same, without a tag.
        case packed
    }

    @usableFromInline var at: UnsafePointer<UInt8>
    /// Of the message, or of what has a length in it.
    @usableFromInline var end: UnsafePointer<UInt8>
    private let start: UnsafePointer<UInt8>

    /// The number and the wire type at hand, the value not yet read; 0 at the end of a message.
    @usableFromInline var tag: UInt32 = 0
    @usableFromInline var tagStart: UnsafePointer<UInt8>
    /// What was at hand when the pass began.
    @usableFromInline var passStart: UnsafePointer<UInt8>

    @usableFromInline var options: FieldOptions = []
    @usableFromInline var place = Place.root
    @usableFromInline var status = Status.fine
    /// Levels that may still be opened.
    var depth: Int
    /// Members that were gone through again to add others.
    var mergedMembers = 0
    @usableFromInline private(set) var error: ProtobufError?

    /// `bytes` must stay valid while the reader is in use; only ``Protobuf`` makes one, inside their scope.
    @usableFromInline
    init(_ bytes: UnsafeRawBufferPointer, limits: ProtobufLimits) {
        let bytes = bytes.bindMemory(to: UInt8.self)
        let base = bytes.baseAddress ?? Self.nowhere
        start = base
        at = base
        end = base + bytes.count
        tagStart = base
        passStart = base
        depth = limits.nesting
        if bytes.count > limits.size {
            fail(.tooLarge, "\(bytes.count) bytes where \(limits.size) are allowed", at: base)
        }
    }

    /// An address for an empty message, which is never read from.
    private static var nowhere: UnsafePointer<UInt8> {
        let text: StaticString = ""
        return text.utf8Start
    }

    // MARK: Errors

    /// Ends reading. The first failure counts.
    @usableFromInline @inline(never)
    mutating func fail(_ kind: ProtobufError.Kind, _ message: String, at place: UnsafePointer<UInt8>) {
        if error == nil { error = ProtobufError(kind, message, offset: place - start) }
        status = .broken
        tag = 0
        at = end
    }

    @usableFromInline @inline(never)
    mutating func failUnsupported<Value>(_ type: Value.Type) {
        fail(.unsupported, "protobuf has no \(type) inside an array or a map", at: at)
    }

    /// The value of this field was not read.
    @usableFromInline @inline(never)
    mutating func noteField(_ name: StaticString) {
        if status == .mismatched {
            status = .fine
        } else {
            error?.path.insert("\(name)", at: 0)
        }
    }

    // MARK: Fields

    @inlinable
    public mutating func field<Value: FieldValue>(
        _ number: Int, _ name: StaticString, _ value: inout Value, _ options: FieldOptions
    ) {
        guard tag &>> 3 == UInt32(truncatingIfNeeded: number) else { return }
        self.options = options
        place = .field
        value.visitValue(with: &self)
        guard status == .fine else { return noteField(name) }
        nextTag()
    }

    /// Brings the next field of the message to hand.
    @inlinable @inline(__always)
    mutating func nextTag() {
        tagStart = at
        if at < end, case let byte = at.pointee, byte < 0x80, byte >= 8 {
            tag = UInt32(byte)
            at += 1
        } else {
            nextLongTag()
        }
    }

    @usableFromInline
    mutating func nextLongTag() {
        tag = 0
        guard at < end else { return }
        guard let number = readVarint() else { return }
        guard number >> 32 == 0 else { return fail(.malformed, "a field number above 536870911", at: tagStart) }
        guard number >= 8 else { return fail(.malformed, "field number 0", at: tagStart) }
        tag = UInt32(truncatingIfNeeded: number)
    }

    /// Passes over the tag of the next field, if it is the one that was read between these two.
    @usableFromInline
    mutating func takeTag(_ first: UnsafePointer<UInt8>, _ count: Int) -> Bool {
        guard end - at >= count else { return false }
        for index in 0..<count where at[index] != first[index] { return false }
        tagStart = at
        at += count
        return true
    }

    /// The last call of a description: what is still at hand after a whole pass is unknown.
    public mutating func unknownFields(_ fields: inout UnknownFields) {
        guard tag != 0, tagStart == passStart else { return }
        skipValue()
        if status != .fine { return }
        fields.append(UnsafeBufferPointer(start: tagStart, count: at - tagStart))
        nextTag()
    }

    // MARK: Messages

    @inlinable
    public mutating func message<Value: Message>(_ value: inout Value) {
        guard let outer = enterMessage() else { return }
        nextTag()
        while tag != 0 {
            let pending = tagStart
            passStart = pending
            value.visitFields(&self)
            if tagStart == pending, tag != 0 { skipField() }
        }
        leaveMessage(outer)
    }

    /// Narrows the reader to the message that comes next. Returns what ``leaveMessage(_:)`` needs.
    @usableFromInline
    mutating func enterMessage() -> UnsafePointer<UInt8>? {
        guard depth > 0 else {
            fail(.tooDeep, "messages are nested too deeply", at: at)
            return nil
        }
        let outer = end
        if place == .root {
            if status != .fine { return nil }
            place = .field
        } else {
            guard let count = readLength() else { return nil }
            end = at + count
        }
        depth -= 1
        return outer
    }

    @usableFromInline
    mutating func leaveMessage(_ outer: UnsafePointer<UInt8>) {
        end = outer
        depth += 1
    }

    // MARK: Containers

    @inlinable
    public mutating func optional<Wrapped: FieldValue>(_ value: inout Wrapped?) {
        guard place == .field else { return failUnsupported(Wrapped?.self) }
        var wrapped = value ?? Wrapped.fieldDefault
        let wasPresent = value != nil
        value = nil
        wrapped.visitValue(with: &self)
        if status == .fine || wasPresent { value = wrapped }
    }

    @inlinable
    public mutating func array<Element: FieldValue>(_ value: inout [Element]) {
        guard place == .field else { return failUnsupported([Element].self) }
        if Element.isNumeric, tag & 7 == WireType.length.rawValue { return packed(&value) }
        let (first, options, tag) = (tagStart, options, tag)
        let tagCount = at - first
        repeat {
            self.tag = tag
            self.options = options
            place = .element
            var element = Element.fieldDefault
            element.visitValue(with: &self)
            if status != .fine { return }
            value.append(element)
        } while takeTag(first, tagCount)
    }

    @inlinable
    mutating func packed<Element: FieldValue>(_ value: inout [Element]) {
        guard let count = readLength() else { return }
        let outer = end
        end = at + count
        place = .packed
        // Only once: room for exactly so many more, again and again, would copy the array each time.
        if value.isEmpty { value.reserveCapacity(elementCount(of: Element.self)) }
        while at < end {
            var element = Element.fieldDefault
            element.visitValue(with: &self)
            if status != .fine { return }
            value.append(element)
        }
        end = outer
    }

    /// Of the packed numbers up to ``end``.
    @inlinable
    func elementCount<Element: FieldValue>(of type: Element.Type) -> Int {
        if Element.self == Double.self { return (end - at) / 8 }
        if Element.self == Float.self { return (end - at) / 4 }
        if options.contains(.fixedWidth) { return (end - at) / (MemoryLayout<Element>.size > 4 ? 8 : 4) }
        var count = 0
        var here = at
        while here < end {
            count &+= Int(~here.pointee &>> 7)
            here += 1
        }
        return count
    }

    @inlinable
    public mutating func map<Value: FieldValue>(_ value: inout [String: Value]) { map(keyed: &value) }

    @inlinable
    public mutating func map<Key: MapKey, Value: FieldValue>(keyed value: inout [Key: Value]) {
        guard place == .field else { return failUnsupported([Key: Value].self) }
        let (first, options, tag) = (tagStart, options, tag)
        let tagCount = at - first
        repeat {
            self.tag = tag
            guard let outer = enterMessage() else { return }
            var key = Key.fieldDefault
            var element = Value.fieldDefault
            nextTag()
            while self.tag != 0 {
                place = .element
                switch self.tag &>> 3 {
                case 1:
                    self.options = options.ofKey
                    key.visitValue(with: &self)
                case 2:
                    self.options = options
                    element.visitValue(with: &self)
                default: status = .mismatched
                }
                if status == .mismatched {
                    status = .fine
                    skipValue()
                }
                if status != .fine { return }
                nextTag()
            }
            if status != .fine { return }
            leaveMessage(outer)
            value[key] = element
        } while takeTag(first, tagCount)
    }
}
