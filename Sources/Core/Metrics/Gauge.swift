public import Synchronization

/// A number that goes up and down.
public final class Gauge: Metric {
    public static let kind = "gauge"
    @usableFromInline let level = Atomic<Int64>(0)

    init() {}

    @inlinable
    public func increment(by amount: Int64 = 1) {
        level.wrappingAdd(amount, ordering: .relaxed)
    }

    @inlinable
    public func decrement(by amount: Int64 = 1) {
        level.wrappingSubtract(amount, ordering: .relaxed)
    }

    @inlinable
    public func record(_ value: Int64) {
        level.store(value, ordering: .relaxed)
    }

    public var value: Int64 { level.load(ordering: .relaxed) }

    public func write(_ name: String, labels: String, to bytes: inout [UInt8]) {
        PrometheusText.appendSample(name, labels, value, to: &bytes)
    }
}
