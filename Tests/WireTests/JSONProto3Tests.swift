import MartletWire
import Testing
import WireMessages

@Suite("proto3 JSON")
struct JSONProto3Tests {
    func written<Value: Message>(_ type: Value.Type, _ change: (inout Value) -> Void) -> String {
        var value = Value()
        change(&value)
        return String(decoding: JSON.encode(value, options: .proto3), as: UTF8.self)
    }

    func read<Value: Message>(
        _ type: Value.Type, _ text: String, options: JSONReadingOptions = .proto3
    ) throws(JSONError) -> Value {
        try JSON.decode(type, from: Array(text.utf8), options: options)
    }

    func error<Value: Message>(_ type: Value.Type, _ text: String) -> JSONError? {
        do throws(JSONError) {
            _ = try read(type, text)
            return nil
        } catch {
            return error
        }
    }

    // MARK: Names

    @Test("names are in lowerCamelCase, or what the schema gives")
    func names() {
        #expect(written(AllKinds.self) { $0.int32Field = 1 } == #"{"int32Field":1}"#)
        #expect(written(Containers.self) { $0.byNumber = [1: Leaf()] } == #"{"numbered":{"1":{}}}"#)
    }

    @Test("reading takes both names, escaped too, and in no other case")
    func bothNames() throws {
        #expect(try read(AllKinds.self, #"{"int32Field":1,"bool_field":true}"#).int32Field == 1)
        #expect(try read(AllKinds.self, #"{"int32_field":1}"#).int32Field == 1)
        #expect(try read(AllKinds.self, #"{"int32F\u0069eld":1}"#).int32Field == 1)
        #expect(try read(Containers.self, #"{"numbered":{"5":{}}}"#).byNumber == [5: Leaf()])
        #expect(try read(Containers.self, #"{"by_number":{"5":{}}}"#).byNumber == [5: Leaf()])
        #expect(error(Containers.self, #"{"byNumber":{}}"#)?.message == #"json: unknown field "byNumber""#)
        #expect(error(AllKinds.self, #"{"INT32FIELD":1}"#) != nil)
        #expect(error(AllKinds.self, #"{"int32_Field":1}"#) != nil)
    }

    @Test("the JSON of Go services keeps its names, whatever proto3 calls them")
    func goNames() throws {
        var containers = Containers()
        containers.byNumber = [1: Leaf(number: 2)]
        #expect(String(decoding: JSON.encode(containers), as: UTF8.self).contains(#""by_number":{"1":{"name":"#))
        #expect(try JSON.decode(Containers.self, from: Array(#"{"BY_NUMBER":{"1":{}}}"#.utf8)).byNumber == [1: Leaf()])
    }

    @Test("an unknown field is refused with its path, unless told otherwise")
    func unknownFields() throws {
        let text = #"{"leaf":{"name":"a","more":[1,{"x":2}],"number":5}}"#
        let found = error(AllKinds.self, text)
        #expect(found?.message == #"json: unknown field "more""#)
        #expect(found?.path == ["leaf"])
        let ignoring = try read(AllKinds.self, text, options: [.proto3, .ignoringUnknownFields])
        #expect(ignoring.leaf == Leaf(name: "a", number: 5))
    }

    // MARK: Values

    @Test("defaults are left out, present ones are not")
    func defaults() {
        #expect(written(AllKinds.self) { _ in } == "{}")
        #expect(written(AllKinds.self) { $0.doubleField = -0.0 } == #"{"doubleField":-0.0}"#)
        #expect(written(Containers.self) { $0.maybeInt = 0 } == #"{"maybeInt":0}"#)
        #expect(written(Containers.self) { $0.choice = .text("") } == #"{"choiceText":""}"#)
    }

    @Test("integers of 64 bits are strings, those of 32 bits are not")
    func wide() {
        #expect(written(AllKinds.self) { $0.int64Field = .min } == #"{"int64Field":"-9223372036854775808"}"#)
        #expect(written(AllKinds.self) { $0.uint64Field = .max } == #"{"uint64Field":"18446744073709551615"}"#)
        #expect(written(AllKinds.self) { $0.uint32Field = .max } == #"{"uint32Field":4294967295}"#)
        #expect(written(Containers.self) { $0.zigZags = [1, -1] } == #"{"zigZags":["1","-1"]}"#)
    }

    @Test(
        "an integer may be a string, and have a fraction of zero or an exponent",
        arguments: [
            ("5", 5), (#""5""#, 5), ("5.0", 5), ("5e0", 5), ("1e3", 1000), (#""1.0e3""#, 1000), ("-1.5e1", -15),
            ("1000e-3", 1), ("0.1e1", 1), ("0", 0), ("-0", 0), ("0.000", 0), ("0e99999999999999999999", 0),
            ("9223372036854775807", .max), ("-9223372036854775808", .min), ("92233720368547758070e-1", .max),
            (#""-9223372036854775808""#, .min),
        ] as [(String, Int64)])
    func integers(text: String, value: Int64) throws {
        #expect(try read(AllKinds.self, #"{"int64Field":\#(text)}"#).int64Field == value)
    }

    @Test(
        "what is no integer is refused",
        arguments: [
            "0.5", "1e-1", "9223372036854775808", "1e19", "1e99999999999999999999", #""""#, #"" 1""#, #""1 ""#,
            #""01""#, #""+1""#, #""1.""#, #"".5""#, #""1e""#, #""0x1""#, #""a""#, "true", "[1]", "{}",
        ])
    func noIntegers(text: String) {
        #expect(error(AllKinds.self, #"{"int64Field":\#(text)}"#)?.kind == .mismatch)
    }

    @Test("floating-point numbers have names where they have no digits")
    func floats() throws {
        #expect(written(AllKinds.self) { $0.doubleField = .infinity } == #"{"doubleField":"Infinity"}"#)
        #expect(written(AllKinds.self) { $0.floatField = -.infinity } == #"{"floatField":"-Infinity"}"#)
        #expect(written(AllKinds.self) { $0.doubleField = .nan } == #"{"doubleField":"NaN"}"#)
        #expect(try read(AllKinds.self, #"{"doubleField":"NaN"}"#).doubleField.isNaN)
        #expect(try read(AllKinds.self, #"{"doubleField":"-Infinity","floatField":"1.5"}"#).doubleField == -.infinity)
        for text in [#""nan""#, #""inf""#, #""1e999""#, #""""#, #""+1""#, "true", "1e999"] {
            #expect(error(AllKinds.self, #"{"doubleField":\#(text)}"#) != nil, "\(text)")
        }
        #expect(error(AllKinds.self, #"{"floatField":1e39}"#) != nil)
    }

    @Test("an enumeration has its name, or its number where it has none")
    func enumerations() throws {
        #expect(written(AllKinds.self) { $0.color = .red } == #"{"color":"COLOR_RED"}"#)
        #expect(written(AllKinds.self) { $0.color = Color(number: 9) } == #"{"color":9}"#)
        #expect(try read(AllKinds.self, #"{"color":"COLOR_GREEN"}"#).color.number == 2)
        #expect(try read(AllKinds.self, #"{"color":-3}"#).color.number == -3)
        #expect(error(AllKinds.self, #"{"color":"COLOR_NONE"}"#) != nil)
    }

    @Test(
        "bytes are base64 of either alphabet, with padding or without",
        arguments: [("+/8=", [0xFB, 0xFF]), ("-_8", [0xFB, 0xFF]), ("-_8=", [0xFB, 0xFF]), ("", []), ("AA", [0])]
            as [(String, [UInt8])])
    func bytes(text: String, bytes: [UInt8]) throws {
        #expect(try read(AllKinds.self, #"{"bytesField":"\#(text)"}"#).bytesField == bytes)
    }

    @Test("what is no base64 is refused, and so is an array")
    func noBytes() {
        for text in [#""A""#, #""A*""#, #""AA=A""#, "[1]", "1"] {
            #expect(error(AllKinds.self, #"{"bytesField":\#(text)}"#) != nil, "\(text)")
        }
    }

    @Test("null is absence, but no element")
    func null() throws {
        let text = #"{"maybeInt":null,"numbers":null,"counts":null,"choiceLeaf":null,"names":["a"]}"#
        var expected = Containers()
        expected.names = ["a"]
        #expect(try read(Containers.self, text) == expected)
        #expect(error(Containers.self, #"{"numbers":[1,null]}"#)?.path == ["numbers"])
        #expect(error(Containers.self, #"{"counts":{"a":null}}"#) != nil)
    }

    @Test("the keys of maps are strings")
    func keys() throws {
        let text = #"{"numbered":{"-5":{}},"byFlag":{"true":"t"},"bySigned":{"7":"8"}}"#
        let value = try read(Containers.self, text)
        #expect(value.byNumber == [-5: Leaf()])
        #expect(value.byFlag == [true: "t"])
        #expect(value.bySigned == [7: 8])
        #expect(String(decoding: JSON.encode(value, options: .proto3), as: UTF8.self) == text)
        for text in [#"{"numbered":{"a":{}}}"#, #"{"byFlag":{"1":""}}"#, #"{"bySigned":{"2147483648":1}}"#] {
            #expect(error(Containers.self, text) != nil, "\(text)")
        }
    }

    @Test("two members of a oneof are refused; nulls are none; another message's do not count")
    func oneof() throws {
        let found = error(Containers.self, #"{"choiceText":"a","choiceCount":1}"#)
        #expect(found?.message == "json: more than one member of a oneof")
        #expect(try read(Containers.self, #"{"choiceText":null,"choiceCount":1}"#).choice == .count(1))
        let nest = try read(Nest.self, #"{"containers":{"choiceCount":1},"nests":[{"containers":{"choiceText":"a"}}]}"#)
        #expect(nest.containers?.choice == .count(1))
    }

    // MARK: Well-known types

    static let wellKnown: [(text: String, change: @Sendable (inout WellKnown) -> Void)] = [
        (#"{"time":"1970-01-01T00:00:01Z"}"#, { $0.time = Timestamp(seconds: 1) }),
        (#"{"time":"1970-01-01T00:00:01.500Z"}"#, { $0.time = Timestamp(seconds: 1, nanoseconds: 500_000_000) }),
        (#"{"time":"1970-01-01T00:00:01.000010Z"}"#, { $0.time = Timestamp(seconds: 1, nanoseconds: 10_000) }),
        (#"{"duration":"0s"}"#, { $0.duration = .zero }),
        (#"{"duration":"-1.500s"}"#, { $0.duration = .milliseconds(-1500) }),
        (#"{"duration":"-0.000000001s"}"#, { $0.duration = .nanoseconds(-1) }),
        (#"{"duration":"315576000000s"}"#, { $0.duration = .seconds(315_576_000_000) }),
        (#"{"empty":{}}"#, { $0.empty = Empty() }),
        (#"{"value":null}"#, { $0.value = .some(.null) }),
        (#"{"value":[1,"a",null,true,{"b":1.5}]}"#, { $0.value = [1, "a", nil, true, ["b": 1.5]] }),
        (#"{"object":{"a":1}}"#, { $0.object = JSONObject([.init(key: "a", value: 1)]) }),
        (#"{"array":[1,[]]}"#, { $0.array = JSONArray([1, []]) }),
        (#"{"mask":"user.displayName,photo"}"#, { $0.mask = FieldMask(["user.display_name", "photo"]) }),
        (#"{"mask":""}"#, { $0.mask = FieldMask() }),
        (#"{"boolValue":false}"#, { $0.boolValue = BoolValue() }),
        (#"{"int64Value":"5"}"#, { $0.int64Value = Int64Value(5) }),
        (#"{"stringValue":""}"#, { $0.stringValue = StringValue() }),
        (#"{"bytesValue":"AA=="}"#, { $0.bytesValue = BytesValue([0]) }),
    ]

    @Test(
        "each well-known type has the form of the specification, both ways, and survives protobuf",
        arguments: wellKnown.indices)
    func forms(index: Int) throws {
        let row = Self.wellKnown[index]
        #expect(written(WellKnown.self, row.change) == row.text)
        var value = WellKnown()
        row.change(&value)
        #expect(try read(WellKnown.self, row.text) == value)
        #expect(try Protobuf.decode(WellKnown.self, from: Protobuf.encode(value)) == value)
    }

    @Test(
        "what is none of a well-known type's form is refused",
        arguments: [
            #"{"duration":"1"}"#, #"{"duration":"1.s"}"#, #"{"duration":"+1s"}"#, #"{"duration":"1.0000000001s"}"#,
            #"{"duration":"315576000001s"}"#, #"{"duration":1}"#, #"{"time":1}"#, #"{"time":"yesterday"}"#,
            #"{"mask":"a_b"}"#, #"{"mask":["a"]}"#, #"{"object":[]}"#, #"{"array":{}}"#, #"{"int64Value":{}}"#,
            #"{"any":{"@type":"type.googleapis.com/martlet.test.Leaf","name":"a"}}"#,
        ])
    func refused(text: String) {
        #expect(error(WellKnown.self, text)?.kind == .mismatch)
    }

    @Test("without the option durations are nanoseconds, and wrappers and masks are objects")
    func goForms() throws {
        var value = WellKnown()
        value.duration = .milliseconds(-5)
        value.boolValue = BoolValue(true)
        value.mask = FieldMask(["a_b"])
        let text = String(decoding: JSON.encode(value), as: UTF8.self)
        #expect(text.contains(#""duration":-5000000"#))
        #expect(text.contains(#""bool_value":{"value":true}"#))
        #expect(try JSON.decode(WellKnown.self, from: Array(text.utf8)) == value)
    }

    @Test("an Any holds a message and gives it back to who knows its type")
    func any() throws {
        let any = AnyMessage(packing: Leaf(name: "a"))
        #expect(any.typeURL == "type.googleapis.com/martlet.test.Leaf")
        #expect(try any.unpack(as: Leaf.self) == Leaf(name: "a"))
        #expect(try any.unpack(as: Empty.self) == nil)
        #expect(throws: ProtobufError.self) {
            try AnyMessage(typeURL: "x/martlet.test.Leaf", value: [1]).unpack(as: Leaf.self)
        }
    }
}
