import Testing

@testable import MartletHTTP

@Suite("Request heads")
struct RequestParserTests {
    @Test(
        "a request line and its fields are read",
        arguments: [
            ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET /|1.1|Host=a|none|keep"),
            ("GET /a/b?c=d&e HTTP/1.1\r\nHost: a:80\r\n\r\n", "GET /a/b|?c=d&e|1.1|Host=a:80|none|keep"),
            ("GET /? HTTP/1.1\r\nhost:a\r\n\r\n", "GET /|?|1.1|host=a|none|keep"),
            (
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 12\r\n\r\n",
                "POST /|1.1|Host=a|Content-Length=12|length(12)|keep"
            ),
            (
                "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n",
                "POST /|1.1|Host=a|Transfer-Encoding=Chunked|chunked|keep"
            ),
            ("GET / HTTP/1.0\r\n\r\n", "GET /|1.0|none|close"),
            ("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", "GET /|1.0|Connection=Keep-Alive|none|keep"),
            (
                "GET / HTTP/1.1\r\nHost: a\r\nConnection: x, Close\r\n\r\n",
                "GET /|1.1|Host=a|Connection=x, Close|none|close"
            ),
            ("GET / HTTP/1.2\r\nHost: a\r\n\r\n", "GET /|1.1|Host=a|none|keep"),
            ("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET /|1.1|Host=a|none|keep"),
            ("GET http://b:1/x?y HTTP/1.1\r\nHost: a\r\n\r\n", "GET /x|?y|1.1|Host=a|none|keep"),
            ("GET HTTP://b HTTP/1.1\r\nHost: b\r\n\r\n", "GET /|1.1|Host=b|none|keep"),
            ("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", "OPTIONS *|1.1|Host=a|none|keep"),
            ("CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", "CONNECT a:443|1.1|Host=a|none|keep"),
            ("M-SEARCH / HTTP/1.1\r\nHost:\r\n\r\n", "M-SEARCH /|1.1|Host=|none|keep"),
            (
                "GET / HTTP/1.1\r\nHost: [::1]:80\r\nX:  a \t b\t \r\nX:\r\n\r\n",
                "GET /|1.1|Host=[::1]:80|X=a \t b|X=|none|keep"
            ),
            ("GET / HTTP/1.1\r\nHost: a\r\nX: h\u{e9}llo\r\n\r\n", "GET /|1.1|Host=a|X=h\u{e9}llo|none|keep"),
        ])
    func reads(text: String, expected: String) {
        let parsed = parseRequest(text)
        #expect(parsed.result == expected)
        #expect(parsed.consumed == text.utf8.count)
    }

    @Test("what follows the head is left alone")
    func leavesTheRest() {
        let head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n"
        let text = head + "abcGET / HTTP/1.1\r\n"
        #expect(parseRequest(Array(text.utf8), endings: [text.utf8.count]).consumed == head.utf8.count)
    }

    @Test(
        "an incomplete head is waited for",
        arguments: [
            "", "\r", "\r\n", "G", "GET / HTTP/1.1", "GET / HTTP/1.1\r\n", "GET / HTTP/1.1\r\nHost: a\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\n\r",
        ])
    func waits(text: String) {
        #expect(parseRequest(text).result == "more")
    }

    @Test(
        "a malformed request line is refused",
        arguments: [
            ("\u{16}\u{3}\u{1}", 400), (" GET / HTTP/1.1\r\n", 400), ("\n", 400), ("\rG", 400), ("\r\n\r\n", 400),
            ("GET\r\n", 400), ("GET /\r\n", 400), ("GET  / HTTP/1.1\r\n", 400), ("GET /  HTTP/1.1\r\n", 400),
            ("GET / HTTP/1.1 \r\n", 400), ("GET\t/ HTTP/1.1\r\n", 400), ("GET / http/1.1\r\n", 400),
            ("GET / HTTP/1.1\n", 400), ("GET / HTTP/11\r\n", 400), ("GET / HTTP/1.10\r\n", 400),
            ("GET / HTTP/1.\r\n", 400),
            ("GET / HTTP/x.1\r\n", 400), ("GET / HTTP/2.0\r\n", 505), ("GET / HTTP/0.9\r\n", 505),
            ("GET / HTTP/3.1\r\n", 505),
            ("PRI * HTTP/2.0\r\n", 505), ("G(T / HTTP/1.1\r\n", 400), ("G\u{0}T / HTTP/1.1\r\n", 400),
            ("ABCDEFGHIJKLMNOPQ / HTTP/1.1\r\n", 501), ("GET foo HTTP/1.1\r\n", 400), ("GET * HTTP/1.1\r\n", 400),
            ("OPTIONS ** HTTP/1.1\r\n", 400), ("GET /a#b HTTP/1.1\r\n", 400), ("GET /\u{7f} HTTP/1.1\r\n", 400),
            ("GET /\u{e9} HTTP/1.1\r\n", 400), ("GET /a\rb HTTP/1.1\r\n", 400), ("GET /\u{0} HTTP/1.1\r\n", 400),
            ("GET /%zz HTTP/1.1\r\n", 400), ("GET /%4 HTTP/1.1\r\n", 400), ("GET /?% HTTP/1.1\r\n", 400),
            ("GET ftp://a/ HTTP/1.1\r\n", 400), ("GET http:///x HTTP/1.1\r\n", 400),
            ("GET http://u@a/x HTTP/1.1\r\n", 400),
            ("GET http://a:x/ HTTP/1.1\r\n", 400), ("CONNECT /x HTTP/1.1\r\n", 400), ("GET a:443 HTTP/1.1\r\n", 400),
        ])
    func refusesRequestLine(text: String, status: Int) {
        #expect(parseRequest(text).result.hasPrefix("\(status): "))
    }

    @Test(
        "a malformed field is refused",
        arguments: [
            "Host : a", " Host: a", "\tHost: a", "Host: a\r\n folded", "Host: a\r\n\tfolded", "Host", ": a", "Ho st: a",
            "H\u{0}st: a", "H\u{7f}st: a", "H\u{e9}st: a", "H(st: a", "Host: a\r\nX: a\u{0}b", "Host: a\r\nX: a\u{7f}b",
            "Host: a\r\nX: a\rb", "Host: a\r\nX: a\nY: b", "Host: a\r\nX: \u{1}", "Host: a\r\nX: aaaaaaaaaaaaaaa\u{b}a",
            "Host: a\nX: b", "Host: a\r\r", "X: y",
        ])
    func refusesField(field: String) {
        #expect(parseRequest("GET / HTTP/1.1\r\n\(field)\r\n\r\n").result.hasPrefix("400: "))
    }

    @Test(
        "exactly one valid Host",
        arguments: [
            ("HTTP/1.1", "", "400: no Host"), ("HTTP/1.1", "Host: a\r\nHost: a\r\n", "400: more than one Host"),
            ("HTTP/1.0", "Host: a\r\nHost: b\r\n", "400: more than one Host"),
            ("HTTP/1.1", "Host: a b\r\n", "400: invalid Host"), ("HTTP/1.1", "Host: a/b\r\n", "400: invalid Host"),
            ("HTTP/1.1", "Host: u@a\r\n", "400: invalid Host"), ("HTTP/1.1", "Host: a:b\r\n", "400: invalid Host"),
            ("HTTP/1.1", "Host: a:1:2\r\n", "400: invalid Host"),
            ("HTTP/1.1", "Host: a:123456\r\n", "400: invalid Host"),
            ("HTTP/1.1", "Host: [::1\r\n", "400: invalid Host"), ("HTTP/1.1", "Host: [::1]x\r\n", "400: invalid Host"),
            ("HTTP/1.1", "Host: []\r\n", "400: invalid Host"), ("HTTP/1.1", "Host: a?b\r\n", "400: invalid Host"),
        ])
    func host(version: String, fields: String, expected: String) {
        #expect(parseRequest("GET / \(version)\r\n\(fields)\r\n").result == expected)
    }

    /// The shapes of request smuggling: whatever two parsers could understand in two ways is refused.
    @Test(
        "ambiguous framing is refused",
        arguments: [
            ("Content-Length: 1\r\nContent-Length: 2", 400), ("Content-Length: 1\r\nContent-Length: 1", 400),
            ("Content-Length: 1, 1", 400), ("Content-Length: 1,2", 400), ("Content-Length: +1", 400),
            ("Content-Length: -1", 400), ("Content-Length:", 400), ("Content-Length: 0x1", 400),
            ("Content-Length: 1 1", 400),
            ("Content-Length: 1_0", 400), ("Content-Length: \u{661}", 400),
            ("Content-Length: 99999999999999999999", 413),
            ("Content-Length : 1", 400), ("Content-Length: 1\u{b}", 400),
            ("Transfer-Encoding: chunked\r\nContent-Length: 1", 400),
            ("Content-Length: 1\r\nTransfer-Encoding: chunked", 400),
            ("Content-Length: 0\r\nTransfer-Encoding: chunked", 400), ("Transfer-Encoding: chunked, chunked", 400),
            ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", 400),
            ("Transfer-Encoding: identity\r\nTransfer-Encoding: chunked", 400),
            ("Transfer-Encoding: gzip, chunked", 501), ("Transfer-Encoding: gzip, chunked\r\nContent-Length: 1", 400),
            ("Transfer-Encoding: chunked, gzip", 400), ("Transfer-Encoding: identity", 400),
            ("Transfer-Encoding: gzip", 400),
            ("Transfer-Encoding:", 400), ("Transfer-Encoding: xchunked", 400), ("Transfer-Encoding: \"chunked\"", 400),
            ("Transfer-Encoding: chunked;a=b", 400), ("Transfer-Encoding: chun ked", 400),
            ("Transfer-Encoding: \u{b}chunked", 400), ("Transfer-Encoding : chunked", 400),
            ("Transfer-Encoding\r\n : chunked", 400), ("Transfer-Encoding: x, \u{1}chunked", 400),
            ("Transfer-Encoding:\r\n chunked", 400), ("Transfer-Encoding: chunked\nX: y", 400),
        ])
    func smuggling(fields: String, status: Int) {
        let result = parseRequest("POST / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n\r\n").result
        #expect(result.hasPrefix("\(status): "))
    }

    @Test("HTTP/1.0 has no transfer codings")
    func codingsInOldVersion() {
        let result = parseRequest("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n").result
        #expect(result == "400: Transfer-Encoding in HTTP/1.0")
    }

    @Test("limits are exact, and the same however the bytes come")
    func limits() {
        var limits = HTTPHeadLimits()
        limits.target = 50
        limits.bytes = 120
        limits.fields = 3
        func result(_ text: String) -> String { parseRequest(text, limits: limits).result }
        let path = String(repeating: "a", count: 49)
        #expect(result("GET /\(path) HTTP/1.1\r\nHost: a\r\n\r\n").hasPrefix("GET /aaa"))
        #expect(result("GET /\(path)a HTTP/1.1\r\nHost: a\r\n\r\n").hasPrefix("414: "))
        #expect(result("GET /" + String(repeating: "a", count: 4000)).hasPrefix("414: "))
        #expect(result("GET / HTTP/1.1\r\nHost: a\r\nA: b\r\nC: d\r\n\r\n").hasPrefix("GET /"))
        #expect(result("GET / HTTP/1.1\r\nHost: a\r\nA: b\r\nC: d\r\nE: f\r\n\r\n").hasPrefix("431: "))
        let start = "GET / HTTP/1.1\r\nHost: a\r\nA: "
        let room = 120 - start.utf8.count - 4
        #expect(result(start + String(repeating: "b", count: room) + "\r\n\r\n").hasPrefix("GET /"))
        #expect(result(start + String(repeating: "b", count: room + 1) + "\r\n\r\n").hasPrefix("431: "))
        #expect(result(start + String(repeating: "b", count: 5000)).hasPrefix("431: "))
    }

    @Test("the head's memory is reused unless somebody has kept the request")
    func reuse() throws {
        var parser = HTTPRequestParser()
        let first = bytes("GET /first HTTP/1.1\r\nHost: a\r\n\r\n")
        let second = bytes("GET /second HTTP/1.1\r\nHost: b\r\n\r\n")
        _ = try first.withUnsafeBytes { try parser.parse($0) }
        let identity = ObjectIdentifier(parser.head)
        _ = try second.withUnsafeBytes { try parser.parse($0) }
        #expect(ObjectIdentifier(parser.head) == identity)
        let kept = HTTPRequest(head: parser.head, body: .empty)
        _ = try first.withUnsafeBytes { try parser.parse($0) }
        #expect(ObjectIdentifier(parser.head) != identity)
        #expect(kept.path == "/second")
        #expect(kept.headers["HOST"] == "b")
    }
}
