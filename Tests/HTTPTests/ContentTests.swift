import Testing

@testable import MartletHTTP

@Suite("Assets and events", .timeLimit(.minutes(1)))
struct ContentTests {
    @Test(
        "what the client has already is not sent again",
        arguments: [
            ("If-None-Match", "*", 304), ("If-None-Match", "\"x\", W/ETAG", 304), ("If-None-Match", "ETAG", 304),
            ("If-None-Match", "\"other\"", 200), ("If-Modified-Since", "Sun, 06 Nov 1994 08:49:37 GMT", 304),
            ("If-Modified-Since", "Sun, 06 Nov 1994 08:49:36 GMT", 200), ("If-Modified-Since", "yesterday", 200),
        ])
    func conditional(name: String, value: String, status: Int) async throws {
        let asset = HTTPAsset(bytes("p {}"), contentType: MediaType.of(fileNamed: "a.CSS"), modified: 784_111_777)
        let whole = asset.response(to: HTTPRequest(.get, "/a.css"))
        #expect(whole.headers["Content-Type"] == "text/css; charset=utf-8")
        #expect(whole.headers["Last-Modified"] == "Sun, 06 Nov 1994 08:49:37 GMT")
        let tag = try #require(whole.headers["ETag"])
        let sent = value.split(separator: "ETAG", omittingEmptySubsequences: false).joined(separator: tag)
        let answer = asset.response(to: HTTPRequest(.get, "/a.css", headers: [name: sent]))
        #expect(answer.status.code == status)
        #expect(answer.headers["ETag"] == tag)
        #expect(answer.body.isEmpty == (status == 304))
    }

    @Test("If-None-Match goes before If-Modified-Since")
    func precedence() {
        let asset = HTTPAsset([1], contentType: "x/y", modified: 0)
        let request = HTTPRequest(
            .get, "/", headers: ["If-None-Match": "\"z\"", "If-Modified-Since": "Sun, 06 Nov 1994 08:49:37 GMT"])
        #expect(asset.response(to: request).status == .ok)
    }

    @Test("an event cannot smuggle in another one")
    func events() {
        func encoded(_ event: ServerSentEvent) -> String { String(decoding: event.encoded, as: UTF8.self) }
        #expect(encoded(ServerSentEvent(data: "a")) == "data: a\n\n")
        #expect(encoded(ServerSentEvent(data: nil, id: "7", retry: .seconds(1))) == "id: 7\nretry: 1000\n\n")
        #expect(encoded(ServerSentEvent(data: "a\nb\r\nc\rd\n")) == "data: a\ndata: b\ndata: c\ndata: d\ndata: \n\n")
        #expect(
            encoded(ServerSentEvent(data: "", event: "x\ndata: y", id: "1\r\n\u{0}2", retry: .milliseconds(1500)))
                == "event: xdata: y\nid: 12\nretry: 1500\ndata: \n\n")
    }
}
