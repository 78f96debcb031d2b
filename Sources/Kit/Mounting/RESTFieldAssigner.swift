public import MartletWire

/// Sets one field of a message, which is named as in a path or a query: `id`, `place.room`.
@usableFromInline
struct RESTFieldAssigner: FieldVisitor {
    @usableFromInline
    enum Source {
        /// As they stand in a path or a query; several for a repeated field.
        case texts([String])
        /// A value in the JSON of proto3.
        case json([UInt8])
        /// Only looks whether there is such a field.
        case nothing
    }

    @usableFromInline
    enum Outcome: Equatable {
        case unknown
        case assigned
        case refused(String)
    }

    /// Messages inside each other that a name may go down.
    private static let deepest = 16

    @usableFromInline let name: String
    @usableFromInline let path: [Substring]
    @usableFromInline let source: Source
    @usableFromInline var depth = 0
    @usableFromInline var outcome = Outcome.unknown

    @usableFromInline
    init(_ name: String, _ source: Source) {
        self.name = name
        let path = name.split(separator: ".", maxSplits: Self.deepest, omittingEmptySubsequences: false)
        self.path = path.count <= Self.deepest ? path : []
        self.source = source
    }

    // MARK: Finding

    @inlinable
    mutating func field<Value: FieldValue>(
        _ number: Int, _ name: StaticString, _ value: inout Value, _ options: FieldOptions
    ) {
        guard outcome == .unknown, depth < path.count, Self.matches(path[depth], name, camelCase: true) else { return }
        visit(&value)
    }

    @inlinable
    mutating func field<Value: FieldValue>(
        _ number: Int, _ name: StaticString, json: StaticString, _ value: inout Value, _ options: FieldOptions
    ) {
        guard outcome == .unknown, depth < path.count else { return }
        let part = path[depth]
        guard Self.matches(part, name, camelCase: false) || Self.matches(part, json, camelCase: false) else { return }
        visit(&value)
    }

    @inlinable
    mutating func visit<Value: FieldValue>(_ value: inout Value) {
        if depth == path.count - 1 { return assign(&value) }
        depth += 1
        value.visitValue(with: &self)
        depth -= 1
    }

    /// Whether this is the schema's name, or what proto3 JSON makes of it.
    @usableFromInline
    static func matches(_ part: Substring, _ name: StaticString, camelCase: Bool) -> Bool {
        let bytes = UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
        if part.utf8.elementsEqual(bytes) { return true }
        guard camelCase else { return false }
        var rest = part.utf8[...]
        var isUpper = false
        for byte in bytes {
            if byte == UInt8(ascii: "_") {
                isUpper = true
                continue
            }
            guard rest.popFirst() == (isUpper && byte &- UInt8(ascii: "a") < 26 ? byte - 32 : byte) else {
                return false
            }
            isUpper = false
        }
        return rest.isEmpty
    }

    @inlinable
    mutating func message<Value: Message>(_ value: inout Value) { value.visitFields(&self) }

    @inlinable
    mutating func optional<Wrapped: FieldValue>(_ value: inout Wrapped?) {
        var wrapped = value ?? Wrapped.fieldDefault
        wrapped.visitValue(with: &self)
        if outcome == .assigned { value = wrapped }
    }

    // What has no fields, or more than one of each.
    @inlinable mutating func bool(_ value: inout Bool) {}
    @inlinable mutating func integer<Integer: FieldValue & FixedWidthInteger>(_ value: inout Integer) {}
    @inlinable mutating func double(_ value: inout Double) {}
    @inlinable mutating func float(_ value: inout Float) {}
    @inlinable mutating func string(_ value: inout String) {}
    @inlinable mutating func bytes(_ value: inout [UInt8]) {}
    @inlinable mutating func timestamp(_ value: inout Timestamp) {}
    @inlinable mutating func duration(_ value: inout Duration) {}
    @inlinable mutating func json(_ value: inout JSONValue) {}
    @inlinable mutating func enumeration<Value: MessageEnum>(_ value: inout Value) {}
    @inlinable mutating func array<Element: FieldValue>(_ value: inout [Element]) {}
    @inlinable mutating func map<Value: FieldValue>(_ value: inout [String: Value]) {}

    // MARK: Assigning

    @inlinable
    mutating func assign<Value: FieldValue>(_ value: inout Value) {
        switch source {
        case .nothing: outcome = .assigned
        case .json(let bytes):
            do throws(JSONError) {
                value = try JSON.decode(Value.self, from: bytes, options: .proto3)
                outcome = .assigned
            } catch {
                outcome = .refused(error.message)
            }
        case .texts(let texts):
            for form in Self.forms(of: texts) {
                guard let read = try? JSON.decode(Value.self, from: form, options: .proto3) else { continue }
                value = read
                outcome = .assigned
                return
            }
            outcome = .refused("the parameter \(RESTBinding.shown(name)) has no such value")
        }
    }

    /// What the texts may be in JSON. proto3 takes everything as a string but booleans and an enumeration's numbers.
    @usableFromInline
    static func forms(of texts: [String]) -> [[UInt8]] {
        let strings = texts.map { JSON.encode($0) }
        var forms = strings.count == 1 ? strings : []
        let areWords = texts.allSatisfy { text in
            text.utf8.allSatisfy { ($0 | 0x20) &- UInt8(ascii: "a") < 26 || $0 &- 0x30 < 10 || $0 == UInt8(ascii: "-") }
                && text != "null" && !text.isEmpty
        }
        if areWords, texts.count == 1 { forms.append(Array(texts[0].utf8)) }
        forms.append(array(strings))
        if areWords { forms.append(array(texts.map { Array($0.utf8) })) }
        return forms
    }

    private static func array(_ elements: [[UInt8]]) -> [UInt8] {
        [UInt8(ascii: "[")] + elements.joined(separator: [UInt8(ascii: ",")]) + [UInt8(ascii: "]")]
    }
}
