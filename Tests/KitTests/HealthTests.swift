import MartletCore
import MartletHTTP
import Testing

@testable import MartletKit

private final class LevelRecorder: LogHandler {
    private let levels = Locked<[Logger.Level]>([])
    var seen: [Logger.Level] { levels.withLock { $0 } }

    func log(_ record: borrowing LogRecord) {
        let level = record.level
        levels.withLock { $0.append(level) }
    }
}

@Suite("Health", .timeLimit(.minutes(1)))
struct HealthTests {
    private let readiness = Readiness(patience: .milliseconds(20))
    private let metrics = Metrics()

    private func get(_ path: String) async throws -> (status: Int, headers: HTTPHeaders, body: String) {
        var router = Router(failure: { .envelope(failure: $0) })
        router.use(DefaultStack(Telemetry(service: "test", logger: .disabled, metrics: metrics)))
        router.health(readiness, metrics)
        let response = try await router.handler()(HTTPRequest(.get, path))
        let body = String(decoding: try await response.body.collect(upTo: 1 << 20), as: UTF8.self)
        return (response.status.code, response.headers, body)
    }

    @Test("none of them is in the log at info while all is well")
    func quiet() async throws {
        let levels = LevelRecorder()
        var router = Router(failure: { .envelope(failure: $0) })
        let logger = Logger(label: "test", level: .debug, handler: levels)
        router.use(DefaultStack(Telemetry(service: "test", logger: logger, metrics: metrics)))
        router.health(readiness, metrics)
        let handler = try router.handler()
        for path in ["/livez", "/readyz", "/metrics"] { _ = try await handler(HTTPRequest(.get, path)) }
        // Not ready yet: that is said.
        #expect(levels.seen == [.debug, .warning, .debug])
        readiness.becameReady()
        _ = try await handler(HTTPRequest(.head, "/readyz"))
        #expect(levels.seen.last == .debug)
    }

    @Test("/livez says that the process answers, ready or not")
    func live() async throws {
        let answer = try await get("/livez")
        #expect(answer.status == 200 && answer.body == "ok\n")
        #expect(answer.headers["Content-Type"] == "text/plain; charset=utf-8")
    }

    @Test("/readyz is 503 until the group runs, and when it shuts down")
    func phases() async throws {
        readiness.require("store") { nil }
        let starting = try await get("/readyz")
        #expect(starting.status == 503 && starting.body == "service: starting\n")
        readiness.becameReady()
        let ready = try await get("/readyz")
        #expect(ready.status == 200 && ready.body == "ok\n")
        readiness.becameUnready("shutting down")
        let ending = try await get("/readyz")
        #expect(ending.status == 503 && ending.body == "service: shutting down\n")
    }

    @Test("/readyz names every check that fails, and why, in the order they were declared")
    func reasons() async throws {
        readiness.becameReady()
        readiness.require("store") { "no such file" }
        readiness.require("fine") { nil }
        readiness.require("bus") { "refused" }
        let answer = try await get("/readyz")
        #expect(answer.status == 503 && answer.body == "store: no such file\nbus: refused\n")
        #expect(answer.headers["Content-Type"] == "text/plain; charset=utf-8")
    }

    @Test("what is away and not needed at once is said, and the service is ready")
    func mentions() async throws {
        readiness.becameReady()
        readiness.mention("bus") { "away" }
        readiness.mention("fine") { nil }
        let ready = try await get("/readyz")
        #expect(ready.status == 200 && ready.body == "ok\nbus: away\n")
        readiness.require("store") { "gone" }
        let answer = try await get("/readyz")
        #expect(answer.status == 503 && answer.body == "store: gone\nbus: away\n")
    }

    @Test("a check that does not answer in its time has failed, and knows its deadline")
    func slowCheck() async throws {
        let deadlines = Locked<[MonotonicTime?]>([])
        readiness.becameReady()
        readiness.require("store") {
            deadlines.withLock { $0.append(CallContext.current?.deadline) }
            await ShutdownSignal().wait()
            return "too late"
        }
        readiness.require("other") { "broken" }
        let answer = try await get("/readyz")
        #expect(answer.status == 503 && answer.body == "store: no answer within 0.02 seconds\nother: broken\n")
        #expect(deadlines.withLock { $0.count == 1 && $0[0] != nil })
    }

    @Test("/metrics has what the default stack counts, as Prometheus text")
    func metricsPage() async throws {
        metrics.counter("test_things_total", help: "Things.").increment(by: 7)
        _ = try await get("/livez")
        _ = try await get("/nothing")
        let page = try await get("/metrics")
        #expect(page.status == 200)
        #expect(page.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8")
        let lines = page.body.split(separator: "\n").map(String.init)
        #expect(lines.contains("# HELP test_things_total Things."))
        #expect(lines.contains("# TYPE test_things_total counter"))
        #expect(lines.contains("test_things_total 7"))
        #expect(lines.contains { $0.contains(#"operation="GET /livez""#) })
        #expect(lines.contains { $0.contains(#"operation="not found""#) })
        #expect(lines.allSatisfy { $0.hasPrefix("#") || $0.split(separator: " ").count >= 2 })
        #expect(page.body.hasSuffix("\n"))
    }
}
