public import MartletCore

/// Sends finished spans to an OpenTelemetry collector, many at a time, beside the requests and never in their way.
///
/// A span waits until a batch is full or ``Settings/delay`` has passed. What is over the queue's limit is dropped and
/// counted. A collector that says 429 or 503 is asked again, later and later; anything else it refuses is dropped. At
/// shutdown an attempt under way ends as it would, and what waits is sent within ``Settings/shutdownTimeout``.
public final class OTLPExporter: SpanSink, Service {
    public struct Settings: Sendable {
        public var batchSize = 512
        public var queueSize = 2048
        public var delay: Duration = .seconds(5)
        /// Of one attempt.
        public var timeout: Duration = .seconds(10)
        public var attempts = 5
        /// Before the second attempt; doubled before each further one.
        public var backoff: Duration = .seconds(1)
        public var longestBackoff: Duration = .seconds(30)
        public var shutdownTimeout: Duration = .seconds(5)

        public init() {}

        public init(from configuration: Configuration) {
            batchSize = configuration[StandardKeys.batchSize]
            queueSize = configuration[StandardKeys.queueSize]
            delay = configuration[StandardKeys.exportDelay]
            timeout = configuration[StandardKeys.exportTimeout]
        }
    }

    public let name = "trace exporter"
    private let document: OTLPDocument
    private let settings: Settings
    private let transport: any SpanTransport
    private let logger: Logger
    private let queue = Locked<[SpanData]>([])
    private let wakeUp = WakeUp()
    private let exported: Counter
    private let dropped: Counters

    /// - Parameter logger: For what goes wrong with exporting.
    public init(
        service: String, attributes: KeyedValues = KeyedValues(), settings: Settings = Settings(),
        transport: any SpanTransport, logger: Logger, metrics: Metrics
    ) {
        document = OTLPDocument(service: service, attributes: attributes)
        self.settings = settings
        self.transport = transport
        self.logger = logger
        exported = metrics.counter("martlet_spans_exported_total", help: "Spans that a collector has taken.")
        dropped = metrics.counters(
            "martlet_spans_dropped_total", help: "Spans that no collector has seen: the queue was full, or it refused.",
            labels: ["reason"])
        metrics.observe("martlet_spans_waiting", help: "Spans that wait to be exported.") { [queue] in
            Double(queue.withLock { $0.count })
        }
    }

    public func take(_ span: SpanData) {
        let count: Int? = queue.withLock { queue in
            guard queue.count < settings.queueSize else { return nil }
            queue.append(span)
            return queue.count
        }
        guard let count else { return dropped.with("queue_full").increment() }
        if count == settings.batchSize { wakeUp.signal() }
    }

    /// Exports until shutdown is asked for, then what is left.
    public func run() async throws {
        let shutdown = ShutdownSignal.current
        shutdown?.onTrigger { [wakeUp] in wakeUp.finish() }
        while !wakeUp.isFinished, !Task.isCancelled {
            await wakeUp.wait(atMost: settings.delay)
            while !wakeUp.isFinished, !Task.isCancelled, let batch = nextBatch() {
                await export(batch, until: .never)
            }
        }
        // A cancelled task is in a hurry: it sends nothing more.
        let end = MonotonicTime.now + settings.shutdownTimeout
        while !Task.isCancelled, MonotonicTime.now < end, let batch = nextBatch() {
            await export(batch, until: end)
        }
        let left = queue.withLock { queue in
            defer { queue = [] }
            return queue.count
        }
        if left > 0 { drop(left, "shutdown", "the collector did not take them in time") }
    }

    private func nextBatch() -> [SpanData]? {
        queue.withLock { queue in
            guard !queue.isEmpty else { return nil }
            let batch = Array(queue.prefix(settings.batchSize))
            queue.removeFirst(batch.count)
            return batch
        }
    }

    private func export(_ spans: [SpanData], until end: MonotonicTime) async {
        let body = document.encode(spans)
        var end = end
        var backoff = settings.backoff
        var attempt = 1
        while true {
            let result = await send(body, until: end)
            guard case .success(let reply) = result else {
                if case .failure(let error) = result { drop(spans.count, "unreachable", "\(error)") }
                return
            }
            if (200..<300).contains(reply.status) { return exported.increment(by: UInt64(spans.count)) }
            let mayRepeat = reply.status == 429 || reply.status == 503
            let isOver = attempt >= settings.attempts || Task.isCancelled || MonotonicTime.now + backoff >= end
            guard mayRepeat, !isOver else {
                return drop(spans.count, mayRepeat ? "overloaded" : "refused", "status \(reply.status)")
            }
            attempt += 1
            let pause = min(max(backoff, reply.retryAfter ?? .zero), settings.longestBackoff)
            // Half of it by chance: services that failed together do not come back together.
            let jitter = Double(FastRandom.next() >> 11) / 0x1p53
            // A shutdown cuts the first pause short; from then on its own end counts.
            await (end == .never ? wakeUp : WakeUp()).wait(atMost: pause * (0.5 + jitter / 2))
            if end == .never, wakeUp.isFinished { end = .now + settings.shutdownTimeout }
            backoff = min(backoff * 2, settings.longestBackoff)
        }
    }

    /// One attempt. The deadline is in the context, where clients look for it; that the attempt is cancelled too holds
    /// for a transport that does not look.
    private func send(_ body: [UInt8], until end: MonotonicTime) async -> Result<SpanTransportReply, any Error> {
        let deadline = min(MonotonicTime.now + settings.timeout, end)
        let context = CallContext(trace: .root(isSampled: false), deadline: deadline)
        let transport = transport
        return await CallContext.$current.withValue(context) {
            await withTaskGroup(of: Result<SpanTransportReply, any Error>?.self) { group in
                group.addTask {
                    do { return .success(try await transport.send(body)) } catch { return .failure(error) }
                }
                group.addTask {
                    try? await Task.sleep(for: deadline.since(.now))
                    return nil
                }
                let first = await group.next() ?? nil
                group.cancelAll()
                return first ?? .failure(ServiceError(.deadlineExceeded, "the collector did not answer in time"))
            }
        }
    }

    private func drop(_ count: Int, _ reason: String, _ why: String) {
        dropped.with(reason).increment(by: UInt64(count))
        logger.warning(
            "spans were dropped",
            metadata: ["spans": .integer(Int64(count)), "reason": .string(reason), "error": .string(why)])
    }
}
