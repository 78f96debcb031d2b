/// One event of a `text/event-stream` (https://html.spec.whatwg.org/multipage/server-sent-events.html).
public struct ServerSentEvent: Sendable, Equatable {
    /// Nil: the page gets no event, but ``id`` and ``retry`` count from here on.
    public var data: String?
    /// The event's type; `message` to the page when nil.
    public var event: String?
    /// Comes back as `Last-Event-ID` when the client connects again.
    public var id: String?
    /// How long the client waits before it connects again.
    public var retry: Duration?

    public init(data: String?, event: String? = nil, id: String? = nil, retry: Duration? = nil) {
        self.data = data
        self.event = event
        self.id = id
        self.retry = retry
    }

    /// As it stands in the stream. Line ends within the data begin new `data:` lines; within the other fields, where
    /// they could begin fields of their own, they are left out, as is NUL, which would void an id.
    var encoded: [UInt8] {
        var bytes: [UInt8] = []
        encode(into: &bytes)
        return bytes
    }

    func encode(into bytes: inout [UInt8]) {
        if let event { Self.append("event", event.utf8, to: &bytes) }
        if let id { Self.append("id", id.utf8, to: &bytes) }
        if let retry {
            Self.append(
                "retry", String(max(0, retry.components.seconds * 1000 + Self.milliseconds(retry))).utf8, to: &bytes)
        }
        if let data { Self.append(data: data, to: &bytes) }
        bytes.append(ASCII.lf)
    }

    private static func append(data: String, to bytes: inout [UInt8]) {
        var line: [UInt8] = []
        var afterReturn = false
        for byte in data.utf8 {
            if byte == ASCII.lf, afterReturn {
                afterReturn = false
                continue
            }
            afterReturn = byte == ASCII.cr
            if byte == ASCII.cr || byte == ASCII.lf {
                append("data", line, to: &bytes)
                line.removeAll(keepingCapacity: true)
            } else {
                line.append(byte)
            }
        }
        append("data", line, to: &bytes)
    }

    private static func milliseconds(_ duration: Duration) -> Int64 {
        duration.components.attoseconds / 1_000_000_000_000_000
    }

    private static func append(_ field: String, _ value: some Sequence<UInt8>, to bytes: inout [UInt8]) {
        bytes += Array(field.utf8)
        bytes.append(ASCII.colon)
        bytes.append(ASCII.space)
        for byte in value where byte != ASCII.cr && byte != ASCII.lf && byte != 0 { bytes.append(byte) }
        bytes.append(ASCII.lf)
    }
}
