import MartletWire
import Testing

@Suite("Any JSON value")
struct JSONValueTests {
    @Test("an object keeps its order, and is sorted on request as the broker does with a user")
    func order() throws {
        let user = #"{"id":2,"email":"admin@example.com","active":1,"a":{"y":[{"b":1,"a":2}],"x":null}}"#
        let value = try read(JSONValue.self, user)
        #expect(written(value) == user)
        #expect(
            written(value, options: .sortedKeys)
                == #"{"a":{"x":null,"y":[{"a":2,"b":1}]},"active":1,"email":"admin@example.com","id":2}"#)
        #expect(value["email"] == "admin@example.com")
        #expect(value["none"] == nil)
    }

    @Test("a repeated key keeps its place and takes the last value", arguments: [0, 30])
    func repeats(others: Int) throws {
        let filler = (0..<others).map { ",\"k\($0)\":\($0)" }.joined()
        let value = try read(JSONValue.self, #"{"a":1,"b":2\#(filler),"a":3,"b":[]}"#)
        #expect(written(value) == #"{"a":3,"b":[]\#(filler)}"#)
    }

    @Test("keys that only Unicode calls equal are two keys", arguments: [0, 30])
    func bytewiseKeys(others: Int) throws {
        let filler = (0..<others).map { ",\"k\($0)\":\($0)" }.joined()
        let text = "{\"\u{E9}\":1,\"e\u{301}\":2\(filler)}"
        #expect(Array(written(try read(JSONValue.self, text)).utf8) == Array(text.utf8))
    }

    @Test("integers of 64 bits keep their digits; other numbers are doubles")
    func numbers() throws {
        #expect(try read(JSONValue.self, "9223372036854775807") == .integer(.max))
        #expect(try read(JSONValue.self, "-9223372036854775808") == .integer(.min))
        #expect(try read(JSONValue.self, "9223372036854775808") == .number(0x1p63))
        #expect(try read(JSONValue.self, "1.0") == .integer(1))
        #expect(try read(JSONValue.self, "0.5") == .number(0.5))
        #expect(failure(JSONValue.self, "[1e400]")?.kind == .mismatch)
    }

    @Test("members are set, replaced and removed")
    func members() {
        var object = JSONObject()
        object["a"] = 1
        object["b"] = 2
        object["a"] = 3
        object["b"] = nil
        object["c"] = nil
        #expect(written(JSONValue.object(object)) == #"{"a":3}"#)
    }
}
