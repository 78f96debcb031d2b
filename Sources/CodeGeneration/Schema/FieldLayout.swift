/// A field as it will be in Swift.
struct FieldLayout {
    let schemaName: String
    let number: Int32
    /// Of the property; not quoted.
    var swiftName = ""
    /// In a oneof's enumeration; not quoted.
    var caseName = ""
    /// Of the property: `String`, `Log?`, `[Int64: Log]`.
    let type: String
    /// The same without the optional: what a oneof's case holds.
    let payload: String
    let defaultValue: String
    /// `.zigZag`
    let options: [String]
    /// Where it is not ``Identifier/json(_:)`` of the name.
    let jsonName: String?
    let isMessage: Bool
    /// Holds a message that may hold this field's own.
    let isBoxed: Bool
    /// The array that stands in for a boxed field that is in no oneof.
    var storage = ""
    /// 0 for none.
    var oneofIndex = 0
    let isDeprecated: Bool
    let path: [Int32]

    init(
        _ field: FieldDescriptor, of message: String, path: [Int32], in schema: Schema, file: String
    ) throws(GenerationError) {
        let value = try FieldKind(field, of: message, in: schema, file: file)
        schemaName = field.name
        number = field.number
        isDeprecated = field.options.isDeprecated
        self.path = path
        isMessage = value.isMessage
        var options = value.options
        if let entry = try Self.mapEntry(field, in: schema) {
            let key = try FieldKind(entry.key, of: message, in: schema, file: file)
            let element = try FieldKind(entry.value, of: message, in: schema, file: file)
            guard key.canBeKey else {
                throw GenerationError(file: file, message: "\(message.dropFirst()).\(field.name): no key of a map")
            }
            payload = "[\(key.swiftType): \(element.swiftType)]"
            type = payload
            defaultValue = "[:]"
            options = key.options.map { $0 + "Key" } + element.options
            isBoxed = false
        } else if field.isRepeated {
            payload = "[\(value.swiftType)]"
            type = payload
            defaultValue = "[]"
            if value.isNumeric, field.options.isPacked == false { options.append(".unpacked") }
            isBoxed = false
        } else {
            let isPresent = value.isMessage || field.isOptional || field.oneofIndex != nil
            payload = value.swiftType
            type = isPresent ? payload + "?" : payload
            defaultValue = isPresent ? "nil" : value.zero
            isBoxed = value.isMessage && schema.holds(field.typeName, message)
        }
        self.options = options
        let hasOwnName = !field.jsonName.isEmpty && field.jsonName != Identifier.json(field.name)
        if hasOwnName, !field.jsonName.utf8.allSatisfy({ (0x20..<0x7F).contains($0) && $0 != 0x22 && $0 != 0x5C }) {
            throw GenerationError(
                file: file,
                message:
                    "\(message.dropFirst()).\(field.name): json_name is printable ASCII without quotes and backslashes")
        }
        jsonName = hasOwnName ? field.jsonName : nil
    }

    private static func mapEntry(
        _ field: FieldDescriptor, in schema: Schema
    ) throws(GenerationError) -> (key: FieldDescriptor, value: FieldDescriptor)? {
        guard field.isRepeated, case .message(let entry)? = schema.types[field.typeName]?.content,
            entry.options.isMapEntry, let key = entry.fields.first(where: { $0.number == 1 }),
            let value = entry.fields.first(where: { $0.number == 2 })
        else { return nil }
        return (key, value)
    }
}

/// What a field's value is, apart from how many there are of it.
private struct FieldKind {
    let swiftType: String
    let zero: String
    var options: [String] = []
    var isMessage = false
    var isNumeric = true
    var canBeKey = true

    init(_ field: FieldDescriptor, of message: String, in schema: Schema, file: String) throws(GenerationError) {
        guard let kind = FieldDescriptor.Kind(rawValue: field.kind) else {
            throw GenerationError(
                file: file,
                message: "\(message.dropFirst()).\(field.name): proto3 has no type \(field.kind) (10 is a group)")
        }
        switch kind {
        case .double: (swiftType, zero, canBeKey) = ("Double", "0", false)
        case .float: (swiftType, zero, canBeKey) = ("Float", "0", false)
        case .int32: (swiftType, zero) = ("Int32", "0")
        case .int64: (swiftType, zero) = ("Int64", "0")
        case .uint32: (swiftType, zero) = ("UInt32", "0")
        case .uint64: (swiftType, zero) = ("UInt64", "0")
        case .sint32: (swiftType, zero, options) = ("Int32", "0", [".zigZag"])
        case .sint64: (swiftType, zero, options) = ("Int64", "0", [".zigZag"])
        case .fixed32: (swiftType, zero, options) = ("UInt32", "0", [".fixedWidth"])
        case .fixed64: (swiftType, zero, options) = ("UInt64", "0", [".fixedWidth"])
        case .sfixed32: (swiftType, zero, options) = ("Int32", "0", [".fixedWidth"])
        case .sfixed64: (swiftType, zero, options) = ("Int64", "0", [".fixedWidth"])
        case .bool: (swiftType, zero) = ("Bool", "false")
        case .string: (swiftType, zero, isNumeric) = ("String", "\"\"", false)
        case .bytes: (swiftType, zero, isNumeric, canBeKey) = ("[UInt8]", "[]", false, false)
        case .message, .enumeration:
            let type = try schema.type(field.typeName, in: file)
            guard type.isEnum == (kind == .enumeration) else {
                throw GenerationError(
                    file: file, message: "\(message.dropFirst()).\(field.name): \(field.typeName) is of another kind")
            }
            (swiftType, zero, canBeKey) = (type.swiftName, ".fieldDefault", false)
            (isMessage, isNumeric) = (!type.isEnum, type.isEnum)
        }
    }
}
