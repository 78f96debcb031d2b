/// The text of a time limit on the wire, as `grpc-timeout` has it: up to eight digits and a unit
/// (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md). Other transports use the same text.
public enum CallTimeout {
    /// Reads `100m`, `3S` …; nil for anything else.
    public static func parse(_ text: some Collection<UInt8>) -> Duration? {
        var value: Int64 = 0
        var digits = 0
        var index = text.startIndex
        while index != text.endIndex, case let byte = text[index], (0x30...0x39).contains(byte) {
            guard digits < 8 else { return nil }
            value = value &* 10 &+ Int64(byte &- 0x30)
            digits += 1
            index = text.index(after: index)
        }
        guard digits > 0, index != text.endIndex, text.index(after: index) == text.endIndex else { return nil }
        switch text[index] {
        case UInt8(ascii: "H"): return .seconds(value &* 3600)
        case UInt8(ascii: "M"): return .seconds(value &* 60)
        case UInt8(ascii: "S"): return .seconds(value)
        case UInt8(ascii: "m"): return .milliseconds(value)
        case UInt8(ascii: "u"): return .microseconds(value)
        case UInt8(ascii: "n"): return .nanoseconds(value)
        default: return nil
        }
    }

    public static func parse(_ text: String) -> Duration? { parse(text.utf8) }

    /// The timeout in the finest unit that fits in eight digits, rounded up; a timeout that has passed is `0n`.
    public static func format(_ timeout: Duration) -> String {
        let nanoseconds = timeout.wholeNanoseconds
        guard nanoseconds > 0 else { return "0n" }
        let units: [(size: Int64, letter: String)] = [
            (1, "n"), (1_000, "u"), (1_000_000, "m"), (1_000_000_000, "S"), (60_000_000_000, "M"),
        ]
        for unit in units {
            let value = (nanoseconds - 1) / unit.size + 1
            if value <= 99_999_999 { return "\(value)\(unit.letter)" }
        }
        return "\((nanoseconds - 1) / 3_600_000_000_000 + 1)H"
    }
}
