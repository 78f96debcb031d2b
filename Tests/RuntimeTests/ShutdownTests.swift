import MartletCore
import MartletRuntime
import Testing

@Suite("A group that is shut down", .timeLimit(.minutes(1)))
struct ShutdownTests {
    @Test("finishes what runs on it, though that waits for another thread")
    func finishes() async throws {
        let other = EventLoopGroup(loops: 1, name: "other")
        let listener = try Listener(.loopback(port: 0))
        listener.start(on: other) { _ in }
        let group = EventLoopGroup(loops: 1, name: "test")
        let (starts, started) = AsyncStream<Void>.makeStream()
        let (goesOn, go) = AsyncStream<Void>.makeStream()
        async let result = group.run { loop in
            _ = try await Connection.connect(to: listener.address, on: loop, deadline: .now + .seconds(20))
            started.finish()
            for await _ in goesOn {}
            return 7
        }
        for await _ in starts {}
        #expect(group.loops[0].connections == 1)
        group.shutdown()
        // A loop that is to end closes what is left on it, and then ends if it may.
        while group.loops[0].connections > 0 { await Task.yield() }
        go.finish()
        #expect(try await result == 7)
        listener.stop()
        other.shutdown()
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
