/// A service's metrics: made once by name, changed without a lock, read as Prometheus text.
///
///     let uploads = metrics.counter("uploads_total", help: "Files taken in.")
///     let requests = metrics.counters("requests_total", help: "…", labels: ["operation", "code"])
///     let ok = requests.with("upload", "ok")      // look up once, keep
///     ok.increment()
///
/// Asking for a name again gives the same metric. A name with another kind, help or set of labels is a mistake in the
/// program, and stops it.
public final class Metrics: Sendable {
    /// Label sets of one metric before further ones are counted together under `other`.
    public static let defaultLimit = 1000

    private let families = Locked<[String: any MetricFamily]>([:])
    private let refused: Counters

    public init() {
        refused = Counters(
            name: "martlet_metrics_label_sets_refused_total",
            help: "Label sets that were over a metric's limit and are counted under \"other\".", labels: ["metric"],
            limit: Self.defaultLimit, refused: nil, make: Counter.init)
        families.withLock { $0[refused.name] = refused }
    }

    public func counter(_ name: String, help: String) -> Counter {
        counters(name, help: help, labels: []).with([])
    }

    public func counters(
        _ name: String, help: String, labels: [String], limit: Int = Metrics.defaultLimit
    ) -> Counters {
        family(name, help, labels, limit, make: Counter.init)
    }

    public func gauge(_ name: String, help: String) -> Gauge {
        gauges(name, help: help, labels: []).with([])
    }

    public func gauges(
        _ name: String, help: String, labels: [String], limit: Int = Metrics.defaultLimit
    ) -> Gauges {
        family(name, help, labels, limit, make: Gauge.init)
    }

    public func histogram(_ name: String, help: String, buckets: Buckets) -> Histogram {
        histograms(name, help: help, labels: [], buckets: buckets).with([])
    }

    public func histograms(
        _ name: String, help: String, labels: [String], buckets: Buckets, limit: Int = Metrics.defaultLimit
    ) -> Histograms {
        family(name, help, labels, limit) { Histogram(buckets) }
    }

    /// A value that is read when the metrics are: a queue's length, the memory in use. Registered again for the same
    /// labels, the new one takes the old one's place. `read` may be called from any thread.
    public func observe(
        _ name: String, help: String, kind: ObservedKind = .gauge, labels: KeyValuePairs<String, String> = [:],
        read: @escaping @Sendable () -> Double
    ) {
        let keys = labels.map(\.key)
        let family = family(name) { Observed(name: name, help: help, labels: keys, kind: kind) }
        precondition(family.labels == keys && family.kind == kind, "metric \(name) was declared otherwise before")
        family.set(labels.map(\.value), read)
    }

    /// All metrics in Prometheus' text format 0.0.4, ordered by name and by labels, so that two pages can be compared.
    public func writePrometheusText(to bytes: inout [UInt8]) {
        let families = families.withLock { Array($0.values) }
        for family in families.sorted(by: { $0.name < $1.name }) { family.write(to: &bytes) }
    }

    /// The media type of ``writePrometheusText(to:)``.
    public static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    private func family<Child: Metric>(
        _ name: String, _ help: String, _ labels: [String], _ limit: Int, make: @escaping @Sendable () -> Child
    ) -> LabelledMetrics<Child> {
        let found = family(name) {
            LabelledMetrics(name: name, help: help, labels: labels, limit: limit, refused: refused, make: make)
        }
        precondition(found.labels == labels, "metric \(name) was declared with labels \(found.labels) before")
        return found
    }

    private func family<Family: MetricFamily>(_ name: String, make: () -> Family) -> Family {
        let found = families.withLock { families in
            if let found = families[name] { return found }
            let made = make()
            families[name] = made
            return made
        }
        guard let found = found as? Family else { preconditionFailure("metric \(name) is of another kind") }
        return found
    }
}

public typealias Counters = LabelledMetrics<Counter>
public typealias Gauges = LabelledMetrics<Gauge>
public typealias Histograms = LabelledMetrics<Histogram>

/// What an observed value is: a gauge goes up and down, a counter only up.
public enum ObservedKind: String, Sendable {
    case gauge, counter
}

/// One metric name with all its label sets.
protocol MetricFamily: Sendable {
    var name: String { get }
    func write(to bytes: inout [UInt8])
}
