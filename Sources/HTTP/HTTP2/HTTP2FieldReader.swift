internal import CNGHTTP2

/// Makes heads of the fields that HPACK gives, in the form in which HTTP/1.1's are: a ``HeadBlock`` with a request line.
/// Pure. A class, so that each of its fields is accessed by itself, which costs no check. One for a connection: between the first frame of a header block and its last no other comes (RFC 9113 §4.3).
///
/// nghttp2 has checked before that pseudo-fields are known, unique, complete and come first, that names are in lower
/// case, and that no field belongs to a connection (RFC 9113 §8.2, §8.3).
final class HTTP2FieldReader {
    enum Kind { case request, response, trailers }

    /// A field that makes the message malformed: a stream error.
    struct Malformed: Error {}

    private let limits: HTTPHeadLimits
    private var block = HTTP2FieldReader.noBlock
    private(set) var kind = Kind.request
    /// What the request is answered with instead of being handled.
    private(set) var rejection: HTTPParseError?
    private(set) var contentLength: Int?
    private(set) var status = 0
    /// As RFC 9113 §6.5.2 counts: 32 for each field besides its bytes.
    private var size = 0
    private var cookieCount = 0
    private var hasHost = false

    /// In the place of one that was given away, of which there is to be no second reference.
    static let noBlock = HeadBlock(byteCapacity: 0, fieldCapacity: 1)

    init(limits: HTTPHeadLimits) { self.limits = limits }

    func begin(_ kind: Kind, in block: HeadBlock) {
        self.kind = kind
        self.block = block
        rejection = nil
        contentLength = nil
        status = 0
        size = 0
        cookieCount = 0
        hasHost = false
    }

    /// The head is complete, and the block no longer the reader's.
    func finish() -> HeadBlock {
        let block = block
        self.block = Self.noBlock
        if let authority = block.requestLine.authority, kind == .request, !hasHost {
            block.addField(named: "host", valueAt: authority)
        }
        return cookieCount > 1 ? Self.joiningCookies(of: block) : block
    }

    func read(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) throws(Malformed) {
        guard let first = name.first else { throw Malformed() }
        size &+= name.count &+ value.count &+ 32
        guard size <= (kind == .trailers ? limits.trailerBytes : limits.bytes) else {
            // A little too much is told; a bomb is not worth decoding to its end.
            guard size <= 8 * limits.bytes else { throw Malformed() }
            rejection = rejection ?? HTTPParseError(.headerFieldsTooLarge, "header too large")
            return
        }
        if first == ASCII.colon { return try readPseudoField(name, value) }
        guard block.fieldCount < limits.fields else {
            rejection = rejection ?? HTTPParseError(.headerFieldsTooLarge, "too many header fields")
            return
        }
        let value = value.trimmed
        switch name.count {
        case 4 where name.equalsCase("host") && kind == .request: return try readHost(name, value)
        case 6 where name.equalsCase("cookie"): cookieCount &+= 1
        case 14 where name.equalsCase("content-length"):
            block.known.insert(.contentLength)
            contentLength = Self.number(value)
        default: break
        }
        block.addReceived(name, value)
    }

    // MARK: Pseudo-fields

    private func readPseudoField(
        _ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer
    ) throws(Malformed) {
        switch name.count {
        case 5 where name.equalsCase(":path"): try readPath(value)
        case 7 where name.equalsCase(":method"):
            guard let method = HTTPMethod(bytes: value) else {
                guard value.isToken else { throw Malformed() }
                rejection = HTTPParseError(.notImplemented, "method too long")
                return
            }
            block.requestLine.method = method
        case 7 where name.equalsCase(":status"):
            guard value.count == 3, let code = Self.number(value), code >= 100 else { throw Malformed() }
            status = code
        case 10 where name.equalsCase(":authority"): try readAuthority(value)
        default: break
        }
    }

    private func readPath(_ path: UnsafeRawBufferPointer) throws(Malformed) {
        guard path.count <= limits.target else {
            rejection = HTTPParseError(.uriTooLong, "request target too long")
            return
        }
        guard HTTPRequestParser.isTarget(path) else { throw Malformed() }
        if !HTTPRequestParser.hasValidEscapes(path) {
            rejection = rejection ?? HTTPParseError(.badRequest, "invalid escape in request target")
        }
        let start = block.appendRaw(path)
        block.requestLine.setTarget(at: start, bytes: path)
    }

    private func readAuthority(_ authority: UnsafeRawBufferPointer) throws(Malformed) {
        guard !authority.isEmpty, authority.first != ASCII.colon, MessageFraming.isHost(authority) else {
            throw Malformed()
        }
        let span = RequestLine.Span(start: block.appendRaw(authority), length: UInt32(authority.count))
        block.requestLine.authority = span
        if block.requestLine.method == .connect { block.requestLine.target = span }
    }

    /// With `:authority` it must say the same (RFC 9113 §8.3.1).
    private func readHost(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) throws(Malformed) {
        if let authority = block.requestLine.authority {
            guard block.bytes(of: authority).equalsIgnoringCase(value) else { throw Malformed() }
        } else if !MessageFraming.isHost(value) {
            throw Malformed()
        }
        hasHost = true
        block.addReceived(name, value)
    }

    // MARK: Values

    private static func number(_ value: UnsafeRawBufferPointer) -> Int? {
        guard !value.isEmpty else { return nil }
        var number = 0
        for byte in value {
            let (scaled, overflow) = number.multipliedReportingOverflow(by: 10)
            let (sum, overflowed) = scaled.addingReportingOverflow(Int(byte &- 0x30))
            guard ASCII.isDigit(byte), !overflow, !overflowed else { return nil }
            number = sum
        }
        return number
    }

    /// Clients may send each pair in a field of its own, which compresses better; handlers see one (RFC 9113 §8.2.3).
    private static func joiningCookies(of block: HeadBlock) -> HeadBlock {
        let joined = HeadBlock(byteCapacity: block.count + 64, fieldCapacity: block.fieldCount + 1)
        joined.peer = block.peer
        let target = joined.appendRaw(block.bytes(of: block.requestLine.target))
        joined.requestLine.method = block.requestLine.method
        joined.requestLine.setTarget(at: target, bytes: block.bytes(of: block.requestLine.target))
        if let authority = block.requestLine.authority {
            let start = joined.appendRaw(block.bytes(of: authority))
            joined.requestLine.authority = RequestLine.Span(start: start, length: authority.length)
        }
        joined.known = block.known
        var cookies: [UInt8] = []
        for index in 0..<block.fieldCount {
            if block.name(index).equalsCase("cookie") {
                if !cookies.isEmpty { cookies += [UInt8(ascii: ";"), ASCII.space] }
                cookies += block.value(index)
            } else {
                joined.addReceived(block.name(index), block.value(index))
            }
        }
        let name: StaticString = "cookie"
        cookies.withUnsafeBytes { value in
            joined.addReceived(UnsafeRawBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount), value)
        }
        return joined
    }
}
