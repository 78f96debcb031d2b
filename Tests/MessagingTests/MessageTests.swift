import MartletCore
import Testing

@testable import MartletMessaging

@Suite("A message")
struct MessageTests {
    @Test("carries the trace of whoever publishes it, and no deadline of theirs")
    func context() throws {
        var trace = TraceContext.root()
        trace.state = "a=b"
        let context = CallContext(trace: trace, deadline: .now + .seconds(1))
        let message = BusMessage(routingKey: "a", body: [], context: context)
        let inbound = InboundContext(from: message)
        #expect(inbound.trace == trace)
        #expect(inbound.timeout == nil)
        #expect(inbound.idempotencyKey == message.id)
    }

    @Test("with a deadline leaves its handler the time until then, and none once it has passed")
    func deadline() {
        var message = BusMessage(routingKey: "a", body: [], context: nil)
        message.deadline = WallTime(nanoseconds: 5_000_000_000)
        #expect(message.headers["deadline"] == "5000")
        #expect(InboundContext(from: message, at: WallTime(nanoseconds: 3_000_000_000)).timeout == .seconds(2))
        #expect(InboundContext(from: message, at: WallTime(nanoseconds: 9_000_000_000)).timeout == .zero)
    }

    @Test(
        "reads nothing from headers that others filled with nonsense", arguments: ["", "x", "-", "9223372036854775807"])
    func nonsense(text: String) {
        let headers: MessageHeaders = ["deadline": text, "traceparent": text]
        #expect(headers.deadline == nil)
        #expect(headers.trace == nil)
    }

    @Test("has an id of its own, later ones greater")
    func ids() {
        let ids = (0..<1000).map { _ in BusMessage.newID() }
        #expect(Set(ids).count == 1000)
        #expect(ids.allSatisfy { $0.utf8.count == 32 })
        #expect(ids.map { $0.prefix(12) } == ids.map { $0.prefix(12) }.sorted())
    }

    @Test("over a limit is refused")
    func limits() {
        let large: MessageHeaders = ["a": String(repeating: "x", count: 5000)]
        let many = MessageHeaders((0..<65).map { MessageHeaders.Field("h\($0)", "x") })
        let total = MessageHeaders(
            (0..<5).map { MessageHeaders.Field("h\($0)", String(repeating: "x", count: 4000)) })
        for headers in [large, many, total] {
            #expect(throws: ServiceError.self) {
                try BusMessage(routingKey: "a", headers: headers, body: [], context: nil).check()
            }
        }
        #expect(throws: ServiceError.self) { try BusMessage(id: "", routingKey: "a", body: []).check() }
        #expect(throws: ServiceError.self) { try BusMessage(id: "a b", routingKey: "a", body: []).check() }
    }
}

@Suite("What becomes of a message")
struct DispositionTests {
    @Test("each code of a failure has one meaning", arguments: ServiceError.Code.allCases)
    func codes(code: ServiceError.Code) {
        let disposition = Disposition(of: ServiceError(code, "x", retryAfter: .seconds(3)))
        let again: [ServiceError.Code] = [
            .unavailable, .deadlineExceeded, .resourceExhausted, .aborted, .cancelled, .unknown, .internal,
        ]
        let expected: Disposition =
            code == .alreadyExists ? .done : again.contains(code) ? .again(after: .seconds(3)) : .never
        #expect(disposition == expected)
    }

    @Test("delays double up to their limit, and half of each is by chance")
    func delays() {
        let policy = RetryPolicy(initial: .seconds(1), maximum: .seconds(10))
        #expect(policy.delay(after: 1, chance: 1) == .seconds(1))
        #expect(policy.delay(after: 3, chance: 1) == .seconds(4))
        #expect(policy.delay(after: 5, chance: 1) == .seconds(10))
        #expect(policy.delay(after: .max, chance: 0) == .seconds(5))
        #expect(policy.delay(after: 0, chance: 0) == .milliseconds(500))
    }

    @Test("repeats are known, up to a number, and while the first is in progress")
    func repeats() {
        let recent = RecentMessages(limit: 2)
        #expect(recent.begin("a") == .new)
        #expect(recent.begin("a") == .inProgress)
        recent.end("a", isDone: true)
        #expect(recent.begin("a") == .done)
        for id in ["b", "c"] {
            _ = recent.begin(id)
            recent.end(id, isDone: true)
        }
        #expect(recent.begin("a") == .new)
        recent.end("a", isDone: false)
        #expect(recent.begin("a") == .new)
    }
}
