// Days and civil dates by the arithmetic of Howard Hinnant's "chrono-compatible low-level date algorithms": the year
// begins in March, so that the leap day is its last day and months follow one linear formula.

extension Timestamp: CustomStringConvertible, LosslessStringConvertible {
    /// The longest text: `2022-03-14T00:00:00.123456789Z`.
    static let maximumTextCount = 30

    /// RFC 3339, as Go writes it.
    public var description: String {
        String(unsafeUninitializedCapacity: Self.maximumTextCount) { writeText(to: $0) }
    }

    public init?(_ description: String) {
        var text = description
        guard let parsed = text.withUTF8({ Timestamp(text: $0) }) else { return nil }
        self = parsed
    }

    /// Writes at most ``maximumTextCount`` bytes and returns their count.
    ///
    /// - Parameter digitsInThrees: Writes no, three, six or nine fraction digits, as proto3 JSON has them.
    func writeText(to text: UnsafeMutableBufferPointer<UInt8>, digitsInThrees: Bool = false) -> Int {
        let day = seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400
        let second = Int(seconds - day * 86_400)
        let date = Self.civilDate(day: Int(day))
        var count = 0
        func put(_ value: Int, digits: Int, then separator: Unicode.Scalar) {
            var rest = value
            for index in stride(from: count + digits - 1, through: count, by: -1) {
                text[index] = 0x30 + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            }
            text[count + digits] = UInt8(ascii: separator)
            count += digits + 1
        }
        put(date.year, digits: 4, then: "-")
        put(date.month, digits: 2, then: "-")
        put(date.day, digits: 2, then: "T")
        put(second / 3600, digits: 2, then: ":")
        put(second / 60 % 60, digits: 2, then: ":")
        put(second % 60, digits: 2, then: ".")
        if nanoseconds == 0 {
            text[count - 1] = UInt8(ascii: "Z")
            return count
        }
        var fraction = Int(nanoseconds)
        var digits = 9
        let (unit, step) = digitsInThrees ? (1000, 3) : (10, 1)
        while fraction % unit == 0 {
            fraction /= unit
            digits -= step
        }
        put(fraction, digits: digits, then: "Z")
        return count
    }

    /// RFC 3339 section 5.6, upper-case `T` and `Z` only, as Go reads it: any number of fraction digits (what is below
    /// a nanosecond is cut), any offset, no leap second.
    init?(text: UnsafeBufferPointer<UInt8>) {
        var at = 0
        func number(_ digits: Int, upTo limit: Int, then separators: StaticString) -> Int? {
            guard text.count - at >= digits else { return nil }
            var value = 0
            for _ in 0..<digits {
                let digit = text[at] &- 0x30
                guard digit < 10 else { return nil }
                value = value * 10 + Int(digit)
                at += 1
            }
            guard value <= limit else { return nil }
            guard separators.utf8CodeUnitCount > 0 else { return value }
            guard at < text.count, text[at] == separators.utf8Start.pointee else { return nil }
            at += 1
            return value
        }
        guard let year = number(4, upTo: 9999, then: "-"), let month = number(2, upTo: 12, then: "-"), month > 0,
            let day = number(2, upTo: 31, then: "T"), day > 0, day <= Self.days(inMonth: month, of: year),
            let hour = number(2, upTo: 23, then: ":"), let minute = number(2, upTo: 59, then: ":"),
            let second = number(2, upTo: 59, then: "")
        else { return nil }

        var fraction: Int32 = 0
        if at < text.count, text[at] == UInt8(ascii: ".") {
            at += 1
            let start = at
            var scale: Int32 = 100_000_000
            while at < text.count, case let digit = text[at] &- 0x30, digit < 10 {
                fraction += Int32(digit) * scale
                scale /= 10
                at += 1
            }
            guard at > start else { return nil }
        }

        guard at < text.count else { return nil }
        let zone = text[at]
        at += 1
        var offset = 0
        if zone == UInt8(ascii: "+") || zone == UInt8(ascii: "-") {
            guard let hours = number(2, upTo: 23, then: ":"), let minutes = number(2, upTo: 59, then: "") else {
                return nil
            }
            offset = (hours * 60 + minutes) * (zone == UInt8(ascii: "-") ? -60 : 60)
        } else if zone != UInt8(ascii: "Z") {
            return nil
        }
        guard at == text.count else { return nil }
        let time = hour * 3600 + minute * 60 + second - offset
        self.init(
            seconds: Int64(Self.dayNumber(year: year, month: month, day: day)) * 86_400 + Int64(time),
            nanoseconds: fraction)
    }

    private static func days(inMonth month: Int, of year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Days since 1970-01-01.
    private static func dayNumber(year: Int, month: Int, day: Int) -> Int {
        let year = month <= 2 ? year - 1 : year
        let era = (year >= 0 ? year : year - 399) / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    private static func civilDate(day: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = day + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (
            yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        )
    }
}
