import MartletCore
import MartletRuntime
import Testing

@Suite("Timers", .timeLimit(.minutes(1)))
struct TimerTests {
    @Test("they fire in the order of their times, whatever the order they were scheduled in")
    func order() async throws {
        try await withLoop { loop in
            let base = MonotonicTime.now
            let fired = Locked<[Int]>([])
            let done = ShutdownSignal()
            var timers: [LoopTimer] = []
            for offset in [30, 10, 20, 5, 25, 15] {
                let timer = LoopTimer(on: loop) {
                    fired.withLock { $0.append(offset) }
                    if offset == 30 { done.trigger() }
                }
                timer.schedule(at: base + .milliseconds(offset))
                timers.append(timer)
            }
            await done.wait()
            #expect(fired.withLock { $0 } == [5, 10, 15, 20, 25, 30])
        }
    }

    @Test("one that is pushed forward does not fire at its old time; one that is pulled back does not wait for it")
    func moved() async throws {
        try await withLoop { loop in
            let fired = Locked<[String: MonotonicTime]>([:])
            let later = LoopTimer(on: loop) { fired.withLock { $0["later"] = .now } }
            let sooner = LoopTimer(on: loop) { fired.withLock { $0["sooner"] = .now } }
            let never = LoopTimer(on: loop) { fired.withLock { $0["never"] = .now } }
            let cancelled = LoopTimer(on: loop) { fired.withLock { $0["cancelled"] = .now } }
            let now = MonotonicTime.now
            later.schedule(at: now + .milliseconds(1))
            later.schedule(at: now + .milliseconds(40))
            sooner.schedule(at: now + .seconds(60))
            sooner.schedule(at: now + .milliseconds(10))
            never.schedule(at: now + .milliseconds(1))
            never.schedule(at: .never)
            cancelled.schedule(at: now + .milliseconds(1))
            cancelled.cancel()
            while fired.withLock({ $0.count }) < 2 { try await EventLoop.sleep(for: .milliseconds(5)) }
            let times = fired.withLock { $0 }
            #expect(times.keys.sorted() == ["later", "sooner"])
            #expect(try #require(times["later"]) >= now + .milliseconds(40))
        }
    }

    @Test("a cancelled sleep ends at once with CancellationError")
    func cancelledSleep() async throws {
        try await withLoop { loop in
            let sleeper = Task(executorPreference: loop) { try await EventLoop.sleep(for: .seconds(3600)) }
            await Task.yield()
            sleeper.cancel()
            await #expect(throws: CancellationError.self) { try await sleeper.value }
        }
    }
}
