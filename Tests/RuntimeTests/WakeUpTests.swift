import MartletCore
import MartletRuntime
import Testing

@Suite("Wake-ups", .timeLimit(.minutes(1)))
struct WakeUpTests {
    @Test("work that is handed over inside wakingAtEnd runs, all of it and in order, though the loop is woken once")
    func heldWakeUps() async throws {
        let other = EventLoop(name: "other")
        defer { other.stop() }
        let order = Locked<[Int]>([])
        let done = ShutdownSignal()
        try await withLoop { _ in
            EventLoop.wakingAtEnd {
                for number in 0..<100 { other.execute { order.withLock { $0.append(number) } } }
                // Nested: the outer one wakes.
                EventLoop.wakingAtEnd { other.execute { done.trigger() } }
            }
        }
        await done.wait()
        #expect(order.withLock { $0 } == Array(0..<100))
    }

    @Test("a loop wakes itself as well, and a thread that is no loop's wakes at once")
    func selfAndOutsiders() async throws {
        let loop = EventLoop(name: "test")
        defer { loop.stop() }
        let first = ShutdownSignal()
        let second = ShutdownSignal()
        EventLoop.wakingAtEnd {
            loop.execute { EventLoop.wakingAtEnd { loop.execute { first.trigger() } } }
        }
        await first.wait()
        EventLoop.wakingAtEnd { loop.execute { second.trigger() } }
        await second.wait()
    }

    @Test("waitForWork ends when another thread has work, which then runs")
    func waitForWork() async throws {
        let loop = EventLoop(name: "test", worksOffQueue: true)
        defer { loop.stop() }
        let isWaiting = ShutdownSignal()
        let foundWork = Locked<Bool?>(nil)
        let ran = ShutdownSignal()
        loop.execute {
            isWaiting.trigger()
            let found = loop.waitForWork(atMost: .seconds(50))
            foundWork.withLock { $0 = found }
        }
        await isWaiting.wait()
        loop.execute { ran.trigger() }
        await ran.wait()
        #expect(foundWork.withLock { $0 } == true)
    }

    @Test("waitForWork ends without work when its time is over")
    func nothingComes() async throws {
        let loop = EventLoop(name: "test")
        defer { loop.stop() }
        let ended = ShutdownSignal()
        let foundWork = Locked<Bool?>(nil)
        loop.execute {
            let found = loop.waitForWork(atMost: .milliseconds(1))
            foundWork.withLock { $0 = found }
            ended.trigger()
        }
        await ended.wait()
        #expect(foundWork.withLock { $0 } == false)
    }

    @Test("work that ended one wait, or was put off, does not end the next, and runs in the next turn")
    func waitsAgain() async throws {
        let loop = EventLoop(name: "test")
        defer { loop.stop() }
        let isWaiting = ShutdownSignal()
        let found = Locked<[Bool]>([])
        let order = Locked<[Int]>([])
        let ran = ShutdownSignal()
        loop.execute {
            loop.execute { order.withLock { $0.append(1) } }
            loop.putOffWork()
            isWaiting.trigger()
            for time in [Duration.seconds(50), .milliseconds(1)] {
                let isThere = loop.waitForWork(atMost: time)
                found.withLock { $0.append(isThere) }
            }
            loop.execute {
                order.withLock { $0.append(3) }
                ran.trigger()
            }
        }
        await isWaiting.wait()
        loop.execute { order.withLock { $0.append(2) } }
        await ran.wait()
        #expect(found.withLock { $0 } == [true, false])
        #expect(order.withLock { $0 } == [1, 2, 3])
    }

    @Test("work that was put off at the end of a turn runs, though nobody wakes the loop again")
    func putOffAtTurnEnd() async throws {
        let loop = EventLoop(name: "test")
        defer { loop.stop() }
        let ran = ShutdownSignal()
        let turns = Locked(0)
        loop.onTurnEnd {
            // Jobs run before and after the poll: both kinds of turn are tried.
            guard
                turns.withLock({
                    $0 += 1
                    return $0 <= 10
                })
            else { return }
            loop.execute {
                if turns.withLock({ $0 }) >= 10 { ran.trigger() } else { Task(executorPreference: loop) {} }
            }
            loop.putOffWork()
        }
        Task(executorPreference: loop) {}
        await ran.wait()
    }
}
