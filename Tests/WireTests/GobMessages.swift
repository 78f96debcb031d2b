import MartletWire

/// The headers and the payload of the course's calls.
struct RPCRequest: Message, Equatable {
    static let messageName = "Request"
    var serviceMethod = ""
    var seq = UInt64(0)

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "service_method", &serviceMethod)
        visit.field(2, "seq", &seq)
    }
}

struct RPCResponse: Message, Equatable {
    static let messageName = "Response"
    var serviceMethod = ""
    var seq = UInt64(0)
    var error = ""

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "service_method", &serviceMethod)
        visit.field(2, "seq", &seq)
        visit.field(3, "error", &error)
    }
}

struct RPCPayload: Message, Equatable {
    static let messageName = "main.RPCPayload"
    var name = ""
    var data = ""

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "name", &name)
        visit.field(2, "data", &data)
    }
}

struct GobEmpty: Message, Equatable {
    static let messageName = ""

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {}
}

struct GobInner: Message, Equatable {
    static let messageName = "main.Inner"
    var x = 0
    var name = ""

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "x", &x)
        visit.field(2, "name", &name)
    }
}

/// The same as `Everything` of the Go program that made `GobStreams`.
struct GobEverything: Message, Equatable {
    static let messageName = "main.Everything"
    var bool = false
    var int = 0
    var int8: Int8 = 0
    var uint64: UInt64 = 0
    var double = 0.0
    var float: Float = 0
    var text = ""
    var bytes: [UInt8] = []
    var when = Timestamp()
    var inner = GobInner()
    var pointer: GobInner?
    var number: Int?
    var numbers: [Int] = []
    var strings: [String] = []
    var inners: [GobInner] = []
    var counts: [String: Int] = [:]
    var places: [String: GobInner] = [:]
    var grid: [[Double]] = []
    var times: [Timestamp] = []

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "bool", &bool)
        visit.field(2, "int", &int)
        visit.field(3, "int8", &int8)
        visit.field(4, "uint64", &uint64)
        visit.field(5, "double", &double)
        visit.field(6, "float", &float)
        visit.field(7, "text", &text)
        visit.field(8, "bytes", &bytes)
        visit.field(9, "when", &when)
        visit.field(10, "inner", &inner)
        visit.field(11, "pointer", &pointer)
        visit.field(12, "number", &number)
        visit.field(13, "numbers", &numbers)
        visit.field(14, "strings", &strings)
        visit.field(15, "inners", &inners)
        visit.field(16, "counts", &counts)
        visit.field(17, "places", &places)
        visit.field(18, "grid", &grid)
        visit.field(19, "times", &times)
    }

    /// As the Go program filled it.
    static var full: GobEverything {
        var value = GobEverything()
        value.bool = true
        value.int = -5
        value.int8 = -128
        value.uint64 = .max
        value.double = 1.5
        value.float = 0.25
        value.text = "h\u{e9}llo"
        value.bytes = [0, 255]
        value.when = Timestamp(seconds: 1_647_219_723, nanoseconds: 456_789)
        value.inner = GobInner(x: 1, name: "a")
        value.pointer = GobInner(x: 2, name: "b")
        value.number = 7
        value.numbers = [1, -1, 300]
        value.strings = ["a", "", "c"]
        value.inners = [GobInner(x: 3, name: "c"), GobInner()]
        value.counts = ["one": 1]
        value.places = ["p": GobInner(x: 4, name: "d")]
        value.grid = [[1, 0.1], []]
        value.times = [Timestamp(), .goZero]
        return value
    }

    /// Go's zero value.
    static var zero: GobEverything {
        var value = GobEverything()
        value.when = .goZero
        return value
    }
}

struct GobTree: Message, Equatable {
    static let messageName = "main.Tree"
    var name = ""
    var children: [GobTree] = []

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "name", &name)
        visit.field(2, "children", &children)
    }
}

struct GobFixed: Message, Equatable {
    static let messageName = "main.Fixed"
    var triple: [Int] = []
    var names: [String] = []
    var grid: [[Int]] = []

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "triple", &triple)
        visit.field(2, "names", &names)
        visit.field(3, "grid", &grid)
    }
}

struct GobNarrow: Message, Equatable {
    static let messageName = "main.Narrow"
    var small: Int8 = 0
    var tiny: UInt16 = 0
    var single: Double = 0

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "small", &small)
        visit.field(2, "tiny", &tiny)
        visit.field(3, "single", &single)
    }
}

struct GobSingle: Message, Equatable {
    static let messageName = "main.Narrow"
    var single: Float = 0

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) { visit.field(1, "single", &single) }
}

/// One stream's reader and what is left of it.
struct GobStream {
    let decoder: GobDecoder
    let bytes: [UInt8]
    var offset = 0

    init(_ bytes: [UInt8], limits: GobLimits = GobLimits()) {
        self.bytes = bytes
        decoder = GobDecoder(limits: limits)
    }

    /// Nil at the end, and before what has not come yet.
    mutating func next<Value: FieldValue>(_ type: Value.Type) throws(GobError) -> Value? {
        var offset = offset
        defer { self.offset = offset }
        return try bytes.withUnsafeBufferPointer { bytes throws(GobError) in
            let bytes = UnsafeRawBufferPointer(bytes)
            guard let message = try decoder.next(in: bytes, at: &offset) else { return nil }
            return try decoder.decode(type, from: message, in: bytes)
        }
    }

    /// Whether there was a value to pass over.
    mutating func skip() throws(GobError) -> Bool {
        var offset = offset
        defer { self.offset = offset }
        return try bytes.withUnsafeBufferPointer { bytes throws(GobError) in
            try decoder.next(in: UnsafeRawBufferPointer(bytes), at: &offset) != nil
        }
    }

    mutating func failure<Value: FieldValue>(_ type: Value.Type) -> GobError? {
        do throws(GobError) {
            _ = try next(type)
            return nil
        } catch {
            return error
        }
    }
}

/// The stream of these values, from a sender that has sent nothing yet.
func gob<each Value: FieldValue>(firstTypeID: Int = Gob.firstTypeID, _ values: repeat each Value) -> [UInt8] {
    let encoder = GobEncoder(firstTypeID: firstTypeID)
    for value in repeat each values { encoder.encode(value) }
    return [UInt8](encoder.bytes)
}
