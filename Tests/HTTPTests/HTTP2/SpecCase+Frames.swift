@testable import MartletHTTP

/// RFC 7540, sections 3 and 4 and 6 to 7: frames.
extension SpecCase {
    static let framing: [SpecCase] = [
        SpecCase("http2/3.5/1", "a client connection preface", settings: nil, .looked) { client in
            try client.raw.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
            try client.sendSettings([])
            let first = try client.readFrame()
            guard first?.type == Kind.settings, first?.flags == 0 else { throw Wrong("\(String(describing: first))") }
        },
        SpecCase("http2/3.5/2", "an invalid connection preface", settings: nil, .looked) { client in
            try client.raw.send("INVALID CONNECTION PREFACE\r\n\r\n")
            // Not HTTP/2, and so HTTP/1.1's to refuse; the connection ends either way.
            let answer = try client.raw.readAll()
            guard answer.hasPrefix("HTTP/1.1 400 ") else { throw Wrong(answer) }
        },

        SpecCase("http2/4.1/1", "a frame of an unknown type", .pingAnswered) { client in
            try client.send(FrameClient.Frame(type: 0xff, payload: [UInt8](repeating: 0, count: 8)), FrameClient.ping())
        },
        SpecCase("http2/4.1/2", "a frame with an undefined flag", .pingAnswered) { client in
            try client.send(FrameClient.ping(0x16 & ~1))
        },
        SpecCase("http2/4.1/3", "a frame with the reserved bit", .pingAnswered) { client in
            var frame = FrameClient.ping()
            frame.stream = 1 << 31
            try client.send(frame)
        },
        SpecCase("http2/4.2/1", "a DATA frame of 2^14 bytes", .answer(1)) { client in
            try client.send(post(1), FrameClient.data(1, [UInt8](repeating: 1, count: 1 << 14)))
        },
        SpecCase("http2/4.2/2", "a DATA frame larger than the maximum", .streamError(Code.frameSize)) { client in
            try client.send(post(1), FrameClient.data(1, [UInt8](repeating: 1, count: 1 << 14 + 1)))
        },
        SpecCase("http2/4.2/3", "a HEADERS frame larger than the maximum", .connectionError(Code.frameSize)) { client in
            var frame = FrameClient.headers(1)
            frame.payload += dummies(130)
            try client.send(frame)
        },
        SpecCase("http2/4.3/1", "an invalid header block", .connectionError(Code.compression)) { client in
            try client.send(
                FrameClient.Frame(
                    type: Kind.headers, flags: Flag.endStream | Flag.endHeaders, stream: 1,
                    // A literal whose name goes on beyond the block.
                    payload: [0x40, 0xff]))
        },
        SpecCase(
            "http2/4.3/2", "a PRIORITY frame inside a header block", insideBlock: true,
            .connectionError(Code.protocolError)
        ) { client in
            try client.send(
                FrameClient.headers(1, endHeaders: false), FrameClient.priority(1),
                FrameClient.continuation(1, dummies(1))
            )
        },
        SpecCase(
            "http2/4.3/3", "a HEADERS frame of another stream inside a header block", insideBlock: true,
            .connectionError(Code.protocolError)
        ) { client in
            try client.send(
                FrameClient.headers(1, endHeaders: false), FrameClient.headers(3),
                FrameClient.continuation(1, dummies(1)))
        },
    ]

    static let frames: [SpecCase] = [
        SpecCase("http2/6.1/1", "a DATA frame on stream 0", .connectionError(Code.protocolError)) { client in
            try client.send(FrameClient.data(0, [1]))
        },
        SpecCase("http2/6.1/2", "a DATA frame on a stream that is not open", .streamError(Code.streamClosed)) {
            client in
            try client.send(FrameClient.headers(1), FrameClient.data(1, [1]))
        },
        SpecCase("http2/6.1/3", "a DATA frame with an invalid pad length", .connectionError(Code.protocolError)) {
            client in
            try client.send(
                post(1),
                FrameClient.Frame(
                    type: Kind.data, flags: Flag.endStream | Flag.padded, stream: 1, payload: [6] + Array("Test".utf8)))
        },

        SpecCase(
            "http2/6.2/1", "HEADERS without END_HEADERS, then PRIORITY", insideBlock: true,
            .connectionError(Code.protocolError)
        ) { client in
            try client.send(FrameClient.headers(1, endHeaders: false), FrameClient.priority(1))
        },
        SpecCase(
            "http2/6.2/2", "HEADERS of another stream inside a header block", insideBlock: true,
            .connectionError(Code.protocolError)
        ) { client in
            try client.send(FrameClient.headers(1, endHeaders: false), FrameClient.headers(3))
        },
        SpecCase("http2/6.2/3", "a HEADERS frame on stream 0", .connectionError(Code.protocolError)) { client in
            try client.send(FrameClient.headers(0))
        },
        SpecCase("http2/6.2/4", "a HEADERS frame with an invalid pad length", .connectionError(Code.protocolError)) {
            client in
            var frame = FrameClient.headers(1)
            frame.flags |= Flag.padded
            frame.payload = [UInt8(frame.payload.count + 1)] + frame.payload
            try client.send(frame)
        },

        SpecCase("http2/6.3/1", "a PRIORITY frame on stream 0", .connectionError(Code.protocolError)) { client in
            try client.send(FrameClient.priority(0))
        },
        SpecCase("http2/6.3/2", "a PRIORITY frame that is not five bytes long", .streamError(Code.frameSize)) {
            client in
            try client.send(post(1), FrameClient.Frame(type: Kind.priority, stream: 1, payload: [128, 0, 0, 1]))
        },

        SpecCase("http2/6.4/1", "a RST_STREAM frame on stream 0", .connectionError(Code.protocolError)) { client in
            try client.send(FrameClient.reset(0))
        },
        SpecCase("http2/6.4/2", "a RST_STREAM frame on an idle stream", .connectionError(Code.protocolError)) {
            client in
            try client.send(FrameClient.reset(1))
        },
        SpecCase("http2/6.4/3", "a RST_STREAM frame that is not four bytes long", .connectionError(Code.frameSize)) {
            client in
            try client.send(post(1), FrameClient.Frame(type: Kind.resetStream, stream: 1, payload: [0, 0, 0]))
        },

        SpecCase("http2/6.5/1", "a SETTINGS frame with ACK and a payload", .connectionError(Code.frameSize)) { client in
            try client.send(FrameClient.Frame(type: Kind.settings, flags: 1, payload: [0]))
        },
        SpecCase("http2/6.5/2", "a SETTINGS frame on a stream", .connectionError(Code.protocolError)) { client in
            try client.send(FrameClient.Frame(type: Kind.settings, stream: 1, payload: [0, 3, 0, 0, 0, 100]))
        },
        SpecCase(
            "http2/6.5/3", "a SETTINGS frame that is not a multiple of six bytes", .connectionError(Code.frameSize)
        ) {
            client in try client.send(FrameClient.Frame(type: Kind.settings, payload: [0, 3, 0]))
        },
        setting("http2/6.5.2/1", "SETTINGS_ENABLE_PUSH of neither 0 nor 1", Setting.enablePush, 2, Code.protocolError),
        setting(
            "http2/6.5.2/2", "SETTINGS_INITIAL_WINDOW_SIZE above the maximum", Setting.initialWindowSize, 1 << 31,
            Code.flowControl),
        setting(
            "http2/6.5.2/3", "SETTINGS_MAX_FRAME_SIZE below the initial value", Setting.maxFrameSize, 16_383,
            Code.protocolError),
        setting(
            "http2/6.5.2/4", "SETTINGS_MAX_FRAME_SIZE above the maximum", Setting.maxFrameSize, 1 << 24,
            Code.protocolError),
        SpecCase("http2/6.5.2/5", "an unknown setting", .pingAnswered) { client in
            try client.send(FrameClient.settings([(0xff, 1)]), FrameClient.ping())
        },
        SpecCase("http2/6.5.3/1", "several values of SETTINGS_INITIAL_WINDOW_SIZE", .data(1)) { client in
            try client.sendSettings([(Setting.initialWindowSize, 100), (Setting.initialWindowSize, 1)])
            try client.send(FrameClient.headers(1))
        },
        SpecCase("http2/6.5.3/2", "a SETTINGS frame", .settingsAcknowledged) { try $0.sendSettings([]) },

        SpecCase("http2/6.7/1", "a PING frame", .pingAnswered) { try $0.send(FrameClient.ping()) },
        SpecCase("http2/6.7/2", "a PING frame with ACK", .pingAnswered) { client in
            try client.send(FrameClient.ping(Flag.acknowledgement, Array("unasked!".utf8)), FrameClient.ping())
        },
        SpecCase("http2/6.7/3", "a PING frame on a stream", .connectionError(Code.protocolError)) { client in
            var frame = FrameClient.ping()
            frame.stream = 1
            try client.send(frame)
        },
        SpecCase("http2/6.7/4", "a PING frame that is not eight bytes long", .connectionError(Code.frameSize)) {
            client in
            try client.send(FrameClient.ping(0, [0, 0, 0, 0, 0, 0]))
        },

        SpecCase("http2/6.8/1", "a GOAWAY frame on a stream", .connectionError(Code.protocolError)) { client in
            try client.send(goAway(0, stream: 1))
        },

        SpecCase("http2/6.9/1", "a WINDOW_UPDATE frame of 0", .connectionError(Code.protocolError)) { client in
            try client.send(FrameClient.windowUpdate(0, 0))
        },
        SpecCase("http2/6.9/2", "a WINDOW_UPDATE frame of 0 on a stream", .streamError(Code.protocolError)) { client in
            try client.send(post(1), FrameClient.windowUpdate(1, 0))
        },
        SpecCase("http2/6.9/3", "a WINDOW_UPDATE frame that is not four bytes long", .connectionError(Code.frameSize)) {
            client in try client.send(FrameClient.Frame(type: Kind.windowUpdate, payload: [0, 0, 1]))
        },
        SpecCase("http2/6.9.1/1", "a window of 1, then HEADERS", .data(1)) { client in
            try client.send(FrameClient.settings([(Setting.initialWindowSize, 1)]), FrameClient.headers(1))
        },
        SpecCase("http2/6.9.1/2", "WINDOW_UPDATE frames beyond 2^31-1", .connectionError(Code.flowControl)) { client in
            try client.send(FrameClient.windowUpdate(0, 1 << 31 - 1), FrameClient.windowUpdate(0, 1 << 31 - 1))
        },
        SpecCase("http2/6.9.1/3", "WINDOW_UPDATE frames beyond 2^31-1 on a stream", .streamError(Code.flowControl)) {
            client in
            try client.send(
                post(1), FrameClient.windowUpdate(1, 1 << 31 - 1), FrameClient.windowUpdate(1, 1 << 31 - 1))
        },
        SpecCase(
            "http2/6.9.2/1", "SETTINGS_INITIAL_WINDOW_SIZE changes after HEADERS",
            settings: [(Setting.initialWindowSize, 0)], .data(1)
        ) { client in
            try client.send(FrameClient.headers(1), FrameClient.settings([(Setting.initialWindowSize, 1)]))
        },
        SpecCase("http2/6.9.2/2", "a window that became negative", settings: [(Setting.initialWindowSize, 3)], .looked)
        {
            client in
            try client.send(FrameClient.headers(1))
            let first = try client.readUntil { $0.type == Kind.data }.last?.payload.count
            // 2 - 3 = -1; two more make it 1.
            try client.send(FrameClient.settings([(Setting.initialWindowSize, 2)]), FrameClient.windowUpdate(1, 2))
            let second = try client.readUntil { $0.type == Kind.data }.last?.payload.count
            guard first == 3, second == 1 else { throw Wrong("\(String(describing: (first, second)))") }
        },
        setting(
            "http2/6.9.2/3", "SETTINGS_INITIAL_WINDOW_SIZE above the maximum again", Setting.initialWindowSize, 1 << 31,
            Code.flowControl),

        SpecCase("http2/6.10/1", "several CONTINUATION frames behind HEADERS", .answer(1)) { client in
            try client.send(
                FrameClient.headers(1, endHeaders: false), FrameClient.continuation(1, dummies(1), endHeaders: false),
                FrameClient.continuation(1, dummies(1)))
        },
        SpecCase(
            "http2/6.10/2", "another frame behind CONTINUATION", insideBlock: true, .connectionError(Code.protocolError)
        ) { client in
            try client.send(
                FrameClient.headers(1, endHeaders: false), FrameClient.continuation(1, dummies(1), endHeaders: false),
                FrameClient.data(1, [1]))
        },
        SpecCase(
            "http2/6.10/3", "a CONTINUATION frame on stream 0", insideBlock: true, .connectionError(Code.protocolError)
        ) { client in
            try client.send(FrameClient.headers(1, endHeaders: false), FrameClient.continuation(0, dummies(1)))
        },
        SpecCase("http2/6.10/4", "CONTINUATION behind HEADERS with END_HEADERS", .connectionError(Code.protocolError)) {
            client in try client.send(FrameClient.headers(1), FrameClient.continuation(1, dummies(1)))
        },
        SpecCase("http2/6.10/5", "CONTINUATION behind the last CONTINUATION", .connectionError(Code.protocolError)) {
            client in
            try client.send(
                FrameClient.headers(1, endHeaders: false), FrameClient.continuation(1, dummies(1)),
                FrameClient.continuation(1, dummies(1)))
        },
        SpecCase("http2/6.10/6", "CONTINUATION behind DATA", .connectionError(Code.protocolError)) { client in
            try client.send(
                post(1), FrameClient.data(1, [1], endStream: false), FrameClient.continuation(1, dummies(1)))
        },

        SpecCase("http2/7/1", "a GOAWAY frame with an unknown error code", .closed) { client in
            try client.send(goAway(0xff))
        },
        SpecCase("http2/7/2", "a RST_STREAM frame with an unknown error code", .pingAnswered) { client in
            try client.send(post(1), FrameClient.reset(1, 0xff), FrameClient.ping())
        },
    ]

    private static func setting(_ name: String, _ title: String, _ id: UInt16, _ value: UInt32, _ code: UInt32)
        -> SpecCase
    {
        SpecCase(name, title, .connectionError(code)) { try $0.sendSettings([(id, value)]) }
    }

    struct Wrong: Error, CustomStringConvertible {
        let description: String
        init(_ description: String) { self.description = description }
    }
}
