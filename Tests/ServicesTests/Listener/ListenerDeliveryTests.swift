import MartletCore
import MartletHTTP
import MartletKit
import MartletMessaging
import Testing

@testable import BrokerService
@testable import ListenerService
@testable import LoggerService

/// What the original does not do: each event is logged, and once.
@Suite("Events on their way to the logger", .timeLimit(.minutes(1)))
struct ListenerDeliveryTests {
    private static let logger = ["DSN": "sqlite::memory:"]

    private func isEmpty(_ status: QueueStatus) -> Bool { status.messages == 0 }

    private func event(_ number: Int) -> String { #"{"name":"event","data":"\#(number)"}"# }

    private func numbers(_ logger: LiveService) async throws -> [Int] {
        try await logger.page("limit=1000").entries.compactMap { Int($0.data) }.sorted()
    }

    @Test("two listeners share the events: each is logged once")
    func shared() async throws {
        try await withBus { bus in
            try await withService(LoggerApp.self, Self.logger) { logger in
                let environment = ["BUS_URL": bus.url, "LOGGER_URL": "\(logger.base)", "EVENT_CONCURRENCY": "4"]
                try await withService(ListenerApp.self, environment) { first in
                    try await withService(ListenerApp.self, environment) { second in
                        try await bus.eventually(CourseBus.listener) { $0.consumers == 2 }
                        for number in 0..<200 { try await bus.publish(event(number)) }
                        try await bus.eventually(CourseBus.listener, isEmpty)
                        let handled = [first, second].map { listener in
                            listener.metrics.counters(
                                "martlet_bus_deliveries_total",
                                help: "Messages that were delivered, by what became of them.",
                                labels: ["queue", "outcome"]
                            ).with("listener", "handled").value
                        }
                        #expect(handled.reduce(0, +) == 200 && handled.allSatisfy { $0 > 0 }, "\(handled)")
                    }
                }
                #expect(try await numbers(logger) == Array(0..<200))
            }
        }
    }

    @Test("events wait while no listener runs, over a restart of the bus too")
    func waiting() async throws {
        let folder = try TestFolder()
        try await withBus(in: folder) { bus in
            for number in 0..<20 { try await bus.publish(event(number)) }
        }
        try await withBus(in: folder) { bus in
            #expect(try await bus.status(CourseBus.listener).messages == 20)
            try await withService(LoggerApp.self, Self.logger) { logger in
                let environment = ["BUS_URL": bus.url, "LOGGER_URL": "\(logger.base)"]
                try await withService(ListenerApp.self, environment) { _ in
                    try await bus.eventually(CourseBus.listener, isEmpty)
                }
                #expect(try await numbers(logger) == Array(0..<20))
            }
        }
    }

    @Test("a logger that keeps an entry and dies before it says so has it once all the same")
    func lostAnswer() async throws {
        try await withBus { bus in
            try await withService(LoggerApp.self, Self.logger) { logger in
                let lost = Locked(0)
                // Passes everything on, and hangs up on the first answers.
                let client = HTTPClient()
                let between = try StandIn { request in
                    let body = try await request.body.collect(upTo: 1 << 20)
                    let passed = HTTPRequest(.post, "/log", headers: request.headers, body: .bytes(body))
                    let answer = try await client.send(passed, to: logger.base)
                    let isLost = lost.withLock { lost in
                        lost += 1
                        return lost <= 5
                    }
                    if isLost { throw CancellationError() }
                    return HTTPResponse(answer.status)
                }
                let environment = ["BUS_URL": bus.url, "LOGGER_URL": between.url]
                try await withService(ListenerApp.self, environment) { _ in
                    for number in 0..<10 { try await bus.publish(event(number)) }
                    try await bus.eventually(CourseBus.listener, isEmpty)
                }
                #expect(lost.withLock { $0 } >= 15)
                #expect(try await numbers(logger) == Array(0..<10))
            }
        }
    }

    @Test("a logger that is away for a while gets everything when it is back")
    func loggerAway() async throws {
        try await withBus { bus in
            let isUp = Locked(false)
            let logger = try StandIn { _ in HTTPResponse(isUp.withLock { $0 } ? .accepted : .serviceUnavailable) }
            let environment = ["BUS_URL": bus.url, "LOGGER_URL": logger.url]
            try await withService(ListenerApp.self, environment) { _ in
                for number in 0..<20 { try await bus.publish(event(number)) }
                await eventually { logger.requests.count >= 20 }
                #expect(try await bus.status(CourseBus.listener).messages == 20)
                isUp.withLock { $0 = true }
                try await bus.eventually(CourseBus.listener, isEmpty)
                #expect(try await bus.status(CourseBus.listener).deadLetters == 0)
            }
        }
    }

    @Test("a bus that is away for a while is found again")
    func busAway() async throws {
        let folder = try TestFolder()
        try await withService(LoggerApp.self, Self.logger) { logger in
            let environment = ["BUS_URL": "unix:\(folder.path)/bus.sock", "LOGGER_URL": "\(logger.base)"]
            try await withService(ListenerApp.self, environment) { _ in
                for round in 0..<2 {
                    try await withBus(in: folder) { bus in
                        for number in 0..<10 { try await bus.publish(event(round * 10 + number)) }
                        try await bus.eventually(CourseBus.listener, isEmpty)
                    }
                }
            }
            #expect(try await numbers(logger) == Array(0..<20))
        }
    }

    @Test("one trace goes from the broker over the bus to the logger")
    func trace() async throws {
        let trace = "0af7651916cd43dd8448eb211c80319c"
        try await withBus { bus in
            try await withService(LoggerApp.self, Self.logger) { logger in
                let environment = ["BUS_URL": bus.url, "LOGGER_URL": "\(logger.base)"]
                try await withService(ListenerApp.self, environment) { listener in
                    try await withService(BrokerApp.self, ["BUS_URL": bus.url]) { broker in
                        let body = #"{"action":"log","log":{"name":"event","data":"1"},"transport":"bus"}"#
                        let reply = try await broker.post(
                            "/handle", body, headers: ["traceparent": "00-\(trace)-b7ad6b7169203331-01"])
                        reply.isEnvelope(202, #"{"error":false,"message":"logged via RabbitMQ"}"#)
                        try await bus.eventually(CourseBus.listener, isEmpty)
                    }
                    await eventually { listener.spans.all.contains { $0.name == "handleEvent" } }
                    let handled = try #require(listener.spans.all.first { $0.name == "handleEvent" })
                    #expect(handled.context.traceID.description == trace)
                }
                let written = try #require(logger.spans.all.first { $0.name == "writeLog" })
                #expect(written.context.traceID.description == trace)
            }
        }
    }
}
