/// `google.protobuf.FieldMask`: which fields of a message are meant. proto3 JSON has one string, `user.displayName,photo`.
public struct FieldMask: WellKnownMessage, Hashable {
    public static let messageName = "google.protobuf.FieldMask"

    /// Names as the schema spells them, with a dot before a nested one: `user.display_name`.
    public var paths: [String] = []

    public init() {}

    public init(_ paths: [String]) { self.paths = paths }

    @inlinable
    public mutating func visitFields<V: FieldVisitor>(_ visit: inout V) { visit.field(1, "paths", &paths) }

    public mutating func visitJSONForm<V: FieldVisitor>(with visitor: inout V) -> Bool {
        let before = paths.map(Self.camelCase).filter { !$0.isEmpty }.joined(separator: ",")
        var text = before
        visitor.string(&text)
        if text == before { return true }
        var read: [String] = []
        for path in text.split(separator: ",", omittingEmptySubsequences: true) {
            guard let name = Self.snakeCase(path) else { return false }
            read.append(name)
        }
        paths = read
        return true
    }

    private static func camelCase(_ path: String) -> String {
        var text: [UInt8] = []
        var isUpper = false
        for byte in path.utf8 {
            if byte == UInt8(ascii: "_") {
                isUpper = true
            } else {
                text.append(isUpper && byte &- UInt8(ascii: "a") < 26 ? byte - 32 : byte)
                isUpper = false
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Nil for an underscore, which would not come back.
    private static func snakeCase(_ path: Substring) -> String? {
        var text: [UInt8] = []
        for byte in path.utf8 {
            if byte == UInt8(ascii: "_") { return nil }
            if byte &- UInt8(ascii: "A") < 26 {
                text.append(UInt8(ascii: "_"))
                text.append(byte + 32)
            } else {
                text.append(byte)
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
