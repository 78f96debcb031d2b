import BusProtocolChecks
import FoundationEssentials
import MartletCore
import MartletMessaging
import Testing

@testable import MartletEmbeddedBus

@Suite("The bus's protocol")
struct ProtocolTests {
    static let queue = Queue(
        "listener", bindings: [Binding("log.*", of: "logs_topic"), Binding("#", of: "other")], maximumAttempts: 7,
        limits: Queue.Limits(messages: 12, bytes: 3456))

    static let clientFrames: [ClientFrame] = [
        .hello(version: 1),
        .publish(request: .max, exchange: "logs_topic", isMandatory: true, message: [1, 2, 3]),
        .publish(request: 0, exchange: "", isMandatory: false, message: []),
        .consume(request: 7, consumer: 1, queue: queue, prefetch: 32),
        .settle(consumer: 1, tag: 9, settlement: .acknowledge),
        .settle(consumer: 1, tag: 9, settlement: .retry(milliseconds: 500, reason: "später")),
        .settle(consumer: 1, tag: 9, settlement: .reject(reason: "")),
        .settle(consumer: 1, tag: 9, settlement: .release),
        .stop(consumer: 1), .end(request: 8, consumer: 1), .pulse, .marking,
        .call(request: 1, .declare(BusTopology(exchanges: ["a", "b"], queues: [queue]))),
        .call(request: 1, .unbind(Binding("#", of: "a"), queue: "q")), .call(request: 1, .delete(queue: "q")),
        .call(request: 1, .queues), .call(request: 1, .deadLetters(queue: nil, after: 5, limit: 10)),
        .call(request: 1, .deadLetters(queue: "q", after: 0, limit: 1)),
        .call(request: 1, .redrive(.numbers([1, 2, .max]))), .call(request: 1, .discard(.queue("q"))),
        .call(request: 1, .discard(.all)),
    ]

    static let letter = DeadLetter(
        number: 3, queue: "q", message: BusMessage(id: "i", routingKey: "a.b", headers: ["x": "y"], body: [0, 255]),
        attempts: 2, reason: "bad", publishedAt: WallTime(nanoseconds: 5), diedAt: WallTime(nanoseconds: 6))

    static let serverFrames: [ServerFrame] = [
        .hello(version: 1, marks: "/var/lib/bus.db.inhand"), .hello(version: 1, marks: ""), .done(request: 5),
        .failed(request: 6, ServiceError(.unavailable, "away", retryAfter: .milliseconds(1500))),
        .failed(request: 6, ServiceError(.notFound, "gone")), .answer(request: 1, .done),
        .answer(request: 1, .count(9)),
        .answer(
            request: 1,
            .queues([
                QueueStatus(
                    name: "q", kind: .exclusive, messages: 1, bytes: 2, unsettled: 3, deadLetters: 4, consumers: 5)
            ])),
        .answer(request: 1, .deadLetters([letter, letter])),
        .deliver(consumer: 1, tag: 2, attempts: 3, at: 4, message: [5, 6]),
        .ended(consumer: 1, ServiceError(.notFound, "the queue was deleted")), .pulse, .goodbye,
    ]

    @Test("a client's frame reads as it was written", arguments: clientFrames)
    func client(frame: ClientFrame) throws {
        var writer = ByteWriter()
        frame.write(to: &writer)
        let read = try writer.bytes.withUnsafeBytes { bytes in
            let next = try #require(try FrameReader(limit: 1 << 20).next(in: bytes))
            #expect(next.size == bytes.count)
            return try ClientFrame(kind: next.kind, next.payload)
        }
        #expect(read == frame)
    }

    @Test("an owner's frame reads as it was written", arguments: serverFrames)
    func server(frame: ServerFrame) throws {
        var writer = ByteWriter()
        frame.write(to: &writer)
        let read = try writer.bytes.withUnsafeBytes { bytes in
            let next = try #require(try FrameReader(limit: 1 << 20).next(in: bytes))
            return try ServerFrame(kind: next.kind, next.payload)
        }
        #expect(read == frame)
    }

    @Test("a frame that is cut anywhere is waited for, and one whose content ends early is refused")
    func cut() throws {
        for frame in Self.clientFrames {
            var writer = ByteWriter()
            frame.write(to: &writer)
            for end in 0..<writer.bytes.count {
                let next = try writer.bytes[..<end].withUnsafeBytes { try FrameReader(limit: 1 << 20).next(in: $0) }
                #expect(next == nil)
            }
            // A publish's message and a pulse may have any length, a greeting anything behind it.
            switch frame {
            case .publish, .pulse, .marking, .hello: continue
            default: break
            }
            for end in 0..<(writer.bytes.count - 5) {
                writer.bytes[5..<5 + end].withUnsafeBytes { payload in
                    _ = #expect(throws: BusProtocolError.self) { try ClientFrame(kind: writer.bytes[4], payload) }
                }
            }
        }
    }

    @Test("an owner that says nothing of marks has none")
    func olderOwner() throws {
        let payload = BusProtocol.greeting + [1]
        let frame = try payload.withUnsafeBytes { try ServerFrame(kind: 1, $0) }
        #expect(frame == .hello(version: 1, marks: ""))
    }

    @Test("a frame over the limit is refused by its first four bytes")
    func tooLarge() {
        let header: [UInt8] = [0x7F, 0, 0, 0, 2]
        header.withUnsafeBytes { bytes in
            _ = #expect(throws: BusProtocolError.tooLarge(0x7F00_0000)) {
                try FrameReader(limit: 1 << 20).next(in: bytes)
            }
        }
    }

    @Test("a number of things that cannot be there is refused before there is room made for them")
    func counts() {
        let payload: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 1, 5, 0, 0xFF, 0xFF, 0xFF, 0xFF]
        payload.withUnsafeBytes { bytes in
            _ = #expect(throws: BusProtocolError.truncated) { try ClientFrame(kind: 7, bytes) }
        }
    }

    @Test("what a fuzzer begins with, and every frame damaged anywhere, is read the same in one piece and in two")
    func anyBytes() throws {
        let root = #filePath.split(separator: "/").dropLast(3).reduce(into: "") { $0 += "/" + $1 }
        let corpus = root + "/Fuzz/Corpus/FuzzBus"
        let inputs = try FileManager.default.contentsOfDirectory(atPath: corpus).map {
            Array(try Data(contentsOf: URL(filePath: corpus + "/" + $0)))
        }
        #expect(inputs.count > 3)
        for input in inputs { try BusProtocolCheck.run(input, cut: input.count / 3) }
        let frames: [(inout ByteWriter) -> Void] =
            Self.clientFrames.map { frame in { frame.write(to: &$0) } }
            + Self.serverFrames.map { frame in { frame.write(to: &$0) } }
        for write in frames {
            var writer = ByteWriter()
            write(&writer)
            try BusProtocolCheck.run(writer.bytes, cut: 3)
            for place in writer.bytes.indices {
                var damaged = writer.bytes
                damaged[place] ^= 0xFF
                try BusProtocolCheck.run(damaged, cut: place)
            }
        }
    }

    @Test("a message reads as it was written, with headers of any kind and any body")
    func message() throws {
        var message = BusMessage(
            routingKey: "log.INFO", contentType: "application/json", headers: ["a": "ü", "b": ""], body: [0, 1, 255])
        message.deadline = WallTime(nanoseconds: 1_700_000_000_000_000_000)
        #expect(try MessageCoding.decode(MessageCoding.encode(message)) == message)
    }
}

@Suite("When the bus writes")
struct WriteScheduleTests {
    private let start = MonotonicTime(nanoseconds: 1_000_000_000)

    private func time(_ schedule: WriteSchedule, publishes: Int, settlements: Int = 0) -> MonotonicTime {
        schedule.time(
            publishes: publishes, settlements: settlements, isUrgent: false, settlementDelay: .milliseconds(10))
    }

    @Test("a lone publisher is never waited for")
    func lone() {
        var schedule = WriteSchedule()
        schedule.wrote(publishes: 1, after: 0, in: 4_000_000)
        schedule.firstPublish = start
        #expect(time(schedule, publishes: 1) == start)
    }

    @Test("those who were just answered are waited for, but not for longer than half a commit")
    func gathering() {
        var schedule = WriteSchedule()
        schedule.wrote(publishes: 64, after: 100_000, in: 2_000_000)
        schedule.firstPublish = start
        #expect(time(schedule, publishes: 3) == start + .milliseconds(1))
        #expect(time(schedule, publishes: 64) == start)
    }

    @Test("a backlog gets more of each batch than the publishers, and no less than a slow disk has time for")
    func backlog() {
        var schedule = WriteSchedule()
        #expect(schedule.backlogShare(stored: 0) == 32)
        #expect(schedule.backlogShare(stored: 1000) == 1250)
        schedule.wrote(publishes: 1, after: 0, in: 8_000_000)
        #expect(schedule.backlogShare(stored: 1) == 500)
    }

    @Test("on a disk that is faster than the publishers, a quarter of them works while it does")
    func fastDisk() {
        var schedule = WriteSchedule()
        schedule.wrote(publishes: 64, after: 500_000, in: 200_000)
        schedule.firstPublish = start
        #expect(time(schedule, publishes: 47) > start)
        #expect(time(schedule, publishes: 48) == start)
    }

    @Test("an acknowledgement waits for a publish to go with, and then for itself alone")
    func settlements() {
        var schedule = WriteSchedule()
        schedule.firstSettlement = start
        #expect(time(schedule, publishes: 0, settlements: 1) == start + .milliseconds(10))
        schedule.firstPublish = start + .milliseconds(2)
        #expect(time(schedule, publishes: 1, settlements: 1) == start + .milliseconds(2))
        #expect(time(schedule, publishes: 0, settlements: 2000) == start)
    }

    @Test("nothing is written when there is nothing, nor before a failure has been waited out")
    func never() {
        var schedule = WriteSchedule()
        #expect(time(schedule, publishes: 0) == .never)
        schedule.firstPublish = start
        schedule.notBefore = start + .milliseconds(500)
        #expect(time(schedule, publishes: 1) == start + .milliseconds(500))
    }
}

@Suite("The window of repeats")
struct RepeatWindowTests {
    private func id(_ number: Int) -> PublishID { PublishID(exchange: "e", id: "\(number)") }

    @Test("knows at least so many of the last publishes, and at most twice as many")
    func bounded() {
        var window = RepeatWindow(limit: 10, time: 1000)
        for number in 0..<100 {
            _ = window.insert([id(number)], row: Int64(number), at: 0)
            for known in max(0, number - 9)...number { #expect(window.contains(id(known))) }
            if number >= 20 { #expect(!window.contains(id(number - 20))) }
        }
    }

    @Test("says which rows are of no more use, and never one that is still known")
    func rows() {
        var window = RepeatWindow(limit: 10, time: 1000)
        for number in 0..<100 {
            if let useless = window.insert([id(number)], row: Int64(number), at: 0) {
                #expect(!window.contains(id(Int(useless) - 1)))
                #expect(window.contains(id(Int(useless))))
            }
        }
    }

    @Test("forgets what is old when nothing comes")
    func old() {
        var window = RepeatWindow(limit: 10, time: 1000)
        _ = window.insert([id(1)], row: 1, at: 0)
        _ = window.insert([id(2)], row: 2, at: 1500)
        #expect(window.contains(id(1)))
        _ = window.insert([id(3)], row: 3, at: 3000)
        #expect(!window.contains(id(1)))
        #expect(window.contains(id(2)))
    }

    @Test("reads its rows as they were written")
    func coding() {
        let ids = (0..<5).map { id($0) }
        #expect(RepeatWindow.ids(of: RepeatWindow.bytes(of: ids)) == ids)
    }

    @Test("tells ids apart, and the exchanges they were published to")
    func identity() {
        #expect(PublishID(exchange: "a", id: "1") == PublishID(exchange: "a", id: "1"))
        #expect(PublishID(exchange: "a", id: "1") != PublishID(exchange: "b", id: "1"))
        #expect(PublishID(exchange: "a", id: "1b") != PublishID(exchange: "ab", id: "1"))
    }
}
