/// `name=value,name=value` with percent-encoded values (W3C baggage, as `OTEL_EXPORTER_OTLP_HEADERS` and
/// `OTEL_RESOURCE_ATTRIBUTES` have it), in the order given.
public struct KeyedValues: Sendable {
    public let pairs: [(name: String, value: String)]
    let text: String

    public init() {
        pairs = []
        text = ""
    }

    /// Nil for a part without a name or `=`, a broken percent-encoding, control characters, or more than 128 parts.
    public init?(_ text: String) {
        var pairs: [(name: String, value: String)] = []
        for part in text.split(separator: ",") {
            let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard sides.count == 2, pairs.count < 128, let name = Self.decoded(sides[0]), !name.isEmpty,
                let value = Self.decoded(sides[1])
            else { return nil }
            pairs.append((name, value))
        }
        self.pairs = pairs
        self.text = text
    }

    public var names: [String] { pairs.map(\.name) }

    public subscript(name: String) -> String? { pairs.last { $0.name == name }?.value }

    private static func decoded(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8.drop { $0 == 0x20 }
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%") {
                guard rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
                else { return nil }
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        while bytes.last == 0x20 { bytes.removeLast() }
        guard !bytes.contains(where: { $0 < 0x20 || $0 == 0x7F }) else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }
}
