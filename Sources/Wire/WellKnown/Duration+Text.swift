extension Duration {
    /// As proto3 JSON has it: seconds with no, three, six or nine fraction digits, `-1.500s`.
    var protobufText: String {
        let (seconds, nanoseconds) = protobufParts
        var text = seconds < 0 || nanoseconds < 0 ? "-\(seconds.magnitude)" : "\(seconds)"
        if nanoseconds != 0 {
            let digits = String(nanoseconds.magnitude)
            var fraction = String(repeating: "0", count: 9 - digits.utf8.count) + digits
            while fraction.hasSuffix("000") { fraction.removeLast(3) }
            text += "." + fraction
        }
        return text + "s"
    }

    /// Any number of fraction digits up to nine; nil for what is no such text or lies beyond 10,000 years.
    init?(protobufText text: String) {
        var rest = text.utf8[...]
        guard rest.popLast() == UInt8(ascii: "s") else { return nil }
        let isNegative = rest.first == UInt8(ascii: "-")
        if isNegative { rest.removeFirst() }
        let whole = rest.prefix { $0 != UInt8(ascii: ".") }
        guard let seconds = Self.number(whole), seconds <= Self.lastSecond else { return nil }
        var nanoseconds: Int64 = 0
        if whole.count < rest.count {
            let fraction = rest.dropFirst(whole.count + 1)
            guard fraction.count <= 9, let number = Self.number(fraction) else { return nil }
            nanoseconds = number
            for _ in fraction.count..<9 { nanoseconds *= 10 }
        }
        if seconds == Self.lastSecond, nanoseconds > 0 { return nil }
        self = .seconds(isNegative ? -seconds : seconds) + .nanoseconds(isNegative ? -nanoseconds : nanoseconds)
    }

    /// One to twelve digits.
    private static func number(_ digits: Substring.UTF8View) -> Int64? {
        guard (1...12).contains(digits.count) else { return nil }
        var value: Int64 = 0
        for digit in digits {
            guard digit &- 0x30 < 10 else { return nil }
            value = value * 10 + Int64(digit &- 0x30)
        }
        return value
    }
}
