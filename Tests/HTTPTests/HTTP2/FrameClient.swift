import CNGHTTP2
import MartletRuntime
import Testing

@testable import MartletHTTP

/// A client that writes and reads HTTP/2 frame by frame, right or wrong.
final class FrameClient {
    struct Frame: CustomStringConvertible {
        var type: UInt8
        var flags: UInt8 = 0
        var stream: UInt32 = 0
        var payload: [UInt8] = []
        /// Of a received HEADERS frame.
        var fields: [(name: String, value: String)] = []

        func field(_ name: String) -> String? { fields.first { $0.name == name }?.value }

        var endsStream: Bool { (type == 0 || type == 1) && flags & Flag.endStream != 0 }
        /// Of RST_STREAM and GOAWAY.
        var errorCode: UInt32? {
            switch type {
            case Kind.resetStream where payload.count >= 4: Frame.number(payload[0..<4])
            case Kind.goAway where payload.count >= 8: Frame.number(payload[4..<8])
            default: nil
            }
        }

        static func number(_ bytes: ArraySlice<UInt8>) -> UInt32 { bytes.reduce(0) { $0 << 8 | UInt32($1) } }

        var description: String {
            "frame \(type) flags \(flags) stream \(stream) length \(payload.count)"
                + (errorCode.map { " code \($0)" } ?? "")
        }
    }

    enum Kind {
        static let data: UInt8 = 0
        static let headers: UInt8 = 1
        static let priority: UInt8 = 2
        static let resetStream: UInt8 = 3
        static let settings: UInt8 = 4
        static let pushPromise: UInt8 = 5
        static let ping: UInt8 = 6
        static let goAway: UInt8 = 7
        static let windowUpdate: UInt8 = 8
        static let continuation: UInt8 = 9
    }

    enum Flag {
        static let endStream: UInt8 = 1
        static let acknowledgement: UInt8 = 1
        static let endHeaders: UInt8 = 4
        static let padded: UInt8 = 8
        static let priority: UInt8 = 0x20
    }

    enum Setting {
        static let headerTableSize: UInt16 = 1
        static let enablePush: UInt16 = 2
        static let concurrentStreams: UInt16 = 3
        static let initialWindowSize: UInt16 = 4
        static let maxFrameSize: UInt16 = 5
    }

    let raw: RawClient
    private let inflater = Inflater()
    /// Whether the server's settings are acknowledged and its pings answered while frames are read.
    var isPolite = true

    init(_ server: HTTPServer, receiveBuffer: Int32? = nil) throws {
        raw = try RawClient(server, receiveBuffer: receiveBuffer)
    }

    /// Preface and settings, both ways.
    func handshake(_ settings: [(UInt16, UInt32)] = []) throws {
        try raw.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        try sendSettings(settings)
        _ = try readUntil { $0.type == Kind.settings && $0.flags & Flag.acknowledgement != 0 }
    }

    // MARK: Out

    func send(_ frames: Frame...) throws { try raw.send(frames.flatMap(Self.encode)) }
    func send(_ frames: [Frame]) throws { try raw.send(frames.flatMap(Self.encode)) }

    static func encode(_ frame: Frame) -> [UInt8] { encode(frame, length: frame.payload.count) }

    static func encode(_ frame: Frame, length: Int) -> [UInt8] {
        [
            UInt8(truncatingIfNeeded: length >> 16), UInt8(truncatingIfNeeded: length >> 8),
            UInt8(truncatingIfNeeded: length),
        ]
            + [frame.type, frame.flags] + bytes(frame.stream) + frame.payload
    }

    static func bytes(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) } }

    func sendSettings(_ settings: [(UInt16, UInt32)]) throws {
        try send(Self.settings(settings))
    }

    static func settings(_ settings: [(UInt16, UInt32)]) -> Frame {
        Frame(
            type: Kind.settings,
            payload: settings.flatMap { id, value in [UInt8(id >> 8), UInt8(truncatingIfNeeded: id)] + bytes(value) })
    }

    static func ping(_ flags: UInt8 = 0, _ payload: [UInt8] = Array("h2spec\0\0".utf8)) -> Frame {
        Frame(type: Kind.ping, flags: flags, payload: payload)
    }

    static func windowUpdate(_ stream: UInt32, _ increment: UInt32) -> Frame {
        Frame(type: Kind.windowUpdate, stream: stream, payload: bytes(increment))
    }

    static func reset(_ stream: UInt32, _ code: UInt32 = 8) -> Frame {
        Frame(type: Kind.resetStream, stream: stream, payload: bytes(code))
    }

    static func priority(_ stream: UInt32, dependsOn parent: UInt32 = 0, weight: UInt8 = 255) -> Frame {
        Frame(type: Kind.priority, stream: stream, payload: bytes(parent) + [weight])
    }

    static func data(_ stream: UInt32, _ payload: [UInt8], endStream: Bool = true) -> Frame {
        Frame(type: Kind.data, flags: endStream ? Flag.endStream : 0, stream: stream, payload: payload)
    }

    static func headers(
        _ stream: UInt32, _ fields: [(String, String)] = request(), endStream: Bool = true, endHeaders: Bool = true
    ) -> Frame {
        Frame(
            type: Kind.headers, flags: (endStream ? Flag.endStream : 0) | (endHeaders ? Flag.endHeaders : 0),
            stream: stream, payload: block(fields))
    }

    static func continuation(_ stream: UInt32, _ payload: [UInt8], endHeaders: Bool = true) -> Frame {
        Frame(type: Kind.continuation, flags: endHeaders ? Flag.endHeaders : 0, stream: stream, payload: payload)
    }

    static func request(
        _ method: String = "GET", _ path: String = "/hello", _ more: [(String, String)] = []
    ) -> [(String, String)] {
        [(":method", method), (":scheme", "http"), (":path", path), (":authority", "localhost")] + more
    }

    /// Literals without indexing (RFC 7541 §6.2.2), no Huffman coding.
    static func block(_ fields: [(String, String)]) -> [UInt8] {
        fields.flatMap { name, value in [0] + string(name) + string(value) }
    }

    static func string(_ text: String) -> [UInt8] { integer(text.utf8.count, prefix: 7) + Array(text.utf8) }

    /// RFC 7541 §5.1.
    static func integer(_ value: Int, prefix: Int, first: UInt8 = 0) -> [UInt8] {
        let most = 1 << prefix - 1
        if value < most { return [first | UInt8(value)] }
        var bytes = [first | UInt8(most)]
        var rest = value - most
        while rest >= 128 {
            bytes.append(UInt8(rest & 127) | 128)
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }

    // MARK: In

    /// Nil at the end of the connection, however it came.
    func readFrame() throws -> Frame? {
        guard let head = try? raw.read(9), head.count == 9 else { return nil }
        let length = Int(Frame.number(head[0..<3]))
        let payload = try raw.read(length)
        guard payload.count == length else { return nil }
        var frame = Frame(
            type: head[3], flags: head[4], stream: Frame.number(head[5..<9]) & 0x7fff_ffff, payload: payload)
        if frame.type == Kind.headers { frame.fields = inflater.read(frame.payload) }
        if isPolite { try answer(frame) }
        return frame
    }

    private func answer(_ frame: Frame) throws {
        guard frame.flags & Flag.acknowledgement == 0 else { return }
        // The server may have closed; what it sent is still worth reading.
        if frame.type == Kind.settings { try? send(Frame(type: Kind.settings, flags: Flag.acknowledgement)) }
        if frame.type == Kind.ping { try? send(Self.ping(Flag.acknowledgement, frame.payload)) }
    }

    /// Everything up to the first frame for which `isLast` holds, or the end of the connection.
    func readUntil(_ isLast: (Frame) -> Bool) throws -> [Frame] {
        var frames: [Frame] = []
        while let frame = try readFrame() {
            frames.append(frame)
            if isLast(frame) { return frames }
        }
        return frames
    }

    /// One response; the status is nil when there was none.
    func readResponse(_ stream: UInt32) throws -> (status: String?, body: [UInt8], ended: Bool) {
        let frames = try readUntil {
            $0.stream == stream && ($0.endsStream || $0.type == Kind.resetStream) || $0.type == Kind.goAway
        }
        let own = frames.filter { $0.stream == stream }
        return (
            own.first { $0.type == Kind.headers }?.field(":status"),
            own.filter { $0.type == Kind.data }.flatMap(\.payload), own.last?.endsStream == true
        )
    }
}

/// Reads the heads that a server sends, in their order.
private final class Inflater {
    private var inflater: OpaquePointer?

    init() { nghttp2_hd_inflate_new(&inflater) }
    deinit { nghttp2_hd_inflate_del(inflater) }

    func read(_ block: [UInt8]) -> [(name: String, value: String)] {
        var fields: [(name: String, value: String)] = []
        var rest = block[...]
        while true {
            var field = nghttp2_nv()
            var flags: Int32 = 0
            let taken = rest.withUnsafeBufferPointer {
                nghttp2_hd_inflate_hd2(inflater, &field, &flags, $0.baseAddress, $0.count, 1)
            }
            guard taken >= 0 else { return fields }
            rest = rest.dropFirst(taken)
            if flags & Int32(NGHTTP2_HD_INFLATE_EMIT.rawValue) != 0 {
                let name = UnsafeBufferPointer(start: field.name, count: field.namelen)
                let value = UnsafeBufferPointer(start: field.value, count: field.valuelen)
                fields.append((String(decoding: name, as: UTF8.self), String(decoding: value, as: UTF8.self)))
            }
            if flags & Int32(NGHTTP2_HD_INFLATE_FINAL.rawValue) != 0 {
                nghttp2_hd_inflate_end_headers(inflater)
                return fields
            }
            if taken == 0, flags == 0 { return fields }
        }
    }
}
