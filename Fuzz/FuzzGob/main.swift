// Reads any bytes as a gob stream, and stops when one of these does not hold:
// - nothing traps;
// - a value that is read is written as a stream that reads as the same value;
// - a stream gives the same values and errors in one piece and cut in two at any place;
// - what is passed over ends where what is read ends.
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
    var grid: [[Int]] = []

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
        visit.field(14, "grid", &grid)
    }
}

/// What a stream says, as text: values, errors, and how far it was read.
func read<Value: FieldValue>(_ type: Value.Type, _ input: [UInt8], endings: [Int]) -> [String] {
    let decoder = GobDecoder(limits: GobLimits(message: 1 << 16, nesting: 32))
    var said: [String] = []
    var offset = 0
    for ending in endings {
        let isOver = input[..<ending].withUnsafeBytes { bytes in
            while true {
                do throws(GobError) {
                    guard let message = try decoder.next(in: bytes, at: &offset) else { return false }
                    do throws(GobError) {
                        let value = try decoder.decode(type, from: message, in: bytes)
                        said.append(check(value))
                    } catch {
                        said.append("\(error.kind) \(error.message) at \(error.offset)")
                    }
                } catch {
                    said.append("\(error.kind) \(error.message) at \(error.offset)")
                    return true
                }
            }
        }
        if isOver { break }
    }
    return said + ["\(offset)"]
}

/// As bytes, because NaN is not equal to itself and a dictionary is described in any order.
func written<Value: FieldValue>(_ value: Value) -> [UInt8] {
    let encoder = GobEncoder()
    encoder.encode(value)
    return [UInt8](encoder.bytes)
}

func check<Value: FieldValue>(_ value: Value) -> String {
    let bytes = written(value)
    let decoder = GobDecoder(limits: GobLimits(message: 1 << 24, nesting: 64))
    var offset = 0
    bytes.withUnsafeBytes { bytes in
        do {
            guard let message = try decoder.next(in: bytes, at: &offset), offset == bytes.count else {
                fatalError("\(value) is written as more than itself")
            }
            let again = try decoder.decode(Value.self, from: message, in: bytes)
            precondition(written(again) == Array(bytes), "\(value) reads back as \(again)")
        } catch {
            fatalError("\(value) does not read back: \(error)")
        }
    }
    return "\(bytes)"
}

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzGob(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: start, count: count))
    // Where to cut is the input's own choice, so that it can be learned.
    let cut = input.reduce(0) { ($0 &* 31 &+ Int($1)) & 0xffff } % (input.count + 1)
    func both<Value: FieldValue>(_ type: Value.Type) -> String? {
        let whole = read(type, input, endings: [input.count])
        precondition(read(type, input, endings: [cut, input.count]) == whole, "cut at \(cut): not \(whole)")
        return whole.last
    }
    let ends = [both(Root.self), both([Root].self), both(Leaf.self), both(String.self), both([String: [Int]].self)]
    precondition(Set(ends).count == 1, "\(ends)")
    return 0
}
