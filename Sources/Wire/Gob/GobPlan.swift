/// How a struct, as its sender defined it, goes into a message: for each of its fields the place of the message's field
/// of that name. Made once for each pair of the two, when its first value comes.
@usableFromInline
struct GobPlan {
    @usableFromInline
    struct Slot {
        /// The message's field, counted as its description visits them; -1 for one that it does not have.
        @usableFromInline var place: Int
        /// The sender's number for the field's type.
        @usableFromInline var type: Int
        /// For the message in the field, if there is one.
        @usableFromInline var plan: UnsafeMutablePointer<GobPlan>?
    }

    @usableFromInline var slots: UnsafeMutableBufferPointer<Slot>
    /// The message has fields that are ``Timestamp``, and the sender leaves out times that are zero in Go.
    @usableFromInline var hasTimes: Bool

    init() {
        slots = UnsafeMutableBufferPointer(start: nil, count: 0)
        hasTimes = false
    }
}

/// Collects the Go names of a message's fields in the order of the description.
struct GobFieldNames: FieldVisitor {
    var names: [String] = []

    mutating func field<Value: FieldValue>(
        _ number: Int, _ name: StaticString, _ value: inout Value, _ options: FieldOptions
    ) {
        names.append(Gob.fieldName(name))
    }

    mutating func bool(_ value: inout Bool) {}
    mutating func integer<Integer: FieldValue & FixedWidthInteger>(_ value: inout Integer) {}
    mutating func double(_ value: inout Double) {}
    mutating func float(_ value: inout Float) {}
    mutating func string(_ value: inout String) {}
    mutating func bytes(_ value: inout [UInt8]) {}
    mutating func timestamp(_ value: inout Timestamp) {}
    mutating func json(_ value: inout JSONValue) {}
    mutating func enumeration<Value: MessageEnum>(_ value: inout Value) {}
    mutating func message<Value: Message>(_ value: inout Value) {}
    mutating func optional<Wrapped: FieldValue>(_ value: inout Wrapped?) {}
    mutating func array<Element: FieldValue>(_ value: inout [Element]) {}
    mutating func map<Value: FieldValue>(_ value: inout [String: Value]) {}
    mutating func map<Key: MapKey, Value: FieldValue>(keyed value: inout [Key: Value]) {}
}

/// Sets the times of a message to Go's zero: what a field means that the sender has and left out.
struct GobTimeReset: FieldVisitor {
    mutating func field<Value: FieldValue>(
        _ number: Int, _ name: StaticString, _ value: inout Value, _ options: FieldOptions
    ) {
        if Value.self == Timestamp.self { value.visitValue(with: &self) }
    }

    mutating func timestamp(_ value: inout Timestamp) { value = .goZero }

    mutating func bool(_ value: inout Bool) {}
    mutating func integer<Integer: FieldValue & FixedWidthInteger>(_ value: inout Integer) {}
    mutating func double(_ value: inout Double) {}
    mutating func float(_ value: inout Float) {}
    mutating func string(_ value: inout String) {}
    mutating func bytes(_ value: inout [UInt8]) {}
    mutating func json(_ value: inout JSONValue) {}
    mutating func enumeration<Value: MessageEnum>(_ value: inout Value) {}
    mutating func message<Value: Message>(_ value: inout Value) {}
    mutating func optional<Wrapped: FieldValue>(_ value: inout Wrapped?) {}
    mutating func array<Element: FieldValue>(_ value: inout [Element]) {}
    mutating func map<Value: FieldValue>(_ value: inout [String: Value]) {}
    mutating func map<Key: MapKey, Value: FieldValue>(keyed value: inout [Key: Value]) {}
}
