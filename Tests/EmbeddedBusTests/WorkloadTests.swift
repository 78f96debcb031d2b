import MartletCore
import MartletEmbeddedBus
import MartletSQLite
import MessagingDriverChecks
import Testing

@Suite("The workload for tests that cut a bus off", .timeLimit(.minutes(1)))
struct WorkloadTests {
    @Test("finds nothing wrong with a bus that was closed in the middle and opened again")
    func closedInTheMiddle() async throws {
        for moment in [20, 60, 120] {
            let scratch = try Scratch()
            let bus = try await scratch.open()
            let workload = BusWorkload()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try? await workload.run(on: bus) }
                while workload.confirmed < moment { try await Task.sleep(for: .milliseconds(1)) }
                await bus.close()
                try await group.waitForAll()
            }
            let again = try await scratch.open()
            #expect(try await again.problems().isEmpty)
            #expect(try await workload.audit(again).isEmpty)
            #expect(try await again.problems().isEmpty)
            await again.close()
        }
    }

    @Test("finds what is lost")
    func findsLosses() async throws {
        let bus = try await EmbeddedBus.open(.memory)
        let workload = BusWorkload(messages: 50)
        try await workload.run(on: bus)
        await bus.close()
        let other = try await EmbeddedBus.open(.memory)
        #expect(try await !workload.audit(other).isEmpty)
        await other.close()
    }

    @Test("a store that is full refuses what it cannot keep, and keeps what it confirmed")
    func full() async throws {
        let scratch = try Scratch()
        var configuration = BusConfiguration()
        configuration.fileByteLimit = 256 << 10
        let bus = try await scratch.open(configuration)
        let workload = BusWorkload(messages: 20_000, publishers: 32)
        await #expect(throws: ServiceError.self) { try await workload.run(on: bus) }
        await bus.close()
        let again = try await scratch.open()
        #expect(workload.confirmed > 100)
        #expect(try await again.problems().isEmpty)
        #expect(try await workload.audit(again).isEmpty)
        await again.close()
    }
}
