/// The W3C trace context (https://www.w3.org/TR/trace-context/): which trace a call belongs to, and under which span.
public struct TraceContext: Sendable, Hashable {
    public var traceID: TraceID
    public var spanID: SpanID
    /// Whether whoever started the trace records it.
    public var isSampled: Bool
    /// `tracestate`, carried along unread.
    public var state: String?

    public init(traceID: TraceID, spanID: SpanID, isSampled: Bool, state: String? = nil) {
        self.traceID = traceID
        self.spanID = spanID
        self.isSampled = isSampled
        self.state = state
    }

    /// The start of a new trace.
    public static func root(isSampled: Bool = true) -> TraceContext {
        TraceContext(traceID: .random(), spanID: .random(), isSampled: isSampled)
    }

    /// A new span in the same trace.
    public func child() -> TraceContext {
        TraceContext(traceID: traceID, spanID: .random(), isSampled: isSampled, state: state)
    }
}

/// 16 bytes, not all zero.
public struct TraceID: Sendable, Hashable, CustomStringConvertible {
    public var high: UInt64
    public var low: UInt64

    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    public static func random() -> TraceID {
        TraceID(high: FastRandom.next(), low: FastRandom.next() | 1)
    }

    public var description: String { hexadecimal(high) + hexadecimal(low) }
}

/// 8 bytes, not all zero.
public struct SpanID: Sendable, Hashable, CustomStringConvertible {
    public var value: UInt64

    public init(_ value: UInt64) { self.value = value }

    public static func random() -> SpanID { SpanID(FastRandom.next() | 1) }

    public var description: String { hexadecimal(value) }
}
