/// The W3C trace context (https://www.w3.org/TR/trace-context-2/): which trace a call belongs to, and under which span.
public struct TraceContext: Sendable, Hashable {
    public var traceID: TraceID
    public var spanID: SpanID
    /// Whether whoever started the trace records it.
    public var isSampled: Bool
    /// Whether the last seven bytes of the trace id are random (level 2), so that others may sample by them.
    public var isRandom: Bool
    /// `tracestate`, carried along unread. See ``carriedState(_:)`` for what is carried.
    public var state: String?

    public init(traceID: TraceID, spanID: SpanID, isSampled: Bool, isRandom: Bool = false, state: String? = nil) {
        self.traceID = traceID
        self.spanID = spanID
        self.isSampled = isSampled
        self.isRandom = isRandom
        self.state = state
    }

    /// The start of a new trace.
    public static func root(isSampled: Bool = true) -> TraceContext {
        TraceContext(traceID: .random(), spanID: .random(), isSampled: isSampled, isRandom: true)
    }

    /// A new span in the same trace.
    public func child() -> TraceContext {
        var child = self
        child.spanID = .random()
        return child
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
        let low = FastRandom.next()
        return TraceID(high: FastRandom.next(), low: low == 0 ? 1 : low)
    }

    /// 32 lower-case hexadecimal digits.
    public var description: String { hexadecimal(high) + hexadecimal(low) }
}

/// 8 bytes, not all zero.
public struct SpanID: Sendable, Hashable, CustomStringConvertible {
    public var value: UInt64

    public init(_ value: UInt64) { self.value = value }

    public static func random() -> SpanID {
        let value = FastRandom.next()
        return SpanID(value == 0 ? 1 : value)
    }

    /// 16 lower-case hexadecimal digits.
    public var description: String { hexadecimal(value) }
}
