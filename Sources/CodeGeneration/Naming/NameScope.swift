/// The names of one place in Swift, each given once.
struct NameScope {
    private var taken: Set<String>

    init(_ taken: Set<String> = []) { self.taken = taken }

    /// The name, or with a word after it that says what it is when it is taken: `StringMessage`, `selfField`.
    mutating func claim(_ name: String, orWith suffix: String) -> String {
        var name = name
        while !taken.insert(name).inserted { name += suffix }
        return name
    }

    // MARK: What is taken from the start

    /// `self` and `init` mean something even in backquotes. The rest are what a message has anyway; `hashValue` too.
    static let ofMessage: Set<String> = [
        "self", "init", "Type", "hashValue", "isAbsentField", "isDefaultField", "isEmptyField", "unknownFields",
        "visitFields", "visitValue",
    ]
    /// Static ones, as the constants are.
    static let ofEnum: Set<String> = [
        "self", "init", "Type", "acceptsNull", "arrayTypeName", "enumName", "fieldDefault", "isNumeric", "typeName",
        "visitArray",
    ]
    /// Cases of an enumeration that is always in an optional.
    static let ofOneof: Set<String> = ["self", "init", "Type", "none", "some", "hash", "hashValue"]
    static let ofService: Set<String> = ["self", "init", "Type", "visitMethods"]
    static let ofClient: Set<String> = ["self", "init", "Type", "channel"]

    /// What generated code itself speaks of, so that it needs no modules before the names.
    static let ofTypes: Set<String> = [
        "Any", "AnyObject", "Array", "Bool", "Dictionary", "Double", "Float", "Hashable", "Hasher", "Int", "Int32",
        "Int64",
        "Never", "Optional", "Protocol", "Result", "Self", "Sendable", "StaticString", "String", "Swift", "Type",
        "UInt32",
        "UInt64", "UInt8", "V", "Void", "MartletCore", "MartletWire", "AnyMessage", "BoolValue", "BytesValue",
        "DoubleValue", "Duration", "Empty", "Endpoint", "FieldMask", "FieldOptions", "FieldVisitor", "FloatValue",
        "Int32Value", "Int64Value", "JSONArray", "JSONObject", "JSONValue", "Message", "MessageEnum", "MessageSource",
        "NullValue", "RPCCall", "RPCChannel", "RPCMethodVisitor", "RPCRoute", "RPCService", "RPCStream", "RequestSink",
        "SchemaFile", "StringValue", "Timestamp", "UInt32Value", "UInt64Value", "UnknownFields",
    ]
}
