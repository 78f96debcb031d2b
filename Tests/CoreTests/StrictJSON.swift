/// A reader of RFC 8259, as strict as a test wants it: one value, no repeated name, no control character in a string.
enum StrictJSON: Equatable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([StrictJSON])
    case object([String: StrictJSON])

    struct Malformed: Error {}

    init(_ text: String) throws {
        var reader = Reader(bytes: Array(text.utf8))
        self = try reader.value()
        reader.space()
        guard reader.index == reader.bytes.count else { throw Malformed() }
    }

    subscript(key: String) -> StrictJSON? {
        if case .object(let members) = self { members[key] } else { nil }
    }

    private struct Reader {
        let bytes: [UInt8]
        var index = 0

        var next: UInt8? { index < bytes.count ? bytes[index] : nil }

        mutating func space() {
            while let byte = next, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { index += 1 }
        }

        mutating func expect(_ text: String) throws {
            for byte in text.utf8 {
                guard next == byte else { throw Malformed() }
                index += 1
            }
        }

        mutating func value() throws -> StrictJSON {
            space()
            switch next {
            case UInt8(ascii: "{"): return try object()
            case UInt8(ascii: "["): return try array()
            case UInt8(ascii: "\""): return .string(try string())
            case UInt8(ascii: "t"):
                try expect("true")
                return .bool(true)
            case UInt8(ascii: "f"):
                try expect("false")
                return .bool(false)
            case UInt8(ascii: "n"):
                try expect("null")
                return .null
            default:
                let start = index
                while let byte = next, "+-.eE0123456789".utf8.contains(byte) { index += 1 }
                let text = String(decoding: bytes[start..<index], as: UTF8.self)
                guard let number = Double(text), !text.hasPrefix("+"), !text.hasPrefix("."), !text.hasSuffix(".") else {
                    throw Malformed()
                }
                return .number(number)
            }
        }

        mutating func object() throws -> StrictJSON {
            try expect("{")
            var members: [String: StrictJSON] = [:]
            space()
            if next == UInt8(ascii: "}") {
                index += 1
                return .object(members)
            }
            while true {
                space()
                let name = try string()
                space()
                try expect(":")
                guard members.updateValue(try value(), forKey: name) == nil else { throw Malformed() }
                space()
                if next == UInt8(ascii: "}") { break }
                try expect(",")
            }
            index += 1
            return .object(members)
        }

        mutating func array() throws -> StrictJSON {
            try expect("[")
            var elements: [StrictJSON] = []
            space()
            if next == UInt8(ascii: "]") {
                index += 1
                return .array(elements)
            }
            while true {
                elements.append(try value())
                space()
                if next == UInt8(ascii: "]") { break }
                try expect(",")
            }
            index += 1
            return .array(elements)
        }

        mutating func string() throws -> String {
            try expect("\"")
            var text: [UInt8] = []
            while let byte = next, byte != UInt8(ascii: "\"") {
                guard byte >= 0x20 else { throw Malformed() }
                index += 1
                guard byte == UInt8(ascii: "\\") else {
                    text.append(byte)
                    continue
                }
                guard let escape = next else { throw Malformed() }
                index += 1
                switch escape {
                case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(escape)
                case UInt8(ascii: "b"): text.append(8)
                case UInt8(ascii: "f"): text.append(12)
                case UInt8(ascii: "n"): text.append(10)
                case UInt8(ascii: "r"): text.append(13)
                case UInt8(ascii: "t"): text.append(9)
                case UInt8(ascii: "u"):
                    guard index + 4 <= bytes.count,
                        let value = UInt32(String(decoding: bytes[index..<index + 4], as: UTF8.self), radix: 16),
                        let scalar = Unicode.Scalar(value)
                    else { throw Malformed() }
                    index += 4
                    text.append(contentsOf: String(scalar).utf8)
                default: throw Malformed()
                }
            }
            try expect("\"")
            guard let string = String(validating: text, as: UTF8.self) else { throw Malformed() }
            return string
        }
    }
}
