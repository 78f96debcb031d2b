/// Go's encoding/gob over the schema of a ``Message``: what net/rpc speaks.
///
/// A gob stream explains itself: a type is defined on it once, before its first value, under a number of the sender's
/// choice. So both ends keep what they know for as long as the stream lives: a ``GobEncoder`` and a ``GobDecoder`` for
/// each direction of a connection. Bytes in, values out, and back: there is no socket here.
///
///     let encoder = GobEncoder()
///     encoder.encode(LogEntry(name: "event", data: "…"))
///     socket.write(encoder.bytes)
///     encoder.removeAll()
///
/// What a schema's types are in Go: integers `int` and `uint` of any size, `Float` and `Double` floats, an enumeration
/// its number, an array a slice (an array of Go's is read as well), a map a map, ``Timestamp`` `time.Time`, an optional
/// a pointer, ``JSONValue`` `json.RawMessage`. A field `log_entry` is called `LogEntry`.
///
/// As Go does, a struct leaves out fields that are false, 0, "", empty or nil, and a ``Timestamp`` that is
/// ``Timestamp/goZero``. An optional with a value is sent whatever the value is: Go reads it as a pointer to zero, and
/// the presence is kept.
public enum Gob {
    /// Go 1.21 and later begin here; a decoder takes any number.
    public static let firstTypeID = 64

    /// The name that a field has in Go: first letters upper-cased, underscores dropped.
    static func fieldName(_ name: StaticString) -> String {
        var text: [UInt8] = []
        var isFirst = true
        for byte in UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount) {
            if byte == UInt8(ascii: "_") {
                isFirst = true
                continue
            }
            let isLower = byte &- UInt8(ascii: "a") < 26
            text.append(isFirst && isLower ? byte & ~0x20 : byte)
            isFirst = false
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The name of a type without its package.
    static func bareName(_ name: String) -> String {
        name.lastIndex(of: ".").map { String(name[name.index(after: $0)...]) } ?? name
    }
}

/// What one stream may make its reader hold.
public struct GobLimits: Sendable, Hashable {
    /// The deepest ``nesting`` that can be asked for: what a thread with a stack of 512 KiB still reads.
    public static let maximumNesting = 256

    /// One message, in bytes.
    public var message: Int
    /// Structs, slices and maps inside each other; 1 is a struct of scalars. At most ``maximumNesting``.
    public var nesting: Int
    /// Types defined on one stream, and the bytes of all their definitions.
    public var definitions = 512
    public var definitionBytes = 128 << 10
    /// What the elements of one message's slices and maps take in memory, in bytes: an empty struct is one byte on the
    /// wire and any number of them here.
    public var elementBytes: Int

    public init(message: Int = 1 << 20, nesting: Int = 128) {
        self.message = message
        self.nesting = min(nesting, Self.maximumNesting)
        elementBytes = message.multipliedReportingOverflow(by: 32).overflow ? .max : message * 32
    }
}

/// The types that need no definition.
enum GobType {
    static let bool = 1
    static let int = 2
    static let uint = 3
    static let float = 4
    static let bytes = 5
    static let string = 6
    static let complex = 7
    static let interface = 8

    static func name(_ id: Int) -> String? {
        let names = ["bool", "int", "uint", "float", "bytes", "string", "complex", "interface"]
        return names.indices.contains(id - 1) ? names[id - 1] : nil
    }
}

/// A type as its sender defined it. The numbers in it are those of the stream.
struct GobDefinition {
    enum Shape {
        case structure([Field])
        case slice(element: Int)
        case array(element: Int, count: Int)
        case map(key: Int, element: Int)
        /// Bytes that the type itself makes and reads: GobEncoder or BinaryMarshaler.
        case opaque
        /// The same as text.
        case opaqueText
    }

    struct Field {
        var name: String
        var type: Int
    }

    var name = ""
    var shape: Shape

    var isStructure: Bool { if case .structure = shape { true } else { false } }
}
