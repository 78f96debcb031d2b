import MartletCore
import MartletRuntime
import Testing

@Suite("A server's listener", .timeLimit(.minutes(1)))
struct ServerListenerTests {
    /// Says nothing, and ends when it is told to, or closed.
    private final class Server: Sendable {
        let listener: ServerListener
        let group = EventLoopGroup(loops: 2, name: "server")
        /// A connection goes on until this is triggered, or for ever.
        let mayFinish = ShutdownSignal()
        let told = ShutdownSignal()
        private let connections = Locked<[Connection]>([])

        init(_ addresses: [SocketAddress] = [.loopback(port: 0)]) {
            listener = ServerListener(addresses, group: group)
        }

        deinit { group.shutdown() }

        func start() throws {
            try listener.start { [self] connection in
                connections.withLock { $0.append(connection) }
                Task(executorPreference: connection.loop) { [self] in
                    while (try? await connection.moreInput()) == true {}
                    connection.close()
                    listener.connectionEnded()
                }
                mayFinish.onTrigger { connection.cancel() }
            }
        }

        func drain(within grace: Duration) async {
            await listener.drain(within: grace) {
                told.trigger()
            } thenClosing: {
                for connection in connections.withLock({ $0 }) { connection.cancel() }
            }
        }

        func waitFor(_ count: Int) async { while listener.connectionCount != count { await Task.yield() } }
    }

    /// A path and not a port: one that is let go of is nobody else's a moment later.
    private func freeAddress() throws -> SocketAddress {
        try SocketAddress(unixPath: "/tmp/martlet-test-\(FastRandom.next()).sock")
    }

    private func connect(to address: SocketAddress, on loop: EventLoop) async throws -> Connection {
        let connection = try await Connection.connect(to: address, on: loop, deadline: .now + .seconds(20))
        connection.deadline = .now + .seconds(20)
        return connection
    }

    @Test("listens on every address it was given, and says where, in their order")
    func addresses() async throws {
        let server = Server([.loopback(port: 0), try freeAddress()])
        #expect(server.listener.addresses.isEmpty)
        try server.start()
        try server.start()
        let addresses = server.listener.addresses
        #expect(addresses.map { $0.port == nil } == [false, true])
        #expect(addresses.first?.port != 0)
        try await withLoop { loop in
            var clients: [Connection] = []
            for address in addresses { clients.append(try await connect(to: address, on: loop)) }
            await server.waitFor(2)
            for client in clients { client.close() }
            await server.waitFor(0)
        }
        await server.drain(within: .zero)
    }

    @Test("has all of its addresses or none: one that is taken leaves the others free")
    func allOrNone() async throws {
        let (free, taken) = (try freeAddress(), try freeAddress())
        let first = Server([taken])
        try first.start()
        let second = Server([free, taken])
        let error = #expect(throws: ServiceError.self) { try second.start() }
        #expect(error?.message == "cannot listen on \(taken): the address is already in use")
        #expect(second.listener.addresses.isEmpty)
        let third = Server([free])
        try third.start()
        await third.drain(within: .zero)
        await first.drain(within: .zero)
        try second.start()
        await second.drain(within: .zero)
    }

    @Test("a drain tells the connections, waits until they have ended, and leaves the address free")
    func drain() async throws {
        let address = try freeAddress()
        let server = Server([address])
        try server.start()
        try await withLoop { loop in
            let client = try await connect(to: address, on: loop)
            await server.waitFor(1)
            #expect(!server.listener.isEnding)
            async let drained: Void = server.drain(within: .seconds(3600))
            await server.told.wait()
            #expect(server.listener.isEnding && server.listener.connectionCount == 1)
            server.mayFinish.trigger()
            await drained
            #expect(server.listener.connectionCount == 0)
            #expect(try await client.moreInput() == false)
            client.close()
        }
        let next = Server([address])
        try next.start()
        await next.drain(within: .zero)
    }

    @Test("a drain closes what has not ended in its time")
    func grace() async throws {
        let server = Server()
        try server.start()
        let address = try #require(server.listener.addresses.first)
        try await withLoop { loop in
            let client = try await connect(to: address, on: loop)
            await server.waitFor(1)
            await server.drain(within: .milliseconds(20))
            #expect(server.listener.connectionCount == 0)
            #expect(try await client.moreInput() == false)
            client.close()
        }
    }

    @Test("accepts nothing after it was told so, and what is open goes on")
    func stopAccepting() async throws {
        let address = try freeAddress()
        let server = Server([address])
        try server.start()
        try await withLoop { loop in
            let client = try await connect(to: address, on: loop)
            await server.waitFor(1)
            server.listener.stopAccepting()
            // Until the acceptor's loop has closed the socket, the kernel still takes connections for it.
            await #expect(throws: ConnectionError.self) {
                while true {
                    let late = try await connect(to: address, on: loop)
                    late.close()
                }
            }
            #expect(!client.isClosed && !client.inputEnded)
            client.close()
            await server.waitFor(0)
        }
        await server.drain(within: .zero)
    }
}
