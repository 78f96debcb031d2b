// Reads any bytes as HTTP, and stops when one of these does not hold:
// - nothing traps;
// - a request head, a response head and a chunked body give the same result, or the same error, in one piece, byte by
//   byte, and cut in two at any place;
// - no head takes more bytes than there are;
// - a head that is read, and written again from what was read, reads as the same head.
import MartletHTTP

/// What came of feeding `input` in pieces that end at these offsets.
func readRequest(_ input: [UInt8], _ endings: some Sequence<Int>) -> String {
    var parser = HTTPRequestParser()
    for end in endings {
        let result: String? = input[..<end].withUnsafeBytes { piece in
            do throws(HTTPParseError) {
                guard let consumed = try parser.parse(piece) else { return nil }
                precondition(consumed <= piece.count, "took more than there is")
                let request = parser.request(body: .empty)
                return "\(request.method) \(request.target) \(request.path) \(request.query.raw ?? "-") "
                    + "\(request.authority ?? "-") 1.\(request.minorVersion) \(request.headers) "
                    + "\(parser.bodyFraming) \(parser.isPersistent) \(consumed)"
            } catch {
                return "\(error)"
            }
        }
        if let result { return result }
    }
    return "more"
}

func readResponse(_ input: [UInt8], _ endings: some Sequence<Int>) -> String {
    var parser = HTTPResponseParser()
    for end in endings {
        let result: String? = input[..<end].withUnsafeBytes { piece in
            do throws(HTTPParseError) {
                guard let head = try parser.parse(piece, answering: .get) else { return nil }
                precondition(head.consumed <= piece.count, "took more than there is")
                return "\(head.status.code) \(head.headers) \(head.body) \(head.keepsAlive) \(head.consumed)"
            } catch {
                return "\(error)"
            }
        }
        if let result { return result }
    }
    return "more"
}

func readChunks(_ input: [UInt8], _ endings: some Sequence<Int>) -> String {
    var decoder = HTTPChunkedDecoder()
    var body: [UInt8] = []
    var start = 0
    for end in endings {
        while start < end {
            let result: String? = input[start..<end].withUnsafeBytes { piece in
                do throws(HTTPParseError) {
                    switch try decoder.next(piece) {
                    case .needsMore: start = end
                    case .data(let first, let last):
                        body += piece[first..<last]
                        start += last
                    case .finished(let last): return "\(body) \(decoder.trailers) \(start + last)"
                    }
                    return nil
                } catch {
                    return "\(error)"
                }
            }
            if let result { return result }
        }
    }
    return "more"
}

/// What is read must be readable again from its parts: no field can have smuggled another one in.
func checkRoundTrip(_ input: [UInt8]) {
    var parser = HTTPRequestParser()
    let isComplete = input.withUnsafeBytes { bytes in
        do throws(HTTPParseError) { return try parser.parse(bytes) != nil } catch { return false }
    }
    guard isComplete else { return }
    let request = parser.request(body: .empty)
    var text = "\(request.method) \(request.target) HTTP/1.\(request.minorVersion)\r\n"
    for (name, value) in request.headers { text += "\(name): \(value)\r\n" }
    text += "\r\n"
    // A value that is not UTF-8 does not survive being a String.
    guard !text.unicodeScalars.contains("\u{FFFD}") else { return }
    let bytes = Array(text.utf8)
    var again = HTTPRequestParser()
    let consumed = bytes.withUnsafeBytes { piece in
        do throws(HTTPParseError) { return try again.parse(piece) } catch { return nil }
    }
    // Written again it may be longer (a blank after each colon), and over a limit.
    guard bytes.count <= 8 << 10 else { return }
    precondition(consumed == bytes.count, "does not read back: \(text)")
    precondition(again.bodyFraming == parser.bodyFraming, "reads back with another framing: \(text)")
    precondition(again.request(body: .empty).headers.count == request.headers.count, "other fields: \(text)")
}

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzHTTP(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: start, count: count))
    for read in [readRequest(_:_:), readResponse(_:_:), readChunks(_:_:)] as [([UInt8], [Int]) -> String] {
        let whole = read(input, [input.count])
        precondition(read(input, Array(0...input.count)) == whole, "byte by byte: not \(whole)")
        // Where to cut is the input's own choice, so that it can be learned.
        let cut = input.reduce(0) { ($0 &* 31 &+ Int($1)) & 0xffff } % (input.count + 1)
        precondition(read(input, [cut, input.count]) == whole, "cut at \(cut): not \(whole)")
    }
    checkRoundTrip(input)
    return 0
}
