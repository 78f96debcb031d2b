internal import Synchronization

/// How values are distributed: how many were at or below each bound, and their sum.
///
/// Values are whole numbers of a small unit (nanoseconds, bytes), so that recording is two atomic additions; the text
/// has them in the unit of the metric's name (seconds, bytes).
public final class Histogram: Metric {
    public static let kind = "histogram"
    private let buckets: Buckets
    /// One for each bound and one for what is over the last; not cumulative. `unsafe`: a pointer
    /// is not Sendable, but this one never changes and leads to atomics, which the histogram frees with itself.
    private nonisolated(unsafe) let counts: UnsafeMutablePointer<Atomic<UInt64>>
    private let sum = Atomic<UInt64>(0)

    init(_ buckets: Buckets) {
        self.buckets = buckets
        counts = .allocate(capacity: buckets.bounds.count + 1)
        for index in 0...buckets.bounds.count { (counts + index).initialize(to: Atomic(0)) }
    }

    deinit {
        counts.deinitialize(count: buckets.bounds.count + 1)
        counts.deallocate()
    }

    /// A value in the buckets' small unit: nanoseconds for ``Buckets/durations``.
    public func record(_ value: UInt64) {
        var index = 0
        let bounds = buckets.bounds
        while index < bounds.count, value > bounds[index] { index += 1 }
        counts[index].wrappingAdd(1, ordering: .relaxed)
        sum.wrappingAdd(value, ordering: .relaxed)
    }

    /// A duration, for buckets whose small unit is the nanosecond. One below zero counts as zero.
    public func record(_ duration: Duration) {
        record(UInt64(max(0, duration.wholeNanoseconds)))
    }

    public var count: UInt64 {
        (0...buckets.bounds.count).reduce(0) { $0 &+ counts[$1].load(ordering: .relaxed) }
    }

    public func write(_ name: String, labels: String, to bytes: inout [UInt8]) {
        // The sum is read first and the count is made of the buckets, so that a page agrees with itself.
        let sum = sum.load(ordering: .relaxed)
        let prefix = labels.isEmpty ? "" : labels + ","
        var total: UInt64 = 0
        for index in 0...buckets.bounds.count {
            total &+= counts[index].load(ordering: .relaxed)
            let bound = index < buckets.bounds.count ? buckets.texts[index] : "+Inf"
            PrometheusText.appendSample(name + "_bucket", "\(prefix)le=\"\(bound)\"", total, to: &bytes)
        }
        PrometheusText.appendSample(name + "_sum", labels, Double(sum) / buckets.unit, to: &bytes)
        PrometheusText.appendSample(name + "_count", labels, total, to: &bytes)
    }
}

/// The bounds of a histogram.
public struct Buckets: Sendable {
    let bounds: [UInt64]
    let texts: [String]
    /// How many of the small unit make one of the metric's.
    let unit: Double

    /// `bounds` in the metric's unit, ascending; `unit` small units make one of them.
    public init(_ bounds: [Double], unit: Double = 1) {
        precondition(zip(bounds, bounds.dropFirst()).allSatisfy { $0 < $1 }, "buckets ascend")
        self.bounds = bounds.map { UInt64(($0 * unit).rounded()) }
        self.unit = unit
        texts = bounds.map(PrometheusText.number)
    }

    /// Seconds, recorded in nanoseconds: OpenTelemetry's bounds for requests, and three below for services as quick as
    /// these.
    public static let durations = Buckets(
        [0.000_1, 0.000_5, 0.001, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
        unit: 1e9)

    /// Bytes, from 256 B to 16 MiB in steps of four.
    public static let sizes = Buckets([256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216])
}
