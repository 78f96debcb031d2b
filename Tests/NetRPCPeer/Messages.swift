internal import MartletWire

/// The types of the Go program.
struct Payload: Message {
    static let messageName = "RPCPayload"
    var name = ""
    var data = ""

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "name", &name)
        visit.field(2, "data", &data)
    }
}

struct Nothing: Message, Equatable {
    static let messageName = "Nothing"

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {}
}

struct Tree: Message, Equatable {
    static let messageName = "Tree"
    var name = ""
    var children: [Tree] = []

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "name", &name)
        visit.field(2, "children", &children)
    }
}

struct Inner: Message, Equatable {
    static let messageName = "Inner"
    var x = 0
    var name = ""

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "x", &x)
        visit.field(2, "name", &name)
    }
}

struct Everything: Message, Equatable {
    static let messageName = "Everything"
    var flag = false
    var small: Int8 = 0
    var large: UInt64 = 0
    var ratio = 0.0
    var half: Float = 0
    var text = ""
    var data: [UInt8] = []
    var createdAt = Timestamp.goZero
    var inner = Inner()
    var pointer: Inner?
    var number: Int?
    var numbers: [Int] = []
    var triple = [0, 0, 0]
    var inners: [Inner] = []
    var counts: [String: Int] = [:]
    var places: [String: Inner] = [:]
    var grid: [[Double]] = []
    var times: [Timestamp] = []

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "flag", &flag)
        visit.field(2, "small", &small)
        visit.field(3, "large", &large)
        visit.field(4, "ratio", &ratio)
        visit.field(5, "half", &half)
        visit.field(6, "text", &text)
        visit.field(7, "data", &data)
        visit.field(8, "created_at", &createdAt)
        visit.field(9, "inner", &inner)
        visit.field(10, "pointer", &pointer)
        visit.field(11, "number", &number)
        visit.field(12, "numbers", &numbers)
        visit.field(13, "triple", &triple)
        visit.field(14, "inners", &inners)
        visit.field(15, "counts", &counts)
        visit.field(16, "places", &places)
        visit.field(17, "grid", &grid)
        visit.field(18, "times", &times)
    }

    static var full: Everything {
        Everything(
            flag: true, small: -128, large: .max, ratio: 0.1, half: 0.25, text: "h\u{e9}llo", data: [0, 255],
            createdAt: Timestamp(seconds: 1, nanoseconds: 2), inner: Inner(x: 1, name: "a"),
            pointer: Inner(x: 2, name: "b"), number: 7, numbers: [1, 0, -300], triple: [1, 0, 3],
            inners: [Inner(), Inner(x: 3, name: "c")], counts: ["one": 1, "none": 0], places: ["p": Inner(x: 4)],
            grid: [[1, 0.1], []], times: [Timestamp(), .goZero])
    }
}
