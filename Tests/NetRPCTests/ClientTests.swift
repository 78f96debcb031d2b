import MartletCore
import MartletNetRPC
import MartletRuntime
import MartletWire
import Testing

@Suite("The net/rpc client", .timeLimit(.minutes(1)))
struct ClientTests {
    @Test("a call of every kind has its reply", arguments: [nil, NetRPC.httpPath])
    func calls(httpPath: String?) async throws {
        try await withServer { _, address in
            try await withClient(address, httpPath: httpPath) { client in
                let text = try await client.call("RPCServer.LogInfo", Payload(name: "event"), reply: String.self)
                #expect(text == "Processed payload via RPC:event")
                let reply1 = try await client.call("Lab.Int", -5, reply: Int.self)
                #expect(reply1 == -5)
                let reply2 = try await client.call("Lab.Strings", ["a"], reply: [String].self)
                #expect(reply2 == ["a"])
                let reply3 = try await client.call("Lab.Empty", Nothing(), reply: Nothing.self)
                #expect(reply3 == Nothing())
                let long = String(repeating: "x", count: 500_000)
                let reply4 = try await client.call("Lab.Text", long, reply: String.self)
                #expect(reply4 == long)
            }
        }
    }

    @Test("calls at a time share a few connections, from a loop and from elsewhere")
    func sharing() async throws {
        let gate = Gate()
        try await withServer(labMethods(gate: gate)) { server, address in
            let group = EventLoopGroup(loops: 2, name: "client")
            defer { group.shutdown() }
            let client = NetRPCClient(HostPort(host: address.host, port: Int(address.port ?? 0)), group: group)
            let wrong = await withTaskGroup(of: Bool.self) { tasks in
                for number in 0..<300 {
                    tasks.addTask { (try? await client.call("Lab.Int", number, reply: Int.self)) != number }
                }
                return await tasks.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(wrong == 0)
            #expect(server.connectionCount <= 8)
            client.close()
            try await eventually("closed") { group.loops.allSatisfy { $0.connections == 0 } }
        }
    }

    private func failure(_ body: () async throws -> Void) async -> ServiceError? {
        do {
            try await body()
            return nil
        } catch {
            return error as? ServiceError
        }
    }

    @Test("an error has the server's text, and from a server of ours its code")
    func errors() async throws {
        try await withServer { _, address in
            try await withClient(address) { client in
                let plain = await failure {
                    _ = try await client.call("RPCServer.LogInfo", Payload(name: "fail", data: "x"), reply: String.self)
                }
                #expect(plain == ServiceError(.unknown, "boom: x"))
                await CallContext.$current.withValue(CallContext(trace: .root())) {
                    let coded = await failure {
                        _ = try await client.call(
                            "RPCServer.LogInfo", Payload(name: "fail", data: "x"), reply: String.self)
                    }
                    #expect(coded == ServiceError(.unavailable, "boom: x"))
                    let unknown = await failure { _ = try await client.call("No.Such", 1, reply: Int.self) }
                    #expect(unknown == ServiceError(.unimplemented, "rpc: can't find service No.Such"))
                }
                let reply5 = try await client.call("Lab.Int", 1, reply: Int.self)
                #expect(reply5 == 1)
            }
        }
    }

    @Test("a reply of another type is an error with Go's text, and the connection is still good")
    func wrongReply() async throws {
        try await withServer { server, address in
            try await withClient(address) { client in
                let error = await failure { _ = try await client.call("Lab.Text", "a", reply: Int.self) }
                #expect(
                    error?.message == "reading body gob: decoding into local type *int, received remote type string")
                let reply6 = try await client.call("Lab.Int", 1, reply: Int.self)
                #expect(reply6 == 1)
                #expect(server.connectionCount == 1)
            }
        }
    }

    @Test("a server that cannot be reached is an error at once, and reached again when it is back")
    func unreachable() async throws {
        let free = try Listener(.loopback(port: 0))
        let address = free.address
        try await withClient(address) { client in
            // Nobody accepts there yet, but the kernel: the call waits and has its reply when somebody does.
            let late = await failure {
                _ = try await client.call("Lab.Int", 1, reply: Int.self, deadline: .now + .milliseconds(50))
            }
            #expect(late?.code == .deadlineExceeded)
        }
        free.stop()
        let taken = SocketAddress.loopback(port: 1)
        try await withClient(taken) { client in
            for _ in 0..<3 {
                let error = await failure { _ = try await client.call("Lab.Int", 1, reply: Int.self) }
                #expect(error?.code == .unavailable)
                #expect(error?.message.hasPrefix("cannot connect to 127.0.0.1:1 (") == true)
            }
        }
    }

    @Test("a connection that breaks ends its calls with Go's text; the next call makes another")
    func reconnect() async throws {
        let accepted = Locked(0)
        let group = EventLoopGroup(loops: 1, name: "server")
        defer { group.shutdown() }
        let listener = try Listener(.loopback(port: 0))
        // Every second connection answers; the others close at the first byte.
        listener.start(on: group) { connection in
            let number = accepted.withLock {
                $0 += 1
                return $0
            }
            Task(executorPreference: connection.loop) {
                connection.deadline = .now + .seconds(20)
                guard (try? await connection.moreInput()) == true, number % 2 == 0 else { return connection.close() }
                connection.output.append(gob(Response(serviceMethod: "Lab.Int", seq: 0), 7))
                connection.flushSoon()
                while (try? await connection.moreInput()) == true {}
                connection.close()
            }
        }
        try await withClient(listener.address) { client in
            let error = await failure { _ = try await client.call("Lab.Int", 7, reply: Int.self) }
            #expect(error?.code == .unavailable)
            let reply7 = try await client.call("Lab.Int", 7, reply: Int.self)
            #expect(reply7 == 7)
        }
        // With a key a call goes out again by itself: the third connection closes, the fourth answers.
        try await withClient(listener.address) { client in
            let context = CallContext(trace: .root(), idempotencyKey: "once")
            let value = try await CallContext.$current.withValue(context) {
                try await client.call("Lab.Int", 7, reply: Int.self)
            }
            #expect(value == 7)
        }
        #expect(accepted.withLock { $0 } == 4)
        listener.stop()
    }

    @Test("replies come in any order, and those that nobody waits for are passed over")
    func anyOrder() async throws {
        let group = EventLoopGroup(loops: 1, name: "server")
        defer { group.shutdown() }
        let listener = try Listener(.loopback(port: 0))
        listener.start(on: group) { connection in
            Task(executorPreference: connection.loop) {
                connection.deadline = .now + .seconds(20)
                let decoder = GobDecoder()
                var offset = 0
                var messages = 0
                while messages < 6, (try? await connection.moreInput()) == true {
                    while (try? decoder.next(in: connection.input.readableBytes, at: &offset)) != nil { messages += 1 }
                }
                connection.output.append(
                    gob(
                        Response(seq: 99, error: "nobody's"), Nothing(), Response(seq: 2), 102, Response(seq: 0), 100,
                        Response(seq: 1, error: "no"), Nothing()))
                connection.flushSoon()
                while (try? await connection.moreInput()) == true {}
                connection.close()
            }
        }
        try await withClient(listener.address) { client in
            let replies = await withTaskGroup(of: Int?.self) { group in
                for _ in 0..<3 { group.addTask { try? await client.call("Lab.Int", 0, reply: Int.self) } }
                var replies: [Int] = []
                for await case let reply? in group { replies.append(reply) }
                return replies
            }
            #expect(replies.sorted() == [100, 102])
        }
        listener.stop()
    }

    @Test("a call that is late or cancelled is given up, and its reply passed over")
    func givingUp() async throws {
        let gate = Gate()
        try await withServer(labMethods(gate: gate)) { server, address in
            try await withClient(address) { client in
                let reply8 = try await client.call("Lab.Int", 0, reply: Int.self)
                #expect(reply8 == 0)
                let late = await failure {
                    _ = try await client.call(
                        "RPCServer.LogInfo", Payload(name: "wait"), reply: String.self,
                        deadline: .now + .milliseconds(20))
                }
                #expect(late == ServiceError(.deadlineExceeded, "RPCServer.LogInfo: no reply before the deadline"))
                let cancelled = Task {
                    try await client.call("RPCServer.LogInfo", Payload(name: "wait"), reply: String.self)
                }
                try await eventually("both run") { gate.waiting == 2 }
                cancelled.cancel()
                await #expect(throws: CancellationError.self) { try await cancelled.value }
                gate.open()
                let reply9 = try await client.call("Lab.Int", 1, reply: Int.self)
                #expect(reply9 == 1)
            }
        }
    }

    @Test("a closed client refuses calls in Go's words, and ends those in progress")
    func closing() async throws {
        let gate = Gate()
        try await withServer(labMethods(gate: gate)) { _, address in
            try await withClient(address) { client in
                let waiting = Task {
                    await failure {
                        _ = try await client.call("RPCServer.LogInfo", Payload(name: "wait"), reply: String.self)
                    }
                }
                try await eventually("it runs") { gate.waiting == 1 }
                client.close()
                #expect(await waiting.value == ServiceError(.unavailable, "connection is shut down"))
                let later = await failure { _ = try await client.call("Lab.Int", 1, reply: Int.self) }
                #expect(later == ServiceError(.unavailable, "connection is shut down"))
                gate.open()
            }
        }
    }

    @Test("more calls than the limit are refused at once")
    func callLimit() async throws {
        let gate = Gate()
        try await withServer(labMethods(gate: gate)) { _, address in
            try await withClient(address, limits: .with { $0.calls = 2 }) { client in
                let waiting = (0..<2).map { _ in
                    Task { try await client.call("RPCServer.LogInfo", Payload(name: "wait"), reply: String.self) }
                }
                try await eventually("both run") { gate.waiting == 2 }
                let error = await failure { _ = try await client.call("Lab.Int", 1, reply: Int.self) }
                #expect(error?.code == .unavailable)
                gate.open()
                for task in waiting { #expect(try await task.value == "Processed payload via RPC:wait") }
            }
        }
    }
}
