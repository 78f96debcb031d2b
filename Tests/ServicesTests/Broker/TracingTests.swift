import MartletCore
import MartletHTTP
import MartletKit
import MartletWire
import Testing

@testable import BrokerService
@testable import LoggerService

@Suite("One trace from the broker to the logger", .timeLimit(.minutes(1)))
struct TracingTests {
    private static let entry = #"{"action":"log","log":{"name":"event","data":"d"}}"#
    private static let trace = "0af7651916cd43dd8448eb211c80319c"
    private static let parent: HTTPHeaders = ["traceparent": "00-\(trace)-b7ad6b7169203331-01"]

    @Test("the caller's trace is in the logger's span and access line, each span under the one that called")
    func propagated() async throws {
        try await withService(LoggerApp.self, ["DSN": "sqlite::memory:"]) { logger in
            try await withService(BrokerApp.self, ["LOGGER_URL": "\(logger.base)"]) { broker in
                #expect(try await broker.post("/handle", Self.entry, headers: Self.parent).status == 202)
                let handle = try #require(broker.spans.all.first { $0.name == "handle" })
                let call = try #require(broker.spans.all.first { $0.kind == .client })
                let write = try #require(logger.spans.all.first { $0.name == "writeLog" })
                #expect(handle.parent?.description == "b7ad6b7169203331")
                #expect(call.parent == handle.context.spanID)
                #expect(write.parent == call.context.spanID)
                for span in [handle, call, write] { #expect(span.context.traceID.description == Self.trace) }
                let line = try #require(logger.log.lines.first { $0.operation == "writeLog" })
                #expect(line.trace?.traceID.description == Self.trace)
                #expect(line.call?.status == 202 && line.call?.failure == nil)
            }
        }
    }

    @Test("a caller without a trace, or with one that is none, starts a new one", arguments: [nil, "00-0-0-01", "x"])
    func fresh(traceparent: String?) async throws {
        try await withService(BrokerApp.self) { broker in
            var headers: HTTPHeaders = [:]
            headers["traceparent"] = traceparent
            #expect(try await broker.post("/", "", headers: headers).status == 200)
            let span = try #require(broker.spans.all.first)
            #expect(span.parent == nil && span.context.traceID.description != Self.trace)
        }
    }

    @Test("a page, which cannot send the header to another origin, says its trace in the query")
    func query() async throws {
        try await withService(BrokerApp.self) { broker in
            let given = "traceparent=00-\(Self.trace)-b7ad6b7169203331-01"
            for target in ["/?\(given)", "/?a=b&\(given)"] {
                #expect(try await broker.post(target, "").status == 200)
            }
            for target in ["/?traceparent=x", "/?traceparent", "/?x\(given)"] {
                #expect(try await broker.post(target, "").status == 200)
            }
            let spans = broker.spans.all
            #expect(spans.prefix(2).allSatisfy { $0.context.traceID.description == Self.trace })
            #expect(spans.dropFirst(2).allSatisfy { $0.parent == nil && $0.context.traceID.description != Self.trace })
            // The header goes before it.
            let other = "00-\(Self.trace.reversed().map(String.init).joined())-b7ad6b7169203331-01"
            _ = try await broker.post("/?\(given)", "", headers: ["traceparent": other])
            #expect(broker.spans.all.last?.context.traceID.description == String(Self.trace.reversed()))
        }
    }

    @Test("a call that failed is a warning in the access log, with its code and trace")
    func failure() async throws {
        try await withService(BrokerApp.self) { broker in
            #expect(try await broker.post("/handle", "", headers: Self.parent).status == 400)
            let line = try #require(broker.log.lines.first { $0.operation == "handle" })
            #expect(line.level == .warning && line.call?.failure == .invalidArgument)
            #expect(line.trace?.traceID.description == Self.trace)
        }
    }

    @Test("a collector gets the spans of both services over HTTP, in one trace")
    func exported() async throws {
        let collector = try StandIn(.ok, "{}")
        let telemetry = ["OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "LOG_LEVEL": "critical"]
        let configuration = try Configuration.load(
            StandardKeys.everyService, from: Configuration.Input(environment: telemetry))
        let host = TelemetryHost(configuration: configuration)
        let own = ["DSN": "sqlite::memory:"].merging(telemetry) { $1 }
        try await withService(LoggerApp.self, own, host: host) { logger in
            let calls = ["LOGGER_URL": "\(logger.base)"].merging(telemetry) { $1 }
            try await withService(BrokerApp.self, calls, host: host) { broker in
                let reply = try await broker.post("/handle", Self.entry, headers: Self.parent)
                #expect(reply.status == 202)
            }
        }
        host.close()
        // Each service sent what waited when it stopped.
        let spans = try collector.requests.flatMap { request in
            #expect(request.line == "POST /v1/traces")
            #expect(request.headers["Content-Type"] == "application/json")
            return try Self.spans(of: request.body)
        }
        #expect(!collector.requests.isEmpty)
        let ours = spans.filter { $0.trace == Self.trace }
        #expect(Set(ours.map { "\($0.service) \($0.name)" }) == ["broker handle", "broker POST", "logger writeLog"])
        let byName = Dictionary(ours.map { ($0.name, $0) }) { first, _ in first }
        #expect(byName["handle"]?.parent == "b7ad6b7169203331")
        #expect(byName["POST"]?.parent == byName["handle"]?.span)
        #expect(byName["writeLog"]?.parent == byName["POST"]?.span)
    }

    private struct Span {
        var service: String
        var name: String
        var trace: String
        var span: String
        var parent: String
    }

    /// OTLP/JSON: resourceSpans, scopeSpans, spans.
    private static func spans(of body: String) throws -> [Span] {
        let document = try JSON.decode(JSONValue.self, from: Array(body.utf8))
        return elements(document["resourceSpans"]).flatMap { resource in
            let service = elements(resource["resource"]?["attributes"]).first { $0["key"] == "service.name" }
            return elements(resource["scopeSpans"]).flatMap { elements($0["spans"]) }.map { span in
                Span(
                    service: text(service?["value"]?["stringValue"]), name: text(span["name"]),
                    trace: text(span["traceId"]), span: text(span["spanId"]), parent: text(span["parentSpanId"]))
            }
        }
    }

    private static func elements(_ value: JSONValue?) -> [JSONValue] {
        if case .array(let elements)? = value { elements } else { [] }
    }

    private static func text(_ value: JSONValue?) -> String {
        if case .string(let text)? = value { text } else { "" }
    }
}
