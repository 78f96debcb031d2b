import FoundationEssentials
import MartletCore
import MartletMessaging
import MartletRuntime
import MartletSQL
import MartletSQLite
import Testing

@testable import MartletEmbeddedBus

@Suite("What is in hand when a process dies", .timeLimit(.minutes(1)))
struct HandoverTests {
    static let queue = Queue("q", bindings: [Binding("#", of: "e")], maximumAttempts: 3)

    private func message(_ id: Int64) -> StoredMessage { StoredMessage(id: id, attempts: 0, at: id * 10, data: []) }

    @Test("is what was begun and not ended, and nothing else")
    func begun() throws {
        let scratch = try Scratch()
        let path = scratch.folder + "/inhand"
        let journal = try HandoverJournal(replacing: path)
        let tags = (1...4).map { journal.place(for: message(Int64($0)), counter: UInt64($0)) }
        // By another mapping, as another process has it.
        let marks = try #require(HandoverMarks(path: journal.path))
        for tag in tags.dropFirst() { marks.begin(tag) }
        marks.end(tags[2])
        journal.leave(tags[3])
        #expect(
            HandoverJournal.begunDeliveries(at: path) == [BegunDelivery(id: 2, at: 20, attempts: 0)])
        journal.remove()
        #expect(HandoverJournal.begunDeliveries(at: path) == [])
    }

    @Test("a mark for a delivery that was taken back says nothing of the next one in its place")
    func lateMark() throws {
        let scratch = try Scratch()
        let journal = try HandoverJournal(replacing: scratch.folder + "/inhand")
        let first = journal.place(for: message(1), counter: 1)
        journal.leave(first)
        let second = journal.place(for: message(2), counter: 2)
        #expect(HandoverMarks.place(of: first) == HandoverMarks.place(of: second))
        journal.marks.begin(first)
        #expect(!journal.marks.isBegun(second))
        journal.marks.begin(second)
        journal.marks.end(first)
        #expect(journal.marks.isBegun(second))
    }

    @Test("more deliveries than there are places have none, and places come back")
    func places() throws {
        let scratch = try Scratch()
        let journal = try HandoverJournal(replacing: scratch.folder + "/inhand")
        let tags = (1...UInt64(HandoverMarks.placeCount)).map { journal.place(for: message(1), counter: $0) }
        #expect(tags.filter { HandoverMarks.place(of: $0) == 0 } == [tags[tags.count - 1]])
        journal.marks.begin(tags[tags.count - 1])
        #expect(!journal.marks.isBegun(tags[tags.count - 1]))
        journal.leave(tags[7])
        #expect(HandoverMarks.place(of: journal.place(for: message(1), counter: 99_999)) > 0)
    }

    @Test("a file that is none of ours says nothing, and is replaced")
    func foreign() throws {
        let scratch = try Scratch()
        let path = scratch.folder + "/inhand"
        try Data(repeating: 7, count: 1 << 20).write(to: URL(filePath: path))
        #expect(HandoverJournal.begunDeliveries(at: path) == [])
        #expect(HandoverMarks(path: path) == nil)
        let journal = try HandoverJournal(replacing: path)
        #expect(HandoverMarks(path: journal.path) != nil)
    }

    @Test("an attempt is counted once, however often the counting begins anew")
    func countedOnce() async throws {
        let scratch = try Scratch()
        let bus = try await scratch.open()
        try await bus.declare(BusTopology(queues: [Self.queue]))
        try await bus.publish(BusMessage(routingKey: "a", body: [1]), to: "e")
        let store = bus.engine.store
        let row = try #require(try await store.database.single("SELECT id, at FROM messages"))
        let begun = BegunDelivery(id: try row.get(0), at: try row.get(1), attempts: 0)
        #expect(try await store.count(interrupted: [begun], at: BusEngine.now).again == 1)
        #expect(try await store.count(interrupted: [begun], at: BusEngine.now).again == 0)
        var other = begun
        other.at += 1
        other.attempts = 1
        #expect(try await store.count(interrupted: [other], at: BusEngine.now).again == 0)
        other.at = begun.at
        #expect(try await store.count(interrupted: [other], at: BusEngine.now).again == 1)
        other.attempts = 2
        #expect(try await store.count(interrupted: [other], at: BusEngine.now).died == 1)
        #expect(try await bus.problems().isEmpty)
        #expect(try await bus.deadLetters(of: "q", after: 0, limit: 10).first?.attempts == 3)
        await bus.close()
    }

    /// A consumer of a program that knows nothing of marks. On the engine's loop.
    private final class Unmarking: ConsumerSink, @unchecked Sendable {
        // @unchecked: its one variable has a lock.
        let deliveries = Locked(0)
        var marksDeliveries: Bool { false }
        var isReady: Bool { true }
        func deliver(_ deliveries: [OutgoingDelivery]) { self.deliveries.withLock { $0 += deliveries.count } }
        func end(_ reason: ServiceError) {}
    }

    @Test("of a consumer that does not say what it has begun, all that it held counts")
    func unmarking() async throws {
        let scratch = try Scratch()
        let bus = try await scratch.open()
        let sink = Unmarking()
        let engine = bus.engine
        let id = try await bus.group.run { _ in try await engine.consume(Self.queue, prefetch: 4, sink: sink) }
        for _ in 0..<2 { try await bus.publish(BusMessage(routingKey: "a", body: []), to: "e") }
        while sink.deliveries.withLock({ $0 }) < 2 { try await Task.sleep(for: .milliseconds(1)) }
        try await bus.group.run { _ in engine.removeConsumer(id, isDead: true) }
        let consumer = try await bus.consume(Self.queue, prefetch: 4)
        for _ in 0..<2 { #expect(try await consumer.next()?.attempt == 2) }
        await consumer.close()
        await bus.close()
    }
}
