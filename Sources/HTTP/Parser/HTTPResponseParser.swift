/// The head of an HTTP/1.1 response, from bytes that arrive piece by piece: what a client reads with. Pure, strict and
/// linear like ``HTTPRequestParser``, with which it shares the field lines.
package struct HTTPResponseParser {
    private let limits: HTTPHeadLimits
    private var lines = LineScanner()
    private var isInsideFields = false
    private var head: HeadBlock
    private var status = HTTPStatus.ok
    private var minorVersion: UInt8 = 1
    private var framing = MessageFraming()

    /// A response head, and how many bytes it took.
    package struct Head: Sendable {
        package var status: HTTPStatus
        package var headers: HTTPHeaders
        /// Where the body that follows ends.
        package var body: HTTPBodyFraming
        /// Whether the connection may be used again once the body has been read.
        package var keepsAlive: Bool
        package var consumed: Int
    }

    package init(limits: HTTPHeadLimits = HTTPHeadLimits()) {
        self.limits = limits
        head = HeadBlock()
    }

    /// Whether some bytes of a head have been taken in, but not all.
    package var isInsideHead: Bool { isInsideFields }

    /// The head, once it is complete, also of an interim (1xx) response, which has no body and is followed by another
    /// head; nil while it is not.
    ///
    /// - Parameter method: of the request that this answers: HEAD and CONNECT change where the body ends.
    package mutating func parse(_ input: UnsafeRawBufferPointer, answering method: HTTPMethod) throws(HTTPParseError)
        -> Head?
    {
        if !isInsideFields, let first = input.first, first != UInt8(ascii: "H") {
            throw HTTPParseError(.badGateway, "invalid status line")
        }
        while true {
            switch lines.next(input, limit: limits.bytes) {
            case .partial: return nil
            case .failed(.bareLineFeed): throw HTTPParseError(.badGateway, "line feed without a carriage return")
            case .failed(.tooLong): throw HTTPParseError(.badGateway, "header too large")
            case .complete(let start, let end):
                if !isInsideFields {
                    try readStatusLine(input.slice(start, end))
                    isInsideFields = true
                } else if start == end {
                    return try finish(input, answering: method)
                } else {
                    try framing.readField(input, start, end, base: 0, into: head, limits: limits)
                }
            }
        }
    }

    /// `HTTP-version SP status-code SP [ reason-phrase ]` (RFC 9112 §4); the second space may be missing, as it often is.
    private mutating func readStatusLine(_ line: UnsafeRawBufferPointer) throws(HTTPParseError) {
        guard line.count >= 12, line[8] == ASCII.space, line.count == 12 || line[12] == ASCII.space else {
            throw HTTPParseError(.badGateway, "invalid status line")
        }
        minorVersion = try HTTPRequestParser.readVersion(line.slice(0, 8))
        var code = 0
        for byte in line.slice(9, 12) {
            guard ASCII.isDigit(byte) else { throw HTTPParseError(.badGateway, "invalid status code") }
            code = code * 10 + Int(byte &- 0x30)
        }
        guard code >= 100, line.slice(12, line.count).isFieldValue else {
            throw HTTPParseError(.badGateway, "invalid status line")
        }
        status = HTTPStatus(code)
    }

    private mutating func finish(
        _ input: UnsafeRawBufferPointer, answering method: HTTPMethod
    ) throws(HTTPParseError) -> Head {
        var body = try framing.bodyFraming(minorVersion: minorVersion)
        if method == .head || status.forbidsBody || method == .connect && status.isSuccess {
            body = .none
        } else if body == .none {
            body = .untilClose
        }
        let consumed = lines.lineStart
        head.store(input.slice(0, consumed))
        let result = Head(
            status: status, headers: HTTPHeaders(block: head), body: body,
            keepsAlive: body != .untilClose && framing.isPersistent(minorVersion: minorVersion), consumed: consumed)
        self = HTTPResponseParser(limits: limits)
        return result
    }
}
