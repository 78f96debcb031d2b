@testable import MartletHTTP

/// RFC 7540, sections 5 and 8: streams, and HTTP on them.
extension SpecCase {
    static let streams: [SpecCase] = [
        SpecCase("http2/5.1/1", "idle: a DATA frame", .connectionError(Code.protocolError)) { client in
            try client.send(FrameClient.data(1, [1]))
        },
        SpecCase("http2/5.1/2", "idle: a RST_STREAM frame", .connectionError(Code.protocolError)) { client in
            try client.send(FrameClient.reset(1))
        },
        SpecCase("http2/5.1/3", "idle: a WINDOW_UPDATE frame", .connectionError(Code.protocolError)) { client in
            try client.send(FrameClient.windowUpdate(1, 100))
        },
        SpecCase("http2/5.1/4", "idle: a CONTINUATION frame", .connectionError(Code.protocolError)) { client in
            try client.send(FrameClient.continuation(1, dummies(1)))
        },
        SpecCase("http2/5.1/5", "half-closed (remote): a DATA frame", .streamError(Code.streamClosed)) { client in
            try client.send(FrameClient.headers(1), FrameClient.data(1, [1]))
        },
        SpecCase("http2/5.1/6", "half-closed (remote): a HEADERS frame", .streamError(Code.streamClosed)) { client in
            try client.send(FrameClient.headers(1), FrameClient.headers(1))
        },
        SpecCase(
            "http2/5.1/7", "half-closed (remote): a CONTINUATION frame",
            .streamError([Code.streamClosed, Code.protocolError])
        ) { client in
            try client.send(FrameClient.headers(1), FrameClient.continuation(1, dummies(1)))
        },
        // Two exceptions: in RFC 9113 §5.1 DATA on a closed stream MAY be an error, and nghttp2 overlooks it untold.
        SpecCase("http2/5.1/8", "closed: a DATA frame after RST_STREAM: not looked at", .pingAnswered) { client in
            try client.send(post(1), FrameClient.reset(1), FrameClient.data(1, [1]), FrameClient.ping())
        },
        afterReset(
            "http2/5.1/9", "closed: a HEADERS frame after RST_STREAM", [Code.streamClosed], FrameClient.headers(1)),
        afterReset(
            "http2/5.1/10", "closed: a CONTINUATION frame after RST_STREAM", [Code.streamClosed, Code.protocolError],
            FrameClient.continuation(1, dummies(1))),
        SpecCase("http2/5.1/11", "closed: a DATA frame: not looked at", .pingAnswered) { client in
            try client.send(FrameClient.headers(1))
            _ = try client.readUntil { $0.stream == 1 && $0.endsStream }
            try client.send(FrameClient.data(1, [1]), FrameClient.ping())
        },
        afterEnd("http2/5.1/12", "closed: a HEADERS frame", [Code.streamClosed], FrameClient.headers(1)),
        afterEnd(
            "http2/5.1/13", "closed: a CONTINUATION frame", [Code.streamClosed, Code.protocolError],
            FrameClient.continuation(1, dummies(1))),

        SpecCase("http2/5.1.1/1", "an even stream number", .connectionError(Code.protocolError)) { client in
            try client.send(FrameClient.headers(2))
        },
        SpecCase("http2/5.1.1/2", "a smaller stream number than before", .connectionError(Code.protocolError)) {
            client in
            try client.send(FrameClient.headers(5))
            _ = try client.readUntil { $0.stream == 5 && $0.endsStream }
            try client.send(FrameClient.headers(3))
        },
        SpecCase(
            "http2/5.1.2/1", "more streams than SETTINGS_MAX_CONCURRENT_STREAMS",
            settings: [(Setting.initialWindowSize, 0)], .streamError([Code.protocolError, Code.refusedStream])
        ) { client in
            try client.send((0...UInt32(HTTP2Limits().concurrentStreams)).map { FrameClient.headers($0 * 2 + 1) })
        },
        SpecCase("http2/5.3.1/1", "a HEADERS frame that depends on itself", .streamError(Code.protocolError)) {
            client in
            try client.send(prioritised(1, dependsOn: 1))
        },
        // An exception: RFC 9113 §5.3.2 has given up dependencies, and with them what is wrong with one on oneself.
        SpecCase("http2/5.3.1/2", "a PRIORITY frame that depends on itself: not looked at", .pingAnswered) { client in
            try client.send(FrameClient.priority(1, dependsOn: 1), FrameClient.ping())
        },
        SpecCase("http2/5.4.1/1", "an invalid PING frame: the connection closes", .closed) { client in
            try client.send(FrameClient.ping(0, [0, 0, 0]))
        },
        SpecCase("http2/5.4.1/2", "an invalid PING frame: GOAWAY", .connectionError(Code.frameSize)) { client in
            try client.send(FrameClient.ping(0, [0, 0, 0]))
        },
        SpecCase("http2/5.5/1", "an unknown extension frame", .pingAnswered) { client in
            try client.send(FrameClient.Frame(type: 0x16, payload: Array("test".utf8)), FrameClient.ping())
        },
        SpecCase(
            "http2/5.5/2", "an unknown extension frame inside a header block", insideBlock: true,
            .connectionError(Code.protocolError)
        ) { client in
            try client.send(
                FrameClient.headers(1, endHeaders: false),
                FrameClient.Frame(type: 0x16, stream: 1, payload: Array("test".utf8)),
                FrameClient.continuation(1, dummies(1)))
        },
    ]

    static let semantics: [SpecCase] = [
        SpecCase("http2/8.1/1", "a second HEADERS frame without END_STREAM", .streamError(Code.protocolError)) {
            client in
            try client.send(post(1), FrameClient.headers(1, [("x-test", "ok")], endStream: false))
        },
        malformed("http2/8.1.2/1", "a name in upper case", request(("X-TEST", "ok"))),
        malformed("http2/8.1.2.1/1", "an unknown pseudo-field", [(":test", "ok")] + FrameClient.request()),
        malformed("http2/8.1.2.1/2", "a response's pseudo-field", [(":status", "200")] + FrameClient.request()),
        SpecCase("http2/8.1.2.1/3", "a pseudo-field in trailers", .streamError(Code.protocolError)) { client in
            try client.send(
                post(1), FrameClient.data(1, Array("test".utf8), endStream: false),
                FrameClient.headers(1, [(":method", "200")]))
        },
        malformed(
            "http2/8.1.2.1/4", "a pseudo-field behind others",
            [(":method", "GET"), (":scheme", "http"), (":path", "/"), ("x-test", "ok"), (":authority", "localhost")]),
        malformed("http2/8.1.2.2/1", "a field of connections", request(("connection", "keep-alive"))),
        malformed("http2/8.1.2.2/2", "TE with another value than trailers", request(("te", "trailers, deflate"))),
        malformed("http2/8.1.2.3/1", "an empty path", FrameClient.request("GET", "")),
        malformed("http2/8.1.2.3/2", "no :method", without(":method")),
        malformed("http2/8.1.2.3/3", "no :scheme", without(":scheme")),
        malformed("http2/8.1.2.3/4", "no :path", without(":path")),
        malformed("http2/8.1.2.3/5", "two :method", [(":method", "GET")] + FrameClient.request()),
        malformed("http2/8.1.2.3/6", "two :scheme", [(":scheme", "http")] + FrameClient.request()),
        malformed("http2/8.1.2.3/7", "two :path", [(":path", "/")] + FrameClient.request()),
        SpecCase("http2/8.1.2.6/1", "a Content-Length that the body has not", .streamError(Code.protocolError)) {
            client in
            try client.send(post(1, more: [("content-length", "1")]), FrameClient.data(1, Array("test".utf8)))
        },
        SpecCase("http2/8.1.2.6/2", "a Content-Length that several frames have not", .streamError(Code.protocolError)) {
            client in
            try client.send(
                post(1, more: [("content-length", "1")]), FrameClient.data(1, Array("test".utf8), endStream: false),
                FrameClient.data(1, Array("test".utf8)))
        },
        SpecCase("http2/8.2/1", "a PUSH_PROMISE frame", .connectionError(Code.protocolError)) { client in
            try client.send(
                FrameClient.Frame(
                    type: Kind.pushPromise, flags: Flag.endHeaders, stream: 1,
                    payload: FrameClient.bytes(2) + FrameClient.block(FrameClient.request())))
        },
    ]

    private static func malformed(_ name: String, _ title: String, _ fields: [(String, String)]) -> SpecCase {
        SpecCase(name, title, .streamError(Code.protocolError)) { try $0.send(FrameClient.headers(1, fields)) }
    }

    private static func request(_ field: (String, String)) -> [(String, String)] {
        FrameClient.request("GET", "/hello", [field])
    }

    private static func without(_ name: String) -> [(String, String)] {
        FrameClient.request().filter { $0.0 != name }
    }

    private static func afterReset(_ name: String, _ title: String, _ codes: [UInt32], _ frame: FrameClient.Frame)
        -> SpecCase
    {
        SpecCase(name, title, .streamError(codes)) { client in
            try client.send(post(1), FrameClient.reset(1), frame)
        }
    }

    private static func afterEnd(_ name: String, _ title: String, _ codes: [UInt32], _ frame: FrameClient.Frame)
        -> SpecCase
    {
        SpecCase(name, title, .streamError(codes)) { client in
            try client.send(FrameClient.headers(1))
            _ = try client.readUntil { $0.stream == 1 && $0.endsStream }
            try client.send(frame)
        }
    }
}
