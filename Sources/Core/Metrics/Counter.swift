public import Synchronization

/// A number that only grows.
public final class Counter: Metric {
    public static let kind = "counter"
    @usableFromInline let count = Atomic<UInt64>(0)

    init() {}

    @inlinable
    public func increment(by amount: UInt64 = 1) {
        count.wrappingAdd(amount, ordering: .relaxed)
    }

    public var value: UInt64 { count.load(ordering: .relaxed) }

    public func write(_ name: String, labels: String, to bytes: inout [UInt8]) {
        PrometheusText.appendSample(name, labels, value, to: &bytes)
    }
}
