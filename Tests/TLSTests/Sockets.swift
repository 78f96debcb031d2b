import CPosix
import Glibc
import MartletCore
import MartletTLS

@testable import MartletRuntime

/// Serves each connection of a listener with `serve`, and gives `body` a loop and the address.
func withServer(
    serve: @escaping @Sendable (Connection) async -> Void,
    client body: @escaping @Sendable (EventLoop, SocketAddress) async throws -> Void
) async throws {
    let group = EventLoopGroup(loops: 2, name: "server")
    let listener = try Listener(try SocketAddress(host: "127.0.0.1", port: 0))
    let tasks = Locked<[ObjectIdentifier: Task<Void, Never>]>([:])
    listener.start(on: group) { connection in
        let task = Task(executorPreference: connection.loop) {
            await serve(connection)
            connection.close()
            tasks.withLock { $0[ObjectIdentifier(connection)] = nil }
        }
        // On the connection's loop, so before the task begins.
        tasks.withLock { $0[ObjectIdentifier(connection)] = task }
    }
    let client = EventLoopGroup(loops: 1, name: "client")
    defer {
        listener.stop()
        for task in tasks.withLock({ $0 }).values { task.cancel() }
        group.shutdown()
        client.shutdown()
    }
    try await client.run { loop in try await body(loop, listener.address) }
}

/// The same, over TLS; a handshake that fails is `outcome`'s.
func withTLSServer(
    _ context: TLSServerContext, protocols: TLSProtocols = .unsaid, handshake: Duration = .seconds(20),
    outcome: Outcome? = nil,
    serve: @escaping @Sendable (Connection) async -> Void,
    client body: @escaping @Sendable (EventLoop, SocketAddress) async throws -> Void
) async throws {
    try await withServer { connection in
        do throws(ConnectionError) {
            try await connection.startTLS(context, protocols: protocols, deadline: .now + handshake)
        } catch {
            outcome?.set(error)
            return
        }
        await serve(connection)
    } client: {
        try await body($0, $1)
    }
}

@Sendable func echo(_ connection: Connection) async {
    while (try? await connection.moreInput()) == true {
        connection.output.append(connection.input.readableBytes)
        connection.input.consume(connection.input.count)
        do {
            try connection.flush()
            try await connection.drained()
        } catch { return }
    }
    // What is queued when the connection is closed is thrown away.
    try? await connection.finished()
}

extension Connection {
    /// Has the kernel keep as little as it can, so that it is full soon.
    func narrow(_ option: Int32) {
        var size: Int32 = 4096
        if let descriptor { setsockopt(descriptor, SOL_SOCKET, option, &size, socklen_t(MemoryLayout<Int32>.size)) }
    }

    static func connect(
        to address: SocketAddress, on loop: EventLoop, _ client: TLSClientContext, server: String = "localhost",
        protocols: TLSProtocols = .unsaid
    ) async throws -> Connection {
        let connection = try await Connection.connect(to: address, on: loop, deadline: .now + .seconds(20))
        try await connection.startTLS(client, server: server, protocols: protocols, deadline: .now + .seconds(20))
        connection.deadline = .now + .seconds(20)
        return connection
    }

    func send(_ text: String) throws(ConnectionError) {
        output.append(text)
        try flush()
    }

    /// Exactly as many bytes, or fewer at the end.
    func read(_ count: Int) async throws(ConnectionError) -> [UInt8] {
        while input.count < count {
            guard try await moreInput() else { break }
        }
        let bytes = Array(input.readableBytes.prefix(count))
        input.consume(bytes.count)
        return bytes
    }
}

/// A blocking socket: for peers that no TLS library would play.
final class RawSocket {
    private let descriptor: Int32

    struct Failure: Error { var code: Int32 }

    init(_ address: SocketAddress) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var wait = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &wait, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &wait, socklen_t(MemoryLayout<timeval>.size))
        guard case .ipv4(let host, let port) = address else { throw Failure(code: EINVAL) }
        var form = sockaddr_in()
        form.sin_family = sa_family_t(AF_INET)
        form.sin_port = port.bigEndian
        form.sin_addr.s_addr = host.bigEndian
        let connected = withUnsafePointer(to: &form) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else { throw Failure(code: errno) }
    }

    deinit { close(descriptor) }

    func send(_ bytes: [UInt8]) throws {
        guard Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else {
            throw Failure(code: errno)
        }
    }

    /// Whatever is there; empty at the end.
    func receive() throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &bytes, bytes.count, 0)
        guard count >= 0 else { throw Failure(code: errno) }
        return Array(bytes[..<count])
    }

    func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }
}
