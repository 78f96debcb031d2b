// Reads any bytes as protobuf, and stops when one of these does not hold:
// - nothing traps;
// - what is read is written as bytes that read as the same value, and are then written alike;
// - the same of proto3 JSON, for a value that it has a form for.
import MartletWire
import WireMessages

/// Maps are written in no particular order, and NaN equals nothing: so the lengths are compared, and what is read from
/// them again.
func check<Value: Message>(_ type: Value.Type, _ input: [UInt8]) {
    guard let value = try? Protobuf.decode(type, from: input) else { return }
    let bytes = Protobuf.encode(value)
    guard let again = try? Protobuf.decode(type, from: bytes, limits: ProtobufLimits(size: .max)) else {
        fatalError("does not read back: \(bytes)")
    }
    let second = Protobuf.encode(again)
    guard second.count == bytes.count, JSON.encode(again) == JSON.encode(value) else {
        fatalError("reads back as another value: \(bytes), \(second)")
    }
    checkJSON(type, value)
}

func checkJSON<Value: Message>(_ type: Value.Type, _ value: Value) {
    let text = JSON.encode(value, options: .proto3)
    do throws(JSONError) {
        let again = try JSON.decode(type, from: text, options: .proto3)
        guard JSON.encode(again, options: .proto3) == text else {
            fatalError("reads back as another value: \(String(decoding: text, as: UTF8.self))")
        }
    } catch {
        // The limits on nesting differ; the type of an Any is not known; a mask may have a path that JSON cannot spell.
        let isExpected = error.kind == .tooDeep || error.message.contains("Any") || error.message.contains("FieldMask")
        if !isExpected { fatalError("\(error): \(String(decoding: text, as: UTF8.self))") }
    }
}

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzProtobuf(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: start, count: count))
    check(Nest.self, input)
    check(AllKinds.self, input)
    check(Containers.self, input)
    check(WellKnown.self, input)
    // Any bytes are JSON, too.
    if let value = try? JSON.decode(Nest.self, from: input, options: .proto3) { checkJSON(Nest.self, value) }
    return 0
}
