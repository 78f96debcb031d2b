public import MartletCore
public import MartletHTTP

extension Router {
    /// Adds what an operator asks every service: `/livez` (the process answers), `/readyz` (it can do its work, else
    /// 503 with the reasons; what is away and not needed at once is said below the `ok`) and `/metrics` (Prometheus text).
    public mutating func health(_ readiness: Readiness, _ metrics: Metrics) {
        probe("/livez") { _ in .text("ok\n") }
        probe("/readyz") { _ in
            let problems = await readiness.problems()
            let mentions = await readiness.mentions()
            let lines = (problems + mentions).map { "\($0.name): \($0.problem)\n" }.joined()
            return problems.isEmpty ? .text("ok\n" + lines) : .text(lines, .serviceUnavailable)
        }
        probe("/metrics") { _ in
            var text: [UInt8] = []
            metrics.writePrometheusText(to: &text)
            return HTTPResponse(
                .ok, headers: ["Content-Type": Metrics.contentType], body: .bytes(text))
        }
    }

    private mutating func probe(
        _ path: String, _ body: @escaping @Sendable (HTTPRequest) async throws -> HTTPResponse
    ) {
        on(.get, path, Endpoint(http: "GET \(path)", body).asProbe())
    }
}
