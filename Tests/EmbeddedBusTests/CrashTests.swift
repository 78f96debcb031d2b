import Glibc
import MartletCore
import MartletEmbeddedBus
import MartletMessaging
import TestSupport
import Testing

@Suite("Processes of the bus that are killed", .timeLimit(.minutes(2)))
struct CrashTests {
    static let queue = Queue("crash", bindings: [Binding("#", of: "crash")], maximumAttempts: 1000)

    @Test("a consumer: what it held is delivered to another, and the attempt is counted")
    func consumerKilled() async throws {
        let scratch = try Scratch()
        let owner = try Helper("own", scratch.store, scratch.socket)
        #expect(try owner.line() == "ready")
        let bus = try SocketBus(socket: scratch.socket)
        for number in 0..<3 {
            try await bus.publish(BusMessage(id: "m\(number)", routingKey: "a", body: []), to: "crash")
        }
        let holder = try Helper("hold", scratch.socket, "3")
        for number in 0..<3 { #expect(try holder.line() == "m\(number) 1") }
        let consumer = try await bus.consume(Self.queue, prefetch: 10)
        try holder.kill()
        var ids: Set<String> = []
        for _ in 0..<3 {
            let delivery = try #require(try await consumer.next())
            #expect(delivery.attempt == 2)
            ids.insert(delivery.message.id)
            delivery.acknowledge()
        }
        #expect(ids == ["m0", "m1", "m2"])
        await consumer.close()
        #expect(try await bus.queues().first?.messages == 0)
        await bus.close()
        try owner.kill(SIGTERM)
    }

    @Test("a consumer: what it had fetched and not begun goes to another as it was")
    func consumerKilledWithFetched() async throws {
        let scratch = try Scratch()
        let owner = try Helper("own", scratch.store, scratch.socket)
        #expect(try owner.line() == "ready")
        let bus = try SocketBus(socket: scratch.socket)
        for number in 0..<3 {
            try await bus.publish(BusMessage(id: "m\(number)", routingKey: "a", body: []), to: "crash")
        }
        let holder = try Helper("hold", scratch.socket, "1")
        #expect(try holder.line() == "m0 1")
        // All three are in its hands, as the bus sees it.
        #expect(try await bus.queues().first?.unsettled == 3)
        let consumer = try await bus.consume(Self.queue, prefetch: 10)
        try holder.kill()
        var attempts: [String: Int] = [:]
        for _ in 0..<3 {
            let delivery = try #require(try await consumer.next())
            attempts[delivery.message.id] = delivery.attempt
            delivery.acknowledge()
        }
        #expect(attempts == ["m0": 2, "m1": 1, "m2": 1])
        await consumer.close()
        await bus.close()
        try owner.kill(SIGTERM)
    }

    @Test(
        "the owner, by what it handles itself: that is given up on after its attempts, and nothing else is touched",
        arguments: ["in its process", "over its socket"])
    func poison(way: String) async throws {
        let scratch = try Scratch()
        let queue = Queue("poison", bindings: [Binding("#", of: "poison")], maximumAttempts: 3)
        let ids = (0..<20).map { $0 == 5 ? "poison" : "m\($0)" }
        let first = try await scratch.open()
        try await first.declare(BusTopology(queues: [queue]))
        for id in ids { try await first.publish(BusMessage(id: id, routingKey: "a", body: []), to: "poison") }
        await first.close()

        var handled: [String] = []
        var deaths = 0
        while deaths < 10 {
            let (lines, ending) = try Helper("handle", scratch.store, scratch.socket, way).finish()
            handled += lines
            if ending == .exited(0) { break }
            #expect(ending == .killed(bySignal: SIGKILL))
            deaths += 1
        }
        #expect(deaths == 3)
        // What was acknowledged in the moment of the death may come twice; as a first attempt, since it had been handled.
        #expect(Set(handled) == Set(ids.filter { $0 != "poison" }.map { "\($0) 1" }))

        let bus = try await scratch.open()
        #expect(try await bus.problems().isEmpty)
        let letters = try await bus.deadLetters(of: nil, after: 0, limit: 10)
        #expect(letters.map(\.message.id) == ["poison"])
        #expect(letters.first?.attempts == 3)
        #expect(letters.first?.reason.contains("died") == true)
        #expect(try await bus.queues().first?.messages == 0)
        await bus.close()
    }

    @Test("the owner, under load and again and again: every confirmed publish is there exactly once")
    func ownerKilled() async throws {
        let scratch = try Scratch()
        var owner = try Helper("own", scratch.store, scratch.socket)
        #expect(try owner.line() == "ready")
        let publishers = try ["a", "b"].map { try Helper("publish", scratch.socket, $0) }
        var confirmed: [String] = []
        for round in 0..<4 {
            for publisher in publishers {
                for _ in 0..<(150 + 37 * round) { confirmed.append(try #require(try publisher.line())) }
            }
            try owner.kill()
            owner = try Helper("own", scratch.store, scratch.socket)
            #expect(try owner.line() == "ready")
        }
        // The publishers go on by themselves with what they had begun, and with more.
        for publisher in publishers {
            for _ in 0..<100 { confirmed.append(try #require(try publisher.line())) }
            confirmed += try publisher.kill()
        }
        try owner.kill()
        #expect(confirmed.count > 1000)

        let bus = try await scratch.open()
        #expect(try await bus.problems().isEmpty)
        let waiting = try #require(try await bus.queues().first).messages
        let consumer = try await bus.consume(Self.queue, prefetch: 1000)
        var stored: [String: Int] = [:]
        for _ in 0..<waiting {
            let delivery = try #require(try await consumer.next())
            stored[String(decoding: delivery.message.body, as: UTF8.self), default: 0] += 1
            delivery.acknowledge()
        }
        await consumer.close()
        #expect(confirmed.filter { stored[$0] != 1 }.isEmpty)
        #expect(stored.values.allSatisfy { $0 == 1 })
        #expect(try await bus.queues().first?.messages == 0)
        await bus.close()
    }

    @Test("the owner, while others consume: nothing is lost, and the consumers go on")
    func ownerKilledWhileConsuming() async throws {
        let scratch = try Scratch()
        var owner = try Helper("own", scratch.store, scratch.socket)
        #expect(try owner.line() == "ready")
        let bus = try SocketBus(socket: scratch.socket)
        let consumer = try await bus.consume(Self.queue, prefetch: 20)
        let taken = Locked<Set<String>>([])
        let count = 600
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                while let delivery = try await consumer.next() {
                    let all = taken.withLock { taken in
                        taken.insert(delivery.message.id)
                        return taken.count
                    }
                    delivery.acknowledge()
                    if all == count { consumer.stop() }
                }
            }
            for number in 0..<count {
                try await bus.publish(BusMessage(id: "n\(number)", routingKey: "a", body: []), to: "crash")
                if number % 200 == 100 {
                    try owner.kill()
                    owner = try Helper("own", scratch.store, scratch.socket)
                    #expect(try owner.line() == "ready")
                }
            }
            try await group.waitForAll()
        }
        await consumer.close()
        #expect(taken.withLock { $0.count } == count)
        #expect(try await bus.queues().first?.messages == 0)
        await bus.close()
        try owner.kill(SIGTERM)
    }

    @Test("two processes cannot own one store")
    func oneOwner() async throws {
        let scratch = try Scratch()
        let owner = try Helper("own", scratch.store, scratch.socket)
        #expect(try owner.line() == "ready")
        await #expect(throws: ServiceError.self) { try await scratch.open() }
        try owner.kill()
        let bus = try await scratch.open()
        await bus.close()
    }
}
