/// Why a message was not read.
public struct ProtobufError: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Kind: Sendable {
        /// The message, or one inside it, ends inside a field, or a length reaches past its end.
        case truncated
        /// A varint of more than 64 bits, a field number that is none, a wire type that is none, a group out of place.
        case malformed
        case invalidUTF8
        /// A number that is none of an enumeration, or does not fit an integer of 8 or 16 bits.
        case outOfRange
        /// The message is deeper than ``ProtobufLimits/nesting``.
        case tooDeep
        /// The message is larger than ``ProtobufLimits/size``.
        case tooLarge
        /// The description has a field that protobuf has no form for.
        case unsupported
    }

    public var kind: Kind
    /// For the caller to read. Quotes nothing of the message but a number.
    public var message: String
    /// In bytes from the start: where the value begins, or the byte in it that is wrong.
    public var offset: Int
    /// The names of the fields down to the offending value, as the schema spells them.
    public var path: [String]

    public init(_ kind: Kind, _ message: String, offset: Int = 0, path: [String] = []) {
        self.kind = kind
        self.message = message
        self.offset = offset
        self.path = path
    }

    /// `protobuf: invalid UTF-8 in a string (field log.name, byte 12)`
    public var description: String {
        let place = path.isEmpty ? "" : "field \(path.joined(separator: ".")), "
        return "protobuf: \(message) (\(place)byte \(offset))"
    }
}
