import MartletCore
import Testing

/// A request that carries what a transport would have read.
private struct Call: Sendable {
    var inbound = InboundContext()
    var act: @Sendable () throws -> Outcome = { .ok }
}

private struct LeakyError: Error, CustomStringConvertible {
    var description: String { "password is hunter2" }
}

private struct TeapotError: CallerVisibleError, Equatable {
    var serviceError: ServiceError { ServiceError(.failedPrecondition, "I'm a teapot") }
}

/// One endpoint in a stack, with everything that can be seen of it.
private struct Scene {
    let log = LineRecorder()
    let spans = SpanRecorder()
    let metrics = Metrics()
    let seen = Locked<[CallContext]>([])
    let endpoint: Endpoint<Call, Outcome>

    init(
        fused: Bool, ratio: Double = 1, maximum: Duration? = nil, threshold: Logger.Level = .info,
        policy: AccessLog.Policy = .init(), transport: String = "http", isProbe: Bool = false
    ) {
        let telemetry = Telemetry(
            service: "test", logger: Logger(label: "test", level: threshold, handler: log), metrics: metrics,
            tracer: Tracer(sampler: Sampler(ratio: ratio), sink: spans))
        let stack = DefaultStack(telemetry, maximumDuration: maximum, accessLog: policy)
        let seen = seen
        let exchange = Exchange<Call, Outcome>(
            transport: transport, inbound: { $0.inbound }, outcome: { $0 },
            failure: {
                Outcome(failure: ServiceError(hiding: $0).code, status: $0 is TeapotError ? 418 : 500)
            })
        var bare = Endpoint("work", exchange: exchange) { (call: Call) in
            if let context = CallContext.current { seen.withLock { $0.append(context) } }
            return try call.act()
        }
        if isProbe { bare = bare.asProbe() }
        endpoint = fused ? bare.with(stack) : bare.with(stack.separately)
    }

    /// What the outside sees, without what differs from run to run (ids, times).
    func observations() throws -> [String] {
        let lines = try log.lines.map { line in
            guard case .object(var members) = try StrictJSON(line) else { return "no object" }
            for key in ["ts", "duration_ms", "trace_id", "span_id"] {
                if members[key] != nil { members[key] = .string("some") }
            }
            return members.sorted { $0.key < $1.key }.map { "\($0)=\($1)" }.joined(separator: " ")
        }
        let spans = spans.spans.map { span in
            "\(span.name) \(span.kind) parent=\(span.parent?.description ?? "-") \(span.status) \(span.attributes)"
        }
        let samples = try PrometheusPage(metrics.text).samples.filter {
            !$0.name.hasSuffix("_bucket") && !$0.name.hasSuffix("_sum")
        }.map { "\($0.name) \($0.labels.sorted { $0.key < $1.key }) \($0.value)" }
        let contexts = seen.withLock { $0 }.map { context in
            "key=\(context.idempotencyKey ?? "-") deadline=\(context.deadline != nil) "
                + "identity=\(context.identity?.subject ?? "-") sampled=\(context.trace.isSampled)"
        }
        return lines + spans + samples + contexts
    }
}

@Suite("The default stack")
struct DefaultStackTests {
    private static let parent = TraceContext(
        traceID: TraceID(high: 1, low: 2), spanID: SpanID(3), isSampled: true, state: "v=1")

    private static let calls: [(String, Call)] = [
        ("plain", Call()),
        (
            "everything inbound",
            Call(inbound: InboundContext(trace: parent, timeout: .seconds(5), idempotencyKey: "k", peer: "10.0.0.1:5"))
        ),
        ("status", Call(act: { Outcome(status: 202) })),
        ("failed response", Call(act: { Outcome(failure: .notFound, status: 404) })),
        ("service error", Call(act: { throw ServiceError(.unavailable, "later", retryAfter: .seconds(1)) })),
        ("unknown error", Call(act: { throw LeakyError() })),
        ("cancelled", Call(act: { throw CancellationError() })),
        ("deadline passed", Call(inbound: InboundContext(timeout: .zero))),
        ("negative timeout", Call(inbound: InboundContext(timeout: .seconds(-1)))),
    ]

    @Test("the fused stack and the six in a row do the same, seen from outside")
    func equivalence() async throws {
        for (name, call) in Self.calls {
            for outer in [
                nil, CallContext(trace: Self.parent, identity: Identity(subject: "joe"), idempotencyKey: "o"),
            ] {
                for ratio in [0.0, 1] {
                    for transport in ["http", "grpc", "bus", "local"] {
                        var results: [[String]] = []
                        for fused in [true, false] {
                            let scene = Scene(fused: fused, ratio: ratio, maximum: .seconds(30), transport: transport)
                            var result: String
                            do {
                                let response = try await CallContext.$current.withValue(outer) {
                                    try await scene.endpoint(call)
                                }
                                result = "\(response)"
                            } catch {
                                result = "\(type(of: error)) \(error)"
                            }
                            try results.append([result] + scene.observations())
                        }
                        #expect(results[0] == results[1], "\(name)")
                        #expect(results[0].count > 4, "\(name)")
                    }
                }
            }
        }
    }

    @Test("an unknown error is hidden from the caller and told to the log", arguments: [true, false])
    func recovery(fused: Bool) async throws {
        let scene = Scene(fused: fused)
        await #expect(throws: ServiceError(.internal, "internal error")) {
            try await scene.endpoint(Call(act: { throw LeakyError() }))
        }
        let lines = try scene.log.lines.map { try StrictJSON($0) }
        #expect(lines.count == 2)
        #expect(lines[0]["error"] == .string("password is hunter2") && lines[0]["level"] == .string("error"))
        #expect(lines[1]["outcome"] == .string("internal") && lines[1]["level"] == .string("warning"))
        #expect(lines[1]["status"] == .number(500))
        #expect(lines[0]["trace_id"] == lines[1]["trace_id"] && lines[0]["trace_id"] != nil)
        #expect(scene.spans.spans[0].status == .error("internal"))
    }

    @Test(
        "an error that a transport made for the caller reaches it, and is no news for the log",
        arguments: [true, false])
    func visibleError(fused: Bool) async throws {
        let scene = Scene(fused: fused)
        await #expect(throws: TeapotError()) {
            try await scene.endpoint(Call(act: { throw TeapotError() }))
        }
        let lines = try scene.log.lines.map { try StrictJSON($0) }
        #expect(lines.map { $0["outcome"] } == [.string("failed_precondition")])
        #expect(lines.map { $0["status"] } == [.number(418)])
        #expect(scene.spans.spans[0].attributes.contains(SpanAttribute("http.response.status_code", 418)))
    }

    @Test("a call past its deadline is refused without being run, and still seen", arguments: [true, false])
    func passed(fused: Bool) async throws {
        let scene = Scene(fused: fused)
        let error = await #expect(throws: ServiceError.self) {
            try await scene.endpoint(
                Call(inbound: InboundContext(timeout: .zero), act: { throw LeakyError() }))
        }
        #expect(error?.code == .deadlineExceeded)
        #expect(scene.metrics.text.contains(#"code="deadline_exceeded"} 1"#))
        #expect(scene.log.lines.count == 1 && scene.spans.spans.count == 1)
    }

    @Test(
        "the deadline is the earliest of the caller's, the enclosing call's and the maximum", arguments: [true, false])
    func earliest(fused: Bool) async throws {
        func deadline(_ timeout: Duration?, maximum: Duration?, outer: MonotonicTime?) async throws -> MonotonicTime? {
            let scene = Scene(fused: fused, maximum: maximum)
            let context = outer.map { CallContext(trace: .root(), deadline: $0) }
            _ = try await CallContext.$current.withValue(context) {
                try await scene.endpoint(Call(inbound: InboundContext(timeout: timeout)))
            }
            return scene.seen.withLock { $0[0].deadline }
        }
        let start = MonotonicTime.now
        #expect(try await deadline(nil, maximum: nil, outer: nil) == nil)
        let hour = try await deadline(.seconds(7200), maximum: .seconds(3600), outer: nil)
        #expect(try #require(hour) >= start + .seconds(3600) && hour! < start + .seconds(7200))
        let minute = try await deadline(.seconds(60), maximum: .seconds(3600), outer: nil)
        #expect(minute! < start + .seconds(3600))
        let outer = start + .seconds(30)
        #expect(try await deadline(.seconds(60), maximum: .seconds(3600), outer: outer) == outer)
        #expect(try await deadline(Duration.nanoseconds(Int64.max), maximum: nil, outer: nil) != nil)
    }

    @Test("the span is under the caller's, and goes on to whatever is called", arguments: [true, false])
    func parent(fused: Bool) async throws {
        let scene = Scene(fused: fused)
        _ = try await scene.endpoint(Call(inbound: InboundContext(trace: Self.parent, peer: "h:1")))
        let span = scene.spans.spans[0]
        let context = scene.seen.withLock { $0[0] }
        #expect(span.parent == SpanID(3) && span.context.traceID == Self.parent.traceID && span.kind == .server)
        #expect(context.trace == span.context && context.trace.state == "v=1")
        #expect(span.attributes.contains(SpanAttribute("martlet.transport", "http")))
    }

    @Test("the access line has operation, transport, outcome, status, duration and peer", arguments: [true, false])
    func accessLine(fused: Bool) async throws {
        let scene = Scene(fused: fused)
        let call = Call(inbound: InboundContext(peer: "10.0.0.1:5"), act: { Outcome(status: 202) })
        _ = try await scene.endpoint(call)
        let line = try StrictJSON(scene.log.lines[0])
        #expect(line["msg"] == .string("request") && line["level"] == .string("info"))
        #expect(line["operation"] == .string("work") && line["transport"] == .string("http"))
        #expect(line["outcome"] == .string("ok") && line["status"] == .number(202))
        #expect(line["peer"] == .string("10.0.0.1:5") && line["trace_id"] != nil)
        guard case .number(let duration) = line["duration_ms"] else { return #expect(Bool(false)) }
        #expect(duration >= 0)
    }

    @Test("successes can be left out of the access log, failures are not", arguments: [true, false])
    func policy(fused: Bool) async throws {
        for policy in [AccessLog.Policy(level: nil), AccessLog.Policy(share: 0), AccessLog.Policy(level: .debug)] {
            let scene = Scene(fused: fused, policy: policy)
            _ = try await scene.endpoint(Call())
            _ = try await scene.endpoint(Call(act: { Outcome(failure: .notFound, status: 404) }))
            #expect(try scene.log.lines.map { try StrictJSON($0)["status"] } == [.number(404)])
        }
    }

    @Test("a probe's successes are in the access log at debug, its failures as everybody's", arguments: [true, false])
    func probe(fused: Bool) async throws {
        for (threshold, expected) in [(Logger.Level.info, ["warning"]), (.debug, ["debug", "warning"])] {
            let scene = Scene(fused: fused, threshold: threshold, isProbe: true)
            _ = try await scene.endpoint(Call())
            _ = try await scene.endpoint(Call(act: { Outcome(failure: .unavailable, status: 503) }))
            #expect(try scene.log.lines.map { try StrictJSON($0)["level"] } == expected.map { .string($0) })
        }
        let silent = Scene(fused: fused, threshold: .trace, policy: .init(level: nil), isProbe: true)
        _ = try await silent.endpoint(Call())
        #expect(silent.log.lines.isEmpty)
        let lower = Scene(fused: fused, threshold: .trace, policy: .init(level: .trace), isProbe: true)
        _ = try await lower.endpoint(Call())
        #expect(try lower.log.lines.map { try StrictJSON($0)["level"] } == [.string("trace")])
    }

    @Test("calls in flight are counted while they are, and calls by outcome after", arguments: [true, false])
    func metrics(fused: Bool) async throws {
        let scene = Scene(fused: fused)
        let metrics = scene.metrics
        let during = Locked("")
        let call = Call(act: {
            let text = metrics.text
            during.withLock { $0 = text }
            return .ok
        })
        for _ in 0..<3 { _ = try await scene.endpoint(call) }
        let labels = #"{operation="work",transport="http"}"#
        #expect(during.withLock { $0 }.contains("martlet_requests_in_flight\(labels) 1\n"))
        #expect(metrics.text.contains("martlet_requests_in_flight\(labels) 0\n"))
        #expect(metrics.text.contains(#"martlet_requests_total{operation="work",transport="http",code="ok"} 3"#))
        #expect(metrics.text.contains("martlet_request_duration_seconds_count\(labels) 3\n"))
    }

    @Test("each middleware works alone")
    func alone() async throws {
        let log = LineRecorder()
        let logger = Logger(label: "test", handler: log)
        let spans = SpanRecorder()
        let middlewares: [any Middleware] = [
            Tracing(Tracer(sink: spans)), ContextBinding(), RequestMetrics(Metrics()), AccessLog(logger),
            Recovery(logger), Deadline(maximum: .seconds(1)),
        ]
        for middleware in middlewares {
            let endpoint = Endpoint("double") { (number: Int) in number * 2 }.with(middleware)
            #expect(try await endpoint(21) == 42)
            let failing = Endpoint("fail") { (_: Int) -> Int in throw ServiceError(.aborted, "no") }.with(middleware)
            await #expect(throws: ServiceError(.aborted, "no")) { try await failing(1) }
        }
        #expect(spans.spans.count == 2 && log.lines.count == 2)
    }
}
