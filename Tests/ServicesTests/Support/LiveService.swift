import MartletCore
import MartletHTTP
import MartletKit
import MartletRuntime
import MartletWire
import Testing

/// A service as it is deployed, on a free port.
struct LiveService: Sendable {
    let base: HTTPBaseURL
    let log: RecordingLog
    let spans: RecordingSpans
    let metrics: Metrics
    private let address: SocketAddress
    private let client = HTTPClient(limits: LiveService.limits)

    /// No call fails because the machine is busy, or sanitizers slow it down.
    private static var limits: HTTPClient.Limits {
        var limits = HTTPClient.Limits()
        limits.request = .seconds(50)
        return limits
    }

    fileprivate init(
        address: SocketAddress, base: HTTPBaseURL, log: RecordingLog, spans: RecordingSpans, metrics: Metrics
    ) {
        self.address = address
        self.base = base
        self.log = log
        self.spans = spans
        self.metrics = metrics
    }

    func send(
        _ method: HTTPMethod, _ target: String, _ body: HTTPBody = .empty, headers: HTTPHeaders = [:]
    ) async throws -> Reply {
        let response = try await client.send(HTTPRequest(method, target, headers: headers, body: body), to: base)
        let bytes = try await response.body.collect(upTo: 64 << 20)
        return Reply(
            status: response.status.code, headers: response.headers, body: String(decoding: bytes, as: UTF8.self))
    }

    func post(_ target: String, _ body: String, headers: HTTPHeaders = [:]) async throws -> Reply {
        try await send(.post, target, .string(body), headers: headers)
    }

    /// Sends these bytes, and returns what comes until the service closes.
    func raw(_ text: String) async throws -> String {
        let address = address
        return try await EventLoopGroup.shared.run { loop in
            let connection = try await Connection.connect(to: address, on: loop, deadline: .now + .seconds(20))
            defer { connection.close() }
            connection.output.append(text)
            try connection.flush()
            while try await connection.moreInput() {}
            return String(decoding: connection.input.readableBytes, as: UTF8.self)
        }
    }

    func get(_ target: String, headers: HTTPHeaders = [:]) async throws -> Reply {
        try await send(.get, target, headers: headers)
    }
}

struct Reply: Sendable {
    var status: Int
    var headers: HTTPHeaders
    var body: String

    /// Which fields there are, in lower case and order; not those that every message has.
    var fields: [String] {
        headers.map { $0.name.lowercased() }.filter { $0 != "date" && $0 != "content-length" }.sorted()
    }

    /// Says in one expectation that this is the envelope, to the byte, as the originals send it.
    func isEnvelope(
        _ status: Int, _ body: String, fields: [String] = ["content-type", "vary"],
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(self.status == status, sourceLocation: sourceLocation)
        #expect(self.body == body, sourceLocation: sourceLocation)
        #expect(headers["Content-Type"] == "application/json", sourceLocation: sourceLocation)
        #expect(headers["Content-Length"] == String(body.utf8.count), sourceLocation: sourceLocation)
        #expect(self.fields == fields, sourceLocation: sourceLocation)
    }
}

/// A record as tests look at it.
final class RecordingLog: LogHandler {
    struct Line: Sendable {
        var level: Logger.Level
        var message: String
        var operation: String?
        var trace: TraceContext?
        var call: CallSummary?
    }

    private let kept = Locked<[Line]>([])

    var lines: [Line] { kept.withLock { $0 } }

    func log(_ record: borrowing LogRecord) {
        var operation: String?
        if case .string(let text)? = record.context.metadata["operation"] { operation = text }
        let line = Line(
            level: record.level, message: record.message, operation: operation, trace: record.trace, call: record.call)
        kept.withLock { $0.append(line) }
    }
}

final class RecordingSpans: SpanSink {
    private let kept = Locked<[SpanData]>([])

    var all: [SpanData] { kept.withLock { $0 } }

    func take(_ span: SpanData) { kept.withLock { $0.append(span) } }
}

/// Runs the service while `body` does, then stops it gracefully.
///
/// - Parameter host: where its telemetry goes; by default it is recorded.
func withService(
    _ app: any ServiceApp.Type, _ environment: [String: String] = [:], host: TelemetryHost? = nil,
    _ body: (LiveService) async throws -> Void
) async throws {
    try await withService(
        app.name, keys: app.keys, environment, host: host, make: { try await app.make($0) }, body: body)
}

/// The same with parts that are put together by the test.
func withService(
    _ name: String, keys: [any AnyConfigurationKey], _ environment: [String: String], host: TelemetryHost? = nil,
    make: (Setup) async throws -> ServiceGroup, body: (LiveService) async throws -> Void
) async throws {
    var environment = environment
    environment["PORT"] = "0"
    // A bus of the service's own, unless the test has one for several.
    environment["BUS_URL"] = environment["BUS_URL"] ?? "embedded::memory:"
    let configuration = try Configuration.load(
        StandardKeys.everyService + keys, from: Configuration.Input(environment: environment))
    let (log, spans) = (RecordingLog(), RecordingSpans())
    var telemetry = Telemetry(
        service: name, logger: Logger(label: name, handler: log), tracer: Tracer(sink: spans))
    var companions: [any Service] = []
    if let host { (telemetry, companions) = host.telemetry(for: name, configuration: configuration) }
    let group = try await make(
        Setup(service: name, configuration: configuration, telemetry: telemetry, companions: companions))
    try await group.start()
    let addresses = group.services.compactMap { ($0 as? HTTPServer)?.address }
    let address = try #require(addresses.first)
    let service = LiveService(
        address: address, base: try HTTPBaseURL(address), log: log, spans: spans, metrics: telemetry.metrics)
    let signal = ShutdownSignal()
    try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask { try await ShutdownSignal.$current.withValue(signal) { try await group.run() } }
        do {
            try await body(service)
        } catch {
            signal.trigger()
            try? await tasks.waitForAll()
            throw error
        }
        signal.trigger()
        try await tasks.waitForAll()
    }
}

/// Stands in for a service that does what the test says. What it was asked is kept.
final class StandIn: Sendable {
    struct Request: Sendable {
        var line: String
        var headers: HTTPHeaders
        var body: String
    }

    private let server: HTTPServer
    private let seen: Locked<[Request]>

    init(_ answer: @escaping @Sendable (HTTPRequest) async throws -> HTTPResponse) throws {
        let seen = Locked<[Request]>([])
        self.seen = seen
        let handler: HTTPHandler = Endpoint(http: "stand-in") { request in
            let body = try await request.body.collect(upTo: 16 << 20)
            seen.withLock {
                $0.append(
                    Request(
                        line: "\(request.method) \(request.target)", headers: request.headers,
                        body: String(decoding: body, as: UTF8.self)))
            }
            return try await answer(request)
        }
        server = HTTPServer(address: .loopback(port: 0), handler: handler)
        try server.start()
    }

    convenience init(_ status: HTTPStatus, _ body: String, headers: HTTPHeaders = .json) throws {
        try self.init { _ in HTTPResponse(status, headers: headers, body: .string(body)) }
    }

    deinit { server.stop() }

    var requests: [Request] { seen.withLock { $0 } }
    var url: String { server.address.map { "http://\($0)" } ?? "" }
}

/// An address at which nobody listens: its port was free a moment ago.
func deadURL() async throws -> String {
    let server = HTTPServer(address: .loopback(port: 0), handler: Endpoint(http: "nobody") { _ in HTTPResponse(.ok) })
    try server.start()
    let address = try #require(server.address)
    await server.drain()
    return "http://\(address)"
}

/// Never answers; it ends when the caller goes away.
@Sendable func silence(_ request: HTTPRequest) async throws -> HTTPResponse {
    await ShutdownSignal().wait()
    throw CancellationError()
}
