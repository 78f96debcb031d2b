internal import MartletCore

/// Request heads as they stand on the wire (RFC 9112 §3). Pure: memory in, length out. Chunks are framed as
/// ``HTTPResponseEncoder`` does.
///
/// `Host` and the framing are decided here alone; the request's own fields of these names are not sent.
enum HTTPRequestEncoder {
    /// What follows the head.
    enum Body: Equatable {
        /// Neither a body nor a length.
        case none
        case length(Int)
        case chunked
    }

    /// What the call's context adds where the request does not speak for itself.
    struct Context: Sendable {
        var trace: TraceContext?
        /// Sent as the time that is left.
        var deadline: MonotonicTime?
        /// A field value.
        var idempotencyKey: String?
    }

    /// A method that gives its content a meaning says so even when there is none (RFC 9110 §8.6).
    static func framing(_ method: HTTPMethod, length: Int?) -> Body {
        guard let length else { return .chunked }
        if length > 0 || method == .post || method == .put || method == .patch { return .length(length) }
        return .none
    }

    /// Whether the target is one for a server (RFC 9112 §3.2.1, §3.2.4); the others are for proxies.
    static func isSendable(_ request: HTTPRequest) -> Bool {
        guard request.method != .connect, !request.headers.isMalformed else { return false }
        return request.withPathBytes { path in
            if path.first == UInt8(ascii: "/") { return true }
            return path.count == 1 && path.first == UInt8(ascii: "*") && request.method == .options
        }
    }

    /// Room enough for the head of this request.
    static func headCapacity(_ request: HTTPRequest, to base: HTTPBaseURL, _ context: Context) -> Int {
        let target = Int(request.head.requestLine.target.length) + base.prefix.utf8.count
        let fields = HeadWriter.size(of: request.headers)
        let added = (context.trace?.state?.utf8.count ?? 0) + (context.idempotencyKey?.utf8.count ?? 0)
        return 512 + target + base.origin.hostLines.utf8.count + fields + added
    }

    /// Writes the head and returns its length.
    ///
    /// - Parameter buffer: at least ``headCapacity(_:to:_:)`` bytes.
    static func writeHead(
        _ request: HTTPRequest, to base: HTTPBaseURL, body: Body, context: Context, now: MonotonicTime,
        into buffer: UnsafeMutableRawBufferPointer
    ) -> Int {
        guard var writer = HeadWriter(buffer) else { return 0 }
        writeRequestLine(request, base, into: &writer)
        let present = Present(request.headers)
        if body == .none, present.contains(.expect) {
            // An expectation without content is not allowed (RFC 9110 §10.1.1).
            writer.writeWithoutExpectation(request.headers)
        } else {
            writer.write(request.headers, excluding: [.framing, .host])
        }
        if !present.contains(.userAgent) { writer.write("User-Agent: martlet\r\n") }
        write(context, unless: present, now, into: &writer)
        switch body {
        case .none: break
        case .length(let length):
            writer.write("Content-Length: ")
            writer.write(decimal: length)
            writer.write("\r\n")
        case .chunked: writer.write("Transfer-Encoding: chunked\r\n")
        }
        writer.write("\r\n")
        return writer.count
    }

    private static func writeRequestLine(_ request: HTTPRequest, _ base: HTTPBaseURL, into writer: inout HeadWriter) {
        withUnsafeTemporaryAllocation(byteCount: 16, alignment: 1) { name in
            let length = request.method.write(into: name)
            writer.write(UnsafeRawBufferPointer(rebasing: name[0..<length]))
        }
        writer.write(byte: ASCII.space)
        // Path and query, not the target: a received request that is passed on may have one in absolute form.
        request.withPathBytes { path in
            if path.first == UInt8(ascii: "/") { writer.write(text: base.prefix) }
            writer.write(path)
        }
        if let query = request.head.requestLine.query {
            writer.write(byte: UInt8(ascii: "?"))
            writer.write(request.head.bytes(of: query))
        }
        writer.write(text: base.origin.hostLines)
    }

    private static func write(
        _ context: Context, unless present: Present, _ now: MonotonicTime, into writer: inout HeadWriter
    ) {
        if let trace = context.trace, !present.contains(.traceparent) {
            writer.write("traceparent: ")
            writer.write(text: trace.traceparent)
            writer.write("\r\n")
            if let state = trace.state, !present.contains(.tracestate), TraceContext.carriedState(state) != nil {
                writer.write("tracestate: ")
                writer.write(text: state)
                writer.write("\r\n")
            }
        }
        if let deadline = context.deadline, !present.contains(.grpcTimeout) {
            writer.write("grpc-timeout: ")
            writer.write(timeout: deadline.nanoseconds(since: now))
            writer.write("\r\n")
        }
        if let key = context.idempotencyKey, !present.contains(.idempotencyKey) {
            writer.write("Idempotency-Key: ")
            writer.write(text: key)
            writer.write("\r\n")
        }
    }

    /// The fields that the request brings itself.
    private struct Present: OptionSet {
        let rawValue: UInt8

        static let userAgent = Present(rawValue: 1)
        static let traceparent = Present(rawValue: 2)
        static let tracestate = Present(rawValue: 4)
        static let grpcTimeout = Present(rawValue: 8)
        static let idempotencyKey = Present(rawValue: 16)
        static let expect = Present(rawValue: 32)

        init(rawValue: UInt8) { self.rawValue = rawValue }

        init(_ headers: HTTPHeaders) {
            self = []
            guard let block = headers.block else { return }
            for index in 0..<block.fieldCount {
                let name = block.name(index)
                switch name.count {
                case 6 where name.equalsIgnoringCase("expect"): insert(.expect)
                case 10 where name.equalsIgnoringCase("user-agent"): insert(.userAgent)
                case 10 where name.equalsIgnoringCase("tracestate"): insert(.tracestate)
                case 11 where name.equalsIgnoringCase("traceparent"): insert(.traceparent)
                case 12 where name.equalsIgnoringCase("grpc-timeout"): insert(.grpcTimeout)
                case 15 where name.equalsIgnoringCase("idempotency-key"): insert(.idempotencyKey)
                default: break
                }
            }
        }
    }
}

extension HeadWriter {
    mutating func write(text: String) {
        var text = text
        text.withUTF8 { write(UnsafeRawBufferPointer($0)) }
    }

    /// `grpc-timeout`: at most eight digits and a unit, rounded up so that what is left is never none.
    fileprivate mutating func write(timeout nanoseconds: UInt64) {
        let most: UInt64 = 99_999_999
        let units: (UInt64, UInt64, UInt64) = (1_000, 1_000_000, 1_000_000_000)
        func rounded(_ unit: UInt64) -> UInt64 { nanoseconds / unit + (nanoseconds % unit == 0 ? 0 : 1) }
        if rounded(units.0) <= most {
            write(decimal: Int(rounded(units.0)))
            write(byte: UInt8(ascii: "u"))
        } else if rounded(units.1) <= most {
            write(decimal: Int(rounded(units.1)))
            write(byte: UInt8(ascii: "m"))
        } else {
            write(decimal: Int(min(rounded(units.2), most)))
            write(byte: UInt8(ascii: "S"))
        }
    }

    fileprivate mutating func writeWithoutExpectation(_ headers: HTTPHeaders) {
        guard let block = headers.block else { return }
        for index in 0..<block.fieldCount {
            let name = block.name(index)
            guard KnownFields(name: name).isDisjoint(with: [.framing, .host]), !name.equalsIgnoringCase("expect")
            else { continue }
            write(name)
            write(": ")
            write(block.value(index))
            write("\r\n")
        }
    }
}
