/// Reads a document into the fields that a description visits.
///
/// One pass through a description reads as many members as come in its order: when a field matches the key at hand, its
/// value is read and the *next* key is at hand for the fields after it. So a document in the schema's order takes one
/// pass, and any other at most one per member. A key that a whole pass leaves unmatched is tried again without regard
/// to case, then skipped.
///
/// Nothing throws. A syntax error ends reading: no key is at hand from then on, and every loop sees `isBroken`. A
/// mismatch is noted (the first one counts) and its value skipped, because a syntax error further on takes precedence,
/// as it does in Go, which checks all syntax first.
public struct JSONReader: FieldVisitor {
    @usableFromInline var at: UnsafePointer<UInt8>
    @usableFromInline let start: UnsafePointer<UInt8>
    @usableFromInline let end: UnsafePointer<UInt8>
    let isTooLarge: Bool
    @usableFromInline let isProto3: Bool
    let ignoresUnknownFields: Bool

    // The key at hand: a message's next member, its value not yet read.
    @usableFromInline var key: UnsafePointer<UInt8>
    /// The bytes of the key, ``noKey`` or ``specialKey``.
    @usableFromInline var keyCount: Int
    @inlinable static var noKey: Int { -1 }
    /// A key that comparing bytes does not settle: it has escapes, is being tried without regard to case, or is proto3's.
    @inlinable static var specialKey: Int { -2 }
    @usableFromInline var isFolding = false
    var specialKeyBytes: [UInt8] = []

    /// Containers open, and messages among them.
    @usableFromInline var depth = 0
    @usableFromInline var level = 0
    let maximumDepth: Int
    /// The oneofs of the message that have had a member: a bit for each index. Of proto3 only.
    @usableFromInline var seenOneofs: UInt64 = 0

    // What scanning a string or a number found.
    var token: UnsafeBufferPointer<UInt8>
    var tokenHasEscapes = false
    var tokenIsASCII = true
    var tokenIsInteger = true
    var scratch: [UInt8] = []

    @usableFromInline var isBroken = false
    var error: JSONError?
    var mismatch: Mismatch?
    /// The level whose field, once read, is the next name of the mismatch's path from the inside; 0 when complete.
    @usableFromInline var mismatchPathLevel = 0
    /// The level whose message holds the mismatched field; 0 when its name is known.
    @usableFromInline var mismatchOwnerLevel = 0

    /// `bytes` must stay valid while the reader is in use; only ``JSON`` makes one, inside their scope.
    @usableFromInline
    init(_ bytes: UnsafeRawBufferPointer, limits: JSONLimits, options: JSONReadingOptions) {
        let bytes = bytes.bindMemory(to: UInt8.self)
        let base = bytes.baseAddress ?? Self.nowhere
        start = base
        at = base
        end = base + bytes.count
        key = base
        keyCount = Self.noKey
        token = UnsafeBufferPointer(start: base, count: 0)
        maximumDepth = limits.nesting
        isTooLarge = bytes.count > limits.size
        isProto3 = options.contains(.proto3)
        ignoresUnknownFields = options.contains(.ignoringUnknownFields)
    }

    /// An address for an empty document, which is never read from.
    private static var nowhere: UnsafePointer<UInt8> {
        let text: StaticString = ""
        return text.utf8Start
    }

    // MARK: The document

    /// Whether there is a value to read.
    @usableFromInline
    mutating func beginDocument() -> Bool {
        if isTooLarge {
            fail(.tooLarge, "http: request body too large")
            return false
        }
        skipSpace()
        if at == end {
            fail(.empty, "EOF")
            return false
        }
        return true
    }

    /// What went wrong, if anything did; nothing may follow the value.
    @usableFromInline
    mutating func endDocument() -> JSONError? {
        if let error { return error }
        if let mismatch { return mismatch.error }
        skipSpace()
        if at == end { return nil }
        return JSONError(.trailing, "body must have only a single json value", offset: at - start)
    }

    // MARK: Messages

    @inlinable
    public mutating func field<Value: FieldValue>(
        _ number: Int, _ name: StaticString, _ value: inout Value, _ options: FieldOptions
    ) {
        if keyCount == name.utf8CodeUnitCount {
            guard keyEquals(name) else { return }
        } else {
            guard keyCount == Self.specialKey, specialKeyEquals(name) else { return }
        }
        readMember(name, &value, options)
    }

    @inlinable
    public mutating func field<Value: FieldValue>(
        _ number: Int, _ name: StaticString, json: StaticString, _ value: inout Value, _ options: FieldOptions
    ) {
        guard isProto3 else { return field(number, name, &value, options) }
        guard keyCount == Self.specialKey, specialKeyEquals(name, or: json) else { return }
        readMember(name, &value, options)
    }

    @inlinable @inline(__always)
    mutating func readMember<Value: FieldValue>(
        _ name: StaticString, _ value: inout Value, _ options: FieldOptions
    ) {
        if options.oneofIndex != 0, isProto3 { noteOneof(options.oneofIndex) }
        value.visitValue(with: &self)
        if mismatchPathLevel == level { notePath(name) }
        nextKey()
    }

    @inlinable
    public mutating func message<Value: Message>(_ value: inout Value) {
        switch open(UInt8(ascii: "{")) {
        case .nothing: return
        case .other: return noteMismatch(Value.typeName)
        case .opened: break
        }
        level += 1
        let outerOneofs = seenOneofs
        seenOneofs = 0
        firstKey()
        while keyCount != Self.noKey {
            let pending = key
            value.visitFields(&self)
            if key == pending, keyCount != Self.noKey {
                if isProto3 {
                    skipUnknownMember()
                    continue
                }
                foldKey()
                value.visitFields(&self)
                if key == pending, keyCount != Self.noKey { skipMember() }
            }
        }
        if mismatchOwnerLevel == level { noteOwner(Value.typeName) }
        seenOneofs = outerOneofs
        level -= 1
    }

    @inlinable @inline(__always)
    func keyEquals(_ name: StaticString) -> Bool {
        let name = name.utf8Start
        var index = 0
        while index < keyCount {
            if name[index] != key[index] { return false }
            index += 1
        }
        return true
    }

    // MARK: Containers

    @inlinable
    public mutating func optional<Wrapped: FieldValue>(_ value: inout Wrapped?) {
        if !(isProto3 && Wrapped.acceptsNull), takeNull() {
            value = nil
            return
        }
        var wrapped = value ?? Wrapped.fieldDefault
        value = nil
        wrapped.visitValue(with: &self)
        value = wrapped
    }

    @inlinable
    public mutating func array<Element: FieldValue>(_ value: inout [Element]) {
        switch open(UInt8(ascii: "[")) {
        case .nothing: value = []
        case .other: noteMismatch("[]" + Element.typeName)
        case .opened:
            value = []
            guard firstElement() else { return }
            repeat {
                var element = Element.fieldDefault
                if isProto3, !Element.acceptsNull { refuseNull(Element.self) }
                element.visitValue(with: &self)
                if isBroken { return }
                value.append(element)
            } while nextElement()
        }
    }

    @inlinable
    public mutating func map<Value: FieldValue>(_ value: inout [String: Value]) {
        switch open(UInt8(ascii: "{")) {
        case .nothing: value = [:]
        case .other: noteMismatch([String: Value].typeName)
        case .opened:
            firstKey()
            while keyCount != Self.noKey {
                let name = keyString()
                var element = Value.fieldDefault
                if isProto3, !Value.acceptsNull { refuseNull(Value.self) }
                element.visitValue(with: &self)
                if isBroken { return }
                value[name] = element
                nextKey()
            }
        }
    }

    @inlinable
    public mutating func map<Key: MapKey, Value: FieldValue>(keyed value: inout [Key: Value]) {
        switch open(UInt8(ascii: "{")) {
        case .nothing: value = [:]
        case .other: noteMismatch([Key: Value].typeName)
        case .opened:
            firstKey()
            while keyCount != Self.noKey {
                let key = Key(keyText: keyString())
                if key == nil { noteString(Key.typeName) }
                var element = Value.fieldDefault
                if isProto3, !Value.acceptsNull { refuseNull(Value.self) }
                element.visitValue(with: &self)
                if isBroken { return }
                if let key { value[key] = element }
                nextKey()
            }
        }
    }

    // MARK: Scalars

    @inlinable
    public mutating func integer<Integer: FieldValue & FixedWidthInteger>(_ value: inout Integer) {
        switch readInteger() {
        case .nothing: break
        case .other: noteMismatch(Integer.typeName)
        case .fraction: noteNumber(Integer.typeName)
        case .positive(let magnitude):
            guard let integer = Integer(exactly: magnitude) else { return noteNumber(Integer.typeName) }
            value = integer
        case .negative(let magnitude):
            // Zero and below only: the magnitude of the least Int64 is its own bit pattern.
            guard Integer.isSigned, magnitude <= 1 << 63,
                let integer = Integer(exactly: Int64(truncatingIfNeeded: 0 &- magnitude))
            else { return noteNumber(Integer.typeName) }
            value = integer
        }
    }

    @inlinable
    public mutating func enumeration<Value: MessageEnum>(_ value: inout Value) {
        let name = readName()
        if let name {
            if let named = Value(name: name) { value = named } else { noteString(Value.typeName) }
            return
        }
        var number = value.number
        switch readInteger() {
        case .nothing: return
        case .other: return noteMismatch(Value.typeName)
        case .fraction: return noteNumber(Value.typeName)
        case .positive(let magnitude): number = Int32(exactly: magnitude) ?? -1
        case .negative(let magnitude): number = magnitude <= 1 << 31 ? Int32(truncatingIfNeeded: 0 &- magnitude) : -1
        }
        if let numbered = Value(number: number) { value = numbered } else { noteNumber(Value.typeName) }
    }
}
