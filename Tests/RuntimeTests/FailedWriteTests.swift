import Glibc
import MartletCore
import MartletRuntime
import Testing

@Suite("A write that fails", .timeLimit(.minutes(1)))
struct FailedWriteTests {
    /// A server in bare system calls, so that it can act while the client's loop does not turn.
    private struct RawServer {
        let listener: Int32
        let address: SocketAddress

        init() throws {
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            listener = descriptor
            var form = sockaddr_in()
            form.sin_family = sa_family_t(AF_INET)
            form.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
            var size = socklen_t(MemoryLayout<sockaddr_in>.size)
            let listens = withUnsafeMutablePointer(to: &form) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, size) == 0 && getsockname(descriptor, $0, &size) == 0
                        && listen(descriptor, 1) == 0
                }
            }
            try #require(listens)
            address = .loopback(port: UInt16(bigEndian: form.sin_port))
        }

        /// Closing with what was sent to it unread makes the kernel reset the connection.
        func answerAndReset(_ answer: String) {
            let peer = accept(listener, nil, nil)
            _ = send(peer, answer, answer.utf8.count, Int32(MSG_NOSIGNAL))
            close(peer)
        }
    }

    @Test("leaves what had arrived by then to be read; the read after that throws")
    func arrivedBefore() async throws {
        let server = try RawServer()
        defer { close(server.listener) }
        try await withLoop { loop in
            let client = try await Connection.connect(to: server.address, on: loop, deadline: .now + .seconds(20))
            client.deadline = .now + .seconds(20)
            client.output.append("a question")
            try client.flush()
            server.answerAndReset("an answer")
            // The loop does not turn from here to the failure: libuv has read nothing.
            #expect(throws: ConnectionError.self) {
                while true {
                    client.output.append("more")
                    try client.flush()
                }
            }
            #expect(client.isClosed)
            #expect(try await client.moreInput())
            #expect(Array(client.input.readableBytes) == Array("an answer".utf8))
            await #expect(throws: ConnectionError.self) { _ = try await client.moreInput() }
        }
    }
}
