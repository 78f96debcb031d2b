// Reads any bytes as JSON, and stops when one of these does not hold:
// - nothing traps;
// - a value that is read is written as JSON that reads as the same value;
// - checking syntax alone accepts what reading accepts, and refuses what reading refuses for its syntax.
import MartletWire

struct Leaf: Message, Equatable {
    static let messageName = "Leaf"
    var name = ""
    var count: Int32 = 0

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "name", &name)
        visit.field(2, "count", &count)
    }
}

struct Root: Message, Equatable {
    static let messageName = "Root"
    var string = ""
    var integer = 0
    var byte: UInt8 = 0
    var double = 0.0
    var float: Float = 0
    var bool = false
    var bytes: [UInt8] = []
    var time = Timestamp()
    var any = JSONValue.null
    var leaf: Leaf?
    var leaves: [Leaf] = []
    var map: [String: Leaf] = [:]
    var roots: [Root] = []

    mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
        visit.field(1, "s", &string)
        visit.field(2, "i", &integer)
        visit.field(3, "u8", &byte)
        visit.field(4, "d", &double)
        visit.field(5, "f", &float)
        visit.field(6, "b", &bool)
        visit.field(7, "bytes", &bytes)
        visit.field(8, "time", &time)
        visit.field(9, "any", &any)
        visit.field(10, "leaf", &leaf)
        visit.field(11, "leaves", &leaves)
        visit.field(12, "map", &map)
        visit.field(13, "roots", &roots)
    }
}

func read<Value: FieldValue & Equatable>(_ type: Value.Type, _ input: [UInt8]) -> JSONError? {
    do throws(JSONError) {
        let value = try JSON.decode(type, from: input)
        for options in [[], .unescapedHTML] as [JSONWritingOptions] {
            let text = JSON.encode(value, options: options)
            guard let again = try? JSON.decode(type, from: text), again == value else {
                fatalError("does not read back: \(String(decoding: text, as: UTF8.self))")
            }
        }
        return nil
    } catch {
        return error
    }
}

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzJSON(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: start, count: count))
    var syntaxError: JSONError?
    do throws(JSONError) { try JSON.validate(input) } catch { syntaxError = error }

    for error in [read(JSONValue.self, input), read(Root.self, input)] {
        switch (error, syntaxError) {
        case (nil, nil): continue
        // A mismatch is found before what trails the value is looked at.
        case (let error?, let expected) where error.kind == .mismatch && (expected?.kind ?? .trailing) == .trailing:
            continue
        case (let error?, let expected?) where error == expected: continue
        default: fatalError("reading: \(String(describing: error)), checking: \(String(describing: syntaxError))")
        }
    }
    return 0
}
