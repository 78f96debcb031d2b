import Glibc
import MartletEmbeddedBus
import MartletMessaging
import MartletSQLite
import MessagingDriverChecks
import Testing

@Suite("The embedded bus as a driver", .timeLimit(.minutes(2)))
struct DriverTests {
    private func run(_ check: BusDriverCheck, _ bus: any MessageBus, _ other: any MessageBus) async {
        do {
            try await check.run(on: bus, and: other)
        } catch {
            Issue.record("\(check): \(error)")
        }
    }

    @Test("in the process that owns it", arguments: BusDriverCheck.all)
    func inOneProcess(check: BusDriverCheck) async throws {
        let scratch = try Scratch()
        let bus = try await scratch.open()
        await run(check, bus, bus)
        #expect(try await bus.problems().isEmpty)
        await bus.close()
    }

    @Test("in memory", arguments: BusDriverCheck.all)
    func inMemory(check: BusDriverCheck) async throws {
        let bus = try await EmbeddedBus.open(.memory)
        await run(check, bus, bus)
        await bus.close()
    }

    @Test("in its process and over its socket", arguments: BusDriverCheck.all)
    func overItsSocket(check: BusDriverCheck) async throws {
        let scratch = try Scratch()
        let bus = try await scratch.open()
        let server = try BusServer(on: bus, socket: scratch.socket)
        try await server.start()
        let client = try SocketBus(socket: scratch.socket)
        await run(check, client, bus)
        await run(check, bus, client)
        #expect(try await bus.problems().isEmpty)
        await client.close()
        await server.stop()
    }

    @Test("of another process, by two connections", arguments: BusDriverCheck.all)
    func ofAnotherProcess(check: BusDriverCheck) async throws {
        let scratch = try Scratch()
        let owner = try Helper("own", scratch.store, scratch.socket)
        #expect(try owner.line() == "ready")
        let clients = [try SocketBus(socket: scratch.socket), try SocketBus(socket: scratch.socket)]
        await run(check, clients[0], clients[1])
        for client in clients { await client.close() }
        try owner.kill()
    }
}
