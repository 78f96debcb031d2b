import MartletCore
import MartletHTTP
import MartletKit
import MartletMessaging
import Testing

@testable import ListenerService
@testable import LoggerService

/// The rows of contracts, course A.7, over the bus's socket.
@Suite("The listener", .timeLimit(.minutes(1)))
struct ListenerContractTests {
    /// Runs a listener between the bus and this logger while `body` does.
    private func withListener(_ logger: StandIn, _ body: (SharedBus) async throws -> Void) async throws {
        try await withBus { bus in
            let environment = ["BUS_URL": bus.url, "LOGGER_URL": logger.url]
            try await withService(ListenerApp.self, environment) { _ in try await body(bus) }
        }
    }

    private func logger(_ status: HTTPStatus = .accepted) throws -> StandIn {
        try StandIn(status, #"{"error":false,"message":"logged"}"#)
    }

    private func isEmpty(_ status: QueueStatus) -> Bool { status.messages == 0 }

    @Test("exchange, keys and queue have the original's names, and the queue is shared and durable")
    func names() throws {
        #expect(CourseBus.logs == "logs_topic")
        #expect(CourseBus.listener.bindings.map(\.exchange) == ["logs_topic", "logs_topic", "logs_topic"])
        #expect(CourseBus.listener.bindings.map(\.pattern) == ["log.INFO", "log.WARNING", "log.ERROR"])
        #expect(CourseBus.listener.kind == .shared)
    }

    @Test(
        "an event is posted to the logger as it came, whatever its name",
        arguments: ["log", "event", "authentication", "anything", "", "Auth", "<&>"])
    func posted(name: String) async throws {
        let logger = try logger()
        try await withListener(logger) { bus in
            // As the original publishes it: indented with tabs, as text/plain.
            try await bus.publish("{\n\t\"name\": \"\(name)\",\n\t\"data\": \"d é\"\n}", id: "the-id")
            try await bus.eventually(CourseBus.listener, isEmpty)
        }
        let asked = try #require(logger.requests.first)
        #expect(logger.requests.count == 1 && asked.line == "POST /log")
        let shown = name == "<&>" ? #"\u003c\u0026\u003e"# : name
        #expect(asked.body == #"{"name":"\#(shown)","data":"d é"}"#)
        #expect(asked.headers["Content-Type"] == "application/json")
        #expect(asked.headers["Idempotency-Key"] == "the-id")
    }

    @Test("`auth` is nothing to do, and done")
    func auth() async throws {
        let logger = try logger()
        try await withListener(logger) { bus in
            try await bus.publish(#"{"name":"auth","data":"d"}"#)
            try await bus.eventually(CourseBus.listener, isEmpty)
            #expect(try await bus.status(CourseBus.listener).deadLetters == 0)
        }
        #expect(logger.requests.isEmpty)
    }

    @Test("INFO, WARNING and ERROR reach it; no queue takes any other key", arguments: ["WARNING", "ERROR"])
    func keys(level: String) async throws {
        let logger = try logger()
        try await withListener(logger) { bus in
            try await bus.publish(#"{"name":"event"}"#, as: "log.\(level)")
            try await bus.eventually(CourseBus.listener, isEmpty)
            let error = await #expect(throws: ServiceError.self) { try await bus.publish("{}", as: "log.DEBUG") }
            #expect(error?.code == .failedPrecondition)
        }
        #expect(logger.requests.map(\.body) == [#"{"name":"event","data":""}"#])
    }

    @Test(
        "a document without the fields is an event of empty ones, as everywhere in the course",
        arguments: ["{}", "null"])
    func empty(body: String) async throws {
        let logger = try logger()
        try await withListener(logger) { bus in
            try await bus.publish(body)
            try await bus.eventually(CourseBus.listener, isEmpty)
        }
        #expect(logger.requests.map(\.body) == [#"{"name":"","data":""}"#])
    }

    @Test(
        "what is no event is a dead letter at once, with the reason, and what follows is handled",
        arguments: ["", "{", "hello", #"{"name":7}"#, "[]", #"{}{}"#])
    func unreadable(body: String) async throws {
        let logger = try logger()
        try await withListener(logger) { bus in
            try await bus.publish(body)
            try await bus.publish(#"{"name":"event"}"#)
            try await bus.eventually(CourseBus.listener) { $0.messages == 0 && $0.deadLetters == 1 }
            let letter = try #require(try await bus.bus.deadLetters(of: "listener", after: 0, limit: 10).first)
            #expect(letter.attempts == 1 && letter.message.body == Array(body.utf8))
            #expect(letter.reason.hasPrefix("invalid_argument: ") && letter.reason.utf8.count > 20, "\(letter.reason)")
        }
        #expect(logger.requests.count == 1)
    }

    @Test("what the logger will never take is a dead letter, with the logger's text")
    func refused() async throws {
        let logger = try StandIn(.badRequest, #"{"error":true,"message":"too strange"}"#)
        try await withListener(logger) { bus in
            try await bus.publish(#"{"name":"event"}"#)
            try await bus.eventually(CourseBus.listener) { $0.deadLetters == 1 }
            let letter = try #require(try await bus.bus.deadLetters(of: "listener", after: 0, limit: 10).first)
            #expect(letter.reason.contains("too strange") && letter.attempts == 1)
        }
    }

    private static let passing: [HTTPStatus] = [
        .serviceUnavailable, .tooManyRequests, .internalServerError, .gatewayTimeout, .notFound, .ok,
    ]

    @Test("any other answer than 202 is tried again until it is one", arguments: passing)
    func again(status: HTTPStatus) async throws {
        let calls = Locked(0)
        let logger = try StandIn { _ in
            let number = calls.withLock { calls in
                calls += 1
                return calls
            }
            return HTTPResponse(number == 1 ? status : .accepted)
        }
        try await withListener(logger) { bus in
            try await bus.publish(#"{"name":"event"}"#, id: "same")
            try await bus.eventually(CourseBus.listener, isEmpty)
            #expect(try await bus.status(CourseBus.listener).deadLetters == 0)
        }
        #expect(logger.requests.count == 2)
        #expect(logger.requests.allSatisfy { $0.headers["Idempotency-Key"] == "same" })
    }

    @Test("when all attempts have failed, the event is a dead letter that can be sent again")
    func attempts() async throws {
        let isUp = Locked(false)
        let logger = try StandIn { _ in HTTPResponse(isUp.withLock { $0 } ? .accepted : .serviceUnavailable) }
        let queue = Queue("impatient", bindings: [Binding("log.INFO", of: CourseBus.logs)], maximumAttempts: 3)
        try await withBus { bus in
            let dispatcher = EventDispatcher(
                logger: LoggerClient(client: HTTPClient(), base: try HTTPBaseURL(logger.url)))
            var options = Subscription.Options()
            options.retry = RetryPolicy(initial: .milliseconds(1), maximum: .milliseconds(2))
            let subscription = Subscription(
                to: queue, on: bus.bus, telemetry: Telemetry(service: "listener", logger: .disabled), options: options,
                dispatcher.handleEvent)
            try await bus.bus.declare(BusTopology(queues: [queue]))
            let signal = ShutdownSignal()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await ShutdownSignal.$current.withValue(signal) { try await subscription.run() } }
                try await bus.publish(#"{"name":"event"}"#)
                try await bus.eventually(queue) { $0.deadLetters == 1 }
                #expect(logger.requests.count == 3)
                isUp.withLock { $0 = true }
                #expect(try await bus.bus.redrive(.queue(queue.name)) == 1)
                try await bus.eventually(queue) { $0.messages == 0 && $0.deadLetters == 0 }
                signal.trigger()
                try await group.waitForAll()
            }
        }
        #expect(logger.requests.count == 4)
    }

    @Test("it is ready while the bus is there, and says when it is not")
    func readiness() async throws {
        try await withService(ListenerApp.self, ["BUS_URL": "unix:/nowhere/bus.sock"]) { listener in
            var reply = try await listener.get("/readyz")
            while reply.body == "service: starting\n", !Task.isCancelled {
                await Task.yield()
                reply = try await listener.get("/readyz")
            }
            #expect(reply.status == 503 && reply.body.hasPrefix("bus: "), "\(reply.body)")
            #expect(try await listener.get("/livez").status == 200)
            #expect(try await listener.get("/metrics").status == 200)
            #expect(try await listener.post("/", "").status == 404)
        }
        try await withBus { bus in
            try await withService(ListenerApp.self, ["BUS_URL": bus.url]) { listener in
                while try await listener.get("/readyz").status != 200, !Task.isCancelled { await Task.yield() }
            }
        }
    }
}
