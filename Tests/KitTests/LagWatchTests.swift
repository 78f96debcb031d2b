import MartletCore
import MartletKit
import MartletRuntime
import Testing

@Suite("The watch over event loops")
struct LagWatchTests {
    private final class Gathering: LogHandler {
        let lines = Locked<[String]>([])

        func log(_ record: borrowing LogRecord) {
            var bytes: [UInt8] = []
            LogFormat.text.append(copy record, to: &bytes)
            lines.withLock { $0.append(String(decoding: bytes, as: UTF8.self)) }
        }
    }

    private final class Work: EventLoop.Activity {
        let currentActivity = "GET /spin"
    }

    @Test("a task that holds a loop is warned about, with what it does; the next ones are left out for a while")
    func warning() async throws {
        let group = EventLoopGroup(loops: 1, name: "watched")
        let log = Gathering()
        let watch = LagWatch(of: group, logger: Logger(label: "test", handler: log))
        try await group.run { loop in
            let work = Work()
            await Task.yield()
            let token = loop.describeCurrentTask(work)
            for _ in 0..<3 {
                let end = MonotonicTime.now + .milliseconds(30)
                while MonotonicTime.now < end {}
                await Task.yield()
            }
            loop.forgetActivity(token)
            #expect(loop.lag.slowJobs == 3)
        }
        let lines = log.lines.withLock { $0 }
        #expect(lines.count == 1)
        #expect(lines.first?.contains("watched-0") == true)
        #expect(lines.first?.contains("GET /spin") == true)
        withExtendedLifetime(watch) {}
        group.shutdown()
    }
}
