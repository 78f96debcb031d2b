#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// A point in time as a calendar has it, in nanoseconds since 1970 in UTC (good to the year 2262). For people and
/// files; what measures or limits uses ``MonotonicTime``.
public struct WallTime: Sendable, Hashable, Comparable {
    public var nanoseconds: Int64

    public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    public static var now: WallTime {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return WallTime(nanoseconds: Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec))
    }

    public static func < (left: Self, right: Self) -> Bool { left.nanoseconds < right.nanoseconds }

    /// The length of `2026-11-20T13:19:33.123Z`.
    static let textLength = 24

    /// RFC 3339 in UTC, to the millisecond (cut, not rounded).
    public var rfc3339: String {
        String(unsafeUninitializedCapacity: Self.textLength) { bytes in
            write(to: UnsafeMutableBufferPointer(rebasing: bytes[0..<Self.textLength]))
            return Self.textLength
        }
    }

    /// `bytes` has room for ``textLength``.
    func write(to bytes: UnsafeMutableBufferPointer<UInt8>) {
        let milliseconds = nanoseconds.flooredQuotient(by: 1_000_000)
        let seconds = milliseconds.flooredQuotient(by: 1000)
        let days = seconds.flooredQuotient(by: 86_400)
        let second = Int(seconds - days * 86_400)
        let date = CivilDate(daysSince1970: Int(days))
        func digits(_ value: Int, _ count: Int, at offset: Int) {
            var rest = value
            for index in stride(from: offset + count - 1, through: offset, by: -1) {
                bytes[index] = 0x30 + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            }
        }
        digits(date.year, 4, at: 0)
        bytes[4] = UInt8(ascii: "-")
        digits(date.month, 2, at: 5)
        bytes[7] = UInt8(ascii: "-")
        digits(date.day, 2, at: 8)
        bytes[10] = UInt8(ascii: "T")
        digits(second / 3600, 2, at: 11)
        bytes[13] = UInt8(ascii: ":")
        digits(second / 60 % 60, 2, at: 14)
        bytes[16] = UInt8(ascii: ":")
        digits(second % 60, 2, at: 17)
        bytes[19] = UInt8(ascii: ".")
        digits(Int(milliseconds - seconds * 1000), 3, at: 20)
        bytes[23] = UInt8(ascii: "Z")
    }
}

/// A day of the proleptic Gregorian calendar.
struct CivilDate {
    var year: Int
    var month: Int
    var day: Int

    /// Howard Hinnant's `civil_from_days` (https://howardhinnant.github.io/date_algorithms.html): a year that starts in
    /// March has its leap day at the end, and no table is needed.
    init(daysSince1970 days: Int) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }
}

extension Int64 {
    /// Division that rounds down, so that times before 1970 come out right.
    func flooredQuotient(by divisor: Int64) -> Int64 {
        let quotient = self / divisor
        return self % divisor < 0 ? quotient - 1 : quotient
    }
}
