import MartletCore
import MartletRuntime
import Testing

@Suite("A group that is shut down", .timeLimit(.minutes(1)))
struct ShutdownTests {
    @Test("finishes what runs on it, though that waits for another thread")
    func finishes() async throws {
        let group = EventLoopGroup(loops: 1, name: "test")
        let (starts, started) = AsyncStream<Void>.makeStream()
        let (goesOn, go) = AsyncStream<Void>.makeStream()
        async let result = group.run { _ in
            started.finish()
            for await _ in goesOn {}
            return 7
        }
        for await _ in starts {}
        group.shutdown()
        // Longer than the loop takes to see that it is to end.
        try await Task.sleep(for: .milliseconds(20))
        go.finish()
        #expect(try await result == 7)
    }

    @Test("refuses what comes later, and lets nobody wait for it")
    func refuses() async throws {
        let group = EventLoopGroup(loops: 1, name: "test")
        group.shutdown()
        let error = await #expect(throws: ServiceError.self) {
            while true { try await group.run { _ in } }
        }
        #expect(error?.code == .unavailable)
    }

    @Test("answers each of many who come while it ends, one way or the other")
    func races() async throws {
        for _ in 0..<50 {
            let group = EventLoopGroup(loops: 1, name: "test")
            await withTaskGroup(of: Void.self) { tasks in
                for _ in 0..<8 {
                    tasks.addTask { for _ in 0..<20 { _ = try? await group.run { _ in await Task.yield() } } }
                }
                tasks.addTask { group.shutdown() }
            }
        }
    }
}
