import MartletWire

/// The broker's request, as far as A.3's error texts need it.
struct RequestPayload: Message, Equatable {
    static let messageName = "RequestPayload"
    var action = ""
    var auth = AuthPayload()
    var log = LogPayload()

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "action", &action)
        visit.field(2, "auth", &auth)
        visit.field(3, "log", &log)
    }
}

struct AuthPayload: Message, Equatable {
    static let messageName = "AuthPayload"
    var email = ""
    var password = ""

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "email", &email)
        visit.field(2, "password", &password)
    }
}

struct LogPayload: Message, Equatable {
    static let messageName = "logs.Log"
    var name = ""
    var data = ""

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "name", &name)
        visit.field(2, "data", &data)
    }
}

/// A field of every kind.
struct Everything: Message, Equatable {
    static let messageName = "Everything"
    var bool = false
    var int = 0
    var int8: Int8 = 0
    var int16: Int16 = 0
    var int32: Int32 = 0
    var int64: Int64 = 0
    var uint = UInt(0)
    var uint8: UInt8 = 0
    var uint16: UInt16 = 0
    var uint32: UInt32 = 0
    var uint64: UInt64 = 0
    var double = 0.0
    var float: Float = 0
    var string = ""
    var bytes: [UInt8] = []
    var time = Timestamp()
    var any = JSONValue.null
    var level = Level.info
    var weekday = Weekday.monday
    var message = LogPayload()
    var maybe: Int?
    var maybeMessage: LogPayload?
    var numbers: [Int] = []
    var messages: [LogPayload] = []
    var counts: [String: Int] = [:]
    var grid: [[Double]] = []
    var holes: [String?] = []

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "bool", &bool)
        visit.field(2, "int", &int)
        visit.field(3, "int8", &int8)
        visit.field(4, "int16", &int16)
        visit.field(5, "int32", &int32, .zigZag)
        visit.field(6, "int64", &int64, .fixedWidth)
        visit.field(7, "uint", &uint)
        visit.field(8, "uint8", &uint8)
        visit.field(9, "uint16", &uint16)
        visit.field(10, "uint32", &uint32)
        visit.field(11, "uint64", &uint64)
        visit.field(12, "double", &double)
        visit.field(13, "float", &float)
        visit.field(14, "string", &string)
        visit.field(15, "bytes", &bytes)
        visit.field(16, "time", &time)
        visit.field(17, "any", &any)
        visit.field(18, "level", &level)
        visit.field(19, "weekday", &weekday)
        visit.field(20, "message", &message)
        visit.field(21, "maybe", &maybe)
        visit.field(22, "maybeMessage", &maybeMessage)
        visit.field(23, "numbers", &numbers)
        visit.field(24, "messages", &messages)
        visit.field(25, "counts", &counts)
        visit.field(26, "grid", &grid)
        visit.field(27, "holes", &holes)
    }
}

/// An enumeration with names.
enum Level: Int32, MessageEnum, CaseIterable {
    case info, warning, error

    static let enumName = "Level"
    static let fieldDefault = Level.info
    var name: String? { "\(self)" }
    init?(name: String) {
        guard let level = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = level
    }
}

/// An enumeration of numbers.
enum Weekday: Int32, MessageEnum {
    case monday, tuesday

    static let enumName = "Weekday"
    static let fieldDefault = Weekday.monday
}

/// Holds itself, twice over.
struct Tree: Message, Equatable {
    static let messageName = "Tree"
    var children: [Tree] = []

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "children", &children)
    }
}

/// The fields that are left out when empty.
struct Sparse: Message, Equatable {
    static let messageName = "Sparse"
    var bool = false
    var int = 0
    var string = ""
    var array: [Int] = []
    var map: [String: Int] = [:]
    var any = JSONValue.null
    var maybe: Int?

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "bool", &bool, .omitEmpty)
        visit.field(2, "int", &int, .omitEmpty)
        visit.field(3, "string", &string, .omitEmpty)
        visit.field(4, "array", &array, .omitEmpty)
        visit.field(5, "map", &map, .omitEmpty)
        visit.field(6, "any", &any, .omitEmpty)
        visit.field(7, "maybe", &maybe)
    }
}

/// What reading says of the text: the value, or the error.
func read<Value: FieldValue>(
    _ type: Value.Type, _ text: String, limits: JSONLimits = JSONLimits()
) throws(JSONError) -> Value {
    try JSON.decode(type, from: Array(text.utf8), limits: limits)
}

func failure<Value: FieldValue>(
    _ type: Value.Type, _ text: String, limits: JSONLimits = JSONLimits()
) -> JSONError? {
    failure(type, Array(text.utf8), limits: limits)
}

func failure<Value: FieldValue>(
    _ type: Value.Type, _ bytes: [UInt8], limits: JSONLimits = JSONLimits()
) -> JSONError? {
    do throws(JSONError) {
        _ = try JSON.decode(type, from: bytes, limits: limits)
        return nil
    } catch {
        return error
    }
}

func written<Value: FieldValue>(_ value: Value, options: JSONWritingOptions = []) -> String {
    String(decoding: JSON.encode(value, options: options), as: UTF8.self)
}
