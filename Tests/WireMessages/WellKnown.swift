package import MartletWire

/// The well-known types.
package struct WellKnown: Message, Equatable {
    package static let messageName = "martlet.test.WellKnown"
    package var time: Timestamp?
    package var duration: Duration?
    package var empty: Empty?
    package var value: JSONValue?
    package var object: JSONObject?
    package var array: JSONArray?
    package var any: AnyMessage?
    package var mask: FieldMask?
    package var null = NullValue()
    package var bool: BoolValue?
    package var int64: Int64Value?
    package var string: StringValue?
    package var bytes: BytesValue?
    package var times: [Timestamp] = []

    package init() {}

    package mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "time", &time)
        visit.field(2, "duration", &duration)
        visit.field(3, "empty", &empty)
        visit.field(4, "value", &value)
        visit.field(5, "object", &object)
        visit.field(6, "array", &array)
        visit.field(7, "any", &any)
        visit.field(8, "mask", &mask)
        visit.field(9, "null", &null)
        visit.field(10, "bool_value", &bool)
        visit.field(11, "int64_value", &int64)
        visit.field(12, "string_value", &string)
        visit.field(13, "bytes_value", &bytes)
        visit.field(14, "times", &times)
    }
}
