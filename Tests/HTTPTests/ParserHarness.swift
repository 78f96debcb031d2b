import Testing

@testable import MartletHTTP

/// What a parser made of some bytes, in a form that can be compared.
struct ParsedRequest: Equatable, CustomStringConvertible {
    var result: String
    var consumed: Int

    var description: String { "\(result) [\(consumed)]" }
}

/// Feeds `bytes` to a new parser with pieces ending at these offsets, and once more with all of them.
func parseRequest(
    _ bytes: [UInt8], endings: some Sequence<Int>, limits: HTTPHeadLimits = HTTPHeadLimits()
) -> ParsedRequest {
    var parser = HTTPRequestParser(limits: limits)
    for end in endings {
        let outcome: ParsedRequest? = bytes[0..<end].withUnsafeBytes { piece in
            do throws(HTTPParseError) {
                guard let consumed = try parser.parse(piece) else { return nil }
                return ParsedRequest(result: describe(parser), consumed: consumed)
            } catch {
                return ParsedRequest(result: "\(error)", consumed: 0)
            }
        }
        if let outcome { return outcome }
    }
    return ParsedRequest(result: "more", consumed: 0)
}

/// The result for a request in one piece, after checking that every other way to cut it gives the same.
func parseRequest(
    _ text: String, limits: HTTPHeadLimits = HTTPHeadLimits(), sourceLocation: SourceLocation = #_sourceLocation
) -> ParsedRequest {
    parseRequest(Array(text.utf8), limits: limits, sourceLocation: sourceLocation)
}

func parseRequest(
    _ bytes: [UInt8], limits: HTTPHeadLimits = HTTPHeadLimits(), sourceLocation: SourceLocation = #_sourceLocation
) -> ParsedRequest {
    let whole = parseRequest(bytes, endings: [bytes.count], limits: limits)
    let single = parseRequest(bytes, endings: Array(0...bytes.count), limits: limits)
    #expect(single == whole, "byte by byte", sourceLocation: sourceLocation)
    let step = max(1, bytes.count / 300)
    for cut in stride(from: 0, through: bytes.count, by: step) {
        let cutInTwo = parseRequest(bytes, endings: [cut, bytes.count], limits: limits)
        if cutInTwo != whole {
            #expect(cutInTwo == whole, "cut at \(cut)", sourceLocation: sourceLocation)
        }
    }
    return whole
}

private func describe(_ parser: HTTPRequestParser) -> String {
    let request = HTTPRequest(head: parser.head, body: .empty)
    var parts = ["\(request.method) \(request.rawPath)"]
    if let query = request.query.raw { parts.append("?\(query)") }
    parts.append("1.\(request.minorVersion)")
    for (name, value) in request.headers { parts.append("\(name)=\(value)") }
    parts.append("\(parser.bodyFraming)")
    parts.append(parser.framing.isPersistent(minorVersion: UInt8(request.minorVersion)) ? "keep" : "close")
    return parts.joined(separator: "|")
}

func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }
