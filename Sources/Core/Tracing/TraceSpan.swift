/// A piece of work in a trace, from its start to ``finish()``. (Not `Span`: that is the standard library's, for memory.)
public struct TraceSpan: Sendable {
    /// What goes to the services that are called from here.
    public let context: TraceContext
    @usableFromInline let recording: Recording?

    @usableFromInline
    init(context: TraceContext, recording: Recording?) {
        self.context = context
        self.recording = recording
    }

    /// What a span stands for, as OpenTelemetry has it.
    public enum Kind: UInt8, Sendable {
        case `internal` = 1
        case server, client, producer, consumer
    }

    public enum Status: Sendable, Hashable {
        case unset
        case ok
        case error(String)
    }

    /// Whether anybody will see it: attributes that cost something are worth making only then.
    @inlinable
    public var isRecording: Bool { recording != nil }

    /// Sets an attribute; nothing is evaluated when the span is not recorded. See ``SpanLimits``.
    @inlinable
    public func set(_ key: String, to value: @autoclosure () -> AttributeValue) {
        recording?.set(key, to: value())
    }

    @inlinable
    public func addEvent(_ name: @autoclosure () -> String, attributes: @autoclosure () -> [SpanAttribute] = []) {
        recording?.add(name(), attributes())
    }

    @inlinable
    public func setStatus(_ status: @autoclosure () -> Status) {
        recording?.setStatus(status())
    }

    /// Records the error as an event and as the status. The text goes to the trace store, not to the caller.
    public func fail(with error: any Error) {
        guard let recording else { return }
        let text = String(describing: error)
        recording.add(
            "exception",
            [
                SpanAttribute("exception.type", .string(String(reflecting: type(of: error)))),
                SpanAttribute("exception.message", .string(text)),
            ])
        recording.setStatus(.error(text))
    }

    /// Ends the span and hands it to the exporter. A second call changes nothing.
    @inlinable
    public func finish() { recording?.finish() }

    @usableFromInline
    final class Recording: Sendable {
        private let data: Locked<SpanData?>
        private let sink: any SpanSink

        init(_ data: SpanData, sink: any SpanSink) {
            self.data = Locked(data)
            self.sink = sink
        }

        @usableFromInline
        func set(_ key: String, to value: AttributeValue) {
            data.withLock { $0?.set(key, to: value) }
        }

        @usableFromInline
        func add(_ name: String, _ attributes: [SpanAttribute]) {
            let event = SpanEvent(time: .now, name: name, attributes: attributes)
            data.withLock { $0?.add(event) }
        }

        @usableFromInline
        func setStatus(_ status: Status) {
            data.withLock { $0?.status = status.cut }
        }

        @usableFromInline
        func finish() {
            let finished = data.withLock { data in
                let finished = data
                data = nil
                return finished
            }
            guard var finished else { return }
            finished.end = .now
            sink.take(finished)
        }
    }
}
