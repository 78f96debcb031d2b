import FoundationEssentials
import Glibc
import MartletCore
import MartletEmbeddedBus
import MartletKit
import MartletMessaging
import MartletSQLite
import Testing

@testable import BusService

/// A bus that cannot be reached, as a driver has it whose server is away.
struct AwayBus: MessageBus {
    private static let away = ServiceError(.unavailable, "the bus is away")

    func declare(_ topology: BusTopology) async throws { throw Self.away }
    func publish(_ message: BusMessage, to exchange: String, mandatory: Bool) async throws { throw Self.away }
    func consume(_ queue: Queue, prefetch: Int) async throws -> any MessageConsumer { throw Self.away }
    func unbind(_ binding: Binding, from queue: String) async throws { throw Self.away }
    func delete(queue: String) async throws { throw Self.away }
    func queues() async throws -> [QueueStatus] { throw Self.away }
    func deadLetters(of queue: String?, after number: Int64, limit: Int) async throws -> [DeadLetter] {
        throw Self.away
    }
    func redrive(_ selection: DeadLetterSelection) async throws -> Int { throw Self.away }
    func discard(_ selection: DeadLetterSelection) async throws -> Int { throw Self.away }
    func problem() async -> String? { Self.away.message }
    func close() async {}
}

/// A folder of a test's own, gone with it.
final class TestFolder: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/martlet-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw ServiceError(.internal, "mkdtemp failed") }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// The bus as a service that others reach by its socket.
struct SharedBus: Sendable {
    /// For the services under test.
    let url: String
    /// The test's own connection.
    let bus: any MessageBus

    func status(_ queue: Queue) async throws -> QueueStatus {
        try #require(try await bus.queues().first { $0.name == queue.name })
    }

    /// Waits until the queue is as `condition` has it. The suite's time limit ends a wait in vain.
    func eventually(_ queue: Queue, _ condition: (QueueStatus) -> Bool) async throws {
        while !Task.isCancelled {
            if let status = try await bus.queues().first(where: { $0.name == queue.name }), condition(status) { return }
            await Task.yield()
        }
    }

    func publish(_ body: String, as key: String = "log.INFO", id: String = BusMessage.newID()) async throws {
        try await bus.publish(
            BusMessage(id: id, routingKey: key, contentType: "text/plain", body: Array(body.utf8)), to: CourseBus.logs)
    }
}

/// Runs the bus while `body` does, with the system's queues.
func withBus(in folder: TestFolder? = nil, _ body: (SharedBus) async throws -> Void) async throws {
    let folder = try folder ?? TestFolder()
    let url = "unix:\(folder.path)/bus.sock"
    try await withService(BusApp.self, ["DATA_DIR": folder.path, "BUS_URL": url]) { _ in
        let bus = try await BusAddress(dsn: url).open()
        do {
            try await bus.declare(CourseBus.topology)
            try await body(SharedBus(url: url, bus: bus))
        } catch {
            await bus.close()
            throw error
        }
        await bus.close()
    }
    withExtendedLifetime(folder) {}
}

/// The real driver, in memory.
enum BusHarness {
    static func open() async throws -> EmbeddedBus { try await EmbeddedBus.open(.memory) }
}

/// A bus that is away until it is switched on.
final class SwitchedBus: MessageBus {
    let inner: EmbeddedBus
    private let state = Locked((isAway: true, refusals: 0))

    init(_ inner: EmbeddedBus) { self.inner = inner }

    var isAway: Bool {
        get { state.withLock { $0.isAway } }
        set { state.withLock { $0.isAway = newValue } }
    }

    /// Calls that found it away.
    var refusals: Int { state.withLock { $0.refusals } }

    private func reached() throws -> EmbeddedBus {
        let isAway = state.withLock { state in
            if state.isAway { state.refusals += 1 }
            return state.isAway
        }
        if isAway { throw ServiceError(.unavailable, "the bus is away") }
        return inner
    }

    func declare(_ topology: BusTopology) async throws { try await reached().declare(topology) }
    func publish(_ message: BusMessage, to exchange: String, mandatory: Bool) async throws {
        try await reached().publish(message, to: exchange, mandatory: mandatory)
    }
    func consume(_ queue: Queue, prefetch: Int) async throws -> any MessageConsumer {
        try await reached().consume(queue, prefetch: prefetch)
    }
    func unbind(_ binding: Binding, from queue: String) async throws {
        try await reached().unbind(binding, from: queue)
    }
    func delete(queue: String) async throws { try await reached().delete(queue: queue) }
    func queues() async throws -> [QueueStatus] { try await reached().queues() }
    func deadLetters(of queue: String?, after number: Int64, limit: Int) async throws -> [DeadLetter] {
        try await reached().deadLetters(of: queue, after: number, limit: limit)
    }
    func redrive(_ selection: DeadLetterSelection) async throws -> Int { try await reached().redrive(selection) }
    func discard(_ selection: DeadLetterSelection) async throws -> Int { try await reached().discard(selection) }
    func problem() async -> String? { isAway ? "away" : await inner.problem() }
    func close() async { await inner.close() }
}
