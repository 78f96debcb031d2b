import MartletWire
import Testing

/// Contract row A.2, "Reading a JSON body". The envelope and the size limit's own value are the Kit's.
@Suite("Reading JSON as Go does")
struct JSONReadingTests {
    @Test("a document in any order of keys fills the message")
    func order() throws {
        let log = LogPayload(name: "event", data: "some data")
        #expect(try read(LogPayload.self, #"{"name":"event","data":"some data"}"#) == log)
        #expect(try read(LogPayload.self, #" { "data" : "some data" , "name" : "event" } "#) == log)
    }

    @Test("a body over the limit is too large; one of exactly the limit is not")
    func size() {
        let text = #"{"name":"x"}"#
        #expect(failure(LogPayload.self, text, limits: JSONLimits(size: text.utf8.count)) == nil)
        let error = failure(LogPayload.self, text, limits: JSONLimits(size: text.utf8.count - 1))
        #expect(error == JSONError(.tooLarge, "http: request body too large"))
    }

    @Test("an empty or blank body is EOF", arguments: ["", " ", "\n\t\r  "])
    func empty(text: String) {
        #expect(failure(LogPayload.self, text)?.message == "EOF")
        #expect(failure(LogPayload.self, text)?.kind == .empty)
    }

    @Test(
        "a truncated body is an unexpected EOF",
        arguments: [
            "{", #"{"name"#, #"{"name""#, #"{"name":"#, #"{"name":"x"#, #"{"name":"x\"#, #"{"name":"x\u00"#,
            #"{"name":"x""#, #"{"name":"x","#, "[", "[1", "[1,", "tru", "-", "1.", "1e", "1e+", #"{"unknown":[{"#,
        ])
    func truncated(text: String) {
        #expect(failure(LogPayload.self, text) == JSONError(.truncated, "unexpected EOF", offset: text.utf8.count))
        #expect(failure(JSONValue.self, text)?.message == "unexpected EOF")
    }

    @Test(
        "what is not JSON is named by its first wrong character",
        arguments: [
            ("hello", "invalid character 'h' looking for beginning of value"),
            ("'", #"invalid character '\'' looking for beginning of value"#),
            ("{x", "invalid character 'x' looking for beginning of object key string"),
            (#"{"a" 1}"#, "invalid character '1' after object key"),
            (#"{"a":1 "b":2}"#, #"invalid character '"' after object key:value pair"#),
            (#"{"a":1,}"#, "invalid character '}' looking for beginning of object key string"),
            (#"{"a":[1 2]}"#, "invalid character '2' after array element"),
            (#"{"a":[1,]}"#, "invalid character ']' looking for beginning of value"),
            (#"{"a":nul1}"#, "invalid character '1' in literal null (expecting 'l')"),
            (#"{"a":-x}"#, "invalid character 'x' in numeric literal"),
            (#"{"a":1.x}"#, "invalid character 'x' after decimal point in numeric literal"),
            (#"{"a":1ex}"#, "invalid character 'x' in exponent of numeric literal"),
            (#"{"a":01}"#, "invalid character '1' after object key:value pair"),
            (#"{"a":"\x"}"#, "invalid character 'x' in string escape code"),
            (#"{"a":"\u12x4"}"#, #"invalid character 'x' in \u hexadecimal character escape"#),
            ("{\"a\":\"line\n\"}", #"invalid character '\n' in string literal"#),
            ("{\"a\":\"\u{1}\"}", #"invalid character '\x01' in string literal"#),
            ("\u{FEFF}{}", "invalid character 'ï' looking for beginning of value"),
        ])
    func syntax(text: String, message: String) {
        #expect(failure(RequestPayload.self, text)?.message == message)
        #expect(failure(RequestPayload.self, text)?.kind == .syntax)
        #expect(failure(JSONValue.self, text)?.message == message)
    }

    @Test("a wrong type names the struct and the field, a nested one by its path")
    func mismatch() {
        let error = failure(RequestPayload.self, #"{"action":1}"#)
        #expect(
            error
                == JSONError(
                    .mismatch,
                    "json: cannot unmarshal number into Go struct field RequestPayload.action of type string",
                    offset: 10, path: ["action"]))
        #expect(
            failure(RequestPayload.self, #"{"auth":{"email":true}}"#)?.message
                == "json: cannot unmarshal bool into Go struct field AuthPayload.auth.email of type string")
        #expect(
            failure(RequestPayload.self, #"{"action":"log","log":[1]}"#)?.message
                == "json: cannot unmarshal array into Go struct field RequestPayload.log of type logs.Log")
        #expect(
            failure(RequestPayload.self, #"{"LOG":{"Name":{}}}"#)?.message
                == "json: cannot unmarshal object into Go struct field Log.log.name of type string")
        #expect(
            failure(Everything.self, #"{"messages":[{},{"data":2}]}"#)?.path == ["messages", "data"])
    }

    @Test("a wrong type at the top names the Go type")
    func mismatchAtTop() {
        #expect(
            failure(RequestPayload.self, "[]")?.message
                == "json: cannot unmarshal array into Go value of type main.RequestPayload")
        #expect(
            failure(RequestPayload.self, "\"x\"")?.message
                == "json: cannot unmarshal string into Go value of type main.RequestPayload")
    }

    @Test("the first mismatch counts, and a syntax error further on counts more")
    func precedence() {
        #expect(failure(RequestPayload.self, #"{"log":{"data":2},"action":1}"#)?.path == ["log", "data"])
        #expect(failure(RequestPayload.self, #"{"action":1,"#)?.message == "unexpected EOF")
        #expect(failure(RequestPayload.self, #"{"action":1}}"#)?.kind == .mismatch)
    }

    @Test("a second value, or anything but space after the first, is refused", arguments: ["{}", "x", "1", "]", "\0"])
    func trailing(text: String) {
        let error = failure(LogPayload.self, "{} " + text)
        #expect(error == JSONError(.trailing, "body must have only a single json value", offset: 3))
    }

    @Test(
        "trailing space, unknown fields and nulls are accepted; what is missing is zero",
        arguments: [
            "null", "{}", "{} \r\n\t", #"{"unknown":{"name":[1,"x",{"data":null}]}}"#,
            #"{"name":null,"data":null}"#, #"{"":0,"nam":"x","names":"y"}"#,
        ])
    func lenient(text: String) throws {
        #expect(try read(LogPayload.self, text) == LogPayload())
    }

    @Test("an unknown field's value must still be JSON")
    func unknownSyntax() {
        #expect(failure(LogPayload.self, #"{"unknown":[1,{"a":tru}]}"#)?.kind == .syntax)
        #expect(failure(LogPayload.self, #"{"unknown":"\q"}"#)?.kind == .syntax)
    }

    @Test("keys match without regard to case, and an exact match is preferred")
    func keyCase() throws {
        struct Twins: Message {
            static let messageName = "Twins"
            var upper = ""
            var lower = ""
            mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
                visit.field(1, "Key", &upper)
                visit.field(2, "key", &lower)
            }
        }
        #expect(try read(LogPayload.self, #"{"NAME":"a","dAtA":"b"}"#) == LogPayload(name: "a", data: "b"))
        let twins = try read(Twins.self, #"{"key":"exact","KEY":"first that folds"}"#)
        #expect(twins.lower == "exact")
        #expect(twins.upper == "first that folds")
        // Unicode folds the Kelvin sign into k.
        #expect(try read(Twins.self, "{\"\u{212A}ey\":\"kelvin\"}").upper == "kelvin")
    }

    @Test("an escaped key is the key it spells")
    func escapedKey() throws {
        #expect(try read(LogPayload.self, #"{"\u006eame":"a","D\u0041ta":"b"}"#) == LogPayload(name: "a", data: "b"))
    }

    @Test("a repeated key: the last wins, nested messages and maps merge, null changes no scalar")
    func repeats() throws {
        #expect(try read(LogPayload.self, #"{"name":"a","name":"b"}"#).name == "b")
        #expect(try read(LogPayload.self, #"{"name":"a","NAME":"b","name":null}"#).name == "b")
        let merged = try read(RequestPayload.self, #"{"log":{"name":"a"},"log":{"data":"b"}}"#)
        #expect(merged.log == LogPayload(name: "a", data: "b"))
        let counts = try read(
            Everything.self, #"{"counts":{"a":1,"b":1},"counts":{"b":2},"numbers":[1,2],"numbers":[3]}"#)
        #expect(counts.counts == ["a": 1, "b": 2])
        #expect(counts.numbers == [3])
        #expect(try read(Everything.self, #"{"maybe":1,"maybe":null}"#).maybe == nil)
    }

    @Test("invalid UTF-8 becomes U+FFFD, one for each byte")
    func invalidUTF8() throws {
        func string(_ bytes: [UInt8]) throws -> String {
            try JSON.decode(String.self, from: [0x22] + bytes + [0x22])
        }
        #expect(try string([0x61, 0xFF, 0x62]) == "a\u{FFFD}b")
        #expect(try string([0xE2, 0x82]) == "\u{FFFD}\u{FFFD}")
        #expect(try string([0xED, 0xA0, 0x80]) == "\u{FFFD}\u{FFFD}\u{FFFD}")
        #expect(try string([0xC0, 0x80]) == "\u{FFFD}\u{FFFD}")
        #expect(try string([0xF4, 0x90, 0x80, 0x80]) == String(repeating: "\u{FFFD}", count: 4))
        #expect(try string([0xF0, 0x9F, 0x98, 0x80]) == "😀")
        #expect(try JSON.decode(JSONValue.self, from: [0x7B, 0x22, 0xFF, 0x22, 0x3A, 0x31, 0x7D])["\u{FFFD}"] == 1)
    }

    @Test(
        "escapes are read, lone surrogates as U+FFFD",
        arguments: [
            (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"), (#""\u00e9\u20AC""#, "é€"), (#""\ud83d\ude00!""#, "😀!"),
            (#""\ud800""#, "\u{FFFD}"), (#""\udc00x""#, "\u{FFFD}x"), (#""\ud800\u0041""#, "\u{FFFD}A"),
            (#""\ud800\ud83d\ude00""#, "\u{FFFD}😀"), (#""\u0000""#, "\0"),
        ])
    func escapes(text: String, value: String) throws {
        #expect(try read(String.self, text) == value)
    }

    @Test("strings of every length around the word size are read whole", arguments: 0..<40)
    func lengths(count: Int) throws {
        for special in ["", "é", #"\n"#] {
            let text = String(repeating: "a", count: count) + special
            let expected = text.replacing(#"\n"#, with: "\n")
            #expect(try read(LogPayload.self, "{\"name\":\"\(text)\",\"data\":\"d\"}").name == expected)
            #expect(failure(LogPayload.self, "{\"name\":\"\(text)")?.kind == .truncated)
            #expect(failure(LogPayload.self, "{\"name\":\"\(text)\u{1F}\"}")?.offset == 9 + text.utf8.count)
        }
    }
}
