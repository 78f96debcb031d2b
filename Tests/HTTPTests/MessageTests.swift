import MartletCore
import Testing

@testable import MartletHTTP

@Suite("Messages")
struct MessageTests {
    @Test("fields are found whatever their case, and keep their order")
    func headers() {
        var headers: HTTPHeaders = ["Content-Type": "text/plain", "X-A": "1"]
        headers.add("x-a", "2")
        #expect(headers["content-TYPE"] == "text/plain")
        #expect(headers.values(of: "X-a") == ["1", "2"])
        let before = headers
        headers["X-A"] = "3"
        #expect(headers.values(of: "x-a") == ["3"])
        #expect(before.values(of: "x-a") == ["1", "2"])
        headers["content-type"] = nil
        #expect(headers.map(\.name) == ["X-A"])
    }

    @Test(
        "a field that would break the wire is not added, and the head is not sendable",
        arguments: [
            ("X", "a\r\nSet-Cookie: b"), ("X", "a\nb"), ("X", "a\u{0}b"), ("X", "a\rb"), ("X\r\nY", "b"), ("", "b"),
            ("X Y", "b"),
            ("X:", "b"),
        ])
    func injection(name: String, value: String) {
        var headers = HTTPHeaders()
        headers.add(name, value)
        #expect(headers.isEmpty)
        #expect(headers.isMalformed)
        #expect(!HTTPResponseEncoder.isSendable(headers))
    }

    @Test("target, path and query are taken apart and decoded")
    func target() {
        let request = HTTPRequest(.get, "/a%20b/%C3%A9?x=1&y=a+b%26&flag&x=2&=z")
        #expect(request.path == "/a b/\u{e9}")
        #expect(request.rawPath == "/a%20b/%C3%A9")
        #expect(request.query["x"] == "1")
        #expect(request.query.values(of: "x") == ["1", "2"])
        #expect(request.query["y"] == "a b&")
        #expect(request.query["flag"] == "")
        #expect(request.query["none"] == nil)
    }

    @Test("a target that could not stand in a request line is encoded")
    func targetEncoding() {
        #expect(HTTPRequest(.get, "/a b\r\nX: y#z\u{e9}").target == "/a%20b%0D%0AX:%20y%23z%C3%A9")
        #expect(HTTPRequest(.get, "").target == "/")
    }

    @Test("methods are tokens of sixteen bytes at most")
    func methods() {
        #expect(HTTPMethod("GET") == .get)
        #expect(HTTPMethod("get") != .get)
        #expect(HTTPMethod("VERSION-CONTROL")?.name == "VERSION-CONTROL")
        #expect(HTTPMethod("") == nil)
        #expect(HTTPMethod("A B") == nil)
        #expect(HTTPMethod("ABCDEFGHIJKLMNOPQ") == nil)
        let known: [(HTTPMethod, String)] = [
            (.get, "GET"), (.head, "HEAD"), (.post, "POST"), (.put, "PUT"), (.patch, "PATCH"), (.delete, "DELETE"),
            (.options, "OPTIONS"), (.connect, "CONNECT"), (.trace, "TRACE"),
        ]
        for (method, name) in known { #expect(method.name == name) }
    }

    @Test("each code has its status, and the status its code")
    func codes() {
        for code in ServiceError.Code.allCases {
            let status = HTTPStatus(code)
            #expect(status.code >= 400)
            #expect(ServiceError.Code(status: status) != nil)
        }
        #expect(HTTPStatus(ServiceError.Code.unavailable) == .serviceUnavailable)
        #expect(HTTPStatus(ServiceError.Code.resourceExhausted) == .tooManyRequests)
        #expect(HTTPStatus(ServiceError.Code.deadlineExceeded) == .gatewayTimeout)
        #expect(ServiceError.Code(status: .ok) == nil)
        #expect(ServiceError.Code(status: .found) == nil)
    }

    @Test("an error's text reaches the caller only when it was meant to")
    func failures() async throws {
        struct Secret: Error {}
        let hidden = HTTPResponse(failure: Secret())
        #expect(hidden.status == .internalServerError)
        #expect(try await String(decoding: hidden.body.collect(upTo: 100), as: UTF8.self) == "internal error\n")
        let told = HTTPResponse(failure: ServiceError(.unavailable, "try later", retryAfter: .milliseconds(1500)))
        #expect(told.status == .serviceUnavailable)
        #expect(told.headers["retry-after"] == "2")
        #expect(HTTPResponse(failure: HTTPBodyTooLarge(limit: 1)).status == .contentTooLarge)
        #expect(HTTPResponse(failure: CancellationError()).status.code == 499)
    }

    @Test(
        "dates are written and read",
        arguments: [
            (784_111_777 as Int64, "Sun, 06 Nov 1994 08:49:37 GMT"), (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
            (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"), (1_709_164_799, "Wed, 28 Feb 2024 23:59:59 GMT"),
            (4_102_444_800, "Fri, 01 Jan 2100 00:00:00 GMT"),
        ])
    func dates(seconds: Int64, text: String) {
        #expect(HTTPDate(seconds: seconds).text == text)
        #expect(bytes(text).withUnsafeBytes { HTTPDate($0) }?.seconds == seconds)
    }

    @Test("a produced body is bounded when collected")
    func producedBody() async throws {
        let body = HTTPBody.stream { writer in
            for _ in 0..<10 { try await writer.write("0123456789") }
        }
        #expect(try await body.collect(upTo: 100).count == 100)
        await #expect(throws: HTTPBodyTooLarge(limit: 99)) { try await body.collect(upTo: 99) }
    }
}
