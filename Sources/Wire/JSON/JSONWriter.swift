/// Writes what a description visits, in the compact form of Go's encoding/json. Nothing it is given can fail: a double
/// that JSON has no form for becomes null.
///
/// It writes into a buffer on the stack of ``JSON/withEncoded(_:options:_:)``, so that most values cost no allocation;
/// what does not fit moves to an array. Like ``JSONReader`` it is of use in that scope only, and only ``JSON`` makes
/// one.
public struct JSONWriter: FieldVisitor {
    /// A constant to the caller's compiler, too, or the buffer would not be on the stack.
    @inlinable static var bufferSize: Int { 1024 }

    private let start: UnsafeMutablePointer<UInt8>
    private let end: UnsafeMutablePointer<UInt8>
    private var at: UnsafeMutablePointer<UInt8>
    /// What was written before what is in the buffer.
    private var earlier: [UInt8] = []
    @usableFromInline var needsComma = false
    let options: JSONWritingOptions
    @usableFromInline let isProto3: Bool

    /// `buffer` has room for ``bufferSize`` bytes.
    @usableFromInline
    init(_ buffer: UnsafeMutablePointer<UInt8>, options: JSONWritingOptions) {
        start = buffer
        end = buffer + Self.bufferSize
        at = buffer
        self.options = options
        isProto3 = options.contains(.proto3)
    }

    /// Calls `body` with all that was written.
    @usableFromInline
    mutating func withWritten<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        if earlier.isEmpty { return try body(UnsafeRawBufferPointer(start: start, count: at - start)) }
        flush()
        return try earlier.withUnsafeBytes(body)
    }

    // MARK: Bytes

    /// Calls `body` with room for `count` bytes, at most ``bufferSize``; it returns how many it wrote.
    @inline(__always)
    mutating func put(upTo count: Int, _ body: (UnsafeMutablePointer<UInt8>) -> Int) {
        if end - at < count { flush() }
        at += body(at)
    }

    @inline(never)
    private mutating func flush() {
        earlier.append(contentsOf: UnsafeBufferPointer(start: start, count: at - start))
        at = start
    }

    mutating func put(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard let base = bytes.baseAddress else { return }
        if end - at < bytes.count {
            flush()
            if bytes.count > Self.bufferSize { return earlier.append(contentsOf: bytes) }
        }
        at.update(from: base, count: bytes.count)
        at += bytes.count
    }

    @usableFromInline
    mutating func put(_ byte: UInt8) {
        if at == end { flush() }
        at.pointee = byte
        at += 1
    }

    mutating func put(literal text: StaticString) {
        put(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    // MARK: Structure

    @inlinable
    public mutating func field<Value: FieldValue>(
        _ number: Int, _ name: StaticString, _ value: inout Value, _ options: FieldOptions
    ) {
        if isProto3 {
            if value.isDefaultField { return }
            putCamelCase(name)
        } else {
            if value.isAbsentField || options.contains(.omitEmpty) && value.isEmptyField { return }
            putName(name)
        }
        value.visitValue(with: &self)
        needsComma = true
    }

    @inlinable
    public mutating func field<Value: FieldValue>(
        _ number: Int, _ name: StaticString, json: StaticString, _ value: inout Value, _ options: FieldOptions
    ) {
        guard isProto3 else { return field(number, name, &value, options) }
        if value.isDefaultField { return }
        putName(json)
        value.visitValue(with: &self)
        needsComma = true
    }

    @usableFromInline
    mutating func putName(_ name: StaticString) {
        let count = name.utf8CodeUnitCount
        let comma = needsComma ? 1 : 0
        precondition(count <= Self.bufferSize - 4, "a field's name is longer than the buffer")
        put(upTo: count + 4) { target in
            target[0] = UInt8(ascii: ",")
            target[comma] = UInt8(ascii: "\"")
            let text = target + comma + 1
            text.update(from: name.utf8Start, count: count)
            text[count] = UInt8(ascii: "\"")
            text[count + 1] = UInt8(ascii: ":")
            return comma + count + 3
        }
    }

    @inlinable
    public mutating func message<Value: Message>(_ value: inout Value) {
        put(UInt8(ascii: "{"))
        needsComma = false
        value.visitFields(&self)
        put(UInt8(ascii: "}"))
    }

    @inlinable
    public mutating func optional<Wrapped: FieldValue>(_ value: inout Wrapped?) {
        if var wrapped = value { wrapped.visitValue(with: &self) } else { putNull() }
    }

    @inlinable
    public mutating func array<Element: FieldValue>(_ value: inout [Element]) {
        put(UInt8(ascii: "["))
        var isFirst = true
        for var element in value {
            if !isFirst { put(UInt8(ascii: ",")) }
            isFirst = false
            element.visitValue(with: &self)
        }
        put(UInt8(ascii: "]"))
    }

    /// In the order of the keys' bytes, as Go does: the same map is always written alike.
    @inlinable
    public mutating func map<Value: FieldValue>(_ value: inout [String: Value]) {
        put(UInt8(ascii: "{"))
        var isFirst = true
        for (key, element) in value.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
            if !isFirst { put(UInt8(ascii: ",")) }
            isFirst = false
            put(key)
            put(UInt8(ascii: ":"))
            var element = element
            element.visitValue(with: &self)
        }
        put(UInt8(ascii: "}"))
    }

    public mutating func json(_ value: inout JSONValue) { put(value) }

    /// Recurses: a value that a program builds may be as deep as the program's stack, one that was read is within
    /// ``JSONLimits/maximumNesting``.
    private mutating func put(_ value: JSONValue) {
        switch value {
        case .null: putNull()
        case .bool(let bool): put(bool)
        case .integer(let integer): put(magnitude: integer.magnitude, isNegative: integer < 0)
        case .number(let number): put(number)
        case .string(let string): put(string)
        case .array(let elements):
            put(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { put(UInt8(ascii: ",")) }
                put(element)
            }
            put(UInt8(ascii: "]"))
        case .object(let object):
            put(UInt8(ascii: "{"))
            let members = options.contains(.sortedKeys) ? object.sortedMembers : object.members
            for (index, member) in members.enumerated() {
                if index > 0 { put(UInt8(ascii: ",")) }
                put(member.key)
                put(UInt8(ascii: ":"))
                put(member.value)
            }
            put(UInt8(ascii: "}"))
        }
    }

    // MARK: Scalars

    @usableFromInline
    mutating func putNull() { put(literal: "null") }

    public mutating func bool(_ value: inout Bool) { put(value) }

    private mutating func put(_ value: Bool) { value ? put(literal: "true") : put(literal: "false") }

    @inlinable
    public mutating func enumeration<Value: MessageEnum>(_ value: inout Value) {
        if isProto3, Value.acceptsNull, value.number == 0 {
            putNull()
        } else if let name = value.name {
            put(name)
        } else {
            put(magnitude: UInt64(value.number.magnitude), isNegative: value.number < 0)
        }
    }

    public mutating func string(_ value: inout String) { put(value) }

    public mutating func bytes(_ value: inout [UInt8]) {
        // In pieces that fit the buffer, and of whole groups of three so that only the last is padded.
        let piece = Self.bufferSize / 4 * 3
        put(UInt8(ascii: "\""))
        value.withUnsafeBufferPointer { bytes in
            for start in stride(from: 0, to: bytes.count, by: piece) {
                let part = UnsafeBufferPointer(rebasing: bytes[start..<min(start + piece, bytes.count)])
                let count = Base64.encodedCount(part.count)
                put(upTo: count) { target in
                    Base64.encode(part, to: target)
                    return count
                }
            }
        }
        put(UInt8(ascii: "\""))
    }

    public mutating func timestamp(_ value: inout Timestamp) {
        let digitsInThrees = isProto3
        put(upTo: Timestamp.maximumTextCount + 2) { target in
            target[0] = UInt8(ascii: "\"")
            let count = value.writeText(
                to: UnsafeMutableBufferPointer(start: target + 1, count: Timestamp.maximumTextCount),
                digitsInThrees: digitsInThrees)
            target[count + 1] = UInt8(ascii: "\"")
            return count + 2
        }
    }
}
