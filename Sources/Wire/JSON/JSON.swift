/// JSON (RFC 8259) over the schema of a ``Message``, with the reading rules and the output form of Go's encoding/json:
/// contract row A.2.
///
///     let entry = try JSON.decode(LogEntry.self, from: body)
///     let answer = JSON.encode(LogReceipt(result: "logged"))
///
/// Reading makes one pass over the bytes. Missing fields and `null` leave the zero value; unknown fields are checked
/// and passed over; keys match exactly or else without regard to ASCII case; a repeated key overwrites, and in nested
/// messages and maps merges. Invalid UTF-8 and lone surrogates become U+FFFD.
///
/// `.proto3`, an option of both directions, makes it the JSON of protobuf's own libraries instead: names in
/// lowerCamelCase, 64-bit integers as strings, defaults left out, NaN and infinities as strings, the well-known types in
/// their own forms, unknown fields refused. Reading takes the schema's names as well, integers as strings and with a
/// fraction of zero, base64 of either alphabet.
public enum JSON {
    /// Reads one value, with nothing but white space around it.
    @inlinable
    public static func decode<Value: FieldValue>(
        _ type: Value.Type = Value.self, from bytes: UnsafeRawBufferPointer, limits: JSONLimits = JSONLimits(),
        options: JSONReadingOptions = []
    ) throws(JSONError) -> Value {
        var reader = JSONReader(bytes, limits: limits, options: options)
        var value = Value.fieldDefault
        if reader.beginDocument() {
            value.visitValue(with: &reader)
        }
        if let error = reader.endDocument() { throw error }
        return value
    }

    /// Reads one value, with nothing but white space around it.
    @inlinable
    public static func decode<Value: FieldValue>(
        _ type: Value.Type = Value.self, from bytes: [UInt8], limits: JSONLimits = JSONLimits(),
        options: JSONReadingOptions = []
    ) throws(JSONError) -> Value {
        try bytes.withUnsafeBufferPointer { bytes throws(JSONError) in
            try decode(type, from: UnsafeRawBufferPointer(bytes), limits: limits, options: options)
        }
    }

    /// Checks the syntax of one value, as reading an unknown field does, and keeps nothing.
    public static func validate(_ bytes: [UInt8], limits: JSONLimits = JSONLimits()) throws(JSONError) {
        try bytes.withUnsafeBufferPointer { bytes throws(JSONError) in
            var reader = JSONReader(UnsafeRawBufferPointer(bytes), limits: limits, options: [])
            if reader.beginDocument() { reader.skipValue() }
            if let error = reader.endDocument() { throw error }
        }
    }

    /// Writes the value in compact form, without a line end, and calls `body` with the bytes, which go when it returns.
    /// For a transport that wants the length first and has a buffer of its own to copy into.
    @inlinable
    public static func withEncoded<Value: FieldValue, Result>(
        _ value: Value, options: JSONWritingOptions = [], _ body: (UnsafeRawBufferPointer) throws -> Result
    ) rethrows -> Result {
        try withUnsafeTemporaryAllocation(of: UInt8.self, capacity: JSONWriter.bufferSize) { buffer in
            guard let start = buffer.baseAddress else { return try body(UnsafeRawBufferPointer(buffer)) }
            var writer = JSONWriter(start, options: options)
            var value = value
            value.visitValue(with: &writer)
            return try writer.withWritten(body)
        }
    }

    /// Writes the value in compact form, without a line end.
    @inlinable
    public static func encode<Value: FieldValue>(_ value: Value, options: JSONWritingOptions = []) -> [UInt8] {
        withEncoded(value, options: options) { [UInt8]($0) }
    }

    /// Appends the value to `bytes`.
    @inlinable
    public static func encode<Value: FieldValue>(
        _ value: Value, into bytes: inout [UInt8], options: JSONWritingOptions = []
    ) {
        withEncoded(value, options: options) { bytes.append(contentsOf: $0) }
    }
}

/// What a document may be at most.
public struct JSONLimits: Sendable, Hashable {
    /// The deepest ``nesting`` that can be asked for: what a thread with a stack of 512 KiB still reads into messages
    /// that hold themselves. (Go allows 10,000, on stacks that grow.)
    public static let maximumNesting = 256

    /// In bytes. Memory in use while reading is a small multiple of it: an array element costs two bytes on the wire.
    public var size: Int
    /// Objects and arrays inside each other; 1 is an object of scalars. At most ``maximumNesting``.
    public var nesting: Int

    public init(size: Int = .max, nesting: Int = 128) {
        self.size = size
        self.nesting = min(nesting, Self.maximumNesting)
    }
}

public struct JSONWritingOptions: OptionSet, Sendable {
    public let rawValue: UInt8

    @inlinable
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Writes ``JSONValue`` objects by key, bytewise, as Go writes what it read into a map. Maps are always sorted.
    @inlinable public static var sortedKeys: JSONWritingOptions { JSONWritingOptions(rawValue: 1) }
    /// Writes `<`, `>`, `&`, U+2028 and U+2029 as they are, for readers that do not put the text into a page.
    @inlinable public static var unescapedHTML: JSONWritingOptions { JSONWritingOptions(rawValue: 2) }
    /// Writes the JSON of proto3.
    @inlinable public static var proto3: JSONWritingOptions { JSONWritingOptions(rawValue: 4) }
}

public struct JSONReadingOptions: OptionSet, Sendable {
    public let rawValue: UInt8

    @inlinable
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Reads the JSON of proto3.
    @inlinable public static var proto3: JSONReadingOptions { JSONReadingOptions(rawValue: 1) }
    /// With ``proto3``: passes over unknown fields, as is always done without.
    @inlinable public static var ignoringUnknownFields: JSONReadingOptions { JSONReadingOptions(rawValue: 2) }
}
