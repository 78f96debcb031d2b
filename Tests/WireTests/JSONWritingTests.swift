import MartletWire
import Testing

@Suite("Writing JSON as Go does")
struct JSONWritingTests {
    @Test(
        "characters that a page or a parser could trip over are escaped",
        arguments: [
            ("<b>&</b>", #""\u003cb\u003e\u0026\u003c/b\u003e""#), ("\u{2028}\u{2029}", #""\u2028\u2029""#),
            ("\u{2027}\u{202A}€", "\"\u{2027}\u{202A}€\""), ("\"\\/", #""\"\\/""#),
            ("\n\r\t\u{8}\u{C}", #""\n\r\t\b\f""#), ("\0\u{1F}\u{B}", #""\u0000\u001f\u000b""#),
            ("\u{7F}é😀'", "\"\u{7F}é😀'\""),
        ])
    func escapes(value: String, text: String) throws {
        for padding in 0..<17 {
            let pad = String(repeating: "x", count: padding)
            #expect(written(pad + value + pad) == "\"\(pad)" + text.dropFirst().dropLast() + "\(pad)\"")
        }
        #expect(try read(String.self, text) == value)
    }

    @Test("HTML may stay as it is, the rest may not")
    func unescapedHTML() {
        #expect(written("<&>\u{2028}\"\n", options: .unescapedHTML) == "\"<&>\u{2028}\\\"\\n\"")
    }

    @Test(
        "a double has its shortest digits, with an exponent below 1e-6 and from 1e21",
        arguments: [
            (0, "0"), (1, "1"), (-1.5, "-1.5"), (0.1, "0.1"), (1e-6, "0.000001"), (9.9e-7, "9.9e-7"), (1e-7, "1e-7"),
            (1.5e-10, "1.5e-10"), (1e20, "100000000000000000000"), (1e21, "1e+21"), (1.5e300, "1.5e+300"),
            (.leastNonzeroMagnitude, "5e-324"), (123456.789, "123456.789"), (0x1p53, "9007199254740992"),
            (0x1p63, "9223372036854776000"), (1e16, "10000000000000000"),
            (100, "100"), (0.00012, "0.00012"), (.infinity, "null"), (-.infinity, "null"), (.nan, "null"),
        ])
    func doubles(value: Double, text: String) {
        #expect(written(value) == text)
    }

    @Test("a float has its own shortest digits")
    func floats() {
        #expect(written(Float(0.1)) == "0.1")
        #expect(written(Float(16_777_216)) == "16777216")
        #expect(written(Float(3.4028235e38)) == "3.4028235e+38")
        #expect(written(Float(1e-7)) == "1e-7")
        #expect(written(Float.nan) == "null")
    }

    @Test("integers are written whole")
    func integers() {
        #expect(written([Int64.min, .max, 0, -1, 10, 99, 100]) == "[\(Int64.min),\(Int64.max),0,-1,10,99,100]")
        #expect(written(UInt64.max) == "18446744073709551615")
    }

    @Test(
        "output of any size is whole, wherever the buffer ends", arguments: [0, 1, 1000, 1019, 1020, 1021, 1024, 5000])
    func sizes(count: Int) throws {
        for filler in ["x", "<", "é", "\u{2028}"] {
            let log = LogPayload(name: String(repeating: filler, count: count), data: "end")
            let logs = [log, log, LogPayload(name: "n", data: "d")]
            #expect(try JSON.decode([LogPayload].self, from: JSON.encode(logs)) == logs)
        }
    }

    @Test("encoding into an array appends")
    func append() {
        var bytes = Array("HTTP ".utf8)
        JSON.encode(LogPayload(name: "a"), into: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == #"HTTP {"name":"a","data":""}"#)
    }
}
