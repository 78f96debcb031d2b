@testable import MartletHTTP

/// What every server must be able to take.
extension SpecCase {
    static let generic: [SpecCase] =
        [
            SpecCase("generic/1/1", "a client connection preface", settings: nil, .settingsAcknowledged) { client in
                try client.raw.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
                try client.sendSettings([])
            },

            SpecCase("generic/2/1", "a PRIORITY frame on an idle stream", .pingAnswered) { client in
                try client.send(FrameClient.priority(1), FrameClient.ping())
            },
            SpecCase("generic/2/2", "a WINDOW_UPDATE frame on a half-closed (remote) stream", .answer(1)) { client in
                try client.send(FrameClient.headers(1), FrameClient.windowUpdate(1, 1))
            },
            SpecCase("generic/2/3", "a PRIORITY frame on a half-closed (remote) stream", .answer(1)) { client in
                try client.send(FrameClient.headers(1), FrameClient.priority(1))
            },
            SpecCase("generic/2/4", "a RST_STREAM frame on a half-closed (remote) stream", .pingAnswered) { client in
                try client.send(FrameClient.headers(1), FrameClient.reset(1), FrameClient.ping())
            },
            SpecCase("generic/2/5", "a PRIORITY frame on a closed stream", .pingAnswered) { client in
                try client.send(FrameClient.headers(1))
                _ = try client.readUntil { $0.stream == 1 && $0.endsStream }
                try client.send(FrameClient.priority(1), FrameClient.ping())
            },

            SpecCase("generic/3.1/1", "a DATA frame", .answer(1)) { client in
                try client.send(post(1), FrameClient.data(1, Array("test".utf8)))
            },
            SpecCase("generic/3.1/2", "several DATA frames", .answer(1)) { client in
                try client.send(
                    post(1), FrameClient.data(1, Array("te".utf8), endStream: false),
                    FrameClient.data(1, Array("st".utf8)))
            },
            SpecCase("generic/3.1/3", "a DATA frame with padding", .answer(1)) { client in
                try client.send(
                    post(1),
                    FrameClient.Frame(
                        type: Kind.data, flags: Flag.endStream | Flag.padded, stream: 1,
                        payload: [6] + Array("test".utf8) + [UInt8](repeating: 0, count: 6)))
            },

            SpecCase("generic/3.2/1", "a HEADERS frame", .answer(1)) { try $0.send(FrameClient.headers(1)) },
            SpecCase("generic/3.2/2", "a HEADERS frame with padding", .answer(1)) { client in
                var frame = FrameClient.headers(1)
                frame.flags |= Flag.padded
                frame.payload = [6] + frame.payload + [UInt8](repeating: 0, count: 6)
                try client.send(frame)
            },
            SpecCase("generic/3.2/3", "a HEADERS frame with a priority", .answer(1)) { client in
                try client.send(prioritised(1, dependsOn: 0))
            },

            SpecCase("generic/3.3/1", "a PRIORITY frame with priority 1", .pingAnswered) { client in
                try client.send(FrameClient.priority(1, weight: 0), FrameClient.ping())
            },
            SpecCase("generic/3.3/2", "a PRIORITY frame with priority 256", .pingAnswered) { client in
                try client.send(FrameClient.priority(1, weight: 255), FrameClient.ping())
            },
            SpecCase("generic/3.3/3", "a PRIORITY frame with a stream dependency", .pingAnswered) { client in
                try client.send(FrameClient.priority(1, dependsOn: 3), FrameClient.ping())
            },
            SpecCase("generic/3.3/4", "a PRIORITY frame with an exclusive dependency", .pingAnswered) { client in
                try client.send(FrameClient.priority(1, dependsOn: 1 << 31 | 3), FrameClient.ping())
            },
            SpecCase("generic/3.3/5", "a PRIORITY frame for an idle stream, then HEADERS for a lower one", .answer(1)) {
                client in try client.send(FrameClient.priority(3), FrameClient.headers(1))
            },

            SpecCase("generic/3.4/1", "a RST_STREAM frame", .pingAnswered) { client in
                try client.send(post(1), FrameClient.reset(1), FrameClient.ping())
            },
            SpecCase("generic/3.5/1", "a SETTINGS frame", .settingsAcknowledged) { client in
                try client.sendSettings([(Setting.headerTableSize, 4096)])
            },
            SpecCase("generic/3.7/1", "a PING frame", .pingAnswered) { try $0.send(FrameClient.ping()) },
            SpecCase("generic/3.8/1", "a GOAWAY frame", .closed) { client in
                try client.send(goAway(0))
            },
            SpecCase("generic/3.9/1", "a WINDOW_UPDATE frame with stream 0", .pingAnswered) { client in
                try client.send(FrameClient.windowUpdate(0, 1), FrameClient.ping())
            },
            SpecCase("generic/3.9/2", "a WINDOW_UPDATE frame with stream 1", .answer(1)) { client in
                try client.send(post(1), FrameClient.windowUpdate(1, 1), FrameClient.data(1, [1]))
            },
            SpecCase("generic/3.10/1", "a CONTINUATION frame", .answer(1)) { client in
                try client.send(FrameClient.headers(1, endHeaders: false), FrameClient.continuation(1, dummies(1)))
            },
            SpecCase("generic/3.10/2", "several CONTINUATION frames", .answer(1)) { client in
                try client.send(
                    FrameClient.headers(1, endHeaders: false),
                    FrameClient.continuation(1, dummies(1), endHeaders: false),
                    FrameClient.continuation(1, dummies(1)))
            },

            SpecCase("generic/4/1", "a GET request", .answer(1)) { try $0.send(FrameClient.headers(1)) },
            SpecCase("generic/4/2", "a HEAD request", .answer(1)) { client in
                try client.send(FrameClient.headers(1, FrameClient.request("HEAD")))
            },
            SpecCase("generic/4/3", "a POST request", .answer(1)) { client in
                try client.send(post(1), FrameClient.data(1, Array("test".utf8)))
            },
            SpecCase("generic/4/4", "a POST request with trailers", .answer(1)) { client in
                try client.send(
                    post(1, more: [("trailer", "x-test")]), FrameClient.data(1, Array("test".utf8), endStream: false),
                    FrameClient.headers(1, [("x-test", "ok")]))
            },
        ] + compression

    /// Every representation of RFC 7541 §6, behind the fields of a request.
    private static let compression: [SpecCase] = [
        ("an indexed field", [0x80 | 0x10]),
        ("a literal with indexing, indexed name", [0x40 | 0x3a] + FrameClient.string("h2spec")),
        ("a literal with indexing, indexed name, Huffman", [0x40 | 0x3a] + huffman),
        ("a literal with indexing, new name", [0x40] + FrameClient.string("x-test") + FrameClient.string("h2spec")),
        ("a literal with indexing, new name, Huffman", [0x40] + FrameClient.string("x-test") + huffman),
        (
            "a literal without indexing, indexed name",
            FrameClient.integer(0x3a, prefix: 4) + FrameClient.string("h2spec")
        ),
        ("a literal without indexing, indexed name, Huffman", FrameClient.integer(0x3a, prefix: 4) + huffman),
        ("a literal without indexing, new name", [0] + FrameClient.string("x-test") + FrameClient.string("h2spec")),
        ("a literal without indexing, new name, Huffman", [0] + FrameClient.string("x-test") + huffman),
        (
            "a literal never indexed, indexed name",
            FrameClient.integer(0x3a, prefix: 4, first: 0x10) + FrameClient.string("h2spec")
        ),
        (
            "a literal never indexed, indexed name, Huffman",
            FrameClient.integer(0x3a, prefix: 4, first: 0x10) + huffman
        ),
        ("a literal never indexed, new name", [0x10] + FrameClient.string("x-test") + FrameClient.string("h2spec")),
        ("a literal never indexed, new name, Huffman", [0x10] + FrameClient.string("x-test") + huffman),
        ("a change of the table's size", []),
        ("several changes of the table's size", []),
    ].enumerated().map { index, representation in
        let (title, bytes) = representation
        return SpecCase("generic/5/\(index + 1)", title, .answer(1)) { client in
            var frame = FrameClient.headers(1)
            // Sizes 128 and 4096 must stand at the block's beginning.
            let sizes: [UInt8] = index == 13 ? [0x20] : index == 14 ? [0x20, 0x3f, 0x61] : []
            frame.payload = sizes + frame.payload + bytes
            try client.send(frame)
        }
    }

    /// "h2" in Huffman's code (RFC 7541, Appendix B): 100111, 00010, and ones.
    private static let huffman: [UInt8] = [0x82, 0b1001_1100, 0b0101_1111]

    // MARK: Frames of several cases

    static func post(_ stream: UInt32, more: [(String, String)] = []) -> FrameClient.Frame {
        FrameClient.headers(stream, FrameClient.request("POST", "/echo", more), endStream: false)
    }

    static func prioritised(_ stream: UInt32, dependsOn parent: UInt32) -> FrameClient.Frame {
        var frame = FrameClient.headers(stream)
        frame.flags |= Flag.priority
        frame.payload = FrameClient.bytes(parent) + [255] + frame.payload
        return frame
    }

    static func goAway(_ code: UInt32, stream: UInt32 = 0) -> FrameClient.Frame {
        FrameClient.Frame(
            type: Kind.goAway, stream: stream, payload: FrameClient.bytes(0) + FrameClient.bytes(code))
    }

    static func dummies(_ count: Int) -> [UInt8] {
        FrameClient.block((0..<count).map { ("x-dummy\($0)", String(repeating: "x", count: 128)) })
    }
}
