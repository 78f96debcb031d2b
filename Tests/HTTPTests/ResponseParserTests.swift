import Testing

@testable import MartletHTTP

@Suite("Response heads")
struct ResponseParserTests {
    static func parse(_ text: String, _ method: HTTPMethod = .get) -> String {
        let bytes = Array(text.utf8)
        func result(_ endings: [Int]) -> String {
            var parser = HTTPResponseParser()
            for end in endings {
                let outcome: String? = bytes[0..<end].withUnsafeBytes { piece in
                    do throws(HTTPParseError) {
                        guard let head = try parser.parse(piece, answering: method) else { return nil }
                        return "\(head.status.code)|\(head.headers.map { "\($0)=\($1)" }.joined(separator: ","))"
                            + "|\(head.body)|\(head.keepsAlive ? "keep" : "close")|\(head.consumed)"
                    } catch {
                        return "\(error)"
                    }
                }
                if let outcome { return outcome }
            }
            return "more"
        }
        let whole = result([bytes.count])
        #expect(result(Array(0...bytes.count)) == whole)
        return whole
    }

    @Test(
        "the body ends where RFC 9112 §6.3 says",
        arguments: [
            ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", HTTPMethod.get, "200|Content-Length=5|length(5)|keep|38"),
            ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", .head, "200|Content-Length=5|none|keep|38"),
            ("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", .get, "304|Content-Length=5|none|keep|48"),
            ("HTTP/1.1 204 \r\n\r\n", .get, "204||none|keep|17"), ("HTTP/1.1 204\r\n\r\n", .get, "204||none|keep|16"),
            ("HTTP/1.1 100 Continue\r\n\r\nHTTP", .post, "100||none|keep|25"),
            ("HTTP/1.1 200 OK\r\n\r\n", .get, "200||untilClose|close|19"),
            ("HTTP/1.1 200 OK\r\n\r\n", .connect, "200||none|keep|19"),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", .get,
                "200|Transfer-Encoding=chunked|chunked|keep|47"
            ),
            ("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", .get, "200|Content-Length=0|length(0)|close|38"),
            (
                "HTTP/1.1 200 \u{e9}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", .get,
                "200|Connection=close,Content-Length=0|length(0)|close|57"
            ),
            ("HTTP/1.1 2", .get, "more"), ("", .get, "more"),
        ])
    func framing(text: String, method: HTTPMethod, expected: String) {
        #expect(Self.parse(text, method) == expected)
    }

    @Test(
        "a malformed head is an error",
        arguments: [
            "SSH-2.0", "HTTP/1.1 20 OK\r\n", "HTTP/1.1 099 OK\r\n", "HTTP/1.1 2000 OK\r\n", "HTTP/1.1  200 OK\r\n",
            "HTTP/1.1 2x0 OK\r\n", "HTTP/2.0 200 OK\r\n", "HTTP/1.1 200 O\u{0}K\r\n", "HTTP/1.1 200 OK\n",
            "HTTP/1.1\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", "HTTP/1.1 200 OK\r\nA : b\r\n\r\n",
        ])
    func refuses(text: String) {
        let result = Self.parse(text)
        #expect(["400: ", "501: ", "502: ", "505: "].contains { result.hasPrefix($0) }, "\(result)")
    }
}
