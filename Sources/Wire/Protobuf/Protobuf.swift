/// Protobuf (the proto3 wire format) over the schema of a ``Message``.
///
///     let entry = try Protobuf.decode(LogEntry.self, from: body)
///     let answer = Protobuf.encode(LogReceipt(result: "logged"))
///     Protobuf.withEncoded(entry) { bytes in … }                       // no array: for a transport with its own buffer
///
/// | Swift | proto3 |
/// | --- | --- |
/// | `Bool`, `Double`, `Float`, `String`, `[UInt8]` | bool, double, float, string, bytes |
/// | `Int32`, `Int64` (`Int`), `UInt32`, `UInt64` (`UInt`) | int32, int64, uint32, uint64; `.zigZag`: sint32, sint64; `.fixedWidth`: fixed32, sfixed64 … |
/// | `Int8`, `Int16`, `UInt8`, `UInt16` | the 32-bit types; a value that does not fit is an error |
/// | a ``MessageEnum`` | enum; a number that `init(number:)` refuses is an error, so an open one takes every number |
/// | a ``Message`` | message; written even when empty: make it optional to leave it out |
/// | `T?` | optional (explicit presence); a message that may be absent; a member of a oneof (see ``Message``) |
/// | `[T]` | repeated, numbers packed; `.unpacked`: a tag for each. Both are read |
/// | `[K: V]` | map; `.zigZagKey` and `.fixedWidthKey` for its keys. In no particular order |
/// | ``Timestamp``, `Duration`, ``JSONValue``, ``JSONObject``, ``JSONArray`` | google.protobuf.Timestamp, Duration, Value, Struct, ListValue |
/// | ``Empty``, ``StringValue`` and the other wrappers, ``FieldMask``, ``AnyMessage``, ``NullValue`` | the same |
/// | ``UnknownFields`` | the fields that the schema does not have; without it they are dropped |
///
/// An array inside an array or a map, and an optional inside an array, are nothing that protobuf has: they are an error
/// when read, and left out when written.
///
/// Reading makes one pass over the bytes, and one over the description for as many fields as come in its order. The
/// last value of a field wins; messages merge. A field of another wire type than the schema's counts as unknown, groups
/// are passed over. Memory in use is at most what the elements take that the bytes spell out.
public enum Protobuf {
    /// Reads one message, which takes all of the bytes.
    @inlinable
    public static func decode<Value: MessageValue>(
        _ type: Value.Type = Value.self, from bytes: UnsafeRawBufferPointer, limits: ProtobufLimits = ProtobufLimits()
    ) throws(ProtobufError) -> Value {
        var reader = ProtobufReader(bytes, limits: limits)
        var value = Value.fieldDefault
        value.visitValue(with: &reader)
        if let error = reader.error { throw error }
        return value
    }

    /// Reads one message, which takes all of the bytes.
    @inlinable
    public static func decode<Value: MessageValue>(
        _ type: Value.Type = Value.self, from bytes: [UInt8], limits: ProtobufLimits = ProtobufLimits()
    ) throws(ProtobufError) -> Value {
        try bytes.withUnsafeBufferPointer { bytes throws(ProtobufError) in
            try decode(type, from: UnsafeRawBufferPointer(bytes), limits: limits)
        }
    }

    /// Writes the message and calls `body` with the bytes, which go when it returns.
    @inlinable
    public static func withEncoded<Value: MessageValue, Result>(
        _ value: Value, _ body: (UnsafeRawBufferPointer) throws -> Result
    ) rethrows -> Result {
        try withUnsafeTemporaryAllocation(of: UInt8.self, capacity: ProtobufWriter.bufferSize) { buffer in
            guard let start = buffer.baseAddress else { return try body(UnsafeRawBufferPointer(buffer)) }
            var writer = ProtobufWriter(start)
            defer { writer.release() }
            var value = value
            value.visitValue(with: &writer)
            return try body(writer.written)
        }
    }

    @inlinable
    public static func encode<Value: MessageValue>(_ value: Value) -> [UInt8] {
        withEncoded(value) { [UInt8]($0) }
    }

    /// Appends the message to `bytes`.
    @inlinable
    public static func encode<Value: MessageValue>(_ value: Value, into bytes: inout [UInt8]) {
        withEncoded(value) { bytes.append(contentsOf: $0) }
    }
}

/// What a message may be at most.
public struct ProtobufLimits: Sendable, Hashable {
    /// The deepest ``nesting`` that can be asked for: what a thread with a stack of 512 KiB still reads.
    public static let maximumNesting = 256

    /// In bytes. 4 MiB unless told otherwise, as in gRPC.
    public var size: Int
    /// Messages inside each other (a map's entries are messages, and so is each level of a ``JSONValue``); 1 is a
    /// message of scalars. At most ``maximumNesting``.
    public var nesting: Int

    public init(size: Int = 4 << 20, nesting: Int = 100) {
        self.size = size
        self.nesting = min(nesting, Self.maximumNesting)
    }
}
