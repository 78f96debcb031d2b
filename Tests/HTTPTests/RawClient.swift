import Glibc
import MartletRuntime
import Testing

@testable import MartletHTTP

/// A client of bare bytes, on a blocking socket: what no decent HTTP client would send can be sent with it.
final class RawClient {
    private let descriptor: Int32
    private var buffer: [UInt8] = []

    /// Every wait ends after this, as a failure.
    private static let patience = 20

    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    init(_ server: HTTPServer, receiveBuffer: Int32? = nil) throws {
        guard case .ipv4(let address, let port)? = server.address else { throw Failure(description: "not started") }
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var wait = timeval(tv_sec: Self.patience, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &wait, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &wait, socklen_t(MemoryLayout<timeval>.size))
        if var receiveBuffer {
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &receiveBuffer, socklen_t(MemoryLayout<Int32>.size))
        }
        var form = sockaddr_in()
        form.sin_family = sa_family_t(AF_INET)
        form.sin_port = port.bigEndian
        form.sin_addr.s_addr = address.bigEndian
        let connected = withUnsafePointer(to: &form) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        // Closed by `deinit`, which runs for this one too: once, or somebody else's descriptor goes with it.
        guard connected == 0 else { throw Failure(description: "connect: \(errno)") }
    }

    deinit { Glibc.close(descriptor) }

    func send(_ text: String) throws { try send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw Failure(description: "send: \(errno)") }
            sent += count
        }
    }

    /// Sends as much as goes without waiting, and says how much that was.
    func sendWithoutWaiting(_ bytes: [UInt8]) -> Int {
        let count = bytes.withUnsafeBytes {
            Glibc.send(
                descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
        }
        return max(count, 0)
    }

    /// Half-closes: nothing more will be sent.
    func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Breaks the connection off with a reset.
    func reset() {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        // A descriptor of nothing takes the socket's place, which so is closed; the number stays ours.
        let nothing = open("/dev/null", O_RDONLY)
        dup2(nothing, descriptor)
        Glibc.close(nothing)
    }

    /// False at the end of the stream.
    private func receive() throws -> Bool {
        var chunk = [UInt8](repeating: 0, count: 65536)
        let count = chunk.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
        guard count >= 0 else { throw Failure(description: "recv: \(errno); so far \(text(buffer))") }
        buffer += chunk[..<count]
        return count > 0
    }

    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes.prefix(500), as: UTF8.self) }

    /// Everything until the server closes.
    func readAll() throws -> String {
        while try receive() {}
        defer { buffer = [] }
        return String(decoding: buffer, as: UTF8.self)
    }

    /// As many bytes, or fewer at the end of the stream.
    func read(_ count: Int) throws -> [UInt8] {
        while buffer.count < count, try receive() {}
        let taken = Array(buffer.prefix(count))
        buffer.removeFirst(taken.count)
        return taken
    }

    /// Everything up to and with `end`.
    func read(until end: String) throws -> String {
        let end = Array(end.utf8)
        while true {
            if let found = Self.find(end, in: buffer) {
                let taken = buffer[..<(found + end.count)]
                defer { buffer.removeFirst(taken.count) }
                return String(decoding: taken, as: UTF8.self)
            }
            guard try receive() else { throw Failure(description: "ended before \(end): \(text(buffer))") }
        }
    }

    /// Decodes at least `count` bytes of a chunked body, and says how many it were; fewer at its end, which stays.
    func readChunks(_ count: Int, _ decoder: inout HTTPChunkedDecoder) throws -> Int {
        var decoded = 0
        while decoded < count {
            while buffer.isEmpty { guard try receive() else { return decoded } }
            let step = try buffer.withUnsafeBytes { try decoder.next($0) }
            switch step {
            case .needsMore: buffer = []
            case .data(let start, let end):
                decoded += end - start
                buffer.removeFirst(end)
            case .finished: return decoded
            }
        }
        return decoded
    }

    private static func find(_ needle: [UInt8], in bytes: [UInt8]) -> Int? {
        guard bytes.count >= needle.count else { return nil }
        return (0...(bytes.count - needle.count)).first { bytes[$0..<($0 + needle.count)].elementsEqual(needle) }
    }

    /// One response with a Content-Length, or with none and no body.
    func readResponse(toHead: Bool = false) throws -> (head: String, body: String) {
        let head = try read(until: "\r\n\r\n")
        var length = 0
        for line in head.split(separator: "\r\n") where line.lowercased().hasPrefix("content-length: ") {
            length = Int(line.dropFirst(16)) ?? 0
        }
        let body = toHead ? [] : try read(length)
        return (head, String(decoding: body, as: UTF8.self))
    }
}

/// A server with these routes on a free port, for as long as `body` runs.
func withServer(
    limits: HTTPServer.Limits = HTTPServer.Limits(), routes: (inout Router) -> Void,
    _ body: @escaping @Sendable (HTTPServer) async throws -> Void
) async throws {
    var quick = limits
    quick.drain = .seconds(5)
    let server = try HTTPServer(port: 0, limits: quick) { routes(&$0) }
    try server.start()
    do {
        try await onOwnThread { try await body(server) }
    } catch {
        server.stop()
        throw error
    }
    await server.drain()
    #expect(server.connectionCount == 0)
}

/// Runs `body` on a thread of its own. A ``RawClient`` blocks its thread while it waits, and those that all tests share
/// are as few as the machine's cores.
func onOwnThread(_ body: @escaping @Sendable () async throws -> Void) async throws {
    let group = EventLoopGroup(loops: 1, name: "clients")
    defer { group.shutdown() }
    try await group.run { _ in try await body() }
}
