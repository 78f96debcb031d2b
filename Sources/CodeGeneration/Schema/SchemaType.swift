/// A message or an enumeration of a schema, by its name in Swift.
struct SchemaType {
    enum Content {
        case message(MessageDescriptor)
        case enumeration(EnumDescriptor)
        /// What Wire has a type of its own for.
        case wellKnown(isEnum: Bool)
    }

    /// With the types that it stands in: `Containers.Choice`.
    let swiftName: String
    let content: Content

    var isEnum: Bool {
        switch content {
        case .enumeration: true
        case .message: false
        case .wellKnown(let isEnum): isEnum
        }
    }

    /// What fields of it are in Swift.
    static let wellKnown: [String: SchemaType] = [
        ".google.protobuf.Any": message("AnyMessage"),
        ".google.protobuf.Duration": message("Duration"),
        ".google.protobuf.Empty": message("Empty"),
        ".google.protobuf.FieldMask": message("FieldMask"),
        ".google.protobuf.ListValue": message("JSONArray"),
        ".google.protobuf.NullValue": SchemaType(swiftName: "NullValue", content: .wellKnown(isEnum: true)),
        ".google.protobuf.Struct": message("JSONObject"),
        ".google.protobuf.Timestamp": message("Timestamp"),
        ".google.protobuf.Value": message("JSONValue"),
        ".google.protobuf.BoolValue": message("BoolValue"),
        ".google.protobuf.BytesValue": message("BytesValue"),
        ".google.protobuf.DoubleValue": message("DoubleValue"),
        ".google.protobuf.FloatValue": message("FloatValue"),
        ".google.protobuf.Int32Value": message("Int32Value"),
        ".google.protobuf.Int64Value": message("Int64Value"),
        ".google.protobuf.StringValue": message("StringValue"),
        ".google.protobuf.UInt32Value": message("UInt32Value"),
        ".google.protobuf.UInt64Value": message("UInt64Value"),
    ]

    private static func message(_ swiftName: String) -> SchemaType {
        SchemaType(swiftName: swiftName, content: .wellKnown(isEnum: false))
    }
}
