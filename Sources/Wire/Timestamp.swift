internal import MartletCore

/// A point in time, UTC, to the nanosecond. On the wire it is RFC 3339 text as Go writes it (`2022-03-14T00:00:00Z`, up
/// to nine fraction digits, no trailing zeros), or protobuf's pair of seconds and nanoseconds.
///
/// Always between the years 0000 and 9999, which is what RFC 3339 can say: what lies outside becomes the nearest end.
public struct Timestamp: Sendable, Hashable, Comparable {
    /// Since 1970-01-01T00:00:00Z, without leap seconds.
    public let seconds: Int64
    /// 0 to 999,999,999, to be added to ``seconds`` also before 1970.
    public let nanoseconds: Int32

    private static let first: Int64 = -62_167_219_200
    private static let last: Int64 = 253_402_300_799

    public init(seconds: Int64 = 0, nanoseconds: Int32 = 0) {
        // Division rounds towards zero; the fraction must not be negative.
        let remainder = nanoseconds % 1_000_000_000
        let carry = Int64(nanoseconds / 1_000_000_000) - (remainder < 0 ? 1 : 0)
        let (whole, overflow) = seconds.addingReportingOverflow(carry)
        self.init(
            whole: overflow ? (seconds < 0 ? .min : .max) : whole,
            fraction: remainder < 0 ? remainder + 1_000_000_000 : remainder)
    }

    private init(whole: Int64, fraction: Int32) {
        seconds = min(max(whole, Self.first), Self.last)
        nanoseconds = whole < Self.first ? 0 : (whole > Self.last ? 999_999_999 : fraction)
    }

    public static var now: Timestamp {
        let (seconds, nanoseconds) = WallTime.now.nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        return Timestamp(seconds: seconds, nanoseconds: Int32(truncatingIfNeeded: nanoseconds))
    }

    /// Go's zero time, 0001-01-01T00:00:00Z: what a Go peer sends for a time that was never set.
    public static let goZero = Timestamp(seconds: -62_135_596_800)

    public static func < (left: Self, right: Self) -> Bool {
        (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
    }
}

extension Timestamp: MessageValue {
    public static var messageName: String { "google.protobuf.Timestamp" }
    @inlinable public static var fieldDefault: Timestamp { Timestamp() }
    public static var typeName: String { "time.Time" }
    @inlinable public var isEmptyField: Bool { false }
    @inlinable
    public mutating func visitValue<V: FieldVisitor>(with visitor: inout V) { visitor.timestamp(&self) }
}
