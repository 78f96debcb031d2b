/// Reads field lines into a block and keeps what they say about framing, for requests and responses alike.
struct MessageFraming {
    private(set) var contentLength: Int?
    private(set) var isChunked = false
    /// The last Transfer-Encoding named a coding that this implementation does not have.
    private(set) var hasUnknownCoding = false
    private(set) var closes = false
    private(set) var keepsAlive = false
    private(set) var hostCount = 0
    private(set) var expectation = Expectation.none

    enum Expectation { case none, continues, unknown }

    /// Reads the line `input[start..<end]` of a head that begins at `base`.
    @inline(__always)
    mutating func readField(
        _ input: UnsafeRawBufferPointer, _ start: Int, _ end: Int, base: Int, into block: HeadBlock,
        limits: borrowing HTTPHeadLimits
    ) throws(HTTPParseError) {
        guard block.fieldCount < limits.fields else {
            throw HTTPParseError(.headerFieldsTooLarge, "too many header fields")
        }
        var colon = start
        while colon < end, ASCII.isToken(input[colon]) { colon &+= 1 }
        guard colon > start, colon < end, input[colon] == ASCII.colon else {
            throw Self.nameError(input, start, colon, end)
        }
        var valueStart = colon &+ 1
        while valueStart < end, input[valueStart] == ASCII.space || input[valueStart] == ASCII.tab { valueStart &+= 1 }
        var valueEnd = end
        while valueEnd > valueStart, input[valueEnd &- 1] == ASCII.space || input[valueEnd &- 1] == ASCII.tab {
            valueEnd &-= 1
        }
        let value = input.slice(valueStart, valueEnd)
        guard value.isFieldValue else { throw HTTPParseError(.badRequest, "control character in a field value") }
        block.record(
            HeadBlock.Field(
                nameStart: UInt32(truncatingIfNeeded: start &- base),
                nameLength: UInt32(truncatingIfNeeded: colon &- start),
                valueStart: UInt32(truncatingIfNeeded: valueStart &- base),
                valueLength: UInt32(truncatingIfNeeded: valueEnd &- valueStart)))
        try note(input.slice(start, colon), value, in: block)
    }

    private static func nameError(
        _ input: UnsafeRawBufferPointer, _ start: Int, _ stop: Int, _ end: Int
    ) -> HTTPParseError {
        if stop == start, start < end, input[start] == ASCII.space || input[start] == ASCII.tab {
            return HTTPParseError(.badRequest, "folded header field")
        }
        if stop == end { return HTTPParseError(.badRequest, "header field without a colon") }
        if stop == start, input[start] == ASCII.colon { return HTTPParseError(.badRequest, "empty field name") }
        return HTTPParseError(.badRequest, "invalid character in a field name")
    }

    @inline(__always)
    private mutating func note(
        _ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer, in block: HeadBlock
    ) throws(HTTPParseError) {
        switch name.count {
        case 4 where name.equalsIgnoringCase("host"):
            hostCount &+= 1
            guard Self.isHost(value) else { throw HTTPParseError(.badRequest, "invalid Host") }
        case 6 where name.equalsIgnoringCase("expect"):
            expectation = value.equalsIgnoringCase("100-continue") && expectation != .unknown ? .continues : .unknown
        case 10 where name.equalsIgnoringCase("connection"):
            block.known.insert(.connection)
            noteConnection(value)
        case 14 where name.equalsIgnoringCase("content-length"):
            block.known.insert(.contentLength)
            try noteContentLength(value)
        case 17 where name.equalsIgnoringCase("transfer-encoding"):
            block.known.insert(.transferEncoding)
            try noteTransferEncoding(value)
        default: break
        }
    }

    /// `1*DIGIT`, once. Even a repetition of the same number is refused, and so is a list: there is no honest reason
    /// for either.
    private mutating func noteContentLength(_ value: UnsafeRawBufferPointer) throws(HTTPParseError) {
        guard contentLength == nil else { throw HTTPParseError(.badRequest, "repeated Content-Length") }
        guard !value.isEmpty else { throw HTTPParseError(.badRequest, "invalid Content-Length") }
        var length = 0
        for byte in value {
            guard ASCII.isDigit(byte) else { throw HTTPParseError(.badRequest, "invalid Content-Length") }
            let (scaled, overflow) = length.multipliedReportingOverflow(by: 10)
            let (sum, overflowed) = scaled.addingReportingOverflow(Int(byte &- 0x30))
            guard !overflow, !overflowed else { throw HTTPParseError(.contentTooLarge, "Content-Length out of range") }
            length = sum
        }
        contentLength = length
    }

    /// `chunked` alone. A well-formed list of other codings is said to be unknown (501); anything else is malformed.
    private mutating func noteTransferEncoding(_ value: UnsafeRawBufferPointer) throws(HTTPParseError) {
        guard !isChunked, !hasUnknownCoding else { throw HTTPParseError(.badRequest, "repeated Transfer-Encoding") }
        if value.equalsIgnoringCase("chunked") {
            isChunked = true
            return
        }
        var chunkedCount = 0
        var isLastChunked = false
        var isWellFormed = true
        value.forEachListElement { coding in
            isLastChunked = coding.equalsIgnoringCase("chunked")
            if isLastChunked { chunkedCount += 1 }
            if !coding.isToken { isWellFormed = false }
        }
        guard isWellFormed, chunkedCount == 1, isLastChunked else {
            throw HTTPParseError(.badRequest, "invalid Transfer-Encoding")
        }
        hasUnknownCoding = true
    }

    private mutating func noteConnection(_ value: UnsafeRawBufferPointer) {
        value.forEachListElement { option in
            if option.equalsIgnoringCase("close") { closes = true }
            if option.equalsIgnoringCase("keep-alive") { keepsAlive = true }
        }
    }

    /// Whether the connection can carry another message, as far as this one says.
    func isPersistent(minorVersion: UInt8) -> Bool {
        minorVersion >= 1 ? !closes : keepsAlive && !closes
    }

    /// What Transfer-Encoding and Content-Length come to. Both together, the classic of request smuggling, are refused.
    func bodyFraming(minorVersion: UInt8) throws(HTTPParseError) -> HTTPBodyFraming {
        if isChunked || hasUnknownCoding {
            guard contentLength == nil else {
                throw HTTPParseError(.badRequest, "Transfer-Encoding with Content-Length")
            }
            guard minorVersion >= 1 else { throw HTTPParseError(.badRequest, "Transfer-Encoding in HTTP/1.0") }
            guard !hasUnknownCoding else { throw HTTPParseError(.notImplemented, "unknown transfer coding") }
            return .chunked
        }
        return contentLength.map { .length($0) } ?? .none
    }

    /// `host [ ":" port ]`, or empty. Not a full grammar: what no host can contain is refused.
    static func isHost(_ value: UnsafeRawBufferPointer) -> Bool {
        var index = 0
        if value.first == UInt8(ascii: "[") {
            guard let close = value.firstIndex(of: UInt8(ascii: "]"), from: 1), close > 1 else { return false }
            for byte in value.slice(1, close) where !ASCII.isHost(byte) || byte == UInt8(ascii: "[") { return false }
            index = close + 1
        } else {
            while index < value.count, value[index] != ASCII.colon {
                let byte = value[index]
                guard ASCII.isHost(byte), byte != UInt8(ascii: "["), byte != UInt8(ascii: "]") else { return false }
                index &+= 1
            }
        }
        guard index < value.count else { return true }
        guard value[index] == ASCII.colon, value.count - index <= 6 else { return false }
        for byte in value.slice(index + 1, value.count) where !ASCII.isDigit(byte) { return false }
        return true
    }
}
