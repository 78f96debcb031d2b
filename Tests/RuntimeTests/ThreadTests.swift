import MartletCore
import MartletRuntime
import Testing

@Suite("On which thread Swift code runs", .timeLimit(.minutes(1)))
struct ThreadTests {
    nonisolated func plainFunction() async -> EventLoop? { EventLoop.current }

    actor Counter {
        var value = 0
        func increment() -> EventLoop? {
            value += 1
            return EventLoop.current
        }
    }

    actor Store {
        let loop: EventLoop
        var calls = 0
        nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }
        init(on loop: EventLoop) { self.loop = loop }
        func whereAmI() -> EventLoop? { EventLoop.current }
        /// Touches the actor's state first: a method that does nothing but call on may never be entered on the actor.
        func callNonisolated() async -> EventLoop? {
            calls += 1
            return await helper()
        }
        nonisolated func helper() async -> EventLoop? { EventLoop.current }
    }

    @Test("nonisolated functions, child tasks, groups and default actors stay on the loop")
    func staysOnTheLoop() async throws {
        try await withLoop { loop in
            #expect(EventLoop.current === loop)
            #expect(await plainFunction() === loop)
            async let child = plainFunction()
            #expect(await child === loop)
            let all = await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<4 { group.addTask { await plainFunction() === loop } }
                return await group.reduce(true) { $0 && $1 }
            }
            #expect(all)
            #expect(await Counter().increment() === loop)
            #expect(EventLoop.current === loop)
        }
    }

    @Test("after Task.sleep, the loop's own sleep and a continuation resumed elsewhere, the task is back on the loop")
    func comesBack() async throws {
        try await withLoop { loop in
            try await Task.sleep(for: .milliseconds(1))
            #expect(EventLoop.current === loop)
            try await EventLoop.sleep(for: .milliseconds(1))
            #expect(EventLoop.current === loop)
            let other = try await offload { EventLoop.current == nil }
            #expect(other)
            #expect(EventLoop.current === loop)
            await Task.yield()
            #expect(EventLoop.current === loop)
        }
    }

    @Test("an unstructured task leaves the loop, unless it is told to prefer it")
    func unstructuredLeaves() async throws {
        try await withLoop { loop in
            let left = await Task.detached { EventLoop.current == nil }.value
            #expect(left)
            let told = await Task(executorPreference: loop) { EventLoop.current === loop }.value
            #expect(told)
        }
    }

    @Test("an actor with a loop of its own runs there, and so does what it calls; its caller comes back")
    func storeActor() async throws {
        let storeLoop = EventLoop(name: "store")
        defer { storeLoop.stop() }
        try await withLoop { loop in
            let store = Store(on: storeLoop)
            #expect(await store.whereAmI() === storeLoop)
            let called = await store.callNonisolated()
            #expect(called?.name == storeLoop.name)
            #expect(EventLoop.current === loop)
        }
    }

    @Test("a task that only yields starves neither timers, nor other tasks, nor work from other threads")
    func yieldingStarvesNobody() async throws {
        try await withLoop { loop in
            let spinner = Task(executorPreference: loop) {
                var turns = 0
                while !Task.isCancelled {
                    turns += 1
                    await Task.yield()
                }
                return turns
            }
            try await EventLoop.sleep(for: .milliseconds(5))
            let posted = await withCheckedContinuation { continuation in
                Task.detached { loop.execute { continuation.resume(returning: true) } }
            }
            #expect(posted)
            spinner.cancel()
            #expect(await spinner.value > 1)
        }
    }

    @Test("a job that holds the loop is measured, and named by its task's activity")
    func lagIsMeasured() async throws {
        final class Handler: EventLoop.Activity {
            let currentActivity = "GET /slow"
        }
        try await withLoop { loop in
            let handler = Handler()
            await Task.yield()
            let token = loop.describeCurrentTask(handler)
            defer { loop.forgetActivity(token) }
            let end = MonotonicTime.now + .milliseconds(40)
            while MonotonicTime.now < end {}
            await Task.yield()
            let reading = loop.lag
            // Not one exactly: on a busy machine any other may have been slow too.
            #expect(reading.slowJobs >= 1)
            #expect(reading.latestActivity == "GET /slow")
            #expect(reading.longest >= .milliseconds(20))
        }
    }

    @Test("work executed on a loop runs in the order of the calls")
    func executeIsOrdered() async throws {
        try await withLoop { loop in
            let seen = Locked<[Int]>([])
            await Task.detached {
                for index in 0..<1000 { loop.execute { seen.withLock { $0.append(index) } } }
            }.value
            await withCheckedContinuation { continuation in loop.execute { continuation.resume() } }
            #expect(seen.withLock { $0 } == Array(0..<1000))
        }
    }

    @Test("the end of a turn comes after the jobs that were queued for it, once for all of them")
    func turnEnd() async throws {
        try await withLoop { loop in
            let log = Locked<[String]>([])
            loop.onTurnEnd { log.withLock { if $0.contains("job") { $0.append("end") } } }
            let tasks = (0..<3).map { _ in
                Task(executorPreference: loop) { log.withLock { $0.append("job") } }
            }
            for task in tasks { await task.value }
            #expect(log.withLock { Array($0.prefix(4)) } == ["job", "job", "job", "end"])
        }
    }
}
