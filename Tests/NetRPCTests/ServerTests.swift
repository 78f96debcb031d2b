import GobVectors
import MartletCore
import MartletNetRPC
import MartletRuntime
import MartletWire
import Testing

@Suite("The net/rpc server", .timeLimit(.minutes(1)))
struct ServerTests {
    // MARK: Go's own connections

    @Test("a client of Go's gets what Go's server sent it, to the byte", arguments: gobVectors)
    func vectors(vector: GobVector) async throws {
        try await withServer { _, address in
            let answer = try await onLoop {
                let client = try await RawClient(address)
                try client.send(vector.client)
                client.connection.shutdownWrite()
                return await client.receiveAll()
            }
            #expect(answer == vector.server)
        }
    }

    @Test("a stream that comes byte by byte is answered like one that comes at once")
    func bytewise() async throws {
        let vector = try #require(gobVectors.first { $0.name == "error" })
        try await withServer { _, address in
            let answer = try await onLoop {
                let client = try await RawClient(address)
                for byte in vector.client {
                    try client.send([byte])
                    try await EventLoop.sleep(for: .microseconds(10))
                }
                client.connection.shutdownWrite()
                return await client.receiveAll()
            }
            #expect(answer == vector.server)
        }
    }

    // MARK: Calls

    @Test("calls run side by side and are answered as they end")
    func completionOrder() async throws {
        let gate = Gate()
        try await withServer(labMethods(gate: gate)) { _, address in
            let first = try await onLoop {
                let client = try await RawClient(address)
                try client.send(
                    gob(
                        Request(serviceMethod: "RPCServer.LogInfo", seq: 0), Payload(name: "wait"),
                        Request(serviceMethod: "RPCServer.LogInfo", seq: 1), Payload(name: "now")))
                var reader = StreamReader(await client.receive(100))
                #expect(try reader.next(Response.self)?.seq == 1)
                #expect(try reader.next(String.self) == "Processed payload via RPC:now")
                gate.open()
                let rest = await client.receive(40)
                client.connection.close()
                return reader.bytes + rest
            }
            var reader = StreamReader(first)
            _ = try reader.next(Response.self)
            _ = try reader.next(String.self)
            #expect(try reader.next(Response.self)?.seq == 0)
            #expect(try reader.next(String.self) == "Processed payload via RPC:wait")
        }
    }

    @Test("a connection has so many calls in progress; the others wait unread")
    func callLimit() async throws {
        let gate = Gate()
        try await withServer(labMethods(gate: gate), limits: .with { $0.callsPerConnection = 3 }) { _, address in
            try await onLoop {
                let client = try await RawClient(address)
                let encoder = GobEncoder()
                for seq in 0..<10 {
                    encoder.encode(Request(serviceMethod: "RPCServer.LogInfo", seq: UInt64(seq)))
                    encoder.encode(Payload(name: "wait"))
                }
                try client.send([UInt8](encoder.bytes))
                try await eventually("three run") { gate.waiting == 3 }
                for _ in 0..<20 { try await EventLoop.sleep(for: .milliseconds(1)) }
                #expect(gate.waiting == 3)
                gate.open()
                client.connection.shutdownWrite()
                var reader = StreamReader(await client.receiveAll())
                var answered: Set<UInt64> = []
                while let header = try reader.next(Response.self) {
                    answered.insert(header.seq)
                    #expect(try reader.next(String.self) != nil)
                }
                #expect(answered == Set(0..<10))
            }
        }
    }

    @Test("an argument that does not fit is answered with gob's text, and the connection goes on")
    func wrongArgument() async throws {
        try await withServer { _, address in
            try await onLoop {
                let client = try await RawClient(address)
                try client.send(
                    gob(
                        Request(serviceMethod: "RPCServer.LogInfo", seq: 0), 5,
                        Request(serviceMethod: "Lab.Text", seq: 1), Payload(name: "n"),
                        Request(serviceMethod: "Lab.Int", seq: 2), 7))
                client.connection.shutdownWrite()
                var reader = StreamReader(await client.receiveAll())
                var errors: [UInt64: String] = [:]
                while let header = try reader.next(Response.self) {
                    errors[header.seq] = header.error
                    if header.error.isEmpty {
                        #expect(try reader.next(Int.self) == 7)
                    } else {
                        _ = try reader.next(Nothing.self)
                    }
                }
                #expect(
                    errors == [
                        0: "gob: type mismatch in decoder: want struct type main.RPCPayload; got non-struct",
                        1: "gob: decoding into local type *string, received remote type RPCPayload", 2: "",
                    ])
            }
        }
    }

    @Test("an argument that is cut off is answered, and then the server closes")
    func cutOff() async throws {
        try await withServer { _, address in
            let answer = try await onLoop {
                let client = try await RawClient(address)
                try client.send(Array(gob(Request(serviceMethod: "Lab.Text", seq: 3), "some text").dropLast(4)))
                client.connection.shutdownWrite()
                return await client.receiveAll()
            }
            var reader = StreamReader(answer)
            #expect(
                try reader.next(Response.self) == Response(serviceMethod: "Lab.Text", seq: 3, error: "unexpected EOF"))
            #expect(try reader.next(Nothing.self) != nil)
        }
    }

    @Test("a service that is described once for all transports is mounted by its name")
    func service() async throws {
        struct Echo: RPCService {
            static let serviceName = "lab.Echo"
            func visitMethods<V: RPCMethodVisitor>(_ visit: inout V) {
                visit.unary("Say", Endpoint("say") { (payload: Payload) in payload })
            }
        }
        var methods = NetRPCMethods()
        methods.mount(Echo())
        try await withServer(methods) { _, address in
            try await withClient(address) { client in
                let reply = try await client.call("Echo.Say", Payload(name: "a"), reply: Payload.self)
                #expect(reply == Payload(name: "a"))
            }
        }
    }

    // MARK: The HTTP variant

    @Test(
        "a CONNECT is answered as Go does, and gob follows", arguments: ["HTTP/1.0\n\n", "HTTP/1.1\r\nHost: x\r\n\r\n"])
    func connect(rest: String) async throws {
        try await withServer { _, address in
            let answer = try await onLoop {
                let client = try await RawClient(address)
                try client.send(Array("CONNECT /_goRPC_ \(rest)".utf8) + gob(Request(serviceMethod: "Lab.Int"), 7))
                client.connection.shutdownWrite()
                return await client.receiveAll()
            }
            let greeting = Array("HTTP/1.0 200 Connected to Go RPC\n\n".utf8)
            #expect(answer.starts(with: greeting))
            var reader = StreamReader(Array(answer.dropFirst(greeting.count)))
            #expect(try reader.next(Response.self) == Response(serviceMethod: "Lab.Int"))
            #expect(try reader.next(Int.self) == 7)
        }
    }

    // MARK: Strangers

    @Test(
        "a stream that makes no sense ends its connection with one line in the log, and no other",
        arguments: [
            [0xF8, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], [0x00], [0x03, 0xFF, 0x90, 0x00],
            gob("no header"), Array("CONNECT /elsewhere HTTP/1.0\n\n".utf8),
            Array(repeating: UInt8(ascii: "G"), count: 100),
        ])
    func hostile(bytes: [UInt8]) async throws {
        let log = LogLines()
        try await withServer(logger: log.logger) { _, address in
            try await onLoop {
                let friend = try await RawClient(address)
                let stranger = try await RawClient(address)
                try stranger.send(bytes)
                let answer = await stranger.receiveAll()
                #expect(answer.isEmpty || answer.starts(with: Array("HTTP/1.0 404".utf8)))
                try friend.send(gob(Request(serviceMethod: "Lab.Int"), 7))
                #expect(await friend.receive(60).count > 60)
                friend.connection.close()
                stranger.connection.close()
            }
        }
        #expect(log.all.count == 1)
        #expect(log.all.first?.hasPrefix("a net/rpc client was sent away: ") == true)
    }

    @Test("a client that begins a message and does not end it is let go of")
    func slow() async throws {
        try await withServer(limits: .with { $0.messageTime = .milliseconds(50) }) { _, address in
            try await onLoop {
                let client = try await RawClient(address)
                try client.send([0x40])
                #expect(await client.receiveAll().isEmpty)
            }
        }
    }

    @Test("a client without calls is let go of in time, and one whose call runs is not")
    func idle() async throws {
        let gate = Gate()
        try await withServer(labMethods(gate: gate), limits: .with { $0.idle = .milliseconds(50) }) { _, address in
            try await onLoop {
                let busy = try await RawClient(address)
                try busy.send(gob(Request(serviceMethod: "RPCServer.LogInfo"), Payload(name: "wait")))
                let idle = try await RawClient(address)
                #expect(await idle.receiveAll().isEmpty)
                for _ in 0..<3 { #expect(await (try RawClient(address)).receiveAll().isEmpty) }
                #expect(gate.waiting == 1)
                gate.open()
                #expect(await busy.receiveAll().count > 100)
            }
        }
    }

    @Test("one connection too many ends the one that has been idle for longest")
    func connectionLimit() async throws {
        try await withServer(limits: .with { $0.connectionsPerLoop = 3 }) { server, address in
            try await onLoop {
                var clients: [RawClient] = []
                for number in 0..<3 {
                    clients.append(try await RawClient(address))
                    try clients[number].send(gob(Request(serviceMethod: "Lab.Int"), number))
                    _ = await clients[number].receive(60)
                }
                let fourth = try await RawClient(address)
                try fourth.send(gob(Request(serviceMethod: "Lab.Int"), 4))
                #expect(await fourth.receive(60).count > 60)
                #expect(await clients[0].receiveAll().isEmpty)
                #expect(!clients[1].connection.inputEnded)
                #expect(server.connectionCount == 3)
                for client in clients + [fourth] { client.connection.close() }
            }
        }
    }

    @Test("the calls of a client that goes away are cancelled")
    func clientGone() async throws {
        let gate = Gate()
        try await withServer(labMethods(gate: gate)) { _, address in
            try await onLoop {
                let client = try await RawClient(address)
                try client.send(gob(Request(serviceMethod: "RPCServer.LogInfo"), Payload(name: "wait")))
                try await eventually("it runs") { gate.waiting == 1 }
                client.connection.resetOnClose()
                client.connection.close()
                try await eventually("it was cancelled") { gate.waiting == 0 }
            }
        }
    }

    // MARK: The end

    @Test("a shutdown answers what has begun, and closes the idle")
    func drain() async throws {
        let gate = Gate()
        try await withServer(labMethods(gate: gate)) { server, address in
            try await onLoop {
                let idle = try await RawClient(address)
                let busy = try await RawClient(address)
                try busy.send(gob(Request(serviceMethod: "RPCServer.LogInfo"), Payload(name: "wait")))
                try await eventually("it runs") { gate.waiting == 1 }
                let draining = Task { await server.drain() }
                #expect(await idle.receiveAll().isEmpty)
                gate.open()
                var reader = StreamReader(await busy.receiveAll())
                _ = try reader.next(Response.self)
                #expect(try reader.next(String.self) == "Processed payload via RPC:wait")
                await draining.value
            }
        }
    }

    // MARK: Context

    @Test("what a caller sends along reaches the endpoint, and its errors have codes")
    func context() async throws {
        struct Header: Message {
            static let messageName = "Request"
            var serviceMethod = "Where.AmI"
            var seq = UInt64(1)
            var traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
            var timeout: Int64 = 5_000_000_000
            var idempotencyKey = "a key"
            mutating func visitFields<V: FieldVisitor>(_ visit: inout V) {
                visit.field(1, "service_method", &serviceMethod)
                visit.field(2, "seq", &seq)
                visit.field(3, "traceparent", &traceparent)
                visit.field(4, "timeout", &timeout)
                visit.field(5, "idempotency_key", &idempotencyKey)
            }
        }
        var methods = NetRPCMethods([DefaultStack(.disabled)])
        methods.method(
            "Where.AmI",
            Endpoint("where") { (text: String) -> String in
                guard text == "here", let context = CallContext.current, let deadline = context.deadline else {
                    throw ServiceError(.notFound, "nowhere")
                }
                let isSoon = deadline.since(.now) <= .seconds(5)
                return "\(context.trace.traceID) \(context.idempotencyKey ?? "") \(isSoon)"
            })
        try await withServer(methods) { _, address in
            try await onLoop {
                let client = try await RawClient(address)
                try client.send(gob(Header(), "here", Header(), "there"))
                client.connection.shutdownWrite()
                let bytes = await client.receiveAll()
                var reader = StreamReader(bytes)
                _ = try reader.next(Response.self)
                #expect(try reader.next(String.self) == "4bf92f3577b34da6a3ce929d0e0e4736 a key true")
                #expect(try reader.next(Response.self)?.error == "nowhere")
                #expect(String(decoding: bytes, as: UTF8.self).contains("not_found"))
            }
        }
    }
}
