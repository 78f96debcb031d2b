/// A metric with labels: one child for each set of label values.
///
/// The look-up takes a lock; do it once for what is known beforehand (an operation, a queue) and keep the child. The
/// number of children is bounded, because labels tend to hold what others send.
public final class LabelledMetrics<Child: Metric>: MetricFamily {
    public let name: String
    let help: String
    let labels: [String]
    private let limit: Int
    private let refused: Counters?
    private let make: @Sendable () -> Child
    private let children = Locked<[[String]: Child]>([:])

    init(
        name: String, help: String, labels: [String], limit: Int, refused: Counters?,
        make: @escaping @Sendable () -> Child
    ) {
        precondition(MetricName.isValid(name), "\"\(name)\" is no metric name")
        for label in labels { precondition(MetricName.isValid(label: label), "\"\(label)\" is no label name") }
        self.name = name
        self.help = help
        self.labels = labels
        self.limit = limit
        self.refused = refused
        self.make = make
    }

    /// The child for these values, in the order of the labels.
    public func with(_ values: String...) -> Child { with(values) }

    /// The child for these values, in the order of the labels. Over the limit it is the one whose every value is
    /// `other`.
    public func with(_ values: [String]) -> Child {
        precondition(values.count == labels.count, "metric \(name) has the labels \(labels)")
        let (child, isRefused) = children.withLock { children in
            if let child = children[values] { return (child, false) }
            let isFull = children.count >= limit
            let key = isFull ? labels.map { _ in "other" } : values
            if let child = children[key] { return (child, isFull) }
            let child = make()
            children[key] = child
            return (child, isFull)
        }
        if isRefused { refused?.with([name]).increment() }
        return child
    }

    func write(to bytes: inout [UInt8]) {
        let children = children.withLock { Array($0) }
        guard !children.isEmpty else { return }
        PrometheusText.appendHeader(name, help, Child.kind, to: &bytes)
        for (values, child) in children.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            child.write(name, labels: PrometheusText.pairs(labels, values), to: &bytes)
        }
    }
}

/// What a metric of one label set is.
public protocol Metric: AnyObject, Sendable {
    /// `counter`, `gauge` or `histogram`.
    static var kind: String { get }
    /// Appends the samples of this label set; `labels` is `a="b",c="d"`, escaped, or empty.
    func write(_ name: String, labels: String, to bytes: inout [UInt8])
}

/// Values that are read when the metrics are.
final class Observed: MetricFamily {
    let name: String
    let help: String
    let labels: [String]
    let kind: ObservedKind
    private let reads = Locked<[[String]: @Sendable () -> Double]>([:])

    init(name: String, help: String, labels: [String], kind: ObservedKind) {
        precondition(MetricName.isValid(name), "\"\(name)\" is no metric name")
        for label in labels { precondition(MetricName.isValid(label: label), "\"\(label)\" is no label name") }
        self.name = name
        self.help = help
        self.labels = labels
        self.kind = kind
    }

    func set(_ values: [String], _ read: @escaping @Sendable () -> Double) {
        reads.withLock { $0[values] = read }
    }

    func write(to bytes: inout [UInt8]) {
        // Called outside the lock: what a callback does is not ours to know.
        let reads = reads.withLock { Array($0) }
        PrometheusText.appendHeader(name, help, kind.rawValue, to: &bytes)
        for (values, read) in reads.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            PrometheusText.appendSample(name, PrometheusText.pairs(labels, values), read(), to: &bytes)
        }
    }
}
