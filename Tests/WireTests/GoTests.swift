import MartletWire
import Testing

@Suite("Agreement with Go's encoding/json")
struct GoTests {
    struct Inner: Message {
        static let messageName = "Inner"
        var x = 0
        var name = ""

        mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
            visit.field(1, "x", &x)
            visit.field(2, "name", &name)
        }
    }

    struct T: Message {
        static let messageName = "T"
        var s = ""
        var i = 0
        var i8: Int8 = 0
        var u: UInt64 = 0
        var f = 0.0
        var f32: Float = 0
        var b = false
        var inner = Inner()
        var pointer: Inner?
        var array: [Int] = []
        var strings: [String] = []
        var map: [String: Int] = [:]
        var inners: [Inner] = []
        var any = JSONValue.null
        var bytes: [UInt8] = []
        var ks = ""

        mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
            visit.field(1, "s", &s)
            visit.field(2, "i", &i)
            visit.field(3, "i8", &i8)
            visit.field(4, "u", &u)
            visit.field(5, "f", &f)
            visit.field(6, "f32", &f32)
            visit.field(7, "b", &b)
            visit.field(8, "inner", &inner)
            visit.field(9, "ptr", &pointer)
            visit.field(10, "array", &array, .omitEmpty)
            visit.field(11, "strings", &strings, .omitEmpty)
            visit.field(12, "map", &map, .omitEmpty)
            visit.field(13, "inners", &inners, .omitEmpty)
            visit.field(14, "any", &any, .omitEmpty)
            visit.field(15, "bytes", &bytes, .omitEmpty)
            visit.field(16, "ks", &ks)
        }
    }

    @Test("every document has the verdict, the error text and the value that Go gives it")
    func vectors() {
        let lines = goVectors.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count > 300)
        for index in stride(from: 0, to: lines.count - 1, by: 2) {
            #expect(outcome(bytes(lines[index])) == lines[index + 1], "for \(lines[index])")
        }
    }

    private func outcome(_ document: [UInt8]) -> String {
        do {
            return "ok " + written(try JSON.decode(T.self, from: document), options: .sortedKeys)
        } catch {
            return "err \(error)"
        }
    }

    /// The bytes of a line, `%XX` being one.
    private func bytes(_ line: Substring) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = line.utf8
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            bytes.append(UInt8(Substring(rest.prefix(2)), radix: 16) ?? 0)
            rest = rest.dropFirst(2)
        }
        return bytes
    }
}
