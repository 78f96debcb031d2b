import CPosix
import MartletCore
import MartletRuntime
import Testing

@Suite("Connections", .timeLimit(.minutes(1)))
struct ConnectionTests {
    /// Serves each connection with `serve`, and gives `body` the address.
    func withServer(
        at address: SocketAddress = .loopback(port: 0), serve: @escaping @Sendable (Connection) async -> Void,
        client body: @escaping @Sendable (EventLoop, SocketAddress) async throws -> Void
    ) async throws {
        let group = EventLoopGroup(loops: 2, name: "server")
        let listener = try Listener(address)
        let tasks = Locked<[Task<Void, Never>]>([])
        listener.start(on: group) { connection in
            let task = Task(executorPreference: connection.loop) {
                await serve(connection)
                connection.close()
            }
            tasks.withLock { $0.append(task) }
        }
        defer {
            listener.stop()
            // A task that still waits for a time when its loop stops would never end, and never be freed.
            for task in tasks.withLock({ $0 }) { task.cancel() }
            group.shutdown()
        }
        try await withLoop("client") { loop in try await body(loop, listener.address) }
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
    }

    @Sendable func idle(_ connection: Connection) async { _ = try? await connection.moreInput() }

    @Test("bytes come back from an echo, over TCP and over a UNIX socket")
    func roundTrip() async throws {
        let path = "/tmp/martlet-test-\(FastRandom.next()).sock"
        for address in [SocketAddress.loopback(port: 0), try SocketAddress(unixPath: path)] {
            try await withServer(at: address, serve: echo) { loop, address in
                let client = try await Connection.connect(to: address, on: loop, deadline: .now + .seconds(5))
                client.output.append("hello")
                try client.flush()
                while client.input.count < 5, try await client.moreInput() {}
                #expect(Array(client.input.readableBytes) == Array("hello".utf8))
                client.shutdownWrite()
                #expect(try await client.moreInput() == false)
                client.close()
            }
        }
    }

    @Test("what is larger than every buffer arrives whole and in order, with bounded memory on both sides")
    func backpressure() async throws {
        try await withServer(serve: echo) { loop, address in
            let client = try await Connection.connect(to: address, on: loop, deadline: .now + .seconds(20))
            client.deadline = .now + .seconds(50)
            let total = 6 * 1024 * 1024
            let writer = Task(executorPreference: loop) {
                var sent = 0
                var chunk = [UInt8](repeating: 0, count: 65536)
                while sent < total {
                    for index in chunk.indices { chunk[index] = UInt8(truncatingIfNeeded: (sent + index) / 7) }
                    client.output.append(chunk)
                    sent += chunk.count
                    try client.flush()
                    try await client.drained()
                    #expect(client.queuedBytes <= client.highWater)
                }
            }
            // Nobody reads until the input is full, and for some turns of the loop after that: nothing is lost.
            while client.input.count <= client.inputLimit { await Task.yield() }
            for _ in 0..<100 { await Task.yield() }
            #expect(client.input.count <= client.inputLimit + 65536)
            var received = 0
            var isOrdered = true
            while received < total, try await client.moreInput() {
                for byte in client.input.readableBytes {
                    isOrdered = isOrdered && byte == UInt8(truncatingIfNeeded: received / 7)
                    received += 1
                }
                client.input.consume(client.input.count)
            }
            try await writer.value
            #expect(received == total)
            #expect(isOrdered)
            client.close()
        }
    }

    @Test("a read that nothing answers ends at its deadline")
    func readDeadline() async throws {
        try await withServer(serve: idle) { loop, address in
            let client = try await Connection.connect(to: address, on: loop, deadline: .now + .seconds(5))
            client.deadline = .now + .milliseconds(20)
            await #expect(throws: ConnectionError.timedOut) { _ = try await client.moreInput() }
            #expect(client.isClosed)
        }
    }

    @Test("a reader that loses its patience leaves the connection open")
    func readPatience() async throws {
        let isRead = ShutdownSignal()
        try await withServer(
            serve: { connection in
                await isRead.wait()
                connection.output.append("late")
                try? connection.flush()
                _ = try? await connection.moreInput()
            },
            client: { loop, address in
                let client = try await Connection.connect(to: address, on: loop, deadline: .now + .seconds(5))
                client.deadline = .now + .seconds(5)
                await #expect(throws: ConnectionError.timedOut) {
                    _ = try await client.moreInput(until: .now + .milliseconds(5))
                }
                #expect(!client.isClosed)
                isRead.trigger()
                #expect(try await client.moreInput())
                #expect(Array(client.input.readableBytes) == Array("late".utf8))
                client.close()
            })
    }

    @Test("what has come in time is read, even if the loop was held beyond the deadline")
    func lateLoop() async throws {
        try await withServer(serve: echo) { loop, address in
            let client = try await Connection.connect(to: address, on: loop, deadline: .now + .seconds(5))
            client.deadline = .now + .milliseconds(30)
            client.output.append("x")
            try client.flush()
            let reader = Task(executorPreference: loop) { try await client.moreInput() }
            await Task.yield()
            let end = MonotonicTime.now + .milliseconds(80)
            while MonotonicTime.now < end {}
            #expect(try await reader.value)
            client.close()
        }
    }

    @Test("what was received before a reset can still be read; the next read throws it")
    func dataBeforeReset() async throws {
        let isSent = ShutdownSignal()
        try await withServer(
            serve: { connection in
                _ = try? await connection.moreInput()
                connection.output.append("last words")
                try? connection.flush()
                connection.resetOnClose()
                connection.close()
                isSent.trigger()
            },
            client: { loop, address in
                let client = try await Connection.connect(to: address, on: loop, deadline: .now + .seconds(5))
                client.output.append("x")
                try client.flush()
                // Not read before the reset is known.
                while !client.isClosed { try await EventLoop.sleep(for: .milliseconds(1)) }
                await isSent.wait()
                if !client.input.isEmpty {
                    #expect(try await client.moreInput())
                    #expect(Array(client.input.readableBytes) == Array("last words".utf8))
                }
                await #expect(throws: ConnectionError.self) { _ = try await client.moreInput() }
            })
    }

    @Test("several tasks may wait for the output to drain; all go on when it does, and all learn of the end")
    func manyWriters() async throws {
        let mayRead = ShutdownSignal()
        try await withServer(
            serve: { connection in
                connection.inputLimit = 1
                await mayRead.wait()
                var count = 0
                while count < 24 << 20, (try? await connection.moreInput()) == true {
                    count += connection.input.count
                    connection.input.removeAll()
                }
            },
            client: { loop, address in
                let client = try await Connection.connect(to: address, on: loop, deadline: .now + .seconds(5))
                client.deadline = .now + .seconds(20)
                let writers = (0..<3).map { _ in
                    Task(executorPreference: loop) {
                        client.output.append([UInt8](repeating: 1, count: 8 << 20))
                        try client.flush()
                        try await client.finished()
                    }
                }
                while client.queuedBytes < 16 << 20 { await Task.yield() }
                mayRead.trigger()
                for writer in writers { try await writer.value }
                #expect(client.queuedBytes == 0)
                client.close()

                let other = try await Connection.connect(to: address, on: loop, deadline: .now + .seconds(5))
                other.deadline = .now + .seconds(20)
                let stuck = (0..<3).map { _ in
                    Task(executorPreference: loop) {
                        other.output.append([UInt8](repeating: 1, count: 32 << 20))
                        try other.flush()
                        try await other.finished()
                    }
                }
                while other.queuedBytes < 64 << 20 { await Task.yield() }
                other.close()
                for writer in stuck {
                    await #expect(throws: ConnectionError.closed) { try await writer.value }
                }
            })
    }

    @Test("a loop that is stopped closes the connections that are left, and whoever waits on them goes on")
    func stopClosesConnections() async throws {
        let listener = try Listener(.loopback(port: 0))
        let group = EventLoopGroup(loops: 1, name: "stopped")
        listener.start(on: group) { _ in }
        let loop = EventLoop(name: "stopping")
        let isConnected = ShutdownSignal()
        let reader = Task(executorPreference: loop) { () async throws -> Bool in
            let client = try await Connection.connect(
                to: listener.address, on: loop, deadline: .now + .seconds(5))
            client.deadline = .never
            isConnected.trigger()
            return try await client.moreInput()
        }
        await isConnected.wait()
        loop.stop()
        await #expect(throws: ConnectionError.closed) { try await reader.value }
        while loop.execute({}) { await Task.yield() }
        #expect(loop.connections == 0)
        listener.stop()
        group.shutdown()
    }

    @Test("a write that nobody reads ends at its deadline")
    func writeDeadline() async throws {
        try await withServer(
            serve: { connection in
                connection.inputLimit = 1
                try? await EventLoop.sleep(for: .seconds(3600))
            },
            client: { loop, address in
                let client = try await Connection.connect(to: address, on: loop, deadline: .now + .seconds(5))
                client.deadline = .now + .milliseconds(50)
                await #expect(throws: ConnectionError.timedOut) {
                    for _ in 0..<1000 {
                        client.output.append([UInt8](repeating: 1, count: 1 << 20))
                        try client.flush()
                        try await client.drained()
                    }
                }
            })
    }

    @Test("a waiting read throws when the connection is closed under it")
    func closedWhileReading() async throws {
        try await withServer(serve: idle) { loop, address in
            let client = try await Connection.connect(to: address, on: loop, deadline: .now + .seconds(5))
            let reader = Task(executorPreference: loop) { try await client.moreInput() }
            await Task.yield()
            client.cancel()
            await #expect(throws: ConnectionError.closed) { try await reader.value }
        }
    }

    @Test("a peer that breaks off while nobody reads is reported; one that only half-closes is not")
    func disconnect() async throws {
        let broken = ShutdownSignal()
        let answered = ShutdownSignal()
        try await withServer(
            serve: { connection in
                guard (try? await connection.moreInput()) == true else { return }
                let isHalfClose = connection.input.readableBytes.first == UInt8(ascii: "h")
                connection.input.consume(1)
                connection.onDisconnect = { broken.trigger() }
                if isHalfClose {
                    while !connection.inputEnded { try? await EventLoop.sleep(for: .milliseconds(1)) }
                    #expect(!broken.isTriggered)
                }
                connection.output.append("ok")
                try? connection.flush()
                if isHalfClose {
                    try? await connection.finished()
                    answered.trigger()
                } else {
                    await broken.wait()
                }
            },
            client: { loop, address in
                let half = try await Connection.connect(to: address, on: loop, deadline: .now + .seconds(5))
                half.output.append("h")
                try half.flush()
                half.shutdownWrite()
                while half.input.count < 2, try await half.moreInput() {}
                #expect(Array(half.input.readableBytes) == Array("ok".utf8))
                half.close()
                await answered.wait()

                let rude = try await Connection.connect(to: address, on: loop, deadline: .now + .seconds(5))
                rude.output.append("r")
                try rude.flush()
                while rude.input.count < 2, try await rude.moreInput() {}
                rude.resetOnClose()
                rude.close()
                await broken.wait()
            })
    }

    @Test("connecting to a port that nobody listens on says so, with the address")
    func refused() async throws {
        try await withLoop { loop in
            do {
                let connection = try await Connection.connect(
                    to: .loopback(port: 1), on: loop, deadline: .now + .seconds(5))
                connection.close()
                Issue.record("connected to port 1")
            } catch let error as ConnectionError {
                #expect(error.description == "cannot connect to 127.0.0.1:1: connection refused")
            }
        }
    }

    @Test("a taken port is a clear error")
    func takenPort() throws {
        let first = try Listener(.loopback(port: 0))
        defer { withExtendedLifetime(first) {} }
        do {
            _ = try Listener(first.address)
            Issue.record("listened twice")
        } catch {
            #expect(error.message == "cannot listen on \(first.address): the address is already in use")
        }
    }

    @Test("connections are spread evenly over the loops")
    func spread() async throws {
        let group = EventLoopGroup(loops: 2, name: "spread")
        let listener = try Listener(.loopback(port: 0))
        let counts = Locked<[String: Int]>([:])
        let all = ShutdownSignal()
        listener.start(on: group) { connection in
            let total = counts.withLock { counts in
                counts[connection.loop.name, default: 0] += 1
                return counts.values.reduce(0, +)
            }
            if total == 64 { all.trigger() }
        }
        try await withLoop { loop in
            var clients: [Connection] = []
            for _ in 0..<64 {
                clients.append(
                    try await Connection.connect(to: listener.address, on: loop, deadline: .now + .seconds(5)))
            }
            await all.wait()
            for client in clients { client.close() }
        }
        #expect(counts.withLock { Array($0.values) } == [32, 32])
        listener.stop()
        group.shutdown()
    }
}
