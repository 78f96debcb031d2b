/// Begins spans. The shape is swift-distributed-tracing's, with the current span carried by ``CallContext``.
///
/// Without a sink, or in a trace that is not sampled, a span is its ids and nothing more: no clock is read and no memory
/// taken, but the ids go on to the services that are called.
public struct Tracer: Sendable {
    public var sampler: Sampler
    let sink: (any SpanSink)?

    public init(sampler: Sampler = .everything, sink: (any SpanSink)? = nil) {
        self.sampler = sampler
        self.sink = sink
    }

    /// Propagates, records nothing.
    public static let disabled = Tracer()

    /// A span under `parent`; of a new trace when there is none. Whoever starts it finishes it.
    @inlinable
    public func startSpan(
        _ name: @autoclosure () -> String, kind: TraceSpan.Kind = .internal,
        parent: TraceContext? = CallContext.current?.trace
    ) -> TraceSpan {
        let context = newContext(under: parent)
        guard records(context) else { return TraceSpan(context: context, recording: nil) }
        return record(name(), kind, context, parent)
    }

    /// Runs `body` in a span under the current one, bound to the task: clients and loggers underneath belong to it. The
    /// span finishes when `body` ends; an error thrown is its status.
    public func withSpan<Result>(
        _ name: String, kind: TraceSpan.Kind = .internal, _ body: (TraceSpan) async throws -> Result
    ) async throws -> Result {
        let current = CallContext.current
        let span = startSpan(name, kind: kind, parent: current?.trace)
        let context = current?.traced(as: span.context) ?? CallContext(trace: span.context)
        defer { span.finish() }
        do {
            return try await CallContext.$current.withValue(context) { try await body(span) }
        } catch {
            span.fail(with: error)
            throw error
        }
    }

    @usableFromInline
    func newContext(under parent: TraceContext?) -> TraceContext {
        var context = parent?.child() ?? .root(isSampled: false)
        context.isSampled = sampler.samples(context.traceID, parent: parent)
        return context
    }

    @usableFromInline
    func records(_ context: TraceContext) -> Bool { context.isSampled && sink != nil }

    @usableFromInline @inline(never)
    func record(
        _ name: String, _ kind: TraceSpan.Kind, _ context: TraceContext, _ parent: TraceContext?
    ) -> TraceSpan {
        guard let sink else { return TraceSpan(context: context, recording: nil) }
        let data = SpanData(name: name, kind: kind, context: context, parent: parent?.spanID, start: .now)
        return TraceSpan(context: context, recording: TraceSpan.Recording(data, sink: sink))
    }
}

/// Where finished spans go. Called from any thread, in the middle of requests: it must not block, and what it cannot
/// take it drops and counts.
public protocol SpanSink: Sendable {
    func take(_ span: SpanData)
}
