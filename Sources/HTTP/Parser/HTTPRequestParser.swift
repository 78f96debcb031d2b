/// The head of an HTTP/1.1 request, from bytes that arrive piece by piece (RFC 9112). Pure: the caller keeps the bytes
/// and hands over all that it has, from the first unconsumed one, at every call.
///
/// Strict where leniency lets two parsers disagree on where a request ends. The same bytes give the same result, error
/// or head, in whatever pieces they come; no byte is scanned twice.
package struct HTTPRequestParser {
    private let limits: HTTPHeadLimits
    private var lines = LineScanner()
    private var base = 0
    private var stage = Stage.start
    private(set) var framing = MessageFraming()

    /// The head that is being read, or was read last. Reused for the next one if nobody else has kept it.
    private(set) var head: HeadBlock

    package private(set) var bodyFraming = HTTPBodyFraming.none

    private enum Stage { case start, requestLine, fields }

    /// The request whose head was read last, with this body.
    package func request(body: HTTPBody) -> HTTPRequest { HTTPRequest(head: head, body: body) }

    /// Whether that request lets the connection go on after it.
    package var isPersistent: Bool { framing.isPersistent(minorVersion: head.requestLine.minorVersion) }

    package init(limits: HTTPHeadLimits = HTTPHeadLimits(), peer: String? = nil) {
        self.limits = limits
        head = HeadBlock()
        head.peer = peer
    }

    /// Whether some bytes of a head have been taken in, but not all.
    var isInsideHead: Bool { stage != .start }

    /// How many bytes the head takes, once it is complete: ``head`` and ``bodyFraming`` then describe it, and the next
    /// call begins a new one. Nil while it is not.
    package mutating func parse(_ input: UnsafeRawBufferPointer) throws(HTTPParseError) -> Int? {
        if stage == .start {
            guard try begin(input) else { return nil }
        }
        while true {
            // The request line has a limit of its own (414): the target's, and room for method, version and blanks.
            let limit = base &+ (stage == .requestLine ? min(limits.target &+ 32, limits.bytes) : limits.bytes)
            switch lines.next(input, limit: limit) {
            case .partial: return nil
            case .failed(.bareLineFeed): throw HTTPParseError(.badRequest, "line feed without a carriage return")
            case .failed(.tooLong):
                throw stage == .requestLine
                    ? HTTPParseError(.uriTooLong, "request target too long")
                    : HTTPParseError(.headerFieldsTooLarge, "header too large")
            case .complete(let start, let end):
                if stage == .requestLine {
                    try readRequestLine(input.slice(start, end))
                    stage = .fields
                } else if start == end {
                    return try finish(input)
                } else {
                    try framing.readField(input, start, end, base: base, into: head, limits: limits)
                }
            }
        }
    }

    /// Skips one empty line, which old clients send after a body (RFC 9112 §2.2), and looks at the first byte: what
    /// cannot begin a method (a TLS handshake, say) is not waited for any longer. False: more is needed.
    private mutating func begin(_ input: UnsafeRawBufferPointer) throws(HTTPParseError) -> Bool {
        var start = 0
        if input.count > 0, input[0] == ASCII.cr {
            guard input.count > 1 else { return false }
            guard input[1] == ASCII.lf else { throw HTTPParseError(.badRequest, "invalid request line") }
            start = 2
        }
        guard start < input.count else { return false }
        guard ASCII.isToken(input[start]) else { throw HTTPParseError(.badRequest, "invalid request line") }
        base = start
        lines = LineScanner(start: start)
        framing = MessageFraming()
        bodyFraming = .none
        stage = .requestLine
        if isKnownUniquelyReferenced(&head) {
            head.reset()
        } else {
            let peer = head.peer
            head = HeadBlock()
            head.peer = peer
        }
        return true
    }

    private mutating func finish(_ input: UnsafeRawBufferPointer) throws(HTTPParseError) -> Int {
        let line = head.requestLine
        if line.minorVersion >= 1, framing.hostCount == 0 { throw HTTPParseError(.badRequest, "no Host") }
        if framing.hostCount > 1 { throw HTTPParseError(.badRequest, "more than one Host") }
        bodyFraming = try framing.bodyFraming(minorVersion: line.minorVersion)
        let end = lines.lineStart
        head.store(input.slice(base, end))
        stage = .start
        return end
    }
}

// MARK: The request line

extension HTTPRequestParser {
    /// `method SP request-target SP HTTP-version`, with exactly these two spaces (RFC 9112 §3).
    private func readRequestLine(_ line: UnsafeRawBufferPointer) throws(HTTPParseError) {
        guard let methodEnd = line.firstIndex(of: ASCII.space, from: 0),
            let targetEnd = line.firstIndex(of: ASCII.space, from: methodEnd + 1)
        else { throw HTTPParseError(.badRequest, "invalid request line") }
        let minorVersion = try Self.readVersion(line.slice(targetEnd + 1, line.count))
        let name = line.slice(0, methodEnd)
        guard let method = HTTPMethod(bytes: name) else {
            throw name.isToken
                ? HTTPParseError(.notImplemented, "method too long") : HTTPParseError(.badRequest, "invalid method")
        }
        let target = line.slice(methodEnd + 1, targetEnd)
        guard target.count <= limits.target else { throw HTTPParseError(.uriTooLong, "request target too long") }
        head.requestLine.method = method
        head.requestLine.minorVersion = minorVersion
        try Self.readTarget(target, at: UInt32(methodEnd + 1), method: method, into: &head.requestLine)
    }

    /// `HTTP/1.0` or `HTTP/1.1`; a higher minor version is treated as the highest known one (RFC 9110 §2.5).
    static func readVersion(_ version: UnsafeRawBufferPointer) throws(HTTPParseError) -> UInt8 {
        guard version.count == 8, version.slice(0, 5).equalsCase("HTTP/"), version[6] == UInt8(ascii: "."),
            ASCII.isDigit(version[5]), ASCII.isDigit(version[7])
        else { throw HTTPParseError(.badRequest, "invalid HTTP version") }
        guard version[5] == UInt8(ascii: "1") else {
            throw HTTPParseError(.versionNotSupported, "HTTP version not supported")
        }
        return version[7] == UInt8(ascii: "0") ? 0 : 1
    }

    /// The four forms of RFC 9112 §3.2.
    private static func readTarget(
        _ target: UnsafeRawBufferPointer, at start: UInt32, method: HTTPMethod, into line: inout RequestLine
    ) throws(HTTPParseError) {
        guard let first = target.first, isTarget(target) else {
            throw HTTPParseError(.badRequest, "invalid request target")
        }
        if method == .connect {
            guard MessageFraming.isHost(target) else { throw HTTPParseError(.badRequest, "invalid request target") }
            line.setTarget(at: start, bytes: target)
            line.authority = line.target
        } else if first == UInt8(ascii: "/") {
            line.setTarget(at: start, bytes: target)
        } else if first == UInt8(ascii: "*") {
            guard target.count == 1, method == .options else {
                throw HTTPParseError(.badRequest, "invalid request target")
            }
            line.setTarget(at: start, bytes: target)
        } else {
            try readAbsoluteTarget(target, at: start, into: &line)
        }
        guard hasValidEscapes(target) else { throw HTTPParseError(.badRequest, "invalid escape in request target") }
    }

    private static func readAbsoluteTarget(
        _ target: UnsafeRawBufferPointer, at start: UInt32, into line: inout RequestLine
    ) throws(HTTPParseError) {
        let authorityStart: Int
        if target.count > 7, target.slice(0, 7).equalsIgnoringCase("http://") {
            authorityStart = 7
        } else if target.count > 8, target.slice(0, 8).equalsIgnoringCase("https://") {
            authorityStart = 8
        } else {
            throw HTTPParseError(.badRequest, "invalid request target")
        }
        var end = authorityStart
        while end < target.count, target[end] != UInt8(ascii: "/"), target[end] != UInt8(ascii: "?") { end += 1 }
        let authority = target.slice(authorityStart, end)
        guard !authority.isEmpty, MessageFraming.isHost(authority), authority.first != ASCII.colon else {
            throw HTTPParseError(.badRequest, "invalid authority in request target")
        }
        line.setTarget(at: start, bytes: target, pathOffset: end)
        line.authority = RequestLine.Span(start: start + UInt32(authorityStart), length: UInt32(authority.count))
    }

    /// Visible ASCII, and no fragment (RFC 9112 §3.2): a client that has other characters encodes them.
    static func isTarget(_ target: UnsafeRawBufferPointer) -> Bool {
        for byte in target where byte <= 0x20 || byte >= 0x7f || byte == UInt8(ascii: "#") { return false }
        return true
    }

    static func hasValidEscapes(_ target: UnsafeRawBufferPointer) -> Bool {
        var index = 0
        while let percent = target.firstIndex(of: UInt8(ascii: "%"), from: index) {
            guard percent + 2 < target.count, ASCII.hexadecimalValue(target[percent + 1]) != nil,
                ASCII.hexadecimalValue(target[percent + 2]) != nil
            else { return false }
            index = percent + 3
        }
        return true
    }
}

extension UnsafeRawBufferPointer {
    /// Equal, byte for byte.
    @inline(__always)
    func equalsCase(_ text: StaticString) -> Bool {
        equals(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }
}
