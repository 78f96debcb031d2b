extension ProtobufReader {
    public mutating func timestamp(_ value: inout Timestamp) {
        var parts = TimeParts(seconds: value.seconds, nanoseconds: value.nanoseconds)
        message(&parts)
        if status == .fine { value = Timestamp(seconds: parts.seconds, nanoseconds: parts.nanoseconds) }
    }

    public mutating func duration(_ value: inout Duration) {
        let before = value.protobufParts
        var parts = TimeParts(seconds: before.seconds, nanoseconds: before.nanoseconds)
        message(&parts)
        if status == .fine { value = Duration(protobufSeconds: parts.seconds, nanoseconds: parts.nanoseconds) }
    }

    public mutating func json(_ value: inout JSONValue) {
        var parts = ValueParts(value: value)
        message(&parts)
        if status == .fine { value = parts.value }
    }

    public mutating func jsonObject(_ value: inout JSONObject) {
        var parts = StructParts()
        let first = at
        message(&parts)
        guard status == .fine else { return }
        if value.members.isEmpty {
            value = JSONObject(parts.members)
        } else if !parts.entries.isEmpty {
            merge(parts.members, into: &value, first)
        }
    }

    /// A struct in many pieces would be gone through once for each of them; nobody sends that.
    private mutating func merge(
        _ members: [JSONObject.Member], into value: inout JSONObject, _ first: UnsafePointer<UInt8>
    ) {
        mergedMembers += value.members.count
        guard mergedMembers <= 1 << 20 else {
            return fail(.tooLarge, "a google.protobuf.Struct in too many pieces", at: first)
        }
        value = JSONObject(value.members + members)
    }

    public mutating func jsonArray(_ value: inout JSONArray) {
        var parts = ListParts(elements: value.elements)
        value.elements = []
        message(&parts)
        value.elements = parts.elements
    }
}

/// The fields of `google.protobuf.Timestamp` and of `google.protobuf.Duration`.
private struct TimeParts: Message {
    static let messageName = "google.protobuf.Timestamp"
    var seconds: Int64 = 0
    var nanoseconds: Int32 = 0

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "seconds", &seconds)
        visit.field(2, "nanos", &nanoseconds)
    }
}

/// The fields of `google.protobuf.Value`: the members of a oneof.
private struct ValueParts: Message {
    static let messageName = "google.protobuf.Value"
    var value = JSONValue.null

    var null: NullValue? {
        get { nil }
        set { if newValue != nil { value = .null } }
    }
    var number: Double? {
        get { nil }
        set { if let newValue { value = JSONValue(normalizing: newValue) } }
    }
    var string: String? {
        get { nil }
        set { if let newValue { value = .string(newValue) } }
    }
    var bool: Bool? {
        get { nil }
        set { if let newValue { value = .bool(newValue) } }
    }
    var object: JSONObject? {
        get { if case .object(let object) = value { object } else { nil } }
        set { if let newValue { value = .object(newValue) } }
    }
    /// Taken out while it is modified, so that what is appended does not copy what is there.
    var array: JSONArray? {
        get { if case .array(let elements) = value { JSONArray(elements) } else { nil } }
        _modify {
            var array = self.array
            if array != nil { value = .null }
            yield &array
            if let array { value = .array(array.elements) }
        }
    }

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "null_value", &null)
        visit.field(2, "number_value", &number)
        visit.field(3, "string_value", &string)
        visit.field(4, "bool_value", &bool)
        visit.field(5, "struct_value", &object)
        visit.field(6, "list_value", &array)
    }
}

/// The fields of `google.protobuf.Struct`, its map as the repeated entries that it is on the wire, in their order.
private struct StructParts: Message {
    static let messageName = "google.protobuf.Struct"
    var entries: [Entry] = []

    var members: [JSONObject.Member] { entries.map { JSONObject.Member(key: $0.key, value: $0.value) } }

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) { visit.field(1, "fields", &entries) }

    struct Entry: Message {
        static let messageName = "google.protobuf.Struct.FieldsEntry"
        var key = ""
        var value = JSONValue.null

        mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
            visit.field(1, "key", &key)
            visit.field(2, "value", &value)
        }
    }
}

/// The fields of `google.protobuf.ListValue`.
private struct ListParts: Message {
    static let messageName = "google.protobuf.ListValue"
    var elements: [JSONValue] = []

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) { visit.field(1, "values", &elements) }
}
