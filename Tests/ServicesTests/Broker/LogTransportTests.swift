import BusService
import MartletCore
import MartletHTTP
import MartletKit
import MartletMessaging
import MartletWire
import Testing

@testable import BrokerService
@testable import LoggerService

@Suite("How a log entry leaves the broker", .timeLimit(.minutes(1)))
struct LogTransportTests {
    private static let viaBus = #"{"error":false,"message":"logged via RabbitMQ"}"#
    private static let viaHTTP = #"{"error":false,"message":"logged!"}"#

    private func entry(_ transport: String? = nil) -> String {
        #"{"action":"log","log":{"name":"event","data":"d"}\#(transport.map { #","transport":"\#($0)""# } ?? "")}"#
    }

    /// What waits for the listener.
    private func events(_ bus: SharedBus) async throws -> [BusMessage] {
        let consumer = try await bus.bus.consume(CourseBus.listener, prefetch: 100)
        let count = try await bus.status(CourseBus.listener).messages
        var messages: [BusMessage] = []
        while messages.count < count, let delivery = try await consumer.next() {
            messages.append(delivery.message)
            delivery.acknowledge()
        }
        await consumer.close()
        return messages
    }

    @Test("by the bus when a request says so: 202 when the event is safe, as `log.INFO` on `logs_topic`")
    func chosen() async throws {
        let logger = try StandIn(.accepted, "")
        try await withBus { bus in
            try await withService(BrokerApp.self, ["BUS_URL": bus.url, "LOGGER_URL": logger.url]) { broker in
                try await broker.post("/handle", entry("bus")).isEnvelope(202, Self.viaBus)
                try await broker.post("/handle", entry("http")).isEnvelope(202, Self.viaHTTP)
                try await broker.post("/handle", entry()).isEnvelope(202, Self.viaHTTP)
                try await broker.post("/handle", entry("")).isEnvelope(202, Self.viaHTTP)
            }
            let events = try await events(bus)
            #expect(events.map(\.routingKey) == ["log.INFO"])
            #expect(events.map { String(decoding: $0.body, as: UTF8.self) } == [#"{"name":"event","data":"d"}"#])
            #expect(events.first?.contentType == "application/json" && events.first?.headers.trace != nil)
        }
        #expect(logger.requests.count == 3)
    }

    @Test("by the bus when the broker is set to it, unless a request says http")
    func configured() async throws {
        let logger = try StandIn(.accepted, "")
        try await withBus { bus in
            let environment = ["BUS_URL": bus.url, "LOGGER_URL": logger.url, "LOG_TRANSPORT": "bus"]
            try await withService(BrokerApp.self, environment) { broker in
                try await broker.post("/handle", entry()).isEnvelope(202, Self.viaBus)
                try await broker.post("/handle", entry("http")).isEnvelope(202, Self.viaHTTP)
            }
            #expect(try await events(bus).count == 1)
        }
    }

    @Test("a transport that is unknown is 400, with those that are", arguments: ["amqp", "Bus", "rpc"])
    func unknown(transport: String) async throws {
        try await withService(BrokerApp.self) { broker in
            try await broker.post("/handle", entry(transport)).isEnvelope(
                400, #"{"error":true,"message":"unknown transport; known: http, bus"}"#)
        }
    }

    @Test("the first event makes the queue, so that it waits for a listener that never ran")
    func firstEvent() async throws {
        let folder = try TestFolder()
        let url = "unix:\(folder.path)/bus.sock"
        try await withService(BusApp.self, ["DATA_DIR": folder.path, "BUS_URL": url]) { _ in
            try await withService(BrokerApp.self, ["BUS_URL": url]) { broker in
                try await broker.post("/handle", entry("bus")).isEnvelope(202, Self.viaBus)
            }
        }
        try await withBus(in: folder) { bus in
            let status = try await bus.status(CourseBus.listener)
            #expect(status.messages == 1)
        }
    }

    @Test("a request that is repeated with its key is one event; another key is another")
    func repeated() async throws {
        try await withBus { bus in
            try await withService(BrokerApp.self, ["BUS_URL": bus.url]) { broker in
                for key in ["a", "a", "b"] {
                    try await broker.post("/handle", entry("bus"), headers: ["Idempotency-Key": key])
                        .isEnvelope(202, Self.viaBus)
                }
                // What can be no message's id counts as none.
                for _ in 0..<2 {
                    try await broker.post("/handle", entry("bus"), headers: ["Idempotency-Key": "a b"])
                        .isEnvelope(202, Self.viaBus)
                }
            }
            let ids = try await events(bus).map(\.id)
            #expect(ids.count == 4 && Set(ids).isSuperset(of: ["key:a", "key:b"]), "\(ids)")
        }
    }

    @Test("a bus that is away costs an error in time, and nothing else: the other actions work")
    func away() async throws {
        let logger = try StandIn(.accepted, "")
        let environment = ["BUS_URL": "unix:/nowhere/bus.sock", "LOGGER_URL": logger.url]
        try await withService(BrokerApp.self, environment) { broker in
            let reply = try await broker.post("/handle", entry("bus"), headers: ["grpc-timeout": "100m"])
            #expect(reply.status == 400 || reply.status == 504, "\(reply.status)")
            #expect(reply.body.hasPrefix(#"{"error":true,"message":""#), "\(reply.body)")
            try await broker.post("/handle", entry()).isEnvelope(202, Self.viaHTTP)
            let ready = try await broker.get("/readyz")
            #expect(ready.status == 200 && ready.body.hasPrefix("ok\nbus: "), "\(ready.body)")
        }
    }
}
