internal import MartletCore

/// Spans as OTLP/JSON (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding): ids in hexadecimal, 64-bit
/// numbers as strings.
struct OTLPDocument {
    /// `"attributes":[…]` of the resource, written once.
    private let prefix: [UInt8]

    init(service: String, attributes: KeyedValues) {
        var resource = [SpanAttribute("service.name", .string(service))]
        resource.append(SpanAttribute("telemetry.sdk.name", "martlet"))
        resource.append(SpanAttribute("telemetry.sdk.language", "swift"))
        for pair in attributes.pairs where pair.name != "service.name" {
            resource.append(SpanAttribute(pair.name, .string(pair.value)))
        }
        var prefix = Array("{\"resourceSpans\":[{\"resource\":{".utf8)
        Self.append(resource, to: &prefix)
        prefix += "},\"scopeSpans\":[{\"scope\":{\"name\":\"martlet\"},\"spans\":[".utf8
        self.prefix = prefix
    }

    func encode(_ spans: some Collection<SpanData>) -> [UInt8] {
        var bytes = prefix
        var isFirst = true
        for span in spans {
            if !isFirst { bytes.append(UInt8(ascii: ",")) }
            isFirst = false
            Self.append(span, to: &bytes)
        }
        bytes += "]}]}]}".utf8
        return bytes
    }

    private static func append(_ span: SpanData, to bytes: inout [UInt8]) {
        bytes += "{\"traceId\":\"\(span.context.traceID)\",\"spanId\":\"\(span.context.spanID)\"".utf8
        if let parent = span.parent { bytes += ",\"parentSpanId\":\"\(parent)\"".utf8 }
        if let state = span.context.state {
            bytes += ",\"traceState\":".utf8
            bytes.append(json: state)
        }
        bytes += ",\"name\":".utf8
        bytes.append(json: span.name)
        bytes += ",\"kind\":\(span.kind.rawValue),\"flags\":\(span.context.isSampled ? 1 : 0)".utf8
        bytes += ",\"startTimeUnixNano\":\"\(span.start.nanoseconds)\"".utf8
        // The wall clock may be set back while a span lasts; no collector takes an end before the start.
        bytes += ",\"endTimeUnixNano\":\"\(max(span.start, span.end).nanoseconds)\",".utf8
        append(span.attributes, to: &bytes)
        if !span.events.isEmpty {
            bytes += ",\"events\":[".utf8
            for (index, event) in span.events.enumerated() {
                bytes += "\(index > 0 ? "," : ""){\"timeUnixNano\":\"\(event.time.nanoseconds)\",\"name\":".utf8
                bytes.append(json: event.name)
                bytes.append(UInt8(ascii: ","))
                append(event.attributes, to: &bytes)
                bytes.append(UInt8(ascii: "}"))
            }
            bytes.append(UInt8(ascii: "]"))
        }
        if span.droppedAttributes > 0 { bytes += ",\"droppedAttributesCount\":\(span.droppedAttributes)".utf8 }
        if span.droppedEvents > 0 { bytes += ",\"droppedEventsCount\":\(span.droppedEvents)".utf8 }
        switch span.status {
        case .unset: break
        case .ok: bytes += ",\"status\":{\"code\":1}".utf8
        case .error(let text):
            bytes += ",\"status\":{\"code\":2,\"message\":".utf8
            bytes.append(json: text)
            bytes.append(UInt8(ascii: "}"))
        }
        bytes.append(UInt8(ascii: "}"))
    }

    private static func append(_ attributes: [SpanAttribute], to bytes: inout [UInt8]) {
        bytes += "\"attributes\":[".utf8
        for (index, attribute) in attributes.enumerated() {
            bytes += "\(index > 0 ? "," : ""){\"key\":".utf8
            bytes.append(json: attribute.key)
            bytes += ",\"value\":{".utf8
            switch attribute.value {
            case .string(let text):
                bytes += "\"stringValue\":".utf8
                bytes.append(json: text)
            case .integer(let number): bytes += "\"intValue\":\"\(number)\"".utf8
            case .boolean(let value): bytes += "\"boolValue\":\(value)".utf8
            case .number(let number) where number.isFinite: bytes += "\"doubleValue\":\(number)".utf8
            case .number(let number):
                let name = number.isNaN ? "NaN" : number < 0 ? "-Infinity" : "Infinity"
                bytes += "\"doubleValue\":\"\(name)\"".utf8
            }
            bytes += "}}".utf8
        }
        bytes.append(UInt8(ascii: "]"))
    }
}
