public import MartletCore
internal import MartletHTTP

/// Posts spans to a collector over HTTP, to `/v1/traces` under the configured endpoint.
public struct HTTPSpanTransport: SpanTransport {
    private let client: HTTPClient
    private let endpoint: ServiceURL
    private let headers: HTTPHeaders

    public init(_ endpoint: ServiceURL, headers: KeyedValues) {
        // Without a tracer: exporting must not make spans to export.
        client = HTTPClient()
        self.endpoint = endpoint
        var all: HTTPHeaders = .json
        for (name, value) in headers.pairs { all.add(name, value) }
        self.headers = all
    }

    public func send(_ body: [UInt8]) async throws -> SpanTransportReply {
        let isSecure = endpoint.scheme == "https"
        let base = try HTTPBaseURL(
            host: endpoint.host, port: endpoint.port ?? (isSecure ? 443 : 80), isSecure: isSecure)
        var path = endpoint.path
        while path.hasSuffix("/") { path.removeLast() }
        let request = HTTPRequest(.post, path + "/v1/traces", headers: headers, body: .bytes(body))
        let response = try await client.send(request, to: base)
        // Read to its end, so that the connection can be used again.
        _ = try await response.body.collect(upTo: 64 * 1024)
        let wait = response.headers["Retry-After"].flatMap(Int64.init)
        return SpanTransportReply(status: response.status.code, retryAfter: wait.map { .seconds(max($0, 0)) })
    }
}
