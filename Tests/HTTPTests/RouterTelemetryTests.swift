import MartletCore
import Testing

@testable import MartletHTTP

/// What access lines say.
private final class AccessLines: LogHandler {
    struct Line: Equatable {
        var status: Int
        var failure: ServiceError.Code?
        var level: Logger.Level
    }
    private let kept = Locked<[Line]>([])
    var lines: [Line] { kept.withLock { $0 } }

    func log(_ record: borrowing LogRecord) {
        guard let call = record.call else { return }
        let line = Line(status: call.status, failure: call.failure, level: record.level)
        kept.withLock { $0.append(line) }
    }
}

@Suite("What a router's calls leave in the log")
struct RouterTelemetryTests {
    private struct Secret: Error {}

    private static func router(_ lines: AccessLines, level: Logger.Level = .trace) -> Router {
        var router = Router(failure: { error in
            var response = HTTPResponse(failure: error)
            if error is HTTPBodyTooLarge { response.status = .badRequest }
            return response
        })
        router.use(
            DefaultStack(Telemetry(service: "test", logger: Logger(label: "test", level: level, handler: lines))))
        return router
    }

    @Test("the heartbeat is a probe")
    func heartbeat() async throws {
        let lines = AccessLines()
        var router = Self.router(lines)
        router.heartbeat()
        let handler = try router.handler()
        _ = try await handler(HTTPRequest(.get, "/ping"))
        _ = try await handler(HTTPRequest(.get, "/nowhere"))
        #expect(lines.lines.map(\.level) == [.debug, .warning])
    }

    @Test("a thrown error has the status that it is answered with, this router's own ones included")
    func thrown() async throws {
        let lines = AccessLines()
        var router = Self.router(lines)
        router.get("/busy") { _ in throw ServiceError(.resourceExhausted, "busy") }
        router.get("/gone") { _ in throw HTTPError(HTTPStatus(410), "gone") }
        router.get("/secret") { _ in throw Secret() }
        router.get("/cancelled") { _ in throw CancellationError() }
        router.post("/large", bodyLimit: 1) { .text("\(try await $0.body.collect(upTo: .max).count)") }
        let handler = try router.handler()
        var answered: [Int] = []
        for path in ["/busy", "/gone", "/secret", "/cancelled"] {
            answered.append(try await handler(HTTPRequest(.get, path)).status.code)
        }
        answered.append(try await handler(HTTPRequest(.post, "/large", body: .string("large"))).status.code)
        answered.append(try await handler(HTTPRequest(.get, "/busy", headers: ["Host": "evil.example"])).status.code)
        #expect(answered == [429, 410, 500, 499, 400, 403])
        #expect(lines.lines.map(\.status) == answered)
        #expect(
            lines.lines.map(\.failure) == [
                .resourceExhausted, .notFound, .internal, .cancelled, .resourceExhausted, .permissionDenied,
            ])
    }
}
