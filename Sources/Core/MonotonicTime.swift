#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// A point on the clock that never goes back, in nanoseconds. Eight bytes: `ContinuousClock.Instant` is sixteen, with
/// 128-bit arithmetic, and a request reads the clock several times.
public struct MonotonicTime: Sendable, Hashable, Comparable {
    public var nanoseconds: UInt64

    @inlinable
    public init(nanoseconds: UInt64) { self.nanoseconds = nanoseconds }

    public static var now: MonotonicTime {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return MonotonicTime(nanoseconds: UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec))
    }

    /// Later than every other time.
    public static let never = MonotonicTime(nanoseconds: .max)

    @inlinable
    public static func < (left: Self, right: Self) -> Bool { left.nanoseconds < right.nanoseconds }

    /// Saturates at the ends of the clock.
    @inlinable
    public static func + (time: Self, duration: Duration) -> Self {
        let step = duration.wholeNanoseconds
        if step >= 0 {
            let (sum, overflow) = time.nanoseconds.addingReportingOverflow(UInt64(step))
            return MonotonicTime(nanoseconds: overflow ? .max : sum)
        }
        let back = UInt64(bitPattern: 0 &- step)
        return MonotonicTime(nanoseconds: time.nanoseconds > back ? time.nanoseconds - back : 0)
    }

    /// The time from `earlier` to here; negative when `earlier` is later.
    @inlinable
    public func since(_ earlier: Self) -> Duration {
        nanoseconds >= earlier.nanoseconds
            ? .nanoseconds(Int64(clamping: nanoseconds - earlier.nanoseconds))
            : .nanoseconds(0 - Int64(clamping: earlier.nanoseconds - nanoseconds))
    }

    /// The same in whole nanoseconds, 0 when `earlier` is later: without `Duration`'s 128-bit arithmetic.
    @inlinable
    public func nanoseconds(since earlier: Self) -> UInt64 {
        nanoseconds > earlier.nanoseconds ? nanoseconds - earlier.nanoseconds : 0
    }
}

extension Duration {
    /// The duration in nanoseconds, clamped to 64 bits (292 years).
    @inlinable
    public var wholeNanoseconds: Int64 {
        // One division: `components` takes two, and multiplications to make up for them.
        let nanoseconds = attoseconds / 1_000_000_000
        return Int64(exactly: nanoseconds) ?? (nanoseconds < 0 ? .min + 1 : .max)
    }

    /// The duration in seconds, as metrics want it.
    @inlinable
    public var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}
