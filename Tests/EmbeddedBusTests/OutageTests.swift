import MartletCore
import MartletEmbeddedBus
import MartletMessaging
import MartletRuntime
import MartletSQLite
import Testing

@Suite("The bus's client and owner", .timeLimit(.minutes(1)))
struct OutageTests {
    static let queue = Queue("q", bindings: [Binding("#", of: "e")])

    private func limited<Value>(
        _ time: Duration, _ body: () async throws -> Value
    ) async rethrows -> Value {
        let context = CallContext(trace: .root(isSampled: false), deadline: .now + time)
        return try await CallContext.$current.withValue(context) { try await body() }
    }

    @Test("a publish without an owner is unavailable at its deadline, and says where the bus should be")
    func noOwner() async throws {
        let scratch = try Scratch()
        let bus = try SocketBus(socket: scratch.socket)
        let error = await #expect(throws: ServiceError.self) {
            try await limited(.milliseconds(100)) {
                try await bus.publish(BusMessage(routingKey: "a", body: []), to: "e")
            }
        }
        #expect(error?.code == .unavailable)
        #expect(error?.message.contains(scratch.socket) == true)
        #expect(await bus.problem()?.isEmpty == false)
        await bus.close()
    }

    @Test("what is asked for before the owner is there is done when it comes")
    func ownerComesLater() async throws {
        let scratch = try Scratch()
        let client = try SocketBus(socket: scratch.socket)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                let consumer = try await client.consume(Self.queue, prefetch: 1)
                let delivery = try #require(try await consumer.next())
                #expect(delivery.message.id == "early")
                delivery.acknowledge()
                await consumer.close()
            }
            group.addTask {
                try await client.declare(BusTopology(queues: [Self.queue]))
                try await client.publish(BusMessage(id: "early", routingKey: "a", body: []), to: "e")
            }
            let bus = try await scratch.open()
            let server = try BusServer(on: bus, socket: scratch.socket)
            try await server.start()
            try await group.waitForAll()
            #expect(await client.problem() == nil)
            await client.close()
            await server.stop()
        }
    }

    @Test("an owner that is stopped in good order answers what it accepted; the next one takes over")
    func handover() async throws {
        let scratch = try Scratch()
        let client = try SocketBus(socket: scratch.socket)
        var server = try BusServer(on: try await scratch.open(), socket: scratch.socket)
        try await server.start()
        let consumer = try await client.consume(Self.queue, prefetch: 10)
        let taken = Locked<[String]>([])
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                while let delivery = try await consumer.next() {
                    let count = taken.withLock { taken in
                        taken.append(delivery.message.id)
                        return Set(taken).count
                    }
                    delivery.acknowledge()
                    if count == 300 { consumer.stop() }
                }
            }
            for number in 0..<300 {
                try await client.publish(BusMessage(id: "\(number)", routingKey: "a", body: []), to: "e")
                if number % 100 == 50 {
                    await server.stop()
                    server = try BusServer(on: try await scratch.open(), socket: scratch.socket)
                    try await server.start()
                }
            }
            try await group.waitForAll()
        }
        #expect(Set(taken.withLock { $0 }).count == 300)
        await consumer.close()
        await client.close()
        await server.stop()
    }

    @Test("a client that does not speak the protocol is sent away")
    func stranger() async throws {
        let scratch = try Scratch()
        let server = try BusServer(on: try await scratch.open(), socket: scratch.socket)
        try await server.start()
        for bytes in [Array("GET / HTTP/1.1\r\n\r\n".utf8), [0, 0, 0, 5, 1] + Array("MBUS".utf8) + [99]] {
            let path = scratch.socket
            let answer = try await EventLoopGroup.shared.run { loop in
                let connection = try await Connection.connect(
                    to: .unix(path: path), on: loop, deadline: .now + .seconds(5))
                connection.output.append(bytes)
                try connection.flush()
                connection.deadline = .now + .seconds(10)
                while try await connection.moreInput() {}
                defer { connection.close() }
                return connection.input.count
            }
            #expect(answer > 5)
        }
        await server.stop()
    }

    @Test("what was given up on, counts and repeats are the same after the store is opened again")
    func reopened() async throws {
        let scratch = try Scratch()
        var bus = try await scratch.open()
        try await bus.declare(BusTopology(queues: [Self.queue]))
        for number in 0..<10 {
            try await bus.publish(BusMessage(id: "\(number)", routingKey: "a", body: [1]), to: "e")
        }
        let consumer = try await bus.consume(Self.queue, prefetch: 4)
        try #require(try await consumer.next()).acknowledge()
        try #require(try await consumer.next()).reject(reason: "bad")
        try #require(try await consumer.next()).retry(after: .milliseconds(1), reason: "later")
        await consumer.close()
        let before = try await bus.queues()
        await bus.close()

        bus = try await scratch.open()
        #expect(try await bus.queues() == before)
        #expect(try await bus.problems().isEmpty)
        #expect(try await bus.deadLetters(of: "q", after: 0, limit: 10).map(\.message.id) == ["1"])
        // Repeats of what is there, and of what is gone.
        for number in 0..<10 {
            try await bus.publish(BusMessage(id: "\(number)", routingKey: "a", body: [1]), to: "e")
        }
        #expect(try await bus.queues() == before)
        let again = try await bus.consume(Self.queue, prefetch: 20)
        var attempts: [String: Int] = [:]
        for _ in 0..<8 {
            let delivery = try #require(try await again.next())
            attempts[delivery.message.id] = delivery.attempt
            delivery.acknowledge()
        }
        #expect(attempts == ["2": 2, "3": 1, "4": 1, "5": 1, "6": 1, "7": 1, "8": 1, "9": 1])
        await again.close()
        await bus.close()
    }

    @Test("the names of a bus", arguments: ["unix:/run/bus.sock", "embedded:data/bus.db", "embedded::memory:"])
    func addresses(dsn: String) throws {
        _ = try BusAddress(dsn: dsn)
    }

    @Test(
        "what names no bus is refused",
        arguments: ["", "unix:", "embedded:", "sqlite:x", "amqp://localhost", "unix:a?b"])
    func noAddresses(dsn: String) {
        #expect(throws: ServiceError.self) { try BusAddress(dsn: dsn) }
    }
}
