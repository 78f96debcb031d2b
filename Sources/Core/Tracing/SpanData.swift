/// A finished span, as an exporter gets it.
public struct SpanData: Sendable {
    public var name: String
    public var kind: TraceSpan.Kind
    public var context: TraceContext
    /// The span above, or nil at the root of a trace.
    public var parent: SpanID?
    public var start: WallTime
    public var end: WallTime
    public private(set) var attributes: [SpanAttribute] = []
    public private(set) var events: [SpanEvent] = []
    public var status: TraceSpan.Status = .unset
    /// What did not fit in ``SpanLimits``.
    public private(set) var droppedAttributes = 0
    public private(set) var droppedEvents = 0

    public init(name: String, kind: TraceSpan.Kind, context: TraceContext, parent: SpanID?, start: WallTime) {
        self.name = name
        self.kind = kind
        self.context = context
        self.parent = parent
        self.start = start
        end = start
    }

    public mutating func set(_ key: String, to value: AttributeValue) {
        if let index = attributes.firstIndex(where: { $0.key == key }) {
            attributes[index].value = value.cut
        } else if attributes.count < SpanLimits.attributes {
            attributes.append(SpanAttribute(key, value.cut))
        } else {
            droppedAttributes += 1
        }
    }

    public mutating func add(_ event: SpanEvent) {
        guard events.count < SpanLimits.events else {
            droppedEvents += 1
            return
        }
        var event = event
        event.attributes = event.attributes.prefix(SpanLimits.attributes).map { SpanAttribute($0.key, $0.value.cut) }
        events.append(event)
    }
}

/// What one span may hold (OpenTelemetry's defaults, and a bound on text that it leaves open).
public enum SpanLimits {
    public static let attributes = 128
    public static let events = 128
    /// UTF-8 bytes of a text value.
    public static let text = 4096
}

public struct SpanAttribute: Sendable, Hashable {
    public var key: String
    public var value: AttributeValue

    public init(_ key: String, _ value: AttributeValue) {
        self.key = key
        self.value = value
    }
}

public enum AttributeValue: Sendable, Hashable, ExpressibleByStringInterpolation, ExpressibleByIntegerLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByFloatLiteral
{
    case string(String)
    case integer(Int64)
    case number(Double)
    case boolean(Bool)

    public init(stringLiteral value: String) { self = .string(value) }
    public init(integerLiteral value: Int64) { self = .integer(value) }
    public init(floatLiteral value: Double) { self = .number(value) }
    public init(booleanLiteral value: Bool) { self = .boolean(value) }

    fileprivate var cut: Self {
        if case .string(let text) = self { .string(text.cut(toBytes: SpanLimits.text)) } else { self }
    }
}

public struct SpanEvent: Sendable {
    public var time: WallTime
    public var name: String
    public var attributes: [SpanAttribute]

    public init(time: WallTime, name: String, attributes: [SpanAttribute] = []) {
        self.time = time
        self.name = name
        self.attributes = attributes
    }
}

extension TraceSpan.Status {
    var cut: Self {
        if case .error(let text) = self { .error(text.cut(toBytes: SpanLimits.text)) } else { self }
    }
}

extension String {
    /// The text if it is within `limit` bytes of UTF-8, else as many whole scalars of it as are.
    func cut(toBytes limit: Int) -> String {
        guard utf8.count > limit else { return self }
        var end = utf8.index(utf8.startIndex, offsetBy: limit)
        while end > utf8.startIndex, utf8[end] & 0xC0 == 0x80 { end = utf8.index(before: end) }
        return String(self[..<end])
    }
}
