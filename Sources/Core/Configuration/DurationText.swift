/// A duration as Go writes it: `500ms`, `3s`, `1h30m`, `1.5s`.
public enum DurationText {
    private static let units: [(name: String, nanoseconds: Int64)] = [
        ("ns", 1), ("us", 1_000), ("µs", 1_000), ("μs", 1_000), ("ms", 1_000_000), ("s", 1_000_000_000),
        ("m", 60_000_000_000), ("h", 3_600_000_000_000),
    ]

    /// Nil for anything else: a number without a unit (but 0), a sign, more than 64 bits of nanoseconds.
    public static func parse(_ text: String) -> Duration? {
        if text == "0" { return .zero }
        var rest = Substring(text)
        var total: Int64 = 0
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let whole = rest.prefix { $0.isASCIIDigit }
            rest = rest.dropFirst(whole.count)
            var fraction: Substring = ""
            if rest.first == "." {
                rest = rest.dropFirst()
                fraction = rest.prefix { $0.isASCIIDigit }
                rest = rest.dropFirst(fraction.count)
            }
            let name = rest.prefix { !$0.isASCIIDigit && $0 != "." }
            rest = rest.dropFirst(name.count)
            guard whole.count + fraction.count > 0, fraction.count <= 9,
                let unit = units.first(where: { $0.name == name })?.nanoseconds,
                let value = Int64("0" + whole)
            else { return nil }
            let (scaled, overflow) = value.multipliedReportingOverflow(by: unit)
            var part: Int64 = 0
            var scale = unit
            for digit in fraction {
                scale /= 10
                part += Int64(digit.wholeNumberValue ?? 0) * scale
            }
            let (sum, overflow2) = total.addingReportingOverflow(scaled)
            let (sum2, overflow3) = sum.addingReportingOverflow(part)
            if overflow || overflow2 || overflow3 { return nil }
            total = sum2
        }
        return .nanoseconds(total)
    }

    /// The text that ``parse(_:)`` reads back, in units that people use: `1h30m`, `1.5s`, `250ms`.
    public static func format(_ duration: Duration) -> String {
        let nanoseconds = duration.wholeNanoseconds
        if nanoseconds == 0 { return "0s" }
        if nanoseconds < 0 { return "-" + format(.nanoseconds(0 - nanoseconds)) }
        if nanoseconds < 1_000 { return "\(nanoseconds)ns" }
        if nanoseconds < 1_000_000 { return decimal(nanoseconds, 1_000) + "us" }
        if nanoseconds < 1_000_000_000 { return decimal(nanoseconds, 1_000_000) + "ms" }
        let hours = nanoseconds / 3_600_000_000_000
        let minutes = nanoseconds / 60_000_000_000 % 60
        let seconds = nanoseconds % 60_000_000_000
        return (hours > 0 ? "\(hours)h" : "") + (minutes > 0 ? "\(minutes)m" : "")
            + (seconds > 0 ? decimal(seconds, 1_000_000_000) + "s" : "")
    }

    private static func decimal(_ value: Int64, _ unit: Int64) -> String {
        let whole = "\(value / unit)"
        var fraction = String(String(unit + value % unit).dropFirst())
        while fraction.hasSuffix("0") { fraction.removeLast() }
        return fraction.isEmpty ? whole : "\(whole).\(fraction)"
    }
}

extension Character {
    fileprivate var isASCIIDigit: Bool { isASCII && isWholeNumber }
}
