import MartletWire
import Testing

@Suite("Fields of every kind")
struct JSONFieldTests {
    @Test("what is written is read back the same")
    func roundTrip() throws {
        let full = Everything(
            bool: true, int: -1, int8: .min, int16: .max, int32: .min, int64: .min, uint: .max, uint8: .max,
            uint16: .max, uint32: .max, uint64: .max, double: -0.1, float: 0.1, string: "<é>\n\u{2028}",
            bytes: [0, 255, 62, 63], time: Timestamp(seconds: -1, nanoseconds: 120), any: ["a": [1, 2.5, nil, true]],
            level: .error, weekday: .tuesday, message: LogPayload(name: "n", data: "d"), maybe: 0,
            maybeMessage: LogPayload(), numbers: [1, -2], messages: [LogPayload(name: "x"), LogPayload()],
            counts: ["b": 2, "a": 1], grid: [[], [1, 2]], holes: ["a", nil])
        #expect(try JSON.decode(Everything.self, from: JSON.encode(full)) == full)
        #expect(try JSON.decode(Everything.self, from: JSON.encode(Everything())) == Everything())
    }

    @Test("fields are written in the order of the schema")
    func form() {
        #expect(
            written(RequestPayload(action: "log", log: LogPayload(name: "event", data: "x")))
                == #"{"action":"log","auth":{"email":"","password":""},"log":{"name":"event","data":"x"}}"#)
        #expect(written(Tree(children: [Tree(), Tree()])) == #"{"children":[{"children":[]},{"children":[]}]}"#)
    }

    @Test("omitEmpty leaves out what Go's omitempty does; an optional without a value is always left out")
    func omitEmpty() {
        #expect(written(Sparse()) == "{}")
        #expect(
            written(Sparse(bool: true, int: 1, string: "s", array: [0], map: ["": 0], any: false, maybe: 0))
                == #"{"bool":true,"int":1,"string":"s","array":[0],"map":{"":0},"any":false,"maybe":0}"#)
    }

    @Test("maps are written by the bytes of their keys")
    func mapOrder() {
        #expect(written(["b": 1, "B": 2, "é": 3, "a": 4, "": 5]) == #"{"":5,"B":2,"a":4,"b":1,"é":3}"#)
    }

    @Test(
        "an integer is refused when it has a fraction, an exponent or no room",
        arguments: [
            (#"{"int8":128}"#, "number 128", "int8", "int8"), (#"{"int8":-129}"#, "number -129", "int8", "int8"),
            (#"{"uint8":-1}"#, "number -1", "uint8", "uint8"), (#"{"uint":-0}"#, "number -0", "uint", "uint"),
            (#"{"int":1.0}"#, "number 1.0", "int", "int"), (#"{"int":1e2}"#, "number 1e2", "int", "int"),
            (#"{"int64":9223372036854775808}"#, "number 9223372036854775808", "int64", "int64"),
            (#"{"int64":-9223372036854775809}"#, "number -9223372036854775809", "int64", "int64"),
            (#"{"uint64":18446744073709551616}"#, "number 18446744073709551616", "uint64", "uint64"),
            (#"{"double":1e400}"#, "number 1e400", "double", "float64"),
            (#"{"float":3.5e38}"#, "number 3.5e38", "float", "float32"),
            (#"{"weekday":2}"#, "number 2", "weekday", "Weekday"), (#"{"level":"x"}"#, "string", "level", "Level"),
            (#"{"bytes":{}}"#, "object", "bytes", "[]uint8"), (#"{"counts":[]}"#, "array", "counts", "map[string]int"),
            (#"{"grid":[["x"]]}"#, "string", "grid", "float64"), (#"{"maybe":"x"}"#, "string", "maybe", "int"),
            (#"{"time":1}"#, "number", "time", "time.Time"), (#"{"bool":"true"}"#, "string", "bool", "bool"),
        ])
    func range(text: String, found: String, field: String, type: String) {
        #expect(
            failure(Everything.self, text)?.message
                == "json: cannot unmarshal \(found) into Go struct field Everything.\(field) of type \(type)")
    }

    @Test("integers reach to both ends of their type")
    func ends() throws {
        #expect(try read(Int64.self, "-9223372036854775808") == .min)
        #expect(try read(Int64.self, "9223372036854775807") == .max)
        #expect(try read(UInt64.self, "18446744073709551615") == .max)
        #expect(try read(Int8.self, "-128") == -128)
        #expect(try read(Int.self, "-0") == 0)
    }

    @Test(
        "doubles are read to the nearest",
        arguments: [
            "0.1", "1e22", "1e23", "9007199254740993", "123456789012345678901234567890.123e-10", "5e-324", "2e-324",
            "1.7976931348623157e308", "-1.5E+3", "0.000001", "1234567.1234567", "1e-400",
        ])
    func doubles(text: String) throws {
        #expect(try read(Double.self, text).bitPattern == Double(text)?.bitPattern)
    }

    @Test("minus zero keeps its sign")
    func minusZero() throws {
        #expect(try read(Double.self, "-0").sign == .minus)
        #expect(written(-0.0) == "-0")
        #expect(written(try read(JSONValue.self, "[-0,-0.0,0]")) == "[-0,-0,0]")
    }

    @Test("a number of a million digits is read, or refused, in one go")
    func longNumber() {
        let digits = String(repeating: "9", count: 1_000_000)
        #expect(failure(Int.self, digits)?.kind == .mismatch)
        #expect(failure(Double.self, digits)?.kind == .mismatch)
        #expect(failure(Double.self, "0." + digits) == nil)
        #expect((failure(JSONValue.self, "[" + digits + "]")?.message.utf8.count ?? 0) < 200)
    }

    @Test(
        "bytes are base64 with padding, line ends passed over, or an array of numbers",
        arguments: [
            (#""""#, []), (#""AA==""#, [0]), (#""AAE=""#, [0, 1]), (#""AAEC""#, [0, 1, 2]),
            (#""A\nAEC\r\n""#, [0, 1, 2]),
            (#""-_""#, nil), (#""AAE""#, nil), (#""AA=""#, nil), (#""AA=A""#, nil), (#""=""#, nil), (#""AAEC=""#, nil),
            ("[1,255]", [1, 255]), ("[256]", nil), ("null", []),
        ] as [(String, [UInt8]?)])
    func base64(text: String, bytes: [UInt8]?) {
        #expect((try? read([UInt8].self, text)) == bytes)
    }

    @Test("bytes of any count are written and read back", arguments: [0, 1, 2, 3, 766, 767, 768, 769, 770, 5000])
    func manyBytes(count: Int) throws {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        #expect(try JSON.decode([UInt8].self, from: JSON.encode(bytes)) == bytes)
    }

    @Test("an enumeration is written by name if it has one, and read by either")
    func enumerations() throws {
        #expect(written([Level.warning]) == #"["warning"]"#)
        #expect(written([Weekday.tuesday]) == "[1]")
        #expect(try read([Level].self, #"["error",1,null]"#) == [.error, .warning, .info])
    }
}
