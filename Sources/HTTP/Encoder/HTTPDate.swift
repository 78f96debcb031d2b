#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// Points in time as HTTP writes them: `Sun, 06 Nov 1994 08:49:37 GMT` (IMF-fixdate, RFC 9110 §5.6.7).
struct HTTPDate: Sendable, Hashable {
    static let length = 29

    /// Seconds since 1970.
    var seconds: Int64

    init(seconds: Int64) { self.seconds = seconds }

    /// Reads IMF-fixdate; nil for anything else. The two obsolete forms are not read: a cache that sends them just gets
    /// the whole answer.
    init?(_ text: UnsafeRawBufferPointer) {
        guard text.count == Self.length, text[3] == UInt8(ascii: ","), text[25] == ASCII.space,
            let day = Self.number(text, 5, 2), let month = Self.month(text.slice(8, 11)),
            let year = Self.number(text, 12, 4), let hour = Self.number(text, 17, 2),
            let minute = Self.number(text, 20, 2), let second = Self.number(text, 23, 2),
            hour < 24, minute < 60, second <= 60, day >= 1, day <= 31
        else { return nil }
        let days = Self.days(year: Int64(year), month: Int64(month), day: Int64(day))
        seconds = days * 86400 + Int64(hour * 3600 + minute * 60 + second)
    }

    /// The wall clock, and how many nanoseconds of its second are left.
    static func now() -> (date: HTTPDate, untilNext: UInt64) {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return (HTTPDate(seconds: Int64(time.tv_sec)), 1_000_000_000 &- UInt64(time.tv_nsec))
    }

    var text: String {
        withUnsafeTemporaryAllocation(byteCount: Self.length, alignment: 1) { buffer in
            write(into: buffer)
            return String(bytes: UnsafeRawBufferPointer(buffer))
        }
    }

    /// Writes ``length`` bytes. Years are four digits (RFC 9110): later ones are written as 9999.
    func write(into buffer: UnsafeMutableRawBufferPointer) {
        let clamped = min(max(seconds, 0), 253_402_300_799)
        let days = clamped / 86400
        let rest = Int(clamped % 86400)
        let (year, month, day) = Self.civil(days: days)
        let weekday = Int((days + 4) % 7)
        Self.put(Self.weekdayNames, weekday, into: buffer, at: 0)
        buffer[3] = UInt8(ascii: ",")
        for index in [4, 7, 11, 16, 25] { buffer[index] = ASCII.space }
        Self.put(day, digits: 2, into: buffer, at: 5)
        Self.put(Self.monthNames, month - 1, into: buffer, at: 8)
        Self.put(year, digits: 4, into: buffer, at: 12)
        Self.put(rest / 3600, digits: 2, into: buffer, at: 17)
        buffer[19] = ASCII.colon
        Self.put(rest / 60 % 60, digits: 2, into: buffer, at: 20)
        buffer[22] = ASCII.colon
        Self.put(rest % 60, digits: 2, into: buffer, at: 23)
        Self.put("GMT", 0, into: buffer, at: 26)
    }

    private static let weekdayNames: StaticString = "SunMonTueWedThuFriSat"
    private static let monthNames: StaticString = "JanFebMarAprMayJunJulAugSepOctNovDec"

    private static func put(_ names: StaticString, _ index: Int, into buffer: UnsafeMutableRawBufferPointer, at: Int) {
        for offset in 0..<3 { buffer[at + offset] = names.utf8Start[index * 3 + offset] }
    }

    private static func put(_ value: Int, digits: Int, into buffer: UnsafeMutableRawBufferPointer, at: Int) {
        var rest = value
        for offset in stride(from: digits - 1, through: 0, by: -1) {
            buffer[at + offset] = UInt8(truncatingIfNeeded: 0x30 + rest % 10)
            rest /= 10
        }
    }

    private static func number(_ text: UnsafeRawBufferPointer, _ start: Int, _ digits: Int) -> Int? {
        var value = 0
        for byte in text.slice(start, start + digits) {
            guard ASCII.isDigit(byte) else { return nil }
            value = value * 10 + Int(byte &- 0x30)
        }
        return value
    }

    private static func month(_ name: UnsafeRawBufferPointer) -> Int? {
        for month in 0..<12 {
            let candidate = UnsafeRawBufferPointer(start: monthNames.utf8Start + month * 3, count: 3)
            if name.equals(candidate) { return month + 1 }
        }
        return nil
    }

    // Howard Hinnant's algorithms (https://howardhinnant.github.io/date_algorithms.html), for years from 0.

    private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    private static func civil(days: Int64) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let part = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * part + 2) / 5 + 1
        let month = part < 10 ? part + 3 : part - 9
        return (Int(yearOfEra + era * 400 + (month <= 2 ? 1 : 0)), Int(month), Int(day))
    }
}
