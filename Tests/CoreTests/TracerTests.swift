import MartletCore
import Testing

@Suite("Tracer")
struct TracerTests {
    @Test("spans inside each other are one trace, each under the one around it")
    func nesting() async throws {
        let recorder = SpanRecorder()
        let tracer = Tracer(sink: recorder)
        try await tracer.withSpan("outer") { outer in
            outer.set("k", to: "v")
            try await tracer.withSpan("inner", kind: .client) { inner in
                #expect(CallContext.current?.trace.spanID == inner.context.spanID)
                inner.addEvent("sent", attributes: [SpanAttribute("bytes", 12)])
            }
        }
        let spans = recorder.spans
        #expect(spans.map(\.name) == ["inner", "outer"])
        #expect(spans[0].context.traceID == spans[1].context.traceID)
        #expect(spans[0].parent == spans[1].context.spanID && spans[1].parent == nil)
        #expect(spans[0].kind == .client && spans[0].events.map(\.name) == ["sent"])
        #expect(spans[1].attributes == [SpanAttribute("k", "v")])
        #expect(spans[0].end >= spans[0].start)
    }

    @Test("an error thrown is the span's status and an event")
    func failure() async {
        struct Broken: Error {}
        let recorder = SpanRecorder()
        await #expect(throws: Broken.self) {
            try await Tracer(sink: recorder).withSpan("work") { _ in throw Broken() }
        }
        #expect(recorder.spans[0].status == .error("Broken()"))
        #expect(recorder.spans[0].events[0].name == "exception")
    }

    @Test("a span is handed on once, however often it is finished, and not changed after")
    func finishedOnce() {
        let recorder = SpanRecorder()
        let span = Tracer(sink: recorder).startSpan("work", parent: nil)
        span.finish()
        span.set("late", to: 1)
        span.finish()
        #expect(recorder.spans.count == 1 && recorder.spans[0].attributes.isEmpty)
    }

    @Test("a parent's decision is followed, both ways")
    func parentBased() {
        let recorder = SpanRecorder()
        let tracer = Tracer(sampler: Sampler(ratio: 0), sink: recorder)
        #expect(!tracer.startSpan("root", parent: nil).isRecording)
        #expect(tracer.startSpan("child", parent: .root(isSampled: true)).isRecording)
        #expect(!Tracer(sink: recorder).startSpan("child", parent: .root(isSampled: false)).isRecording)
    }

    @Test("a ratio samples about that share of the roots")
    func ratio() {
        let tracer = Tracer(sampler: Sampler(ratio: 0.25))
        let sampled = (0..<10_000).filter { _ in tracer.startSpan("r", parent: nil).context.isSampled }.count
        // Five standard deviations; the ids are random.
        #expect((2283...2717).contains(sampled))
    }

    @Test("OpenTelemetry's sampler names are understood, others refused")
    func names() {
        #expect(Sampler.names.allSatisfy { Sampler(named: $0, ratio: 0.5) != nil })
        #expect(Sampler(named: "jaeger_remote") == nil)
        #expect(Sampler(named: "always_off") == Sampler(ratio: 0, followsParent: false))
    }

    @Test("without a sink nothing is evaluated, and the ids go on")
    func disabled() {
        let span = Tracer.disabled.startSpan("work", parent: .root(isSampled: true))
        func never() -> AttributeValue {
            Issue.record("evaluated")
            return 1
        }
        span.set("k", to: never())
        span.finish()
        #expect(!span.isRecording && span.context.isSampled)
    }

    @Test("what does not fit in a span is dropped and counted")
    func limits() {
        let recorder = SpanRecorder()
        let span = Tracer(sink: recorder).startSpan("work", parent: nil)
        for index in 0..<200 {
            span.set("k\(index)", to: .string(String(repeating: "é", count: 5000)))
            span.addEvent("e")
        }
        span.finish()
        let data = recorder.spans[0]
        #expect(data.attributes.count == SpanLimits.attributes && data.droppedAttributes == 72)
        #expect(data.events.count == SpanLimits.events && data.droppedEvents == 72)
        guard case .string(let text) = data.attributes[0].value else { return #expect(Bool(false)) }
        #expect(text.utf8.count == SpanLimits.text)
    }
}
