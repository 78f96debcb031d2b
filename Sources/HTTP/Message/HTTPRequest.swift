/// A request, received or to be sent.
///
/// A received one is a view on the bytes of its head: Strings are made when asked for, and only then.
public struct HTTPRequest: Sendable {
    /// Holds the request line; of a received request also the fields.
    var head: HeadBlock
    public var headers: HTTPHeaders
    public var body: HTTPBody
    /// What the path's `{parameters}` and wildcard matched. Filled in by the router.
    public internal(set) var parameters: PathParameters

    init(head: HeadBlock, body: HTTPBody) {
        self.head = head
        headers = HTTPHeaders(block: head)
        self.body = body
        parameters = PathParameters()
    }

    /// A request to be sent, or given to a handler in a test.
    ///
    /// - Parameter target: a path with an optional query (`/logs?name=event`), percent-encoded where need be. What
    ///   could not stand in a request line is percent-encoded.
    public init(_ method: HTTPMethod, _ target: String, headers: HTTPHeaders = [:], body: HTTPBody = .empty) {
        head = HeadBlock(requestLine: method, target: target)
        self.headers = headers
        self.body = body
        parameters = PathParameters()
    }

    public var method: HTTPMethod { head.requestLine.method }

    /// As it stands in the request line.
    public var target: String { String(bytes: head.bytes(of: head.requestLine.target)) }

    /// Percent-decoded, without the query. Bytes that are not UTF-8 become U+FFFD.
    public var path: String { withPathBytes { percentDecoded($0, plusIsSpace: false) } }

    /// As it stands in the request line, without the query.
    public var rawPath: String { withPathBytes { String(bytes: $0) } }

    /// Calls `body` with the bytes of ``rawPath``, without making a String.
    public func withPathBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        let path = head.bytes(of: head.requestLine.path)
        if path.isEmpty {
            // An absolute-form target without a path (RFC 9112 §3.2.1).
            let root: StaticString = "/"
            return try body(UnsafeRawBufferPointer(start: root.utf8Start, count: root.utf8CodeUnitCount))
        }
        return try body(path)
    }

    public var query: QueryParameters { QueryParameters(head: head) }

    /// The authority the request is for: of an absolute-form target, else `Host`.
    public var authority: String? {
        if let authority = head.requestLine.authority { return String(bytes: head.bytes(of: authority)) }
        return headers["host"]
    }

    /// Whom it came from, as `127.0.0.1:50312`; nil for a request that did not come from a socket.
    public var peer: String? { head.peer }

    /// 1 for HTTP/1.1, 0 for HTTP/1.0.
    public var minorVersion: Int { Int(head.requestLine.minorVersion) }
}

extension HeadBlock {
    @inline(__always)
    func bytes(of span: RequestLine.Span) -> UnsafeRawBufferPointer { slice(span.start, span.length) }

    convenience init(requestLine method: HTTPMethod, target: String) {
        var encoded: [UInt8] = []
        encoded.reserveCapacity(target.utf8.count)
        for byte in target.utf8 {
            if byte > 0x20, byte < 0x7f, byte != UInt8(ascii: "#") {
                encoded.append(byte)
            } else {
                encoded.append(UInt8(ascii: "%"))
                encoded.append(uppercaseDigit(byte >> 4))
                encoded.append(uppercaseDigit(byte & 15))
            }
        }
        if encoded.isEmpty { encoded = [UInt8(ascii: "/")] }
        self.init(byteCapacity: encoded.count, fieldCapacity: 1)
        encoded.withUnsafeBytes { bytes in
            let start = appendRaw(bytes)
            requestLine.method = method
            requestLine.setTarget(at: start, bytes: bytes)
        }
    }
}

private func uppercaseDigit(_ nibble: UInt8) -> UInt8 { nibble < 10 ? nibble + 0x30 : nibble + 0x37 }

extension RequestLine {
    /// Splits an origin-form or asterisk-form target at its question mark.
    mutating func setTarget(at start: UInt32, bytes: UnsafeRawBufferPointer, pathOffset: Int = 0) {
        target = Span(start: start, length: UInt32(bytes.count))
        let question = bytes.firstIndex(of: UInt8(ascii: "?"), from: pathOffset)
        let end = question ?? bytes.count
        path = Span(start: start + UInt32(pathOffset), length: UInt32(end - pathOffset))
        query = question.map { Span(start: start + UInt32($0) + 1, length: UInt32(bytes.count - $0 - 1)) }
    }
}
