import FoundationEssentials
import Glibc
import MartletCore
import MartletEmbeddedBus
import MartletMessaging
import MartletSQLite
import MartletWire
import Testing

@testable import martlet

@Suite("martlet events")
struct EventsTests {
    private static let queue = Queue("orders", bindings: [Binding("order.*", of: "shop")], maximumAttempts: 1)

    /// A bus with a socket where a system has it, and three dead letters of `orders`.
    private func withBus(_ body: (Place) async throws -> Void) async throws {
        let folder =
            FileManager.default.temporaryDirectory.path + "/martlet-events-\(getpid())-\(UInt64.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let bus = try await EmbeddedBus.open(.memory)
        try await bus.declare(BusTopology(queues: [Self.queue]))
        let server = try BusServer(on: bus, socket: folder + "/bus.sock")
        try await server.start()
        for number in 1...3 {
            try await bus.publish(
                BusMessage(
                    id: "id-\(number)", routingKey: "order.made", contentType: "text/plain",
                    body: number == 3 ? [0xFF] : Array("body \(number)".utf8)), to: "shop")
        }
        let consumer = try await bus.consume(Self.queue, prefetch: 3)
        for _ in 1...3 {
            let delivery = try #require(try await consumer.next())
            delivery.reject(reason: "no\u{1B}[2J stock")
        }
        await consumer.close()
        do {
            try await body(Place(folder: folder))
        } catch {
            await server.stop()
            throw error
        }
        await server.stop()
    }

    private struct Place {
        let folder: String

        /// What `martlet events …` prints on a terminal.
        func events(_ words: String...) async throws -> String {
            let action = try #require(EventsCommand.command.action(words[0]))
            let (operands, flags) = try #require(try CommandLineReader.read(Array(words.dropFirst()), for: action))
            let written = Locked<[UInt8]>([])
            let invocation = Invocation(
                operands: operands, flags: flags, workplace: Workplace(folder: folder), environment: [:],
                terminal: Terminal(isTerminal: true) { bytes in written.withLock { $0 += bytes } })
            guard case .reading(let work) = action.work else { return "" }
            #expect(try await work(invocation) == 0)
            return String(decoding: written.withLock { $0 }, as: UTF8.self)
        }
    }

    @Test("lists queues and dead letters, for people and for programs")
    func lists() async throws {
        try await withBus { place in
            let queues = try await place.events("list").split(separator: "\n").map { $0.split(separator: " ") }
            #expect(queues[0] == ["QUEUE", "WAITING", "UNSETTLED", "DEAD", "CONSUMERS", "BYTES"])
            #expect(queues[1].prefix(5) == ["orders", "0", "0", "3", "0"])
            let listing = try JSON.decode(QueueListing.self, from: Array(try await place.events("list", "--json").utf8))
            #expect(listing.queues.map(\.name) == ["orders"] && listing.queues[0].deadLetters == 3)
            #expect(listing.queues[0].kind == "shared")

            let dead = try await place.events("dead").split(separator: "\n")
            #expect(
                dead.count == 4 && dead[1].hasSuffix("  orders  order.made         1  no\\u{1b}[2J stock"), "\(dead)")
            let letters = try JSON.decode(
                DeadLetterListing.self, from: Array(try await place.events("dead", "--json").utf8))
            #expect(letters.deadLetters.map(\.messageID) == ["id-1", "id-2", "id-3"])
            #expect(letters.deadLetters.map(\.text) == ["body 1", "body 2", nil])
            #expect(letters.deadLetters[2].bytes == [0xFF])
            await #expect(throws: ServiceError(.notFound, "the bus has no queue other")) {
                _ = try await place.events("dead", "--queue=other")
            }
            #expect(try await place.events("dead", "-n", "2").split(separator: "\n").count == 3)
        }
    }

    @Test("sends dead letters again, or deletes them: some, those of a queue, or all")
    func selections() async throws {
        try await withBus { place in
            let letters = try JSON.decode(
                DeadLetterListing.self, from: Array(try await place.events("dead", "--json").utf8))
            let numbers = letters.deadLetters.map { String($0.number) }
            #expect(try await place.events("redrive", numbers[1], "999999") == "put back 1\n")
            #expect(try await place.events("discard", "--queue", "orders") == "deleted 2\n")
            #expect(try await place.events("redrive", "--all") == "put back 0\n")
            #expect(try await place.events("dead") == "there are no dead letters\n")
            let queues = try await place.events("list").split(separator: "\n").map { $0.split(separator: " ") }
            #expect(queues[1].prefix(5) == ["orders", "1", "0", "0", "0"])
        }
    }

    @Test(
        "wants to be told which dead letters are meant, once",
        arguments: [
            ([String](), "NUMBER is missing, or --queue=QUEUE, or --all"),
            (["one"], "NUMBER is one that `martlet events dead` shows"),
            (["0"], "NUMBER is one that `martlet events dead` shows"),
            (["1", "--all"], "numbers, --queue and --all contradict each other; give one of them"),
            (["--all", "--queue=a"], "numbers, --queue and --all contradict each other; give one of them"),
            (["--queue=a b"], "--queue is \"a b\"; allowed: 1 to 127 letters, digits, '.', '-' and '_'"),
        ])
    func wrongUse(words: [String], problem: String) async throws {
        let place = Place(folder: "/nonexistent")
        await #expect(throws: UsageProblem(problem)) {
            let action = try #require(EventsCommand.command.action("redrive"))
            let (operands, flags) = try #require(try CommandLineReader.read(words, for: action))
            guard case .reading(let work) = action.work else { return }
            _ = try await work(
                Invocation(
                    operands: operands, flags: flags, workplace: Workplace(folder: place.folder), environment: [:],
                    terminal: Terminal(isTerminal: false) { _ in }))
        }
    }

    @Test("says at once that there is no bus")
    func noBus() async throws {
        await #expect(
            throws: ServiceError(
                .unavailable, "the bus cannot be reached at /nonexistent/bus.sock: No such file or directory")
        ) {
            _ = try await Place(folder: "/nonexistent").events("list")
        }
    }
}
