import Testing

@testable import MartletHTTP

@Suite("The chunked coding")
struct ChunkedDecoderTests {
    /// The body, its trailers and how many bytes it took; or the error; or that more is needed.
    static func decode(_ bytes: [UInt8], pieces: Int, limits: HTTPHeadLimits = HTTPHeadLimits()) -> String {
        var decoder = HTTPChunkedDecoder(limits: limits)
        var body: [UInt8] = []
        var position = 0
        while position < bytes.count {
            let end = min(position + pieces, bytes.count)
            let outcome: String? = bytes[position..<end].withUnsafeBytes { piece in
                var offset = 0
                while true {
                    do throws(HTTPParseError) {
                        let rest = UnsafeRawBufferPointer(rebasing: piece[offset...])
                        switch try decoder.next(rest) {
                        case .needsMore: return nil
                        case .data(let start, let end):
                            body += rest[start..<end]
                            offset += end
                        case .finished(let end):
                            var text = String(decoding: body, as: UTF8.self) + "|\(position + offset + end)"
                            for (name, value) in decoder.trailers { text += "|\(name)=\(value)" }
                            return text
                        }
                    } catch {
                        return "\(error)"
                    }
                }
            }
            if let outcome { return outcome }
            position = end
        }
        return "more"
    }

    static func decode(_ text: String, limits: HTTPHeadLimits = HTTPHeadLimits()) -> String {
        let bytes = Array(text.utf8)
        let whole = decode(bytes, pieces: max(1, bytes.count), limits: limits)
        for pieces in 1..<max(2, min(bytes.count, 40)) {
            let result = decode(bytes, pieces: pieces, limits: limits)
            if result != whole { Issue.record("in pieces of \(pieces): \(result), not \(whole)") }
        }
        return whole
    }

    @Test(
        "chunks, extensions and trailers are read",
        arguments: [
            ("0\r\n\r\n", "|5"), ("5\r\nhello\r\n0\r\n\r\n", "hello|15"), ("5\r\nhello\r\n0\r\n\r\nGET", "hello|15"),
            ("5\r\nhello\r\n006\r\n world\r\n00\r\n\r\n", "hello world|29"),
            ("A\r\n0123456789\r\n0\r\n\r\n", "0123456789|20"),
            ("a\r\n0123456789\r\n0\r\n\r\n", "0123456789|20"), ("1;a=b;c\r\nx\r\n0;d=\"e f\"\r\n\r\n", "x|25"),
            ("1 ;a\r\nx\r\n0\r\n\r\n", "x|14"), ("0\r\nX: y\r\nZ:\r\n\r\n", "|15|X=y|Z="),
            ("3\r\n\r\n\n\r\n0\r\n\r\n", "\r\n\n|13"),
        ])
    func reads(text: String, expected: String) {
        #expect(Self.decode(text) == expected)
    }

    @Test(
        "more is waited for",
        arguments: ["", "5", "5\r", "5\r\nhel", "5\r\nhello\r\n", "0\r\n", "0\r\nX: y\r\n", "0\r\n\r"])
    func waits(text: String) {
        #expect(Self.decode(text) == "more")
    }

    @Test(
        "what is malformed is refused",
        arguments: [
            "\r\n", "g\r\n", " 1\r\nx\r\n", "-1\r\n", "+1\r\n", "0x1\r\n", "1\nx\r\n", "1\r\rx", "1 \r\nx\r\n",
            "1\t\r\nx",
            "1 x\r\n", "1\r\nxy", "1\r\nx\n", "1\r\nx\rx", "fffffffffffffff1\r\n", "10000000000000000\r\n",
            "1;a\nx\r\n",
            "1;\u{0}\r\n", "1;\u{7f}\r\n", "1;a\rb\r\n", "0\r\nX : y\r\n", "0\r\n X: y\r\n", "0\r\nX\r\n",
            "0\r\nX: y\n",
            "0\r\nX: \u{1}\r\n", "0\r\nContent-Length: 1\r\n", "0\r\nTransfer-Encoding: chunked\r\n",
            "0\r\nHost: a\r\n",
        ])
    func refuses(text: String) {
        #expect(Self.decode(text).hasPrefix("400: "))
    }

    @Test("extensions and trailers have limits")
    func limits() {
        var limits = HTTPHeadLimits()
        limits.chunkExtensionBytes = 20
        limits.trailerBytes = 30
        limits.fields = 2
        let chunk = "1;aaaaaaaaa\r\nx\r\n"
        #expect(Self.decode(chunk + chunk + "0\r\n\r\n", limits: limits).hasPrefix("xx|"))
        #expect(Self.decode(chunk + chunk + "0;a\r\n\r\n", limits: limits) == "400: chunk extensions too long")
        #expect(Self.decode("0\r\nA: b\r\nC: d\r\n\r\n", limits: limits) == "|17|A=b|C=d")
        #expect(Self.decode("0\r\nA: b\r\nC: d\r\nE: f\r\n\r\n", limits: limits) == "431: too many trailers")
        #expect(
            Self.decode("0\r\nA: " + String(repeating: "b", count: 30), limits: limits) == "431: trailers too large")
    }
}
