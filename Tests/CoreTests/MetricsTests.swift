import MartletCore
import Testing

@Suite("Metrics")
struct MetricsTests {
    @Test("the page has every metric in order, with help, type and labels")
    func page() {
        let metrics = Metrics()
        metrics.gauge("queue_length", help: "Jobs that wait.").record(3)
        let requests = metrics.counters("requests_total", help: "Calls.", labels: ["operation", "code"])
        requests.with("write", "ok").increment(by: 2)
        requests.with("read", "ok").increment()
        metrics.observe("lag_seconds", help: "Lag.", labels: ["loop": "0"]) { 0.25 }
        #expect(
            metrics.text == """
                # HELP lag_seconds Lag.
                # TYPE lag_seconds gauge
                lag_seconds{loop="0"} 0.25
                # HELP queue_length Jobs that wait.
                # TYPE queue_length gauge
                queue_length 3
                # HELP requests_total Calls.
                # TYPE requests_total counter
                requests_total{operation="read",code="ok"} 1
                requests_total{operation="write",code="ok"} 2

                """)
    }

    @Test("a histogram counts at and below each bound, and says sum and count")
    func histogram() {
        let metrics = Metrics()
        let histogram = metrics.histogram("size_bytes", help: "Sizes.", buckets: Buckets([10, 20]))
        for value: UInt64 in [5, 10, 11, 20, 21] { histogram.record(value) }
        #expect(
            metrics.text == """
                # HELP size_bytes Sizes.
                # TYPE size_bytes histogram
                size_bytes_bucket{le="10"} 2
                size_bytes_bucket{le="20"} 4
                size_bytes_bucket{le="+Inf"} 5
                size_bytes_sum 67
                size_bytes_count 5

                """)
    }

    @Test("durations are shown in seconds")
    func durations() {
        let metrics = Metrics()
        let histogram = metrics.histogram("took_seconds", help: "Time.", buckets: .durations)
        histogram.record(.milliseconds(5))
        histogram.record(.seconds(-1))
        #expect(metrics.text.contains("took_seconds_bucket{le=\"0.005\"} 2\n"))
        #expect(metrics.text.contains("took_seconds_bucket{le=\"0.001\"} 1\n"))
        #expect(metrics.text.contains("took_seconds_sum 0.005\n"))
    }

    @Test("help and label values are escaped, and the page can be read back")
    func escaping() throws {
        let metrics = Metrics()
        let values = ["a\"b", "a\\b", "a\nb", "\\n", "}", ",", "=", "é", ""]
        let family = metrics.counters("odd_total", help: "one \\ two \n three \"four\"", labels: ["v"])
        for value in values { family.with(value).increment() }
        let samples = try PrometheusPage(metrics.text).samples
        #expect(Set(samples.map { $0.labels["v"] }) == Set(values))
        #expect(metrics.text.contains("# HELP odd_total one \\\\ two \\n three \"four\"\n"))
    }

    @Test("asking for the same metric and labels gives the same child")
    func identity() {
        let metrics = Metrics()
        let first = metrics.counters("a_total", help: "A.", labels: ["x"]).with("1")
        #expect(first === metrics.counters("a_total", help: "A.", labels: ["x"]).with("1"))
        #expect(metrics.gauge("g", help: "G.") === metrics.gauge("g", help: "G."))
    }

    @Test("label sets over the limit are counted under other, and their number is known")
    func cardinality() throws {
        let metrics = Metrics()
        let family = metrics.counters("paths_total", help: "Paths.", labels: ["path", "method"], limit: 10)
        for index in 0..<1000 { family.with("/\(index)", "GET").increment() }
        let samples = try PrometheusPage(metrics.text).samples
        let paths = samples.filter { $0.name == "paths_total" }
        #expect(paths.count == 11)
        #expect(paths.first { $0.labels["path"] == "other" }?.value == 990)
        #expect(paths.reduce(0) { $0 + $1.value } == 1000)
        let refused = samples.first { $0.name == "martlet_metrics_label_sets_refused_total" }
        #expect(refused?.value == 990 && refused?.labels == ["metric": "paths_total"])
    }

    @Test("nothing is lost when many count at once")
    func concurrency() async throws {
        let metrics = Metrics()
        let histogram = metrics.histogram("h", help: "H.", buckets: Buckets([1, 2]))
        let family = metrics.counters("c_total", help: "C.", labels: ["l"])
        let gauge = metrics.gauge("g", help: "G.")
        await withTaskGroup { group in
            for task in 0..<8 {
                group.addTask {
                    for index in 0..<5000 {
                        family.with("\(index % 4)").increment()
                        histogram.record(UInt64(index % 4))
                        if task % 2 == 0 { gauge.increment() } else { gauge.decrement() }
                    }
                }
            }
            group.addTask { for _ in 0..<50 { _ = metrics.text } }
        }
        #expect((0..<4).allSatisfy { family.with("\($0)").value == 10_000 })
        #expect(histogram.count == 40_000)
        #expect(gauge.value == 0)
        let samples = try PrometheusPage(metrics.text).samples
        #expect(samples.first { $0.name == "h_sum" }?.value == 60_000)
    }

    @Test("values that are no finite numbers are written as Prometheus reads them")
    func odd() throws {
        let metrics = Metrics()
        metrics.observe("nan", help: "N.") { .nan }
        metrics.observe("up", help: "U.", kind: .counter) { .infinity }
        #expect(metrics.text.contains("nan NaN\n") && metrics.text.contains("up +Inf\n"))
        metrics.observe("nan", help: "N.") { 1 }
        #expect(metrics.text.contains("nan 1\n"))
    }
}

/// The grammar of the text format 0.0.4, strictly: each sample under its own metric's header, histogram suffixes
/// included, no sample twice.
struct PrometheusPage {
    struct Sample: Equatable {
        var name: String
        var labels: [String: String]
        var value: Double
    }

    struct Malformed: Error { var line: String }

    var samples: [Sample] = []

    init(_ text: String) throws {
        guard text.isEmpty || text.hasSuffix("\n") else { throw Malformed(line: "no line feed at the end") }
        var metric = ""
        var kind = ""
        var seen: Set<String> = []
        var announced: Set<String> = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
            let words = line.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: false).map(String.init)
            if line.hasPrefix("# HELP ") {
                metric = words[2]
                guard announced.insert(metric).inserted else { throw Malformed(line: String(line)) }
            } else if line.hasPrefix("# TYPE ") {
                guard words.count == 4, words[2] == metric else { throw Malformed(line: String(line)) }
                kind = words[3]
            } else {
                let sample = try Self.sample(line)
                let names = kind == "histogram" ? ["_bucket", "_sum", "_count"].map { metric + $0 } : [metric]
                let id = "\(sample.name) \(sample.labels.sorted { $0.key < $1.key })"
                guard names.contains(sample.name), seen.insert(id).inserted else { throw Malformed(line: String(line)) }
                samples.append(sample)
            }
        }
    }

    private static func sample(_ line: Substring) throws -> Sample {
        let malformed = Malformed(line: String(line))
        let name = line.prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == ":" }
        var rest = line.dropFirst(name.count)
        var labels: [String: String] = [:]
        if rest.first == "{" {
            rest = rest.dropFirst()
            while rest.first != "}" {
                let label = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
                rest = rest.dropFirst(label.count)
                guard !label.isEmpty, rest.hasPrefix("=\"") else { throw malformed }
                rest = rest.dropFirst(2)
                var value = ""
                while let character = rest.popFirst(), character != "\"" {
                    guard character == "\\" else {
                        value.append(character)
                        continue
                    }
                    switch rest.popFirst() {
                    case "n": value.append("\n")
                    case "\\": value.append("\\")
                    case "\"": value.append("\"")
                    default: throw malformed
                    }
                }
                guard labels.updateValue(value, forKey: String(label)) == nil else { throw malformed }
                if rest.first == "," { rest = rest.dropFirst() } else if rest.first != "}" { throw malformed }
            }
            rest = rest.dropFirst()
        }
        guard !name.isEmpty, rest.first == " ", let value = Double(rest.dropFirst()) else { throw malformed }
        return Sample(name: String(name), labels: labels, value: value)
    }
}
