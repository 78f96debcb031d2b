import MartletCore
import MartletKit
import Testing

/// A collector that answers from a list, then 200, and lets the test wait for what comes.
private final class Collector: SpanTransport {
    private struct State {
        var answers: [@Sendable () async throws -> SpanTransportReply]
        var bodies: [String] = []
        var awaited: (count: Int, continuation: CheckedContinuation<Void, Never>)?
    }

    private let state: Locked<State>

    init(_ answers: [@Sendable () async throws -> SpanTransportReply] = []) {
        state = Locked(State(answers: answers))
    }

    var bodies: [String] { state.withLock { $0.bodies } }

    func send(_ body: [UInt8]) async throws -> SpanTransportReply {
        let (answer, waiter) = state.withLock { state in
            state.bodies.append(String(decoding: body, as: UTF8.self))
            var waiter: CheckedContinuation<Void, Never>?
            if let awaited = state.awaited, state.bodies.count >= awaited.count {
                waiter = awaited.continuation
                state.awaited = nil
            }
            return (state.answers.isEmpty ? nil : state.answers.removeFirst(), waiter)
        }
        waiter?.resume()
        return try await answer?() ?? SpanTransportReply(status: 200)
    }

    /// Returns when `count` bodies have come.
    func wait(for count: Int) async {
        await withCheckedContinuation { continuation in
            let now = state.withLock { state in
                if state.bodies.count >= count { return true }
                state.awaited = (count, continuation)
                return false
            }
            if now { continuation.resume() }
        }
    }
}

@Suite("OTLP exporter", .timeLimit(.minutes(1)))
struct OTLPExporterTests {
    private let metrics = Metrics()

    private func exporter(_ collector: Collector, _ change: (inout OTLPExporter.Settings) -> Void = { _ in })
        -> OTLPExporter
    {
        var settings = OTLPExporter.Settings()
        settings.delay = .seconds(3600)
        settings.backoff = .milliseconds(1)
        settings.shutdownTimeout = .seconds(50)
        change(&settings)
        return OTLPExporter(
            service: "test", attributes: KeyedValues("zone=a%22b") ?? KeyedValues(), settings: settings,
            transport: collector, logger: .disabled, metrics: metrics)
    }

    /// Runs the exporter while `body` runs, then shuts it down.
    private func run(_ exporter: OTLPExporter, _ body: () async throws -> Void) async throws {
        let signal = ShutdownSignal()
        async let running: Void = ShutdownSignal.$current.withValue(signal) { try await exporter.run() }
        try await body()
        signal.trigger()
        try await running
    }

    private func value(_ name: String) -> String? {
        var page: [UInt8] = []
        metrics.writePrometheusText(to: &page)
        return String(decoding: page, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix(name + " ") }
            .map { String($0.dropFirst(name.count + 1)) }
    }

    @Test("a full batch is sent at once, as OTLP/JSON")
    func batch() async throws {
        let collector = Collector()
        let exporter = exporter(collector) { $0.batchSize = 2 }
        let tracer = Tracer(sink: exporter)
        try await run(exporter) {
            let first = tracer.startSpan("GET \"/\"", kind: .server, parent: nil)
            first.set("status", to: 200)
            first.set("ratio", to: .number(.infinity))
            first.addEvent("e")
            first.setStatus(.error("bad\n"))
            first.finish()
            tracer.startSpan("child", parent: first.context).finish()
            await collector.wait(for: 1)
        }
        #expect(collector.bodies.count == 1)
        let body = try #require(collector.bodies.first)
        #expect(body.contains(#"{"key":"service.name","value":{"stringValue":"test"}}"#))
        #expect(body.contains(#"{"key":"zone","value":{"stringValue":"a\"b"}}"#))
        #expect(body.contains(#""name":"GET \"/\"","kind":2,"flags":1,"startTimeUnixNano":"1"#))
        #expect(
            body.contains(
                #"{"key":"status","value":{"intValue":"200"}},{"key":"ratio","value":{"doubleValue":"Infinity"}}"#))
        #expect(body.contains(#""status":{"code":2,"message":"bad\n"}"#))
        #expect(body.contains(#""parentSpanId":""#))
        #expect(value("martlet_spans_exported_total") == "2")
    }

    @Test("a batch that never fills is sent after its delay")
    func delay() async throws {
        let collector = Collector()
        let exporter = exporter(collector) { $0.delay = .milliseconds(1) }
        try await run(exporter) {
            Tracer(sink: exporter).startSpan("one", parent: nil).finish()
            await collector.wait(for: 1)
        }
        #expect(value("martlet_spans_exported_total") == "1")
    }

    @Test("what waits at shutdown is sent")
    func shutdown() async throws {
        let collector = Collector()
        let exporter = exporter(collector) { $0.batchSize = 10 }
        for _ in 0..<25 { Tracer(sink: exporter).startSpan("late", parent: nil).finish() }
        try await run(exporter) {}
        #expect(collector.bodies.count == 3)
        #expect(value("martlet_spans_exported_total") == "25" && value("martlet_spans_waiting") == "0")
    }

    @Test("spans over the queue's limit are dropped and counted, and nobody waits")
    func overflow() {
        let exporter = exporter(Collector()) { $0.queueSize = 10 }
        for _ in 0..<25 { Tracer(sink: exporter).startSpan("many", parent: nil).finish() }
        #expect(value("martlet_spans_waiting") == "10")
        #expect(value(#"martlet_spans_dropped_total{reason="queue_full"}"#) == "15")
    }

    @Test("a collector that is overloaded is asked again with the same spans", arguments: [429, 503])
    func retried(status: Int) async throws {
        let collector = Collector([
            { SpanTransportReply(status: status) },
            { SpanTransportReply(status: status, retryAfter: .milliseconds(2)) },
        ])
        let exporter = exporter(collector) { $0.batchSize = 1 }
        try await run(exporter) {
            Tracer(sink: exporter).startSpan("again", parent: nil).finish()
            await collector.wait(for: 3)
        }
        #expect(Set(collector.bodies).count == 1 && collector.bodies.count == 3)
        #expect(value("martlet_spans_exported_total") == "1")
    }

    @Test("attempts end, and other refusals are not repeated")
    func givenUp() async throws {
        let busy: @Sendable () async throws -> SpanTransportReply = { SpanTransportReply(status: 503) }
        let collector = Collector([
            busy, busy, busy, { SpanTransportReply(status: 400) }, { throw CancellationError() },
        ])
        let exporter = exporter(collector) {
            $0.batchSize = 1
            $0.attempts = 3
        }
        try await run(exporter) {
            for count in [3, 4, 5] {
                Tracer(sink: exporter).startSpan("refused", parent: nil).finish()
                await collector.wait(for: count)
            }
        }
        #expect(collector.bodies.count == 5)
        for reason in ["overloaded", "refused", "unreachable"] {
            #expect(value("martlet_spans_dropped_total{reason=\"\(reason)\"}") == "1")
        }
    }

    @Test("an answer that never comes is given up at the attempt's own deadline")
    func timeout() async throws {
        let deadlines = Locked<[MonotonicTime?]>([])
        let collector = Collector([
            {
                deadlines.withLock { $0.append(CallContext.current?.deadline) }
                try await Task.sleep(for: .seconds(3600))
                return SpanTransportReply(status: 200)
            }
        ])
        let exporter = exporter(collector) {
            $0.batchSize = 1
            $0.timeout = .milliseconds(5)
        }
        try await run(exporter) {
            Tracer(sink: exporter).startSpan("lost", parent: nil).finish()
            Tracer(sink: exporter).startSpan("kept", parent: nil).finish()
            await collector.wait(for: 2)
        }
        #expect(deadlines.withLock { $0.count == 1 && $0[0] != nil })
        #expect(value(#"martlet_spans_dropped_total{reason="unreachable"}"#) == "1")
        #expect(value("martlet_spans_exported_total") == "1")
    }
}
